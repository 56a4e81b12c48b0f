"""What these tests share: a class that is graded once."""

import fcntl
from pathlib import Path

import pytest

from autograder.course.secret import find_secret
from autograder.course.solution import Solution
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.submission.find import find_submissions
from tests.grading.classroom import LIMITS, Classroom, hand_in_all


@pytest.fixture(scope="session", autouse=True)
def _own_cache(own_cache: None) -> None:
    """For all of them: they grade."""


@pytest.fixture(scope="session")
def classroom(shared_folder: Path, solution: Solution, own_cache: None) -> Classroom:
    """The class, graded. A second worker waits for the first, and finds all of it done."""
    submitted, results = shared_folder / "submitted", shared_folder / "results"
    secret = shared_folder / "secret"
    with (shared_folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not submitted.is_dir():
            hand_in_all(submitted, solution)
            secret.write_text("0123456789abcdef-only-the-course-knows")
        records = grade_class(
            find_submissions(submitted),
            results,
            find_secret(secret, results),
            Threads(2, LIMITS),
        )
    return Classroom(submitted, results, {r.student: r for r in records}, secret)
