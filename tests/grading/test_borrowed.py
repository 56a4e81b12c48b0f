"""Answers that call the course's own: named in the grade, and right where the course allows it."""

from pathlib import Path

import pytest

from autograder.course.secret import find_secret
from autograder.course.solution import read_solutions
from autograder.demo import samples
from autograder.gradebook.class_report import class_reports, render
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record, in_a_line
from autograder.submission.find import find_submissions
from pset.checks import own_work
from tests.grading.classroom import LIMITS

ASSIGNMENT = "02_iterative_denoising"
BORROWED = (
    "from pset import iterative_denoise as course\n\n\n"
    "def iterative_denoise(image, i_start, *rest):\n    return course(image, i_start, *rest)\n"
)


def graded(folder: Path) -> Record:
    notebook = samples.rewritten(read_solutions()[ASSIGNMENT], {"1.4": BORROWED})
    samples.hand_in(folder / "submitted", "ada", ASSIGNMENT, notebook)
    secret = find_secret(None, folder / "results")
    submissions = find_submissions(folder / "submitted")
    (record,) = grade_class(submissions, folder / "results", secret, Threads(limits=LIMITS))
    return record


def test_student_and_instructor_are_told_what_was_called(tmp_path: Path) -> None:
    record = graded(tmp_path)
    loop, sample = record.marks
    assert (loop.status, loop.points, sample.status) == ("borrowed", 0, "right")
    assert "calls `pset.iterative_denoise`, which does this exercise for you" in loop.message
    assert "its versions of earlier exercises included" in loop.message
    assert in_a_line(record) == "1.4: borrowed"
    page = (tmp_path / "results" / "ada" / ASSIGNMENT / "feedback.html").read_text()
    assert "which does this exercise for you" in page
    (report,) = class_reports([record])
    assert [m.name for m in report.exercises[0].mistakes] == ["borrowed"]
    assert "Calls the course&#39;s own answer in pset." in render([report]).decode()


def test_a_course_may_let_it_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = graded(tmp_path)
    monkeypatch.setattr(own_work, "own_work_is_asked_for", lambda: False)
    monkeypatch.setattr(
        "autograder.grading.assignment.own_work_is_asked_for", own_work.own_work_is_asked_for
    )
    after = graded(tmp_path)
    assert after.score == after.max_score
    assert after.key != before.key, "so that a changed rule grades again"
