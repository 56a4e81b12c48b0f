"""What is known of a grade while it is being formed."""

from pathlib import Path

from autograder.course.secret import find_secret
from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.grading.assignment import Assignment
from autograder.grading.grade_one import grade_one
from autograder.grading.records import Record
from autograder.grading.work import read_work
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission
from tests.grading.classroom import ASSIGNMENT, LIMITS, POINTS


def test_marks_are_told_as_they_come(solution: Solution, tmp_path: Path) -> None:
    samples.hand_in(tmp_path, "ada", ASSIGNMENT, samples.right(solution))
    assignment = Assignment.prepare(solution, find_secret(None, tmp_path / "results"))
    told: list[Record] = []
    with Sandbox(LIMITS, Isolation(trusted=True)) as sandbox:
        submission = Submission("ada", ASSIGNMENT, tmp_path / "ada" / ASSIGNMENT)
        work = read_work(submission, assignment.key)
        record = grade_one(work, assignment, sandbox, told.append).record
    sums = [sum(list(POINTS.values())[:k]) for k in range(len(POINTS) + 1)]
    assert [partial.score for partial in told] == sums
    assert {partial.max_score for partial in told} == {record.max_score}
    for k, partial in enumerate(told):
        assert [mark.status for mark in partial.marks] == (
            ["right"] * k + ["waiting"] * (len(POINTS) - k)
        )
        assert partial.key == "", "half a grade must not pass for a whole one"
        assert partial.questions == record.questions
