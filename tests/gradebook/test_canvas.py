"""Marks for Canvas: filled in where the student is certain, and nowhere else."""

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands import run
from autograder.errors import CommandError
from autograder.files.csv import is_risky
from autograder.gradebook.canvas import read_roster, with_roster, without_roster
from autograder.grading.late import Lateness
from autograder.grading.records import Mark, Question, Record, save_record, write_grades
from autograder.paths import ROOT

TITLES = {"01_denoising": "Noise"}
ROSTER = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (7),01_denoising (4711),Final
,,,,,,Manual Posting,(read only)
    Points Possible,,,,,5,35,(read only)
"Lovelace, Ada",101,u1,ada,A,4,,
"=HYPERLINK(""https://example.org"")",102,u2,bob,A,3,,
"Carr, Cleo",103,u3,cleo,B,,12,
"Twin, One",104,u4,103,B,,,
"Never, Done",105,u5,nemo,B,,,
"""


def record(student: str, points: float, assignment: str = "01_denoising", **more) -> Record:
    mark = Mark(
        exercise="1.1", title="t", function="f", status="right",
        points=points, max_points=35, message="",
    )  # fmt: skip
    question = Question(exercise="1.1-question", max_points=2, answer="")
    return Record(
        student=student, assignment=assignment, key="k", marks=[mark], questions=[question], **more
    )


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def roster(tmp_path: Path) -> list[list[str]]:
    (tmp_path / "export.csv").write_text(ROSTER, encoding="utf-8")
    return read_roster(tmp_path / "export.csv")


def test_the_export_comes_back_filled_in(roster: list[list[str]]) -> None:
    late = Lateness(share=0.1)
    done = with_roster([record("ada", 30), record("u2", 20, late=late)], roster, TITLES)
    rows = {row["ID"]: row for row in table(done.as_csv())}
    column = "01_denoising (4711)"
    assert list(rows["101"]) == [*roster[0][:5], column], "nothing that has not changed"
    assert (rows["101"][column], rows["102"][column]) == ("30", "18")
    assert rows["103"][column] == "", "an empty cell leaves Canvas's mark as it is"
    assert (done.filled, done.new, done.unmatched) == (2, [], [])
    assert done.without == ["Carr, Cleo", "Twin, One", "Never, Done"]
    points = next(r for r in table(done.as_csv()) if r["Student"].strip() == "Points Possible")
    assert points[column] == "37"


def test_nobody_is_guessed(roster: list[list[str]]) -> None:
    records = [record(name, 10) for name in ("Ada", "ad", "103", "Lovelace, Ada", "zoe")]
    done = with_roster(records, roster, TITLES)
    assert done.filled == 0
    why = dict(line.split(" (01_denoising): that name ") for line in done.unmatched)
    assert why["103"] == "matches several students."
    assert why["Ada"] == why["ad"] == why["zoe"] == "isn't in the roster."
    assert all(row["01_denoising (4711)"] in ("", "37") for row in table(done.as_csv()))


def test_a_name_is_no_formula(roster: list[list[str]]) -> None:
    done = with_roster([record("ada", 30)], roster, TITLES)
    cells = [cell for row in csv.reader(io.StringIO(done.as_csv())) for cell in row]
    assert '\'=HYPERLINK("https://example.org")' in cells
    assert not [cell for cell in cells if is_risky(cell)]
    alone = without_roster([record("=1+1", 3), record(" @x", 3), record("ada", 4)], TITLES)
    assert [row["SIS Login ID"] for row in table(alone.as_csv())] == ["", "ada"]
    assert len(alone.unmatched) == 2


def test_grades_csv_has_no_formula_either(tmp_path: Path) -> None:
    refused = record("@SUM(1)", 0, trouble="=1+1.ipynb is a picture.")
    write_grades(tmp_path / "grades.csv", [refused, record("ada", 5)])
    with (tmp_path / "grades.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if is_risky(cell)]
    assert [row[0] for row in rows[1:]] == ["'@SUM(1)", "ada"]
    assert rows[1][-1] == "'=1+1.ipynb is a picture."


def test_an_assignment_that_canvas_lacks_is_named(roster: list[list[str]]) -> None:
    records = [record("ada", 5, "02_iterative_denoising"), record("ada", 6)]
    done = with_roster(records, roster, TITLES)
    assert done.new == ["02_iterative_denoising"]
    row = next(row for row in table(done.as_csv()) if row["ID"] == "101")
    assert (row["01_denoising (4711)"], row["02_iterative_denoising"]) == ("6", "5")


def test_the_column_may_have_the_assignments_title(roster: list[list[str]]) -> None:
    roster[0][6] = "Noise (12)"
    done = with_roster([record("ada", 6)], roster, TITLES)
    assert done.new == []
    assert "Noise (12)" in done.rows[0]
    roster[0][5] = "01_denoising (13)"
    with pytest.raises(CommandError, match="Two columns"):
        with_roster([record("ada", 6)], roster, TITLES)


def test_without_a_roster_the_columns_are_those_of_the_import() -> None:
    done = without_roster([record("ada", 6), record("ben", 7)], TITLES)
    rows = table(done.as_csv())
    assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Noise"]
    assert [row["SIS Login ID"] for row in rows] == ["", "ada", "ben"]
    assert [row["Noise"] for row in rows] == ["37", "6", "7"]


@pytest.mark.parametrize("text", ["", "Name,Mark\na,1\n", "Student,Section\nA,1\n"])
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(CommandError, match="Export Entire Gradebook"):
        read_roster(tmp_path / "x.csv")
    with pytest.raises(CommandError, match="can't be read"):
        read_roster(tmp_path / "none.csv")


def test_the_file_lies_with_the_results(tmp_path: Path, monkeypatch, capsys) -> None:
    save_record(tmp_path / "results" / "ada" / "01_denoising", record("ada", 30))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["autograder", "canvas", "results"])
    assert run() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    assert "ada" in (tmp_path / "results" / "canvas.csv").read_text()


@pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(), reason="asks git what it ignores"
)
@pytest.mark.parametrize(
    "path",
    [
        *("results/canvas.csv", "results/autograder.zip", "autograder.zip", "canvas.csv"),
        *("grades.csv", "marks.csv", "gallery/06_visual_anagrams.html", "submitted/ada/x.ipynb"),
    ],
)
def test_nobodys_marks_are_pushed_by_accident(path: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
    assert ignored.returncode == 0
