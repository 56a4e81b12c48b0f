"""The notebooks after the first: the solution, the release, and every known mistake, graded."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from autograder.course.secret import find_secret
from autograder.course.solution import read_solutions
from autograder.demo import samples
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record
from autograder.submission.find import find_submissions
from pset.course import points_for
from tests.colab import colab_shape
from tests.grading.classroom import ASSIGNMENT, LIMITS, mistakes

LATER = {name: s for name, s in read_solutions().items() if name != ASSIGNMENT}
MISTAKES = [(name, student) for name, s in LATER.items() for student in mistakes(s)]


@cache
def graded() -> dict[tuple[str, str], Record]:
    """(Assignment, student) → grade, from one run over all of them."""
    with TemporaryDirectory() as folder:
        submitted, results = Path(folder, "submitted"), Path(folder, "results")
        for name, solution in LATER.items():
            samples.hand_in(submitted, "right", name, samples.right(solution))
            samples.hand_in(submitted, "untouched", name, samples.untouched(solution))
            from_colab = colab_shape(samples.right(solution))
            samples.hand_in(submitted, "colab", name, json.dumps(from_colab).encode())
            for student, (exercise, key) in mistakes(solution).items():
                notebook = samples.mistaken(solution, {exercise: key})
                samples.hand_in(submitted, student, name, notebook)
        secret = find_secret(None, results)
        submissions = find_submissions(submitted)
        records = grade_class(submissions, results, secret, Threads(2, LIMITS))
        return {(record.assignment, record.student): record for record in records}


@pytest.mark.parametrize("name", LATER)
def test_the_solution_earns_everything_and_the_release_nothing(name: str) -> None:
    right, untouched = graded()[name, "right"], graded()[name, "untouched"]
    assert right.score == right.max_score == sum(map(points_for, LATER[name].exercises))
    assert untouched.score == 0
    assert {mark.status for mark in untouched.marks} == {"not done"}


@pytest.mark.parametrize("name", LATER)
def test_what_colab_saves_earns_everything(name: str) -> None:
    record = graded()[name, "colab"]
    assert (record.score, record.trouble) == (record.max_score, None)
    assert {mark.status for mark in record.marks} == {"right"}


@pytest.mark.parametrize(("name", "student"), MISTAKES)
def test_a_mistake_loses_its_exercise_and_is_named(name: str, student: str) -> None:
    exercise, key = mistakes(LATER[name])[student]
    record = graded()[name, student]
    mark = next(mark for mark in record.marks if mark.exercise == exercise)
    assert (mark.status, mark.mistake, mark.points) == ("wrong", key, 0), mark.message
    assert record.score == record.max_score - points_for(exercise)
