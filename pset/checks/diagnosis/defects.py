"""Defects of an answer that is right otherwise: a sign, a clamp, a range, an order of channels.

Each is a function of the expected answer, so nothing has to be called or stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from pset.checks.definition import Case
from pset.checks.diagnosis import low_passes
from pset.checks.difference import difference

Change = Callable[[Case, torch.Tensor], torch.Tensor | None]


@dataclass(frozen=True)
class Defect:
    """A change of the right answer.

    Args:
        key: a short name.
        says: what the student reads.
        of: (case, expected) → the defective answer; None where it can't be had.
    """

    key: str
    says: str
    of: Change


ROUGH = 0.02
"""Relative difference that the rounding of a short number format doesn't exceed."""


def precision(answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]) -> Defect | None:
    """The defect of answers that a short number format holds exactly, and that are nearly right."""
    for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        if all(
            torch.equal(a, a.to(dtype).float())
            and not torch.equal(e, e.to(dtype).float())
            and difference(a, e) < ROUGH
            for a, e in zip(answers, expected, strict=True)
        ):
            return next(defect for defect in DEFECTS if defect.key == name)
    return None


def _clamped(low: float, high: float) -> Change:
    return lambda case, x: x.clamp(low, high)


def _first_image(case: Case, x: torch.Tensor) -> torch.Tensor | None:
    return x[:1].expand_as(x) if len(x) > 1 else x


def _reversed_batch(case: Case, x: torch.Tensor) -> torch.Tensor:
    return x.flip(0)


def _transposed(case: Case, x: torch.Tensor) -> torch.Tensor | None:
    return x.transpose(-1, -2) if x.ndim > 1 and x.shape[-1] == x.shape[-2] else None


def _halves_swapped(case: Case, x: torch.Tensor) -> torch.Tensor | None:
    return x.roll(3, dims=1) if x.ndim == 4 and x.shape[1] == 6 else None


def _half(which: int, change: Callable[[torch.Tensor], torch.Tensor]) -> Change:
    """A change of the noise (0) or of the variance (1) alone, where an answer has both."""

    def of(case: Case, x: torch.Tensor) -> torch.Tensor | None:
        if x.ndim != 4 or x.shape[1] != 6:
            return None
        halves = list(torch.split(x, 3, dim=1))
        halves[which] = change(halves[which])
        return torch.cat(halves, dim=1)

    return of


def _blurred(sigma: float) -> Change:
    def of(case: Case, x: torch.Tensor) -> torch.Tensor | None:
        fits = x.ndim == 4 and x.shape[1] == 3 and low_passes.is_large_enough(x)
        return low_passes.gaussian(sigma)(x) if fits else None

    return of


def _eight_bits(case: Case, x: torch.Tensor) -> torch.Tensor:
    return ((x.clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1


def _flipped(*dims: int) -> Change:
    return lambda case, x: x.flip(dims) if x.ndim == 4 else None


def _shifted(shift: int, dim: int) -> Change:
    return lambda case, x: x.roll(shift, dim) if x.ndim == 4 else None


DEFECTS: tuple[Defect, ...] = (
    Defect("negated", "Your result has the wrong sign; apart from that, it's right.",
           lambda case, x: -x),
    Defect("clamped", "Your result is right, except that you've clamped it to [−1, 1]. Leave it as "
           "it is: what's outside that range matters for what comes next.", _clamped(-1, 1)),
    Defect("clamped to [0, 1]", "Your result is right, except that you've clamped it to [0, 1]. In "
           "this course, images are in [−1, 1].", _clamped(0, 1)),
    Defect("in [0, 1]", "Your result looks scaled to [0, 1]; in this course, images are in "
           "[−1, 1].", lambda case, x: (x + 1) / 2),
    Defect("clamped, in [0, 1]", "Your result is clamped and scaled to [0, 1], as for saving a "
           "picture. In this course, images are in [−1, 1].",
           lambda case, x: (x.clamp(-1, 1) + 1) / 2),
    Defect("taken from [0, 1]", "You've mapped [0, 1] to [−1, 1] once too often: the values were "
           "in [−1, 1] already.", lambda case, x: 2 * x - 1),
    Defect("eight bits", "Your result has been rounded to the 256 levels of an 8-bit picture. Keep "
           "floats until you save it.", _eight_bits),
    Defect("float16", "Your result has the precision of float16. Compute in float32, whatever the "
           "network runs in.", lambda case, x: x.half().float()),
    Defect("bfloat16", "Your result has the precision of bfloat16. Compute in float32, whatever "
           "the network runs in.", lambda case, x: x.bfloat16().float()),
    Defect("first of the batch", "Every image of your batch comes out as the first one.",
           _first_image),
    Defect("batch reversed", "The images of your batch come out in reverse order.",
           _reversed_batch),
    *(
        Defect(f"blurred with σ = {sigma:g}", "Your result is right, except that it's been blurred "
               f"at the end, with σ = {sigma:g}.", _blurred(sigma))
        for sigma in low_passes.SIGMAS
    ),
    Defect("channels reversed", "Red and blue are swapped in your result: it's BGR, not RGB.",
           lambda case, x: x[:, [2, 1, 0]] if x.ndim == 4 and x.shape[1] == 3 else None),
    Defect("transposed", "Height and width are swapped in your result.", _transposed),
    Defect("upside down", "Your result is right, but upside down.", _flipped(-2)),
    Defect("mirrored", "Your result is right, but mirrored left to right.", _flipped(-1)),
    Defect("turned", "Your result is right, but turned by 180°.", _flipped(-1, -2)),
    Defect("a row off", "Your result is right, but one pixel further down.", _shifted(1, -2)),
    Defect("a row off, up", "Your result is right, but one pixel further up.", _shifted(-1, -2)),
    Defect("a column off", "Your result is right, but one pixel further right.", _shifted(1, -1)),
    Defect("a column off, left", "Your result is right, but one pixel further left.",
           _shifted(-1, -1)),
    Defect("halves swapped", "Your two results are in the wrong order: first the noise, then the "
           "variance.", _halves_swapped),
    Defect("noise twice", "Your noise is right, but you return it as the variance, too.",
           lambda case, x: torch.cat([x[:, :3]] * 2, 1)
           if x.ndim == 4 and x.shape[1] == 6 else None),
    Defect("variance twice", "Your variance is right, but you return it as the noise, too.",
           lambda case, x: torch.cat([x[:, 3:]] * 2, 1)
           if x.ndim == 4 and x.shape[1] == 6 else None),
    Defect("variance left out", "Your noise is right, but your variance is all zeros.",
           _half(1, torch.zeros_like)),
    Defect("variance negated", "Your noise is right, but your variance has the wrong sign. It "
           "isn't an image or a noise: nothing turns it around.", _half(1, torch.neg)),
    Defect("noise negated", "Your variance is right, but your noise has the wrong sign.",
           _half(0, torch.neg)),
    Defect("variance upside down", "Your noise is right, but your variance is upside down.",
           _half(1, lambda v: v.flip(-2))),
    Defect("noise upside down", "Your variance is right, but your noise is upside down.",
           _half(0, lambda v: v.flip(-2))),
)  # fmt: skip
"""In the order of preference, should two of them fit."""
