"""Read off with which mask an image was put together."""

import torch

from pset.checks.diagnosis import made_of
from pset.checks.diagnosis.made_of import Columns, Reading
from pset.checks.difference import difference

INSIDE, OUTSIDE = "where the mask is 1", "where the mask is 0"
"""How the names of masked columns end."""

CLEAR = 0.02
"""Difference of two values of a mask that isn't rounding."""


def read(
    theirs: torch.Tensor,
    ours: torch.Tensor,
    columns: Columns,
    whole: Columns,
    mask: torch.Tensor | None,
) -> Reading | None:
    """How an image is wrong that's right but for the mask; None if there's more to it.

    With what the loop makes, a, and the known pixels, b, an image is m·a + (1 − m)·b; so a and b
    give m.

    Args:
        theirs: the student's image, `[C, H, W]`.
        ours: a sketch of the right one.
        columns: masked; each name ends in `INSIDE` or `OUTSIDE`.
        whole: the same, not masked.
        mask: the right one, `[1, H, W]`; None without one.
    """
    if mask is None or not whole or made_of.residual(columns, ours) > made_of.FITS:
        return None
    weights = made_of.weights_of(columns, ours)

    def total(end: str) -> torch.Tensor:
        parts = [w * whole[n][0] for n, w in weights.items() if n.endswith(end)]
        return torch.stack(parts).sum(0) if parts else torch.zeros_like(theirs)

    made, known = total(INSIDE), total(OUTSIDE)
    right = mask * made + (1 - mask) * known
    for name, weight in weights.items():
        if name.endswith(OUTSIDE) and _near(theirs, right + mask * weight * whole[name][0]):
            what = name.removesuffix(f" {OUTSIDE}")
            says = (
                f"In yours, {what} is in the whole image, and not only {OUTSIDE}. Look at your "
                "brackets."
            )
            return Reading(f"{what} everywhere", says)
    between = made - known
    size = between.square().sum(0).clamp_min(1e-9)
    found = ((theirs - known) * between).sum(0) / size
    if not _near(theirs, known + found * between):
        return None
    off = (found - mask[0]).abs()
    if float(off.max()) < CLEAR:
        return None
    if float((found + mask[0] - 1).abs().max()) < CLEAR:
        return Reading("mask inverted", "You use the mask the other way round.")
    soft = (found > CLEAR) & (found < 1 - CLEAR)
    if bool(soft.any()) and float(off[~soft].max()) < CLEAR:
        says = (
            "You've softened the mask: near its edge, your image is a mixture of what's new and "
            "what's known. Use the mask as it is."
        )
        return Reading("mask softened", says)
    return None


def _near(one: torch.Tensor, other: torch.Tensor) -> bool:
    return difference(one, other) < made_of.FITS
