"""Views of images that checks pass to a student's function: allowed ones, and others.

Each is built from a kind and plain numbers, for images `[B, 3, H, H]`. A view is allowed if it's
linear and orthogonal: ⟨v(x), v(y)⟩ = ⟨x, y⟩ for all images (Geng, Park and Owens 2024, Visual
Anagrams, section 3.3).
"""

import math
from collections.abc import Callable
from functools import cache

import torch
from torch.nn import functional

from pset.blur import gaussian_blur
from pset.seeded_noise import noise

View = Callable[[torch.Tensor], torch.Tensor]
Undo = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def view(kind: str, seed: int = 0, amount: float = 1.0) -> View:
    """One view.

    Args:
        kind: one of `ORTHOGONAL` or `OTHERS`.
        seed: of what's random in it.
        amount: how much of it; what that means depends on the kind.
    """
    return (ORTHOGONAL | OTHERS)[kind](seed, amount)


def _linear_map(matrix_for: Callable[[int], torch.Tensor]) -> View:
    """x → Ax, with an image as one long vector; its length is known at the first call."""
    matrix_for = cache(matrix_for)

    def of(x: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(1)
        return (flat @ matrix_for(flat.shape[1]).to(x.dtype).T).view_as(x)

    return of


def _orthogonal_matrix(seed: int, amount: float) -> View:
    return _linear_map(lambda size: torch.linalg.qr(noise((size, size), seed).double())[0])


def _order(seed: int, pixels: int) -> torch.Tensor:
    return torch.randperm(pixels, generator=torch.Generator().manual_seed(seed))


def _permutation(seed: int, amount: float, twice: bool = False) -> View:
    def of(x: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(2)
        order = _order(seed, flat.shape[2])
        if twice:
            order[0] = order[1]
        return flat[:, :, order].view_as(x)

    return of


def _quarter_turns(seed: int, amount: float) -> View:
    return lambda x: x.rot90(int(amount), (2, 3))


def _square_hinge(seed: int, amount: float) -> View:
    """4 × 4 squares, turned to the left and to the right like the squares of a chessboard."""

    def of(x: torch.Tensor) -> torch.Tensor:
        side = x.shape[2] // 4
        squares = x.unfold(2, side, side).unfold(3, side, side)
        even = torch.arange(4)[:, None] % 2 == torch.arange(4) % 2
        turned = torch.where(
            even[:, :, None, None], squares.rot90(1, (4, 5)), squares.rot90(-1, (4, 5))
        )
        return turned.transpose(3, 4).reshape(x.shape)

    return of


def _inner_circle(seed: int, amount: float) -> View:
    def of(x: torch.Tensor) -> torch.Tensor:
        d = torch.arange(x.shape[2]) - (x.shape[2] - 1) / 2
        inside = d[:, None] ** 2 + d**2 < (0.4 * x.shape[2]) ** 2
        return torch.where(inside, x.rot90(1, (2, 3)), x)

    return of


def _whole_pixel_skew(seed: int, amount: float) -> View:
    def of(x: torch.Tensor) -> torch.Tensor:
        rows = torch.arange(x.shape[2])[:, None] - (amount * torch.arange(x.shape[3])).floor()
        return x.gather(2, (rows.long() % x.shape[2]).expand_as(x))

    return of


def _interpolated_turn(seed: int, amount: float) -> View:
    angle = math.radians(amount)
    turn = [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0]]

    def of(x: torch.Tensor) -> torch.Tensor:
        theta = torch.tensor(turn, dtype=x.dtype).expand(len(x), 2, 3)
        grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
        return functional.grid_sample(x, grid, align_corners=False)

    return of


def _white_balance(seed: int, amount: float) -> View:
    # The squares have mean 1: over all channels together, noise keeps its variance.
    red, green = 1 + 0.3 * amount, 1.0
    gains = torch.tensor([red, green, (3 - red**2 - green**2) ** 0.5])[:, None, None]
    return lambda x: x * gains.to(x.dtype)


ORTHOGONAL: dict[str, Callable[[int, float], View]] = {
    "a mirror": lambda seed, amount: lambda x: x.flip(3),
    "quarter turns": _quarter_turns,
    "the negative": lambda seed, amount: lambda x: -x,
    "a permutation of the pixels": _permutation,
    "an orthogonal matrix": _orthogonal_matrix,
    "a square hinge": _square_hinge,
    "an inner circle that turns": _inner_circle,
    "a skew by whole pixels": _whole_pixel_skew,
}
"""Views that the network can be asked about."""

OTHERS: dict[str, Callable[[int, float], View]] = {
    "a turn with interpolation": _interpolated_turn,
    "a blur": lambda seed, amount: lambda x: gaussian_blur(x, 5, amount),
    "a factor": lambda seed, amount: lambda x: amount * x,
    "a white balance": _white_balance,
    "a constant added": lambda seed, amount: lambda x: x + amount,
    "a clamp to [-1, 1]": lambda seed, amount: lambda x: x.clamp(-1, 1),
    "a permutation with one pixel twice": lambda seed, amount: _permutation(seed, amount, True),
    "the absolute value": lambda seed, amount: lambda x: x.abs(),
}
"""Views that aren't linear, or not orthogonal."""


def view_pairs(kinds: list[str], seed: int) -> list[tuple[View, Undo]]:
    """Pairs of `view(x)` and `undo(noise, variance)`, one for each kind."""
    return [_PAIRS[kind](seed + k) for k, kind in enumerate(kinds)]


def _moved(there: View, back: View) -> tuple[View, Undo]:
    return there, lambda noise, variance: (back(noise), back(variance))


def _shuffled(seed: int) -> tuple[View, Undo]:
    def along(x: torch.Tensor, back: bool) -> torch.Tensor:
        order = _order(seed, x[0, 0].numel())
        return x.flatten(2)[:, :, order.argsort() if back else order].view_as(x)

    return _moved(lambda x: along(x, False), lambda x: along(x, True))


_PAIRS: dict[str, Callable[[int], tuple[View, Undo]]] = {
    "as it is": lambda seed: _moved(lambda x: x, lambda x: x),
    "mirrored": lambda seed: _moved(lambda x: x.flip(3), lambda x: x.flip(3)),
    "a quarter turn": lambda seed: _moved(
        lambda x: x.rot90(1, (2, 3)), lambda x: x.rot90(-1, (2, 3))
    ),
    "shuffled": _shuffled,
    "negative": lambda seed: (lambda x: -x, lambda noise, variance: (-noise, variance)),
}
