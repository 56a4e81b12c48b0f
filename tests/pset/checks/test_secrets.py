"""A verdict doesn't depend on the secret that a course's hidden inputs are drawn from."""

import pytest

from autograder.course.solution import read_solutions
from pset.checks import ALL_CHECKS
from pset.checks.calling import call
from pset.checks.definition import Check, StandIn
from pset.checks.judging import Judge, to_tensor
from pset.checks.references import References
from solutions.mistakes import mistakes_of
from solutions.variants import variants_of

SECRETS = range(1000, 1020)
PATIENCE = 10
"""Times the limit of a call: a busy machine is slow, and time limits have tests of their own."""


def judge(check: Check, seed: int) -> Judge:
    """The check under a secret, without the network, whose cases are the slowest."""
    cases = [case for case in check.cases(seed) if StandIn("pocket") not in case.arguments.values()]
    if check.properties is not None:
        return Judge(check, cases, None, max_points=1)
    solutions = read_solutions().values()
    (function,) = (s.function(check.function) for s in solutions if check.exercise in s.exercises)
    expected = [to_tensor(call(function, case, check.seconds * PATIENCE).value) for case in cases]
    return Judge(check, cases, References(expected, {}), max_points=1)


def is_right(judge: Judge, function) -> bool:
    outcomes = []
    for case in judge.cases:
        outcomes.append(call(function, case, judge.check.seconds * PATIENCE))
        if outcomes[-1].status != "returned":
            break
    return judge.verdict(outcomes).status == "right"


@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_every_secret_gives_the_same_verdicts(exercise):
    for seed in SECRETS:
        under = judge(ALL_CHECKS[exercise], seed)
        refused = [f.__name__ for f in variants_of(exercise) if not is_right(under, f)]
        accepted = [key for key, f in mistakes_of(exercise).items() if is_right(under, f)]
        assert not refused, f"right answers, refused under {seed}"
        assert not accepted, f"mistakes, accepted under {seed}"
