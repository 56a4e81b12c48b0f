"""Names and e-mail addresses in grades.csv, from nbgrader's list of students or Canvas's export."""

import csv
import sys
from pathlib import Path

import pytest
from tests.grading.test_canvas import ROSTER, record

from autograder.commands import run
from autograder.errors import CommandError
from autograder.grading.records import save_record, write_grades
from autograder.grading.roster import Person, keep_people, kept_people, read_people

NBGRADERS = """id,first_name,last_name,email
ada,Ada,Lovelace,ada@example.org
bob,Bob,,
cleo,=cmd(),"Carr, the 2nd",cleo@example.org
,Nobody,,
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(results: Path) -> dict[str, dict[str, str]]:
    with (results / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_nbgraders_list(tmp_path: Path) -> None:
    people = read_people(written(tmp_path, "students.csv", NBGRADERS))
    assert set(people) == {"ada", "bob", "cleo"}
    assert people["ada"] == Person(name="Ada Lovelace", email="ada@example.org")
    assert people["bob"] == Person(name="Bob")


def test_canvas_export_by_any_key_that_means_one_person(tmp_path: Path) -> None:
    people = read_people(written(tmp_path, "export.csv", ROSTER))
    assert people["ada"] == people["u1"] == people["101"] == Person(name="Lovelace, Ada")
    assert "103" not in people, "Cleo's ID and the twin's login"
    assert people["u4"].name == "Twin, One"
    assert not any("Points" in person.name for person in people.values())
    text = ROSTER.replace(",ada,A", ",ada@example.org,A")
    people = read_people(written(tmp_path, "export.csv", text))
    assert people["u1"].email == "ada@example.org"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "id,points\nada,3\n", "Student,Section\nA,B\n"])
def test_another_table_is_refused_with_the_columns_it_needs(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="first_name"):
        read_people(written(tmp_path, "x.csv", text))


def test_they_are_kept_with_the_results_and_stand_in_grades_csv(tmp_path: Path) -> None:
    assert kept_people(tmp_path) == {}
    write_grades(tmp_path / "grades.csv", [record("ada", 5)])
    assert (rows(tmp_path)["ada"]["name"], rows(tmp_path)["ada"]["email"]) == ("", "")
    keep_people(tmp_path, read_people(written(tmp_path, "students.csv", NBGRADERS)))
    write_grades(tmp_path / "grades.csv", [record("ada", 5), record("cleo", 5), record("eve", 1)])
    found = rows(tmp_path)
    assert (found["ada"]["name"], found["ada"]["email"]) == ("Ada Lovelace", "ada@example.org")
    assert found["cleo"]["name"].startswith("'="), "no formula"
    assert found["eve"]["name"] == ""
    assert found["ada"]["total"] == "5.0"


def test_the_canvas_command_puts_its_names_into_grades_csv(tmp_path: Path, monkeypatch) -> None:
    save_record(tmp_path / "results" / "ada" / "01_denoising", record("ada", 5))
    roster = written(tmp_path, "export.csv", ROSTER)
    arguments = ["canvas", tmp_path / "results", "--roster", roster]
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
    assert run() == 0
    assert rows(tmp_path / "results")["ada"]["name"] == "Lovelace, Ada"
