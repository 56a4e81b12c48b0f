"""From wrong answers to a sentence: the order in which evidence is looked for.

The diagnosis is a generator: it yields the calls that it wants made, and is sent their outcomes.
So the same lines work in the notebook, which calls the function itself, and in the grader, where
the function lives in another process.
"""

import time
from collections.abc import Callable, Generator, Sequence

import torch

from pset.checks.calling import Outcome
from pset.checks.definition import Case
from pset.checks.diagnosis import weights
from pset.checks.diagnosis.defects import DEFECTS
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.probes import Ask, cost, probes
from pset.checks.diagnosis.sketch import ALIKE, furthest, sketch
from pset.checks.references import References

Diagnosis = Generator[Ask, Outcome, Finding | None]

ENOUGH = 2
"""Facts in a message; more of them confuse."""


def diagnose(
    cases: Sequence[Case],
    answers: Sequence[torch.Tensor],
    references: References,
    tolerance: float,
) -> Diagnosis:
    """Find out what's wrong with answers that aren't right, and of no hand-written mistake either.

    Args:
        cases: of the check.
        answers: the student's, one for each case, in the right shapes.
        references: the solution's values, sketches and readings on the same cases.
        tolerance: of the check.

    Yields:
        The calls to make.

    Returns:
        What was found; None if nothing was.
    """
    if found := _by_value(cases, answers, references, tolerance):
        return found
    if found := weights.factor(answers, references.expected):
        return found
    if found := weights.compare(cases, answers, references.expected):
        return found
    return (yield from _by_asking(cases, answers, references, tolerance))


def driven(diagnosis: Diagnosis, ask: Callable[[Ask], Outcome], seconds: float) -> Finding | None:
    """Run a diagnosis, making its calls with `ask`, for at most so many seconds."""
    until = time.monotonic() + seconds
    outcome: Outcome | None = None
    try:
        while True:
            wanted = diagnosis.send(outcome) if outcome is not None else next(diagnosis)
            outcome = ask(wanted) if time.monotonic() < until else Outcome("out of time")
    except StopIteration as end:
        return end.value


def _by_value(
    cases: Sequence[Case],
    answers: Sequence[torch.Tensor],
    references: References,
    tolerance: float,
) -> Finding | None:
    """The closest of the right answer's defects and of the slips whose values these are."""
    lengths = [float(e.double().norm()) for e in references.expected]
    best: tuple[float, Finding] | None = None
    for defect in DEFECTS:
        off = 0.0
        for case, answer, expected in zip(cases, answers, references.expected, strict=True):
            wrong = defect.of(case, expected)
            if wrong is None:
                off = float("inf")
                break
            off = max(off, _relative(answer, wrong, expected))
        # A defect that changes nothing here explains nothing.
        if off <= tolerance and not (best and best[0] <= off + tolerance):
            best = off, Finding(f"output: {defect.key}", defect.says)
    if best:
        return best[1]
    sketches = [sketch(answer) for answer in answers]
    for slip in references.slips:
        off = furthest(sketches, slip.sketches, lengths)
        if off <= ALIKE * tolerance and not (best and best[0] <= off):
            best = off, Finding(slip.key, slip.says)
    return best[1] if best else None


def _relative(a: torch.Tensor, b: torch.Tensor, expected: torch.Tensor) -> float:
    if a.shape != b.shape:
        return float("inf")
    scale = expected.double().norm().clamp_min(1e-12)
    return float((a.double() - b.double()).norm() / scale)


def _by_asking(
    cases: Sequence[Case],
    answers: Sequence[torch.Tensor],
    references: References,
    tolerance: float,
) -> Diagnosis:
    """Probe the function on a case where it's wrong, the cheapest; say what contradicts."""
    wrong = [
        k
        for k, (a, e) in enumerate(zip(answers, references.expected, strict=True))
        if _relative(a, e, e) > tolerance
    ]
    facts: list[Finding] = []
    asked: set[str] = set()
    for k in sorted(wrong, key=lambda k: cost(cases[k])):
        for probe in probes(cases[k]):
            ours = references.readings.get(probe.key, {}).get(k)
            if ours is None or probe.key in asked:
                continue
            asked.add(probe.key)
            received = []
            for ask in probe.asks:
                outcome = yield ask
                if outcome.status != "returned" or not isinstance(outcome.value, torch.Tensor):
                    break
                received.append(outcome.value)
            if len(received) < len(probe.asks):
                continue
            if probe.contradiction(probe.read(answers[k], received), ours):
                facts.append(probe.finding())
            if len(facts) == ENOUGH:
                break
        if len(facts) == ENOUGH:
            break
    if not facts:
        return None
    return Finding(
        "; ".join(fact.key for fact in facts), " ".join(fact.says for fact in facts), certain=False
    )
