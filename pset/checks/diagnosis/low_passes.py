"""Coarse parts of what a function has in its hands, by the right low pass and by others."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch.nn import functional

from pset.blur import gaussian_blur

Columns = Mapping[str, Sequence[torch.Tensor]]

LowPass = Callable[[torch.Tensor], torch.Tensor]
"""Of images `[1, C, H, W]`."""

Split = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""An image's coarse part and its fine part, each perhaps by a low pass of its own."""

KERNEL = 33
SIGMAS = (2.0, 1.0, 3.0)
"""Of the blurs that a solution may use; the first that fits it is taken."""


def gaussian(sigma: float, kernel_size: int = KERNEL) -> LowPass:
    """A Gaussian blur."""
    return lambda x: gaussian_blur(x, kernel_size, sigma)


def mean(side: int) -> LowPass:
    """The mean over a square, the border repeated."""
    margins = (side // 2,) * 4
    return lambda x: functional.avg_pool2d(functional.pad(x, margins, "replicate"), side, 1)


def along_one(sigma: float, turned: bool) -> LowPass:
    """A Gaussian blur along the rows, or along the columns if it's turned, only."""
    d = torch.arange(KERNEL) - KERNEL // 2
    weights = torch.exp(-(d**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(3, 1, 1, -1)

    def blur(x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(-1, -2) if turned else x
        padded = functional.pad(x, (KERNEL // 2, KERNEL // 2, 0, 0), "replicate")
        y = functional.conv2d(padded, weights, groups=3)
        return y.transpose(-1, -2) if turned else y

    return blur


def resized(factor: int, down: str, up: str) -> LowPass:
    """Shrink an image by a factor, and enlarge it again, by these modes of interpolation."""
    straight = {"align_corners": False}

    def of(x: torch.Tensor) -> torch.Tensor:
        size = (x.shape[-2] // factor, x.shape[-1] // factor)
        small = functional.interpolate(x, size, mode=down, **({} if down == "area" else straight))
        return functional.interpolate(small, x.shape[-2:], mode=up, **straight)

    return of


def is_large_enough(x: torch.Tensor) -> bool:
    """Whether the right low pass's kernel fits on an image."""
    return 2 * min(x.shape[-2:]) > KERNEL


def others(sigma: float) -> Iterator[tuple[str, LowPass]]:
    """What may stand in the place of a Gaussian blur with this σ, and what it's called."""
    for other in (0.5, 1.0, 2**0.5, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 5.3, 6.0, 8.0, 16.0, 33.0):
        if other != sigma:
            shown = "√2" if other == 2**0.5 else f"{other:g}"
            yield f"a Gaussian blur with σ = {shown}", gaussian(other)
    for size in (3, 5, 7, 9):
        yield f"a kernel of only {size} pixels", gaussian(sigma, size)
        yield f"a plain mean over {size} × {size} pixels", mean(size)
    yield f"a plain mean over {KERNEL} × {KERNEL} pixels", mean(KERNEL)
    yield "a blur along the rows only", along_one(sigma, turned=False)
    yield "a blur along the columns only", along_one(sigma, turned=True)
    yield "a blur after a blur", lambda x: gaussian(sigma)(gaussian(sigma)(x))
    for factor in (2, 4, 8):
        for down in ("area", "bilinear", "bicubic"):
            for up in ("bilinear", "bicubic"):
                yield "shrinking and enlarging", resized(factor, down, up)


def splits(sigma: float) -> Iterator[tuple[str, Split]]:
    """Other ways to take images apart than by this blur, and what they use."""
    right = gaussian(sigma)
    for name, low_pass in others(sigma):
        yield name, splitting(low_pass, low_pass)
        yield f"{name} for the coarse part", splitting(low_pass, right)
        yield f"{name} for the fine part", splitting(right, low_pass)


def splitting(coarse: LowPass, fine: LowPass) -> Split:
    """The coarse part by one low pass, and what another one leaves."""
    return lambda x: (coarse(x), x - fine(x))


def split(columns: Columns, by: Split) -> dict[str, list[torch.Tensor]]:
    """The coarse and the fine part of each column."""
    parts: dict[str, list[torch.Tensor]] = {}
    for name, xs in columns.items():
        coarse, fine = by(xs[0][None])
        parts |= {f"the coarse part of {name}": [coarse[0]], f"the fine part of {name}": [fine[0]]}
    return parts
