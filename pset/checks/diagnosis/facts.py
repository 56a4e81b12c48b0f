"""What is right about a wrong answer: some images of a batch, some results, some channels."""

from collections.abc import Sequence

import torch

from pset.checks.definition import Case
from pset.checks.difference import difference

COLOURS = ("red", "green", "blue")
ORDINALS = ("first", "second", "third", "fourth")
RESULTS = ("noise", "variance")


def partly_right(
    cases: Sequence[Case],
    answers: Sequence[torch.Tensor],
    expected: Sequence[torch.Tensor],
    tolerance: float,
    parts: int,
) -> str:
    """What's right everywhere where something is wrong, and right cases; "" if nothing is.

    Args:
        cases: of the check.
        answers: the student's.
        expected: the right ones, in the same shapes.
        tolerance: of the check.
        parts: results that the function returns.
    """
    pairs = list(zip(answers, expected, strict=True))
    wrong = [(a, e) for a, e in pairs if difference(a, e) > tolerance]
    names = [c.name for c, (a, e) in zip(cases, pairs) if difference(a, e) <= tolerance]
    found = [
        _results(wrong, tolerance, parts),
        _images(wrong, tolerance),
        _channels(wrong, tolerance) if parts == 1 else "",
        _border(wrong, tolerance),
        _permuted(wrong, tolerance),
        f"It's right for {'; '.join(names)}." if names else "",
    ]
    return " ".join(fact for fact in found if fact)


Pairs = Sequence[tuple[torch.Tensor, torch.Tensor]]


def right_results(wrong: Pairs, tolerance: float, parts: int) -> list[int]:
    """The places of the results that are right in every one of these answers."""
    if parts < 2 or any(a.ndim != 4 or a.shape[1] % parts for a, _ in wrong):
        return []
    return [
        k
        for k in range(parts)
        if all(
            difference(a.chunk(parts, 1)[k], e.chunk(parts, 1)[k]) <= tolerance for a, e in wrong
        )
    ]


def _results(wrong: Pairs, tolerance: float, parts: int) -> str:
    right = right_results(wrong, tolerance, parts)
    if not right or len(right) == parts:
        return ""
    others = [k for k in range(parts) if k not in right]
    verb = "is" if len(right) == 1 else "are"
    not_so = "isn't" if len(others) == 1 else "aren't"
    return f"Your {named(right, parts)} {verb} right; your {named(others, parts)} {not_so}."


def named(places: Sequence[int], parts: int) -> str:
    """The results at these places, as a student calls them."""
    names = [RESULTS[k] if parts == 2 else f"result {k + 1}" for k in places]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _images(wrong: Pairs, tolerance: float) -> str:
    """Which images of a batch are right, if the same ones are in every batch that's wrong."""
    batches = [(a, e) for a, e in wrong if a.ndim == 4 and len(a) > 1]
    if not batches or len(batches) < len(wrong):
        return ""
    right = [[difference(x, y) <= tolerance for x, y in zip(a, e, strict=True)] for a, e in batches]
    if all(row[0] and not any(row[1:]) for row in right):
        return "Of a batch, the first image is right, and the others aren't."
    if all(any(row) and not all(row) for row in right) and len(right) == 1:
        places = [ORDINALS[k] for k, fine in enumerate(right[0][:4]) if fine]
        if places:
            return f"Of a batch, only the {' and '.join(places)} image is right."
    return ""


def _channels(wrong: Pairs, tolerance: float) -> str:
    if any(a.ndim != 4 or a.shape[1] != 3 for a, _ in wrong):
        return ""
    right = [
        c for c in range(3) if all(difference(a[:, c], e[:, c]) <= tolerance for a, e in wrong)
    ]
    if not 0 < len(right) < 3:
        return ""
    return f"Only the {' and '.join(COLOURS[c] for c in right)} channel is right."


MIXED = (
    ((1, 2, 3), "All the right pixels are there, but some have moved from one channel to another."),
    ((2, 3), "All the right pixels are there, but in other places."),
    ((2,), "Each column has the right pixels, but at another height."),
    ((3,), "Each row has the right pixels, but in another order."),
)
"""The axes within which values may have moved, from many to few, and what's said."""


MOVED = 100
"""So many tolerances are off, at least, if values are in other places."""


def _permuted(wrong: Pairs, tolerance: float) -> str:
    """Whether it's the right values in other places, and how far they may have moved."""
    if not wrong or any(a.ndim != 4 or len(e.unique()) < e.numel() / 2 for a, e in wrong):
        return ""
    if any(difference(a, e) < MOVED * tolerance for a, e in wrong):
        return ""  # so little that in order, they might be within the tolerance anyway
    held = [
        says
        for axes, says in MIXED
        if all(difference(_sorted(a, axes), _sorted(e, axes)) <= tolerance for a, e in wrong)
    ]
    return held[-1] if held else ""


def _sorted(x: torch.Tensor, axes: Sequence[int]) -> torch.Tensor:
    """The values along these axes in order, which forgets where they were."""
    others = [k for k in range(x.ndim) if k not in axes]
    return x.permute(*others, *axes).flatten(len(others)).sort(dim=-1).values


def _border(wrong: Pairs, tolerance: float) -> str:
    """Whether only pixels near the border are wrong."""
    for margin in (1, 2, 4, 8):
        inside = slice(margin, -margin)
        if any(a.ndim != 4 or min(a.shape[2:]) <= 3 * margin for a, _ in wrong):
            return ""
        if wrong and all(
            difference(a[..., inside, inside], e[..., inside, inside]) <= tolerance
            for a, e in wrong
        ):
            return "It's right but for the pixels at the border of the image."
    return ""
