"""What an answer is made of, where it should be a weighted sum of the arguments.

x_t = √ᾱ_t·x_0 + √(1−ᾱ_t)·ε is one. A student's version of it with other weights is one as well, or
nearly: with one of the arguments clamped, or another one in its place.
"""

from collections.abc import Sequence
from itertools import combinations

import torch

from pset.checks.definition import Case
from pset.checks.diagnosis import made_of
from pset.checks.diagnosis.asked import RIGHT, common
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.made_of import Columns, Difference, Reading
from pset.checks.diagnosis.queries import SMALL
from pset.checks.diagnosis.sketch import sketch
from pset.checks.difference import difference

MOST = 4  # arguments; with more of them, anything fits something


def compare(
    cases: Sequence[Case],
    answers: Sequence[torch.Tensor],
    expected: Sequence[torch.Tensor],
    tolerance: float,
) -> Finding | None:
    """What's wrong with an answer, if the right one is such a sum; None if that can't be read off.

    Args:
        cases: of the check.
        answers: the student's.
        expected: the right ones, in the same shapes.
        tolerance: of the check.
    """
    found: list[tuple[str, Difference]] = []
    for case, answer, truth in zip(cases, answers, expected, strict=True):
        if difference(answer, truth) <= tolerance:
            found.append((case.name, Difference(RIGHT, "", certain=False)))
            continue
        is_sum, reading = _read(case, answer, truth, tolerance)
        if reading is not None:
            found.append((case.name, made_of.difference_of(reading, "Look at your result.")))
        elif not is_sum:
            return None
    together = common(found)
    return Finding(together.key, together.says) if together and together.certain else None


def _read(
    case: Case, answer: torch.Tensor, truth: torch.Tensor, tolerance: float
) -> tuple[bool, Reading | None]:
    """The first image of a batch that isn't right, or a tensor that isn't images, read off.

    Returns:
        Whether it's a sum of the arguments, as it should be, and what's wrong with it.
    """
    rows = range(len(answer)) if answer.ndim == 4 else [None]
    for k in rows:
        mine, right = (x if k is None else x[k] for x in (answer, truth))
        if difference(mine, right) <= tolerance:
            continue
        columns = {
            f"`{name}`": [value.float() if k is None else value[min(k, len(value) - 1)].float()]
            for name, value in case.arguments.items()
            if isinstance(value, torch.Tensor) and value.is_floating_point()
            if value.shape == answer.shape
            or (k is not None and value.shape == (1, *answer.shape[1:]))
        }
        if not 1 <= len(columns) <= MOST:
            break
        extras: dict[str, Sequence[torch.Tensor]] = products(columns)
        extras["a constant"] = [torch.ones_like(mine)]
        others: dict[str, Columns] = {}
        numbers = made_of.numbers_among(case)
        reading = made_of.read_off(
            mine, sketch(right, SMALL), columns, extras, others, numbers, same=2 * tolerance
        )
        return made_of.is_sum(columns, mine) and made_of.is_sum(columns, right), reading
    return False, None


def products(columns: Columns) -> dict[str, Sequence[torch.Tensor]]:
    """The products of two columns, pixel by pixel."""
    return {
        f"{one} times {other}": [columns[one][0] * columns[other][0]]
        for one, other in combinations(columns, 2)
        if columns[one][0].shape == columns[other][0].shape
    }
