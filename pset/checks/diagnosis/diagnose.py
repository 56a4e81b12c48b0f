"""From wrong answers to a sentence: the order in which evidence is looked for.

The diagnosis is a generator: it yields the calls that it wants made, and is sent their outcomes.
So the same lines work in the notebook, which calls the function itself, and in the grader, where
the function lives in another process.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import torch

from pset.checks.calling import Outcome
from pset.checks.definition import Case
from pset.checks.diagnosis import arguments, facts, weights
from pset.checks.diagnosis.asked import RIGHT, common, first_difference
from pset.checks.diagnosis.defects import DEFECTS, precision
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.made_of import Difference
from pset.checks.diagnosis.probes import Ask, cost, probes
from pset.checks.diagnosis.queries import queries, usable
from pset.checks.diagnosis.sketch import ALIKE, furthest, sketch
from pset.checks.diagnosis.steps import explain_step
from pset.checks.difference import difference
from pset.checks.references import References
from pset.checks.watching import MOST_SIGHTS

Diagnosis = Generator[Ask, Outcome, Finding | None]

WATCHED = 3
"""Cases on which a function is watched, at most."""

ENOUGH = 2
"""Facts in a message; more of them confuse."""

Answers = Sequence[torch.Tensor]


@dataclass(frozen=True)
class Wrong:
    """Answers that aren't right, and of no hand-written mistake either.

    Args:
        cases: of the check.
        answers: the student's, one for each case, in the right shapes.
        references: the solution's values, sketches and readings on the same cases.
        tolerance: of the check.
        parts: results that the function returns.
    """

    cases: Sequence[Case]
    answers: Answers
    references: References
    tolerance: float
    parts: int = 1

    @property
    def expected(self) -> Answers:
        """The right answers."""
        return self.references.expected

    @property
    def places(self) -> list[int]:
        """The cases that are answered wrongly, the cheapest first."""
        pairs = enumerate(zip(self.answers, self.expected, strict=True))
        wrong = [k for k, (a, e) in pairs if difference(a, e) > self.tolerance]
        return sorted(wrong, key=lambda k: cost(self.cases[k]))


def diagnose(wrong: Wrong) -> Diagnosis:
    """Find out what's wrong with answers.

    Yields:
        The calls to make.

    Returns:
        What was found; None if nothing was.
    """
    factor = weights.factor(wrong.cases, wrong.answers, wrong.expected)
    found = (
        _defect(wrong.cases, wrong.answers, wrong.expected, wrong.tolerance)
        or _slip(wrong)
        or (factor if factor and factor.certain else None)
        or arguments.compare(wrong.cases, wrong.answers, wrong.expected, wrong.tolerance)
        or _defect_of_a_part(wrong)
    )
    if found:
        return found
    seen = yield from _by_watching(wrong)
    if seen is not None and seen.certain:
        return seen
    if found := weights.blended(wrong.cases, wrong.answers, wrong.expected):
        return found
    if factor:
        return replace(factor, certain=True)
    asked = yield from _by_asking(wrong)
    known = [fact for fact in (seen, asked) if fact is not None]
    if not known:
        return None
    return Finding(
        "; ".join(fact.key for fact in known), " ".join(fact.says for fact in known), certain=False
    )


def diagnose_failure(case: Case, place: int, references: References) -> Diagnosis:
    """Find out why there's no answer to a case: an exception, or values that aren't finite.

    Args:
        case: the first that wasn't answered.
        place: of the case among the check's.
        references: of the check.

    Yields:
        A call that's watched.

    Returns:
        What was asked wrongly before; None if nothing was.
    """
    ours = references.asked.get(place)
    if not ours:
        return None
    outcome = yield Ask(case, watch=True)
    if outcome.sights is None:
        return None
    found = first_difference(case, queries(outcome.sights), ours, returned=False)
    if found.key == RIGHT:
        return None
    return Finding(f"asked: {found.key}", found.says, certain=False)


def driven(diagnosis: Diagnosis, ask: Callable[[Ask], Outcome], seconds: float) -> Finding | None:
    """Run a diagnosis, making its calls with `ask`, for at most so many seconds."""
    until = time.monotonic() + seconds
    outcome: Outcome | None = None
    try:
        while True:
            wanted = diagnosis.send(outcome) if outcome is not None else next(diagnosis)
            outcome = ask(wanted) if time.monotonic() < until else Outcome("out of time")
    except StopIteration as end:
        found: Finding | None = end.value
        return found


def _defect(
    cases: Sequence[Case], answers: Answers, expected: Answers, tolerance: float
) -> Finding | None:
    """The closest of the right answer's defects whose values these are."""
    best: tuple[float, Finding] | None = None
    for defect in DEFECTS:
        off = 0.0
        for case, answer, truth in zip(cases, answers, expected, strict=True):
            changed = defect.of(case, truth)
            off = max(off, float("inf") if changed is None else difference(answer, changed))
            if off > tolerance:
                break
        # A defect that changes nothing here explains nothing.
        if off <= tolerance and not (best and best[0] <= off + tolerance):
            best = off, Finding(f"output: {defect.key}", defect.says)
    if best is None and (short := precision(answers, expected)):
        return Finding(f"output: {short.key}", short.says)
    return best[1] if best else None


