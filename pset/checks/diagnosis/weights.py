"""Whether an answer is a multiple of the right one, or the right one with an argument mixed in."""

from collections.abc import Sequence

import torch

from pset.checks.definition import Case
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.formulas import Weighing, factor_explained
from pset.checks.diagnosis.least_squares import closest
from pset.checks.diagnosis.made_of import numbers_among, sizes

FITS = 2e-3  # relative residual of a sum; what isn't one leaves far more
SAME = 2e-3  # relative difference of two weights that are called equal
CLOSE = 0.01  # of 1: no factor that somebody has forgotten


def factor(
    cases: Sequence[Case], answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]
) -> Finding | None:
    """The finding that an answer is a multiple of the right one; None if it isn't.

    It's certain where the factor is the same in every case, or where it's known what it is.
    """
    factors, errors = [], []
    for answer, truth in zip(answers, expected, strict=True):
        a, e = answer.double().flatten(), truth.double().flatten()
        c = float(a @ e / (e @ e).clamp_min(1e-12))
        rest = float((a - c * e).norm() / a.norm().clamp_min(1e-12))
        if abs(c) < SAME or rest > FITS:
            return None
        factors.append(c)
        errors.append(rest / len(a) ** 0.5)
    if all(abs(c - 1) < CLOSE for c in factors):
        return None  # that's some other small difference
    low, high = min(factors), max(factors)
    if high - low <= SAME * max(abs(low), abs(high)):
        says = (
            f"Your result is {high:.3g} times the expected one: a factor is missing, or there's "
            "one too many."
        )
        return Finding("factor", says)
    atoms = [_atoms(c, e) for c, e in zip(cases, expected, strict=True)]
    if (known := factor_explained(factors, errors, atoms)) is not None:
        for size in sizes(expected[0]):
            if known == f"1/({size} of the expected result)":
                says = (
                    f"You've normalised your result: you divide it by {size.replace('the', 'its')}."
                )
                return Finding(f"divided by {size}", says)
        says = f"Your result is {known} times the expected one."
        return Finding(f"factor {known}", says, certain=False)
    says = (
        f"Your result is a multiple of the expected one, but a different one in each test case: "
        f"from {low:.3g} to {high:.3g} times. Which factor depends on the arguments?"
    )
    return Finding("factor of the arguments", says, certain=False)


def _atoms(case: Case, expected: torch.Tensor) -> dict[str, float]:
    """What a factor may be made of."""
    numbers = numbers_among(case)
    return Weighing({}, {}, {}, (), numbers.clocks, numbers.others).atoms() | {
        f"{size} of the expected result": value for size, value in sizes(expected).items()
    }


def blended(
    cases: Sequence[Case], answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]
) -> Finding | None:
    """The finding that an answer is the right one with an argument mixed in."""
    shared = {
        f"`{name}`"
        for name, value in cases[0].arguments.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.ndim == 4
    }
    for name in sorted(shared):
        found = [
            _shares(case, name, answer, truth)
            for case, answer, truth in zip(cases, answers, expected, strict=True)
        ]
        if any(pair is None for pair in found):
            continue
        kept = [pair[0] for pair in found if pair]
        added = [pair[1] for pair in found if pair]
        if min(kept) < 0.02 or min(map(abs, added)) < 0.02:
            continue
        if any(max(each) - min(each) > CLOSE for each in (kept, added)):
            continue  # weights that depend on the case have another reason
        if all(abs(c - 1) < CLOSE for c in kept):
            sign = "subtract" if max(added) < 0 else "add"
            says = f"Your result is right, except that you {sign} {name} to it at the end."
            if sign == "subtract":
                says = f"Your result is right, except that you subtract {name} from it at the end."
            return Finding(f"{sign}: {name}", says)
        says = f"Your result is the right one mixed with {name}. Leave the right one as it is."
        return Finding(f"mixed with {name}", says)
    return None


def _shares(
    case: Case, name: str, answer: torch.Tensor, truth: torch.Tensor
) -> tuple[float, float] | None:
    """The weights of the right answer and of one more tensor in an answer; None without a fit."""
    other = case.arguments.get(name.strip("`"))
    if not isinstance(other, torch.Tensor) or other.shape != truth.shape:
        return None
    columns = torch.stack([truth.double().flatten(), other.double().flatten()], dim=1)
    if float((columns / columns.norm(dim=0).clamp_min(1e-12)).prod(1).sum().abs()) > 0.99:
        return None  # the two are nearly the same
    target = answer.double().flatten()
    found, residual = closest(columns, target)
    return (float(found[0]), float(found[1])) if residual < FITS else None
