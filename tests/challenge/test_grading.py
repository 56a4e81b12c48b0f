"""The challenge as part of a grade: run when it's asked for, and never twice for the same work."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.challenge.contest import Challenge
from autograder.course.secret import find_secret
from autograder.demo.samples import hand_in
from autograder.grading import challenged
from autograder.grading import grade_class as grade
from autograder.grading.assignment import Assignment
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record, load_records
from autograder.submission.find import find_submissions
from tests.challenge.entries import HEAD, SETTINGS, entry

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("challenge")]

ASSIGNMENT = "16_train"


def notebook(cell: str) -> bytes:
    """A script is read as a notebook, too."""
    return f"# %%\n{cell}\n".encode()


class Course:
    """Three students, and what's graded of them: the challenge alone."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.submitted, self.results = folder / "submitted", folder / "results"
        self.secret = find_secret(None, folder)
        self.challenge = Challenge(SETTINGS, 30.0, self.secret.seed)
        self.key = "key"
        self.run: list[str] = []
        compete = challenged.compete

        def counted(challenge, launcher, cells, key):
            self.run.append(cells[0])
            return compete(challenge, launcher, cells, key)

        patch.setattr(challenged, "compete", counted)
        patch.setattr(grade, "read_solutions", lambda: {ASSIGNMENT: None})
        patch.setattr(
            grade.Assignment,
            "prepare",
            lambda solution, secret: Assignment({}, {}, self.key, self.challenge),
        )
        for student, cell in {
            "ada": HEAD,
            "ben": entry("1 / 0"),
            "chloe": HEAD.replace('"mean"', '"<b>Chloe</b>"'),
        }.items():
            hand_in(self.submitted, student, ASSIGNMENT, notebook(cell), f"{ASSIGNMENT}.py")

    def grade(self, competes: bool = True, again: str = "") -> dict[str, Record]:
        self.run.clear()
        records = grade_class(
            find_submissions(self.submitted, [ASSIGNMENT]),
            self.results,
            self.secret,
            Threads(2),
            again,
            competes=competes,
        )
        assert len(load_records(self.results)) == len(records)
        return {record.student: record for record in records}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return Course(tmp_path, monkeypatch)


def test_it_is_run_when_asked_for_and_then_kept(course: Course) -> None:
    before = course.grade(competes=False)
    assert course.run == []
    for record in before.values():
        assert record.marks == []
        assert record.notes[-1].startswith("The challenge")
    found = course.grade()
    assert len(course.run) == 3
    assert found["ada"].entry is not None
    assert found["ada"].marks[0].status == "right"
    assert 0 < found["ada"].score < 30
    assert found["ada"].entry.distance == found["chloe"].entry.distance
    assert (found["ben"].marks[0].status, found["ben"].score) == ("failed", 0)
    assert "ZeroDivisionError" in found["ben"].marks[0].message
    page = (course.results / "ada" / ASSIGNMENT / "feedback.html").read_text()
    assert "Fréchet distance" in page
    for again in (course.grade(), course.grade(competes=False)):
        assert course.run == []
        assert {s: r.entry for s, r in again.items()} == {s: r.entry for s, r in found.items()}


def test_other_curves_change_points_and_train_nobody(course: Course) -> None:
    before = course.grade()
    strict = replace(SETTINGS, distance=((0.5, 1.0), (1.0, 0.0)))
    course.challenge = replace(course.challenge, settings=strict)
    course.key = "another"  # as `Assignment.prepare` does
    after = course.grade()
    assert course.run == []
    assert before["ada"].score > after["ada"].score == 0
    assert after["ada"].entry == before["ada"].entry


def test_another_notebook_or_time_is_another_entry(course: Course) -> None:
    course.grade()
    better = notebook(entry(sample="return noise + net(noise, 0.0, label)"))
    hand_in(course.submitted, "ben", ASSIGNMENT, better, f"{ASSIGNMENT}.py")
    kept = course.grade(competes=False)
    assert (kept["ben"].marks, kept["ben"].entry) == ([], None)
    found = course.grade()
    assert len(course.run) == 1
    assert found["ben"].marks[0].status == "right"
    course.challenge = replace(course.challenge, settings=replace(SETTINGS, seconds=2))
    course.key = "another"
    course.grade()
    assert len(course.run) == 3


def test_again_runs_everybody_once(course: Course) -> None:
    course.grade()
    course.grade(competes=False, again="run")
    assert course.run == []
    course.grade(again="another run")
    assert len(course.run) == 3
    course.grade(again="another run")  # it was interrupted at the end
    assert course.run == []


def test_what_cannot_be_read_waits_for_nothing(course: Course) -> None:
    hand_in(course.submitted, "dan", ASSIGNMENT, b"", f"{ASSIGNMENT}.py")
    found = course.grade()
    assert found["dan"].trouble
    assert (found["dan"].score, found["dan"].max_score) == (0, 30)
    assert course.grade()["dan"].trouble
    assert course.run == []
