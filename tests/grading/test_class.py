"""A graded class: who earns what, and what each is told."""

import csv
import json
import re

import pytest

from autograder.course.secret import find_secret
from autograder.course.solution import Solution, read_solutions
from autograder.grading.events import Events
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.submission.find import Submission, find_submissions
from tests.grading.classroom import (
    ALL_POINTS,
    ASSIGNMENT,
    LIMITS,
    POINTS,
    Classroom,
    broken,
    mistakes,
)
from tests.grading.odd_functions import ODD

SOLUTION = read_solutions()[ASSIGNMENT]


def test_the_solution_earns_everything(classroom: Classroom) -> None:
    record = classroom.records["right"]
    assert record.score == record.max_score == ALL_POINTS
    assert record.notes == []
    assert {mark.status for mark in record.marks} == {"right"}
    assert record.by_hand == 8
    assert all(question.answer for question in record.questions)


def test_the_released_notebook_earns_nothing(classroom: Classroom) -> None:
    record = classroom.records["untouched"]
    assert record.score == 0
    assert {mark.status for mark in record.marks} == {"not done"}
    assert all(question.answer == "" for question in record.questions)


@pytest.mark.parametrize("student", mistakes(SOLUTION))
def test_a_mistake_loses_its_exercise_and_is_named(classroom: Classroom, student: str) -> None:
    exercise, key = mistakes(SOLUTION)[student]
    mark = classroom.mark(student, exercise)
    assert (mark.status, mark.mistake, mark.points) == ("wrong", key, 0)
    assert classroom.records[student].score == ALL_POINTS - POINTS[exercise]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_function_costs_no_more_than_its_exercise(classroom: Classroom, name: str) -> None:
    mark, odd = classroom.mark(f"odd-{name}", "1.1"), ODD[name]
    assert mark.status == odd.status, mark.message
    assert odd.says in mark.message
    lost = 0 if odd.status == "right" else POINTS["1.1"]
    assert classroom.records[f"odd-{name}"].score == ALL_POINTS - lost


@pytest.mark.parametrize("student", broken(SOLUTION))
def test_a_broken_file_earns_what_its_code_does(classroom: Classroom, student: str) -> None:
    record, case = classroom.records[student], broken(SOLUTION)[student]
    said = "\n".join(filter(None, [record.trouble, *record.notes]))
    assert case.says in said
    assert record.score == case.points, said
    assert (record.trouble is None) == (case.points > 0 or student == "broken-wrong-notebook")


def test_a_link_is_not_followed(classroom: Classroom) -> None:
    assert "is a link" in str(classroom.records["linked"].trouble)


def test_what_a_student_wrote_is_not_live(classroom: Classroom) -> None:
    for student in ("odd-html-in-error", "script-in-answers"):
        page = classroom.feedback(student)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script" not in page
        assert "<img src=x" not in page
        assert "\x1b" not in page
    assert "default-src 'none'" in page


def test_feedback_shows_pictures(classroom: Classroom) -> None:
    page = classroom.feedback("mistake-1.1-weights_swapped")
    assert page.count('src="data:image/png;base64,') == 3
    assert "Likely mistake: You&#x27;ve swapped the two weights" in page
    assert "In the notebook: “1.1 The forward process”." in page
    assert 'href="https://arxiv.org/abs/2006.11239"' in page
    assert not re.search(r'src="(?!data:)|url\(|@import|<link', page), "nothing is fetched"


def test_results_have_gradescopes_shape(classroom: Classroom) -> None:
    path = classroom.results / "mistake-1.1-weights_swapped" / ASSIGNMENT / "results.json"
    content = json.loads(path.read_text())
    assert content["score"] == 25
    first = content["tests"][0]
    assert (first["score"], first["max_score"], first["status"]) == (0, 10, "failed")
    assert first["output_format"] == "text"
    by_hand = [test for test in content["tests"] if test.get("tags") == ["by hand"]]
    assert [test["max_score"] for test in by_hand] == [2, 2, 2, 2]


def test_grades_csv_has_a_line_for_everybody(classroom: Classroom) -> None:
    with (classroom.results / "grades.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(classroom.records)
    assert (rows["right"]["total"], rows["right"]["score"]) == ("35.0", "5.0")
    assert rows["mistake-score-wrong_sign"]["remarks"] == "score: wrong_sign"


def test_a_second_run_grades_only_what_has_changed(classroom: Classroom) -> None:
    happened = []

    class Happened(Events):
        def started(self, submission: Submission) -> None:
            happened.append((submission.student, "started"))

        def done(self, submission: Submission, is_new: bool) -> None:
            happened.append((submission.student, "graded" if is_new else "unchanged"))

    grade_class(
        find_submissions(classroom.submitted, only_students=["right", "untouched"]),
        classroom.results,
        find_secret(classroom.secret, classroom.results),
        Threads(limits=LIMITS),
        events=Happened(),
    )
    assert happened == [
        ("right", "started"),
        ("right", "unchanged"),
        ("untouched", "started"),
        ("untouched", "unchanged"),
    ]
    lines = (classroom.results / "grades.csv").read_text().splitlines()
    assert len(lines) == len(classroom.records) + 1


def test_the_solution_earns_everything_with_another_secret(
    classroom: Classroom, solution: Solution, tmp_path
) -> None:
    secret = find_secret(None, tmp_path)
    assert secret.is_new
    assert find_secret(None, tmp_path).seed == secret.seed
    (record,) = grade_class(
        find_submissions(classroom.submitted, only_students=["right"]),
        tmp_path,
        secret,
        Threads(limits=LIMITS),
    )
    assert record.score == ALL_POINTS
    assert record.key != classroom.records["right"].key
