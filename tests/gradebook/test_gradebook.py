"""Marks in the gradebook: as nbgrader itself records them, and kept when given by hand."""

import csv
import json
import os
import re
import shutil
import sqlite3
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import PyFileConfigLoader

from autograder.commands import run
from autograder.course.nbgrader_course import write_nbgrader_course
from autograder.course.secret import Secret
from autograder.demo import samples
from autograder.errors import CommandError
from autograder.gradebook.hand_marks import HandMark
from autograder.gradebook.nbgrader import CourseGradebook
from autograder.grading.by_hand import save_given
from autograder.grading.feedback import feedback_page
from autograder.grading.late import Lateness
from autograder.grading.records import (
    Given,
    Record,
    has_its_page,
    hash_of_page,
    load_records,
    save_record,
)
from autograder.paths import ROOT
from autograder.sandbox.launcher import Launcher
from autograder.submission.names import name_students
from tests.gradebook.conftest import ASSIGNMENT, QUESTION, SAYS, Course, record
from tests.submission.odd_names import BOMBS


def api(folder: Path) -> NbGraderAPI:
    """nbgrader's own view of a course; formgrader's server asks this."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    return NbGraderAPI(config=config)


def done(result: dict[str, Any]) -> None:
    assert result["success"], result.get("error", "") + result.get("log", "")


def exported(folder: Path) -> dict[str, dict[str, str]]:
    """What `nbgrader export` writes, by student; it calls this plugin."""
    plugin = CsvExportPlugin(to=str(folder / "grades.csv"))
    with api(folder).gradebook as gradebook:
        plugin.export(gradebook)
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def submission(course: Course, student: str) -> dict[str, Any]:
    """What formgrader lists."""
    return next(
        s for s in api(course.folder).get_submissions(ASSIGNMENT) if s["student"] == student
    )


def cells(folder: Path) -> list[tuple[Any, ...]]:
    """All that the gradebook knows of an assignment's cells, without the ids it makes up."""
    asked = """
        SELECT b.name, b.type, g.max_score, g.cell_type FROM base_cell b
        LEFT JOIN grade_cells g ON g.id = b.id
        UNION ALL
        SELECT s.name, s.cell_type || s.locked, s.source, s.checksum FROM source_cell s
        UNION ALL
        SELECT n.name, n.kernelspec, a.name, a.course_id FROM notebook n
        JOIN assignment a ON a.id = n.assignment_id
    """
    with sqlite3.connect(folder / "gradebook.db") as database:
        return sorted(database.execute(asked).fetchall(), key=repr)


