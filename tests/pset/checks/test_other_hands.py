"""Answers by other hands: every right one is accepted, and every wrong one refused."""

from functools import cache

import pytest

from pset.assets import assets_dir
from pset.checks import ALL_CHECKS
from pset.checks.calling import call
from pset.checks.judging import Judge
from pset.checks.references import load_references
from pset.seeded_noise import SEED
from tests.pset.checks.other_hands import Answer, answers

PATIENCE = 10
"""Times the limit of a call: a busy machine is slow, and time limits have tests of their own."""

ACCEPTED = {
    "forward_returns_array": "numpy arrays are accepted",
    "blur_less_with_t": "the text leaves σ to the student",
    "loop_list_rising": "its list is used only where no timesteps are given, and not by this test",
    "sample_torch_generator": "torch's generator with the given seed draws the same numbers",
    "fill_before_step": "it comes to the same",
    "enlarge_models_schedule": "both of the stage's schedulers have one schedule",
    "enlarge_loop_with_noising_schedule": "the same",
    "enlarge_course_schedule": "the same",
    "mix_with_flip": "the flip changes only what the low pass takes away again",
}
"""Answers that were meant to be wrong, and why they're not refused."""


@cache
def judge(exercise: str) -> Judge:
    check = ALL_CHECKS[exercise]
    references = None
    if check.properties is None:
        references = load_references(assets_dir() / "references", exercise)
    return Judge(check, check.cases(SEED), references, max_points=1)


def status(answer: Answer) -> str:
    by = judge(answer.exercise)
    outcomes = []
    for case in by.cases:
        outcomes.append(call(answer.function, case, by.check.seconds * PATIENCE, by.check.answers))
        if outcomes[-1].status != "returned":
            break
    return by.verdict(outcomes).status


def names(which: list[Answer]) -> set[str]:
    return {answer.function.__name__ for answer in which}


@pytest.mark.parametrize("exercise", sorted({answer.exercise for answer in answers()}))
def test_right_answers_are_accepted_and_wrong_ones_refused(exercise):
    those = [a for a in answers() if a.exercise == exercise and a.right is not None]
    accepted = names([a for a in those if status(a) == "right"])
    right = names([a for a in those if a.right])
    assert right <= accepted, "right, and refused"
    assert accepted - right <= set(ACCEPTED), "wrong, and accepted"


def test_there_are_hundreds_of_them():
    assert sum(a.right is False for a in answers()) >= 300
    assert sum(a.right is True for a in answers()) >= 80
