"""Networks are measured outside the student's process: what's said inside isn't believed."""

from collections.abc import Iterator

import pytest
import torch

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.session import Session
from pset.checks import ALL_CHECKS
from pset.checks.judging import Judge, Verdict
from solutions.variants import variants_of

pytestmark = pytest.mark.slow

NUMBERS = {"2.19": [0, 0.5, 0.5, 0.5, 0, 0.6], "2.22c": [0, 0.5, 0, 0, 0.5, 0.5, 0]}
"""What a right network's measurements would be."""

FORGED = """
import torch

def at_once(function):
    from pset.checks import trials

    def forged(function, arguments):
        {body}

    for name in ("unet", "block"):
        trials.TRIALS[name] = forged
    return function

@at_once
def {function}(*arguments):
    return torch.nn.Identity()
"""


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher() as launcher:
        launcher.warm()
        yield launcher


def verdict(launcher: Launcher, exercise: str, cell: str) -> Verdict:
    check = ALL_CHECKS[exercise]
    judge = Judge(check, check.cases(20261126), None, max_points=10)
    with Session(launcher, [cell], [check.function], everything=False) as session:
        outcomes = [session.call(check.function, case, 60, exercise) for case in judge.cases]
    return judge.verdict(outcomes)


@pytest.mark.parametrize("exercise", NUMBERS)
@pytest.mark.parametrize("lie", ["numbers", "zeros", "noise"])
def test_a_forged_trial_earns_nothing(launcher: Launcher, exercise: str, lie: str) -> None:
    """The attack does run: with zeros or noise in the right shape, there's a verdict on them."""
    check = ALL_CHECKS[exercise]
    sizes = {case.arguments["seed"]: case.about["shape"] for case in check.cases(20261126)}
    bodies = {
        "numbers": f"return torch.tensor({NUMBERS[exercise]})",
        "zeros": f"return torch.zeros({sizes}[arguments['seed']])",
        "noise": f"return torch.randn({sizes}[arguments['seed']])",
    }
    cell = FORGED.format(body=bodies[lie], function=check.function)
    found = verdict(launcher, exercise, cell)
    assert found.points == 0
    assert found.status == ("failed" if lie == "numbers" else "wrong"), found.message
    if lie == "numbers":
        assert "it should be" in found.message


@pytest.mark.parametrize("exercise", NUMBERS)
def test_measuring_outside_is_measuring_here(exercise: str) -> None:
    """A right answer, asked twice, has the same measurements; another seed asks other things."""
    from pset.checks.calling import call

    check, right = ALL_CHECKS[exercise], variants_of(exercise)[0]
    answers = []
    for seed in (1, 1, 2):
        torch.manual_seed(0)
        answers.append(call(right, check.cases(seed)[0], 60).value)
    torch.testing.assert_close(answers[0], answers[1], rtol=1e-4, atol=1e-4)
    assert answers[0].shape != answers[2].shape or not torch.equal(answers[0], answers[2])
