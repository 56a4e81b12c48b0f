"""Answers by other hands: right ones are accepted, wrong ones refused, and most mistakes named."""

import json
from collections import Counter
from functools import cache

import pytest

from autograder.paths import ROOT
from pset.checks.judging import Verdict
from tests.pset.checks.corpora import CORPORA
from tests.pset.checks.naming.corpus import Answer
from tests.pset.checks.naming.judged import verdict
from tests.pset.checks.naming.said import labels, naming

ANSWERS = {
    name: [answer for answer in corpus.answers() if answer.right is not None]
    for name, corpus in CORPORA.items()
}

NAMED = {"other_hands": 0.88, "unseen_hands": 0.87, "newest_hands": 0.9}
"""Shares of the refused answers whose mistake is named, at least."""

FALSE = 0.02
"""The share of them that are told something false, at most."""


@cache
def judged(answer: Answer) -> Verdict:
    return verdict(answer)


@pytest.mark.parametrize(
    ("corpus", "exercise"),
    [(name, ex) for name, them in ANSWERS.items() for ex in sorted({a.exercise for a in them})],
)
def test_right_answers_are_accepted_and_wrong_ones_refused(corpus, exercise):
    those = [answer for answer in ANSWERS[corpus] if answer.exercise == exercise]
    accepted = {answer.name for answer in those if judged(answer).status == "right"}
    right = {answer.name for answer in those if answer.right}
    assert not right - accepted, "right, and refused"
    assert not accepted - right, "wrong, and accepted"


def test_there_are_hundreds_of_them():
    everybody = [answer for them in ANSWERS.values() for answer in them]
    assert sum(not answer.right for answer in everybody) >= 500
    assert sum(bool(answer.right) for answer in everybody) >= 100


@pytest.mark.parametrize("corpus", ANSWERS)
def test_every_wrong_answer_has_a_label(corpus):
    wrong = {answer.name for answer in ANSWERS[corpus] if not answer.right}
    assert set(labels(CORPORA[corpus].labels())) == wrong


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ANSWERS)
def test_most_mistakes_are_named_and_hardly_anything_false_is_said(corpus):
    labelled = labels(CORPORA[corpus].labels())
    wrong = [answer for answer in ANSWERS[corpus] if not answer.right]
    found = {answer.name: naming(judged(answer), labelled[answer.name]) for answer in wrong}
    count = Counter(found.values())
    refused = len(found) - count["accepted"]
    assert count["named"] >= NAMED[corpus] * refused, _which(found, "unnamed")
    assert count["false"] <= FALSE * refused, _which(found, "false")


def _which(found, kind):
    return [" ".join(name) for name, what in found.items() if what == kind]


@pytest.mark.parametrize("corpus", ANSWERS)
def test_the_table_on_the_page_is_about_these_answers(corpus):
    path = ROOT / "benchmarks" / "measured" / "other_hands.json"
    counted = json.loads(path.read_text(encoding="utf-8"))[corpus]
    assert {exercise: sum(row.values()) for exercise, row in counted.items()} == Counter(
        answer.exercise for answer in ANSWERS[corpus]
    ), "`python -m benchmarks.other_hands` counts them anew."