def test_an_assignment_is_recorded_as_nbgrader_records_it(course: Course, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    write_nbgrader_course(theirs)
    done(api(theirs).generate_assignment(ASSIGNMENT))
    assert cells(course.folder) == cells(theirs)
    assert len(cells(course.folder)) > 5


def test_formgrader_lists_the_right_scores(course: Course) -> None:
    course.keep(course.hand_in("ada"))
    course.keep(course.hand_in("ben"), points=0.0)
    course.keep(course.hand_in("chloe", samples.untouched(course.solution)), points=0, answer="")
    course.keep(course.hand_in("dan", b"broken"), points=0, answer="", trouble="It is damaged.")
    found = {s["student"]: s for s in api(course.folder).get_submissions(ASSIGNMENT)}
    assert {student: s["score"] for student, s in found.items()} == {
        "ada": 10,
        "ben": 0,
        "chloe": 0,
        "dan": 0,
    }
    assert {s["max_score"] for s in found.values()} == {13}
    assert all(s["autograded"] for s in found.values())
    waiting = {student for student, s in found.items() if s["needs_manual_grade"]}
    assert waiting == {"ada", "ben"}
    listed = api(course.folder).get_notebook_submissions(ASSIGNMENT, ASSIGNMENT)
    assert {s["student"]: s["failed_tests"] for s in listed} == {
        "ada": False,
        "ben": True,
        "chloe": True,
        "dan": True,
    }


def test_the_mistake_is_the_comment(course: Course) -> None:
    course.keep(course.hand_in("ben"), points=0.0)
    course.keep(course.hand_in("chloe"), points=10, answer="")
    with course.gradebook.opened() as gradebook:
        said = {
            (student, cell): gradebook.find_comment(cell, ASSIGNMENT, ASSIGNMENT, student).comment
            for student in ("ben", "chloe")
            for cell in ("exercise-1-9", "question-1-9")
        }
    assert said == {
        ("ben", "exercise-1-9"): SAYS,
        ("ben", "question-1-9"): None,
        ("chloe", "exercise-1-9"): None,
        ("chloe", "question-1-9"): "No response.",
    }


def give_in_formgrader(course: Course, student: str, cell: str, score: float, extra: float) -> None:
    """What formgrader's handlers do with the database when a person types a mark."""
    url = f"sqlite:///{course.folder}/gradebook.db"
    with Gradebook(url, course.gradebook.directory.course_id) as gradebook:
        grade = gradebook.find_grade(cell, ASSIGNMENT, ASSIGNMENT, student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, False
        comment = gradebook.find_comment("question-1-9", ASSIGNMENT, ASSIGNMENT, student)
        comment.manual_comment = "Well seen."
        gradebook.db.commit()


def test_what_a_person_gave_survives_another_run_and_counts(course: Course) -> None:
    handed_in = course.hand_in("ada")
    course.keep(handed_in, points=0.0)
    give_in_formgrader(course, "ada", "question-1-9", 2.5, 0.5)
    course.keep(handed_in, points=0.0)  # the same
    assert submission(course, "ada")["score"] == 3
    assert not submission(course, "ada")["needs_manual_grade"]
    course.keep(handed_in, points=10.0, key="another")  # the grader has changed
    assert submission(course, "ada")["score"] == 13
    assert not submission(course, "ada")["needs_manual_grade"]
    course.keep(course.hand_in("ada", samples.untouched(course.solution)), key="third")
    found = submission(course, "ada")
    assert found["score"] == 13
    assert found["needs_manual_grade"], "another notebook: the person should look again"
    assert exported(course.folder)["ada"]["score"] == "13.0"
    with course.gradebook.opened() as gradebook:
        comment = gradebook.find_comment("question-1-9", ASSIGNMENT, ASSIGNMENT, "ada")
        assert comment.comment == "Well seen."


@pytest.fixture
def results(course: Course) -> Path:
    """The results of a class of two in one assignment, as `grade --course` leaves them."""
    out = course.folder / "results"
    for student in ("ada", "ben"):
        course.keep(course.hand_in(student), points=0.0 if student == "ben" else 10.0)
        made = graded(course, student)
        page = feedback_page(made, [])
        folder = out / student / ASSIGNMENT
        (folder / "feedback.html").write_bytes(page)
        save_record(folder, made.model_copy(update={"feedback": hash_of_page(page)}))
    return out


def graded(course: Course, student: str) -> Record:
    return record(student, points=0.0 if student == "ben" else 10.0)


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return {row.get("student") or row["SIS Login ID"]: row for row in table}


def test_one_final_mark_everywhere(course: Course, results: Path, monkeypatch, capsys) -> None:
    marks = [
        HandMark(assignment=ASSIGNMENT, student="ada", question=QUESTION, score=3,
                 comment="Well <b>seen</b>."),
        HandMark(assignment=ASSIGNMENT, student="ben", question="1.9", score=4),
    ]  # fmt: skip
    course.gradebook.give(marks)
    arguments = ["autograder", "canvas", str(results), "--course", str(course.folder)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert run() == 0, capsys.readouterr().err
    assert "1 of 2 submissions wait for marks by hand, up to 3 points" in " ".join(
        capsys.readouterr().out.split()
    )

    title = next(a["title"] for a in course.settings["assignments"] if a["name"] == ASSIGNMENT)
    canvas, grades = rows(results / "canvas.csv"), rows(results / "grades.csv")
    theirs = exported(course.folder)
    for student, total in (("ada", 13.0), ("ben", 4.0)):
        said = float(canvas[student][title]), float(grades[student]["total"])
        assert (*said, float(theirs[student]["score"])) == (total, total, total)
        page = (results / student / ASSIGNMENT / "feedback.html").read_text(encoding="utf-8")
        assert f'<span class="score">{total:g}</span> of {13 if student == "ada" else 10}' in page
        copy = course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        assert copy.read_text(encoding="utf-8") == page
        if student == "ada":
            assert "Well &lt;b&gt;seen&lt;/b&gt;." in page
            assert "to be marked by hand" not in page
        else:
            assert "in place of the automatic 0" in page
    assert canvas[""][title] == "13"
    assert grades["ada"][QUESTION] == "3.0"
    assert grades["ada"]["comments"] == f"{QUESTION}: Well <b>seen</b>."
    assert (grades["ben"]["1.9"], grades["ben"][QUESTION]) == ("4.0", "")

    kept = {r.student: r for r in load_records(results)}
    assert all(has_its_page(results / s / ASSIGNMENT, r) for s, r in kept.items())
    tests = json.loads((results / "ada" / ASSIGNMENT / "results.json").read_text())["tests"]
    assert [(test["score"], test["output"]) for test in tests][-1] == (3.0, "Well <b>seen</b>.")


def test_grading_again_brings_marks_by_hand_into_the_results(course: Course, results: Path) -> None:
    handed_in = course.hand_in("ada")
    give_in_formgrader(course, "ada", "question-1-9", 2.5, 0.5)
    made = course.gradebook.keep(handed_in, graded(course, "ada"), results, course.reader)
    assert (made.total, made.max_score, made.by_hand) == (13, 13, 0)
    (kept,) = [r for r in load_records(results) if r.student == "ada"]
    assert kept == made
    assert "Well seen." in (results / "ada" / ASSIGNMENT / "feedback.html").read_text()
    with course.gradebook.opened() as gradebook:  # taken back
        grade = gradebook.find_grade("question-1-9", ASSIGNMENT, ASSIGNMENT, "ada")
        grade.manual_score = grade.extra_credit = None
        grade.needs_manual_grade = True
        gradebook.find_comment("question-1-9", ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = None
        gradebook.db.commit()
    made = course.gradebook.keep(handed_in, made, results, course.reader)
    assert (made.total, made.by_hand, made.given) == (10, 3, [])
    assert "Well seen." not in (results / "ada" / ASSIGNMENT / "feedback.html").read_text()


def test_late_work_pays_for_marks_by_hand_in_the_results(course: Course, results: Path) -> None:
    late = Lateness(days=2, share=0.2, remark="Late.")
    given = [Given(exercise=QUESTION, points=2)]
    made = save_given(results, graded(course, "ada").model_copy(update={"late": late}), given)
    assert (made.score, made.penalty, made.total) == (12, 2.4, 9.6)
    page = (results / "ada" / ASSIGNMENT / "feedback.html").read_text()
    assert '<span class="score">9.6</span>' in page
    assert "2.4 of 12 points" in " ".join(page.split())


def test_late_work_pays_in_the_gradebook_with_marks_by_hand_as_well(course: Course) -> None:
    course.due("2027-02-05T23:59:00-05:00")
    handed_in = course.hand_in("ada")
    (handed_in.folder / "timestamp.txt").write_text("2027-02-07 12:00:00.000000 UTC")
    made = course.keep(handed_in)
    assert (made.late.days, made.total) == (2, 8)
    assert exported(course.folder)["ada"]["score"] == "8.0"
    assert exported(course.folder)["ada"]["duedate"] == "2027-02-06 04:59:00"
    assert submission(course, "ada")["timestamp"] == "2027-02-07T12:00:00"

    course.gradebook.give(
        [HandMark(assignment=ASSIGNMENT, student="ada", question=QUESTION, score=2)]
    )
    row = exported(course.folder)["ada"]
    assert (row["raw_score"], row["late_submission_penalty"]) == ("12.0", "2.4")

    give_in_formgrader(course, "ada", "question-1-9", 3, 0)
    course.keep(handed_in)
    assert exported(course.folder)["ada"]["late_submission_penalty"] == "2.6"

    with course.gradebook.opened() as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "ada", days=1)
    assert course.keep(handed_in).late.days == 1
    assert exported(course.folder)["ada"]["late_submission_penalty"] == "1.3"


def test_the_lines_of_the_docs_grant_an_extension(course: Course, monkeypatch) -> None:
    docs = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?grant_extension.*?)```", docs, re.S)
    course.due("2027-02-05T23:59:00-05:00")
    handed_in = course.hand_in("ada")
    (handed_in.folder / "timestamp.txt").write_text("2027-02-07 12:00:00.000000 UTC")
    assert course.keep(handed_in).late.days == 2
    monkeypatch.chdir(course.folder)
    exec(lines.replace("01_denoising", ASSIGNMENT), {})
    assert course.keep(handed_in).late.days == 0


def test_an_unknown_time_takes_nothing_off(course: Course) -> None:
    course.due("2020-02-05T23:59:00-05:00")
    made = course.keep(course.hand_in("ada"))
    assert "don't know when" in made.late.unknown
    assert made.late.remark == ""
    assert exported(course.folder)["ada"]["score"] == "10.0"


def test_nbgraders_feedback_works_on_what_is_kept(course: Course) -> None:
    course.keep(course.hand_in("ben"), points=0.0)
    page = course.folder / "feedback" / "ben" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert page.read_text() == "<p>ben</p>"
    give_in_formgrader(course, "ben", "question-1-9", 3, 0)
    done(api(course.folder).generate_feedback(ASSIGNMENT, "ben", force=False))
    assert page.read_text() == "<p>ben</p>", "it does not replace ours unasked"
    done(api(course.folder).generate_feedback(ASSIGNMENT, "ben"))
    said = page.read_text(encoding="utf-8")
    assert "(Score: 3.0 / 13.0)" in said
    assert SAYS in said
    assert "Well seen." in said


def test_marks_by_hand_are_taken_all_or_none(course: Course) -> None:
    course.keep(course.hand_in("ada"))
    good = HandMark(assignment=ASSIGNMENT, student="ada", question=QUESTION, score=2, comment="Yes")
    for change, says in (
        ({"student": "adda"}, "no submission"),
        ({"question": "1.8-question"}, "no question"),
        ({"score": 3.5}, "between 0 and 3"),
        ({"score": -1}, "between 0 and 3"),
        ({"score": float("nan")}, "between 0 and 3"),
    ):
        bad = good.model_copy(update={**change, "where": "marks.csv, line 3"})
        with pytest.raises(CommandError, match=f"marks.csv, line 3: .*{says}"):
            course.gradebook.give([good, bad])
        assert submission(course, "ada")["score"] == 10
    assert course.gradebook.give([good]) == [good]
    assert course.gradebook.give([good]) == []
    assert submission(course, "ada")["score"] == 12
    (given,) = course.gradebook.given(ASSIGNMENT)
    assert (given.student, given.question, given.score, given.comment) == (
        "ada",
        QUESTION,
        2,
        "Yes",
    )


def test_the_command_takes_a_csv(course: Course, monkeypatch, capsys) -> None:
    course.keep(course.hand_in("ada"))
    table = course.folder / "marks.csv"
    table.write_text(
        "assignment,student,question,score,comment\n"
        f'{ASSIGNMENT},ada,{QUESTION},"2,5","Both, at last"\n'
        f"{ASSIGNMENT},ben,{QUESTION},,\n"
    )
    arguments = ["autograder", "marks", str(table), "--course", str(course.folder)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert run() == 0
    assert "1 marks read, 1 of them new" in capsys.readouterr().out
    assert submission(course, "ada")["score"] == 12.5
    table.write_text("student,points\nada,3\n")
    assert run() == 2
    assert "no column assignment" in capsys.readouterr().err


def test_a_folder_without_a_course_is_refused(tmp_path: Path, course: Course) -> None:
    with pytest.raises(CommandError, match="release --nbgrader"):
        CourseGradebook(tmp_path, course.settings)


def test_other_cells_than_before_are_refused(course: Course) -> None:
    course.keep(course.hand_in("ada"))
    few = tuple(cell for cell in course.solution.source.cells if cell.role != "question")
    source = type(course.solution.source)(course.solution.source.path, few)
    with pytest.raises(CommandError, match="other exercises or questions"):
        course.gradebook.register(type(course.solution)(source))
    assert submission(course, "ada")["score"] == 10


def test_points_that_change_change_in_the_gradebook(course: Course) -> None:
    course.keep(course.hand_in("ada"))
    course.settings["points"][QUESTION] = 5
    Course(course.folder, course.solution, course.reader, course.settings)
    assert submission(course, "ada")["max_score"] == 15


def test_the_command_grades_into_the_course(course: Course, monkeypatch, capsys) -> None:
    """A file that cannot be read, and the public inputs, whose expected values are there."""
    monkeypatch.setattr(Secret, "seed", 180)
    monkeypatch.setattr(Secret, "cache", course.folder.parent / "cache")
    monkeypatch.setattr(Launcher, "warm", lambda launcher: None)
    shutil.copytree(ROOT / "assets" / "references", course.folder.parent / "cache")
    course.hand_in("dan", b"")
    at = course.folder / "submitted" / "dan" / ASSIGNMENT
    at.joinpath("timestamp.txt").write_text("2027-02-07 12:00:00.000000 UTC")
    arguments = [
        "grade",
        at.parent.parent,
        "--course",
        course.folder,
        "--out",
        course.folder / "out",
    ]
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments), "--trusted"])
    assert run() == 0, capsys.readouterr().err
    found = submission(course, "dan")
    assert (found["score"], found["max_score"], found["autograded"]) == (0, 13, True)
    assert found["timestamp"] == datetime(2027, 2, 7, 12).isoformat()
    page = course.folder / "feedback" / "dan" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert "is empty" in page.read_text(encoding="utf-8")


def test_an_extension_is_not_made_up(course: Course) -> None:
    course.due("2027-02-05T23:59:00-05:00")
    handed_in = course.hand_in("ada")
    (handed_in.folder / "timestamp.txt").write_text("2027-02-05 23:59:00.000000 EST")
    late = course.gradebook.late(handed_in)
    assert late.days == 0
    assert late.handed_in - late.due == timedelta(0)


def test_odd_names_have_a_place_in_the_gradebook(course: Course) -> None:
    odd = [os.fsdecode(name) for name in BOMBS.values()]
    names = name_students(odd)
    for folder in ("latin-1", "escape", "formula", "sql", "template", "pattern"):
        name = names[os.fsdecode(BOMBS[folder])]
        course.keep(course.hand_in(name))
        assert submission(course, name)["score"] == 10
        assert exported(course.folder)[name]["score"] == "10.0"
        assert (course.folder / "autograded" / name / ASSIGNMENT).is_dir()
