"""Read the weights off an answer that is a weighted sum of the arguments.

x_t = √ᾱ_t·x_0 + √(1−ᾱ_t)·ε is one; a student's version of it with other weights is one as well,
and least squares recovers them: one number for each argument and case, from thousands of values.
"""

import math
from collections.abc import Mapping, Sequence

import torch

from pset.checks.definition import Case
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.least_squares import closest

FITS = 2e-3  # relative residual of a sum; what isn't one leaves far more
SAME = 2e-3  # relative difference of two weights that are called equal
CLOSE = 0.01  # of 1: no factor that somebody has forgotten
MOST = 4  # arguments; with more of them, anything fits something


def weights(case: Case, answer: torch.Tensor) -> dict[str, float] | None:
    """Argument → its weight in the answer; None if the answer isn't such a sum."""
    named = {
        name: value.double().flatten()
        for name, value in case.arguments.items()
        if isinstance(value, torch.Tensor) and value.shape == answer.shape
    }
    if not 1 <= len(named) <= MOST:
        return None
    columns = torch.stack(list(named.values()), dim=1)
    target = answer.double().flatten()
    found, residual = closest(columns, target)
    return dict(zip(named, found.tolist(), strict=True)) if residual < FITS else None


def known_numbers(case: Case) -> dict[str, float]:
    """Numbers that belong to the case's timestep, by their name in formulas."""
    t, schedule = case.arguments.get("t"), case.arguments.get("alphas_cumprod")
    numbers = {"0": 0.0, "1": 1.0, "−1": -1.0, "½": 0.5}
    if not isinstance(t, int) or not isinstance(schedule, torch.Tensor):
        return numbers
    a = float(schedule[t])
    alpha = a / float(schedule[t - 1]) if t else a
    return numbers | {
        "ᾱ_t": a,
        "√ᾱ_t": math.sqrt(a),
        "1 − ᾱ_t": 1 - a,
        "√(1 − ᾱ_t)": math.sqrt(1 - a),
        "1 − √ᾱ_t": 1 - math.sqrt(a),
        "1/√ᾱ_t": 1 / math.sqrt(a),
        "ᾱ_t²": a * a,
        "√(1 − ᾱ_t²)": math.sqrt(1 - a * a),
        "(1 − ᾱ_t)²": (1 - a) ** 2,
        "√(1 − √ᾱ_t)": math.sqrt(1 - math.sqrt(a)),
        "1 + ᾱ_t": 1 + a,
        "√(1 + ᾱ_t)": math.sqrt(1 + a),
        "√(1 − ᾱ_t)/√ᾱ_t": math.sqrt((1 - a) / a),
        "α_t": alpha,
        "√α_t": math.sqrt(alpha),
        "β_t": 1 - alpha,
        "√β_t": math.sqrt(1 - alpha),
    }


def factor(answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]) -> Finding | None:
    """The finding that an answer is a multiple of the right one; None if it isn't.

    It's certain where the factor is the same in every case.
    """
    factors = []
    for answer, truth in zip(answers, expected, strict=True):
        a, e = answer.double().flatten(), truth.double().flatten()
        c = float(a @ e / (e @ e).clamp_min(1e-12))
        if abs(c) < SAME or float((a - c * e).norm() / a.norm().clamp_min(1e-12)) > FITS:
            return None
        factors.append(c)
    if all(abs(c - 1) < CLOSE for c in factors):
        return None  # that's some other small difference
    low, high = min(factors), max(factors)
    if high - low <= SAME * max(abs(low), abs(high)):
        says = (
            f"Your result is {high:.3g} times the expected one: a factor is missing, or there's "
            "one too many."
        )
        return Finding("factor", says)
    says = (
        f"Your result is a multiple of the expected one, but a different one in each test case: "
        f"from {low:.3g} to {high:.3g} times. Which factor depends on the arguments?"
    )
    return Finding("factor of the arguments", says, certain=False)


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
        if min(map(abs, kept)) < 0.02 or min(map(abs, added)) < 0.02:
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


def compare(
    cases: Sequence[Case], answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]
) -> Finding | None:
    """What the weights say about an answer; None if it, or the right one, isn't a weighted sum."""
    theirs = [weights(c, a) for c, a in zip(cases, answers, strict=True)]
    ours = [weights(c, e) for c, e in zip(cases, expected, strict=True)]
    if not all(theirs) or not all(ours):
        return None
    wrong = [name for name in ours[0] or {} if any(_off(a, b, name) for a, b in zip(theirs, ours))]
    if not wrong:
        return None
    right = [name for name in ours[0] or {} if name not in wrong]
    parts = [f"Your result is a weighted sum of {_listed(list(ours[0] or {}))}, as it should be."]
    if right:
        parts.append(f"The weight of {_listed(right)} is right.")
    for name in wrong:
        called = _name(cases, [w[name] for w in theirs if w])
        if called == "0":
            parts.append(f"{_listed([name])} doesn't enter it at all.")
        elif called:
            parts.append(
                f"You weight {_listed([name])} with {called}; it should be another weight."
            )
        else:
            parts.append(f"The weight of {_listed([name])} isn't right.")
    return Finding(f"weights: {', '.join(wrong)}", " ".join(parts))


def _off(theirs: Mapping[str, float] | None, ours: Mapping[str, float] | None, name: str) -> bool:
    a, b = (theirs or {}).get(name, 0.0), (ours or {}).get(name, 0.0)
    return abs(a - b) > SAME * max(abs(b), 0.05)


def _name(cases: Sequence[Case], values: Sequence[float]) -> str | None:
    """The formula that gives these weights in all cases; None if there's none, or several."""
    fitting = [
        {k for k, v in known_numbers(case).items() if abs(v - value) <= SAME * max(abs(v), 0.05)}
        for case, value in zip(cases, values, strict=True)
    ]
    common = set.intersection(*fitting) if fitting else set()
    return next(iter(common)) if len(common) == 1 else None


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
