"""What these tests share: the solution, and a class that is graded once."""

import fcntl
import os
from pathlib import Path

import pytest

from autograder.course.secret import find_secret
from autograder.course.solution import Solution, read_solutions
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.submission.find import find_submissions
from tests.grading.classroom import ASSIGNMENT, LIMITS, Classroom, hand_in_all


@pytest.fixture(scope="session")
def solution() -> Solution:
    """The first assignment's."""
    return read_solutions()[ASSIGNMENT]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of pytest-xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def _own_cache(shared_folder: Path) -> None:
    """Hidden references go below the test's folder."""
    os.environ["XDG_CACHE_HOME"] = str(shared_folder / "cache")
    os.environ.pop("PSET_SECRET", None)


@pytest.fixture(scope="session")
def classroom(shared_folder: Path, solution: Solution, _own_cache: None) -> Classroom:
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
