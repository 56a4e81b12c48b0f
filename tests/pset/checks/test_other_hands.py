"""Answers by other hands: right ones are accepted, wrong ones refused, and most mistakes named."""

import json
from collections import Counter
from functools import cache

import pytest

from autograder.paths import ROOT
from pset.checks.judging import Verdict
from tests.pset.checks import other_hands
from tests.pset.checks.naming.corpus import Answer
from tests.pset.checks.naming.judged import verdict
from tests.pset.checks.naming.said import labels, naming

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

EVERY = 5
"""All answers are called, but only one in so many is diagnosed: that takes longer."""

NAMED, FALSE = 0.55, 0.04
"""Shares of the refused answers in the sample: at least, and at most."""

ANSWERS = other_hands.CORPUS.answers()
WRONG = [answer for answer in ANSWERS if answer.right is False]
SAMPLE = WRONG[::EVERY]


@cache
def judged(answer: Answer) -> Verdict:
    return verdict(answer, explained=answer in SAMPLE)


def names(which: list[Answer]) -> set[str]:
    return {answer.name[1] for answer in which}


@pytest.mark.parametrize("exercise", sorted({answer.exercise for answer in ANSWERS}))
def test_right_answers_are_accepted_and_wrong_ones_refused(exercise):
    those = [a for a in ANSWERS if a.exercise == exercise and a.right is not None]
    accepted = names([a for a in those if judged(a).status == "right"])
    right = names([a for a in those if a.right])
    assert right <= accepted, "right, and refused"
    assert accepted - right <= set(ACCEPTED), "wrong, and accepted"


def test_there_are_hundreds_of_them():
    assert len(WRONG) >= 300
    assert sum(a.right is True for a in ANSWERS) >= 80


def test_every_wrong_answer_has_a_label():
    assert set(labels(other_hands.CORPUS.labels())) == {a.name for a in WRONG}


@pytest.mark.slow
def test_most_mistakes_are_named_and_hardly_anything_false_is_said():
    labelled = labels(other_hands.CORPUS.labels())
    found = {answer.name: naming(judged(answer), labelled[answer.name]) for answer in SAMPLE}
    count = Counter(found.values())
    refused = len(found) - count["accepted"]
    assert count["named"] >= NAMED * refused, [n for n, what in found.items() if what == "unnamed"]
    assert count["false"] <= FALSE * refused, [n for n, what in found.items() if what == "false"]


def test_the_table_on_the_page_is_about_these_answers():
    path = ROOT / "benchmarks" / "measured" / "other_hands.json"
    counted = json.loads(path.read_text(encoding="utf-8"))["other_hands"]
    assert {exercise: sum(row.values()) for exercise, row in counted.items()} == Counter(
        answer.exercise for answer in ANSWERS if answer.right is not None
    ), "`python -m benchmarks.other_hands` counts them anew."