def _slip(wrong: Wrong) -> Finding | None:
    """The closest of the slips whose values these are."""
    lengths = [float(e.double().norm()) for e in wrong.expected]
    best: tuple[float, Finding] | None = None
    sketches = [sketch(answer) for answer in wrong.answers]
    for slip in wrong.references.slips:
        off = furthest(sketches, slip.sketches, lengths)
        if off <= ALIKE * wrong.tolerance and not (best and best[0] <= off):
            best = off, Finding(slip.key, slip.says)
    return best[1] if best else None


def _defect_of_a_part(wrong: Wrong) -> Finding | None:
    """Of several results, what's wrong with the only one that isn't right."""
    pairs = [(wrong.answers[k], wrong.expected[k]) for k in wrong.places]
    right = facts.right_results(pairs, wrong.tolerance, wrong.parts)
    if len(right) != wrong.parts - 1 or not right:
        return None
    (place,) = set(range(wrong.parts)) - set(right)

    def part(values: Answers) -> list[torch.Tensor]:
        return [x.chunk(wrong.parts, 1)[place] for x in values]

    answers, expected = part(wrong.answers), part(wrong.expected)
    found = (
        _defect(wrong.cases, answers, expected, wrong.tolerance)
        or weights.factor(wrong.cases, answers, expected)
        or weights.blended(wrong.cases, answers, expected)
    )
    if found is None or not found.certain:
        return None
    fine, other = facts.named(right, wrong.parts), facts.named([place], wrong.parts)
    says = found.says.replace("Your result", f"Your {other}").replace(
        "your result", f"your {other}"
    )
    verb = "is" if len(right) == 1 else "are"
    return replace(found, key=f"{other}: {found.key}", says=f"Your {fine} {verb} right. {says}")


def _by_watching(wrong: Wrong) -> Diagnosis:
    """Call the function again, watch what it asks of its stand-ins, and compare."""
    found: list[tuple[str, Difference]] = []
    for k in wrong.places[:WATCHED]:
        case, answer, ours = wrong.cases[k], wrong.answers[k], wrong.references.asked.get(k)
        if not ours:
            continue
        outcome = yield Ask(case, watch=True)
        if outcome.status != "returned" or not isinstance(outcome.value, torch.Tensor):
            continue
        if difference(outcome.value, answer) > wrong.tolerance:
            continue  # being watched, it does something else
        if outcome.sights is None:
            continue
        theirs = queries(outcome.sights)
        is_whole = usable(outcome.sights) == len(outcome.sights) < MOST_SIGHTS
        first = first_difference(case, theirs, ours, is_whole)
        if not first.certain:
            first = explain_step(case, theirs, ours, answer, wrong.expected[k]) or first
        found.append((case.name, first))
    seen = common(found)
    if seen is None:
        return None
    return Finding(f"asked: {seen.key}", seen.says, seen.certain)


def _by_asking(wrong: Wrong) -> Diagnosis:
    """Probe the function on a case where it's wrong, the cheapest; say what contradicts."""
    found: list[Finding] = []
    asked: set[str] = set()
    for k in wrong.places:
        for probe in probes(wrong.cases[k]):
            ours = wrong.references.readings.get(probe.key, {}).get(k)
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
            if probe.contradiction(probe.read(wrong.answers[k], received), ours):
                found.append(probe.finding())
            if len(found) == ENOUGH:
                break
        if len(found) == ENOUGH:
            break
    if not found:
        return None
    return Finding(
        "; ".join(fact.key for fact in found), " ".join(fact.says for fact in found), certain=False
    )
