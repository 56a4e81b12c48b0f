"""A class that is graded in no time, because nobody's code is run: for tests of what is kept.

Everything else is real: looking submissions up, and writing and reading what came of them.
"""

import csv
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.secret import find_secret
from autograder.demo.samples import hand_in
from autograder.errors import CommandError
from autograder.grading import executor
from autograder.grading import grade_class as grade
from autograder.grading.assignment import Assignment
from autograder.grading.events import Events
from autograder.grading.grade_class import grade_class
from autograder.grading.grade_one import Graded
from autograder.grading.records import Mark, Record, hash_of_page
from autograder.grading.work import Work
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission, find_submissions

ASSIGNMENT = "01_denoising"
STUDENTS = ("ada", "ben", "chloe")
OPERATIONS = {"open", "os.rename", "os.mkdir"}


def points(data: bytes) -> float:
    """What a submission earns here."""
    return float(len(data))


def grade_quickly(work: Work) -> Graded:
    """As `grade_one`."""
    data = work.files[0][1] if work.files else b""
    student, assignment = work.submission.student, work.submission.assignment
    mark = Mark(exercise="1.1", title="", function="", status="wrong", message="",
                points=points(data), max_points=10)  # fmt: skip
    record = Record(student=student, assignment=assignment, key=work.key, marks=[mark])
    page = b"page of " + student.encode()
    return Graded(record.model_copy(update={"feedback": hash_of_page(page)}), page)


class QuickClass:
    """Three submissions and their results.

    Args:
        folder: for all of it.
        monkeypatch: puts the quick parts in.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.submitted, self.results = folder / "submitted", folder / "results"
        for k, student in enumerate(STUDENTS):
            hand_in(self.submitted, student, ASSIGNMENT, b"x" * (k + 1))
        self.secret = find_secret(None, folder)
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(grade, "read_solutions", lambda: {ASSIGNMENT: None})
        prepared = Assignment({}, {}, "key")
        monkeypatch.setattr(grade.Assignment, "prepare", lambda solution, secret: prepared)

    def grade(self, run: str = "", interrupted_at: str = "") -> list[str]:
        """Grade it; says who was graded and not found unchanged.

        Args:
            run: the name of a run that grades everything again; or none.
            interrupted_at: the student at whose turn Ctrl-C is pressed.
        """
        graded: list[str] = []

        class Happened(Events):
            def done(self, submission: Submission, is_new: bool) -> None:
                if is_new:
                    graded.append(submission.student)

        def grade_or_wait(work: Work, assignment: Assignment, sandbox: Sandbox) -> Graded:
            if work.submission.student == interrupted_at:
                os.kill(os.getpid(), signal.SIGINT)
                while not sandbox.is_stopped:
                    time.sleep(0.001)
                raise CommandError("stopped")
            return grade_quickly(work)

        self._monkeypatch.setattr(executor, "grade_one", grade_or_wait)
        submissions = find_submissions(self.submitted, [ASSIGNMENT])
        grade_class(submissions, self.results, self.secret, again=run, events=Happened())
        return graded

    def earned(self) -> dict[str, str]:
        """Student → points, as `grades.csv` says; a student who is there twice is an error."""
        lines = (self.results / "grades.csv").read_text().splitlines()
        rows = {row["student"]: row["total"] for row in csv.DictReader(lines)}
        assert len(rows) == len(lines) - 1
        return rows


def at_operation(number: int, folder: Path, act: Callable[[], None]) -> None:
    """Act just before the given one, and each later one, of all that is written into a folder.

    For good: what is told cannot be untold, so this is for a process that ends soon.
    """
    count = 0

    def hook(event: str, arguments: tuple) -> None:
        nonlocal count
        reads = event == "open" and "r" in str(arguments[1])
        if event in OPERATIONS and not reads and str(arguments[0]).startswith(str(folder)):
            count += 1
            if count >= number:
                act()

    sys.addaudithook(hook)
