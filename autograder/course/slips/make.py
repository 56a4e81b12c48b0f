"""Run the solution with one thing wrong, and keep a sketch of what it returns."""

import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from autograder.course.slips.mutants import mutants
from pset.checks import calling
from pset.checks.calling import GLOBAL_SEED, Outcome
from pset.checks.definition import Case, Check
from pset.checks.diagnosis.counterfactuals import counterfactuals
from pset.checks.diagnosis.probes import probes
from pset.checks.diagnosis.queries import queries
from pset.checks.diagnosis.sketch import furthest, sketch
from pset.checks.judging import to_tensor
from pset.checks.references import Slip
from pset.checks.watching import Query

Function = Callable[..., Any]
SECONDS = 20.0
CLEAR = 5
"""A slip's values are this many tolerances from the right ones, or nobody could tell."""


def make_slips(
    check: Check,
    cases: Sequence[Case],
    code: str,
    namespace: Mapping[str, Any],
    expected: Sequence[torch.Tensor],
    known: Mapping[str, Sequence[torch.Tensor]],
) -> tuple[Slip, ...]:
    """What the solution returns with one thing wrong, each set of values once.

    Args:
        check: the exercise's.
        cases: of one seed.
        code: the cell that defines the solution's function.
        namespace: where it was run.
        expected: the right answers.
        known: sketches of the hand-written mistakes, which take precedence.
    """
    lengths = [float(e.double().norm()) for e in expected]
    rows = list(known.values())
    right = [sketch(e) for e in expected]
    slips: list[Slip] = []

    for key, says, answers in _answers(check, cases, code, namespace):
        if not _fit(answers, expected):
            continue
        sketches = [sketch(a) for a in answers]
        if furthest(sketches, right, lengths) <= CLEAR * check.tolerance:
            continue
        alike = [furthest(sketches, row, lengths) <= 2 * check.tolerance for row in rows]
        if any(alike):
            place = alike.index(True) - len(known)
            if place >= 0 and _reversed(key, slips[place].key):
                both = f"{slips[place].says} Or it's this, which gives the same result: {says}"
                slips[place] = Slip(slips[place].key, both, sketches)
            continue
        rows.append(sketches)
        slips.append(Slip(key, says, sketches))
    return tuple(slips)


def _reversed(one: str, other: str) -> bool:
    """Whether one slip takes a for b, and the other b for a: the values can't tell which it was."""
    pairs = [re.match(r"code: (\w+) for (\w+), line", key) for key in (one, other)]
    return all(pairs) and pairs[0].groups() == pairs[1].groups()[::-1]  # type: ignore[union-attr]


def _answers(
    check: Check, cases: Sequence[Case], code: str, namespace: Mapping[str, Any]
) -> Iterator[tuple[str, str, list[torch.Tensor]]]:
    """Key, sentence and answers of every slip that gives any."""
    for mutant in mutants(code, check.function, dict(namespace)):
        answers = _all(mutant.function, cases, check)
        if answers is not None:
            yield mutant.key, mutant.says, answers
    function = namespace[check.function]
    changed: dict[str, tuple[str, dict[int, Case]]] = {}
    for k, case in enumerate(cases):
        for other in counterfactuals(case, _defaults(function)):
            changed.setdefault(other.key, (other.says, {}))[1][k] = other.case
    for key, (says, those) in changed.items():
        # A case in which nothing can be changed is answered rightly.
        answers = _all(function, [those.get(k, case) for k, case in enumerate(cases)], check)
        if answers is not None:
            yield f"arguments: {key}", says, answers


def read_probes(
    check: Check, cases: Sequence[Case], function: Function, expected: Sequence[torch.Tensor]
) -> dict[str, dict[int, float]]:
    """What each probe reads off the solution, by its key and the case."""
    readings: dict[str, dict[int, float]] = {}
    for k, case in enumerate(cases):
        for probe in probes(case):
            received = []
            for ask in probe.asks:
                answer = _answer(_call(function, ask.case, check, ask.global_seed))
                if answer is None:
                    break
                received.append(answer)
            if len(received) == len(probe.asks):
                number = probe.read(expected[k], received)
                if math.isfinite(number):
                    readings.setdefault(probe.key, {})[k] = float(f"{number:.3g}")
    return readings


def read_asked(check: Check, cases: Sequence[Case], function: Function) -> dict[int, list[Query]]:
    """What the solution asks of its stand-ins, by case."""
    asked = {}
    for k, case in enumerate(cases):
        outcome = calling.call(function, case, SECONDS, watch=True)
        if outcome.status == "returned" and outcome.sights:
            asked[k] = queries(outcome.sights)
    return asked


def _defaults(function: Function) -> dict[str, Any]:
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }


def _all(function: Function, cases: Sequence[Case], check: Check) -> list[torch.Tensor] | None:
    answers = []
    for case in cases:
        answer = _answer(_call(function, case, check))
        if answer is None:
            return None
        answers.append(answer)
    return answers


def _call(function: Function, case: Case, check: Check, global_seed: int = GLOBAL_SEED) -> Outcome:
    return calling.call(function, case, SECONDS, global_seed=global_seed)


def _answer(outcome: Outcome) -> torch.Tensor | None:
    if outcome.status != "returned":
        return None
    answer = to_tensor(outcome.value)
    if isinstance(answer, str) or not bool(torch.isfinite(answer).all()):
        return None
    return answer


def _fit(answers: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]) -> bool:
    return all(a.shape == e.shape for a, e in zip(answers, expected, strict=True))
