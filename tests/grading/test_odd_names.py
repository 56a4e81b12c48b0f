"""A class with odd names: everybody is graded or named, nobody in another's place, all is shown."""

import csv
import io
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands import run
from autograder.commands.tables import GradingProgress, print_class, print_left_out
from autograder.gradebook.class_report import class_reports, render
from autograder.grading import executor, run_file
from autograder.grading.left_out import load_left_out, save_left_out
from autograder.grading.records import Record, load_records
from autograder.submission.find import LeftOut, find_submissions
from tests.files.test_csv import cells_of
from tests.grading.quick import ASSIGNMENT, STUDENTS, QuickClass, grade_quickly
from tests.submission.odd_names import ALIKE, BOMBS

FORBIDDEN = set("\x1b\x07\r\x00\x9b\u202e\u2066\u2069\u200b")
FILES = {
    "file-latin-1": b"Pr\xe1ctica.ipynb",
    "file-newline": b"a\nb.ipynb",
    "file-escape": b"\x1b[2J.ipynb",
    "file-no-notebook": b"\xff\x1b\n\xe2\x80\xae.docx",
    "file-long": b"x" * 249 + b".ipynb",
}


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuickClass:
    """Three honest students, and all the others."""
    made = QuickClass(tmp_path, monkeypatch)
    odd = [os.fsdecode(name) for name in BOMBS.values()]
    for folder in [*odd, *(name for names in ALIKE for name in names if name != "ada")]:
        place = made.submitted / folder / ASSIGNMENT
        place.mkdir(parents=True)
        (place / f"{ASSIGNMENT}.ipynb").write_bytes(b"xx")
    for student, name in FILES.items():
        place = made.submitted / student / ASSIGNMENT
        place.mkdir(parents=True)
        (place / os.fsdecode(name)).write_bytes(b"xx")
    return made


@pytest.fixture
def records(quick: QuickClass) -> list[Record]:
    """The class, graded."""
    quick.grade()
    return load_records(quick.results)


def test_everybody_has_a_place_of_their_own(quick: QuickClass, records: list[Record]) -> None:
    folders = {f for f in quick.submitted.iterdir() if f.is_dir()}
    assert len(records) == len({r.student.casefold() for r in records}) == len(folders)
    inside = {path.name for path in quick.results.iterdir() if not path.name.startswith(".")}
    assert inside == {"grades.csv", *(record.student for record in records)}
    assert (quick.results / "grades.csv").is_file()
    assert {path.name for path in quick.results.parent.iterdir()} == {
        *("submitted", "results", ".course-secret")
    }
    for student, size in zip(STUDENTS, (1, 2, 3), strict=True):
        (honest,) = (record for record in records if record.student == student)
        assert (honest.score, honest.remarks, honest.trouble) == (size, [], None)


def test_a_second_run_finds_everybody_unchanged(quick: QuickClass, records: list[Record]) -> None:
    assert quick.grade() == []


def test_another_with_nearly_the_same_name_changes_no_record(quick: QuickClass) -> None:
    """A disk that takes `chloe` and `CHLOE` for one must not give one the other's grade."""
    quick.grade()
    path = quick.results / "chloe" / ASSIGNMENT / "results.json"
    path.write_text(path.read_text().replace('"student": "chloe"', '"student": "CHLOE"'))
    assert quick.grade() == ["chloe"]


def test_who_is_called_otherwise_is_told_the_instructor(records: list[Record]) -> None:
    remarked = [record for record in records if record.remarks]
    assert len(remarked) > len(BOMBS)
    for record in records:
        assert bool(record.remarks) == ("~" in record.student)
    for student in ("file-latin-1", "file-newline", "file-escape", "file-long"):
        assert next(r for r in records if r.student == student).score == 2


def test_the_table_can_be_read_by_every_spreadsheet(quick: QuickClass, records) -> None:
    table = (quick.results / "grades.csv").read_bytes().decode()
    assert not FORBIDDEN & set(table)
    assert not [value for value in cells_of(table) if value.lstrip(' "')[:1] in set("=+-@＝＋－＠")]
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(table, newline=""))}
    assert rows.keys() == {record.student for record in records}
    assert all("Rename the folder" in row["remarks"] for name, row in rows.items() if "~" in name)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_every_terminal_can_show_it(quick: QuickClass, records: list[Record], encoding) -> None:
    shown = io.BytesIO()
    file = io.TextIOWrapper(shown, encoding=encoding, errors="backslashreplace")
    console = Console(file=file, width=100)
    submissions = find_submissions(quick.submitted, [ASSIGNMENT])
    with GradingProgress(console) as bar:
        bar.ready(len(submissions))
        for submission in submissions:
            bar.started(submission)
            bar.done(submission, is_new=True)
    print_class(console, records)
    left_out = [LeftOut("ada", f"line {k}") for k in range(30)]
    print_left_out(console, left_out)
    file.flush()
    said = shown.getvalue().decode(encoding)
    assert not FORBIDDEN & set(said)
    assert "and 18 more" in said


def test_the_class_report_names_them_all(quick: QuickClass, records: list[Record]) -> None:
    left_out = [LeftOut("<b>ada</b>", "nothing there")]
    save_left_out(quick.results, left_out)
    page = render(class_reports(records), load_left_out(quick.results)).decode()
    assert not FORBIDDEN & set(page)
    assert page.count("Rename the folder") == sum("~" in record.student for record in records)
    assert "&lt;b&gt;ada&lt;/b&gt;</strong>: nothing there." in page
    for damaged in (b"{", b"5", b'[{"x": 1}]', b"\xff"):
        (quick.results / ".left-out.json").write_bytes(damaged)
        assert load_left_out(quick.results) == []


def test_a_run_can_be_resumed_whatever_the_folders_are_called(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"Jos\xe9")
    started = run_file.Run(submitted=odd, secret=odd / "secret", students=["ada", r"Jos\xe9"])
    run_file.begin(tmp_path, started)
    assert run_file.interrupted(tmp_path) == started


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_commands_end_with_sentences(
    quick: QuickClass, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (quick.submitted / "nobody").mkdir()
    said = io.BytesIO()
    shown = io.TextIOWrapper(said, encoding=encoding)  # strict, as a terminal is
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(executor, "grade_one", lambda work, *others: grade_quickly(work))
    monkeypatch.setenv("COLUMNS", "200")
    out = str(quick.results)
    for words in (["grade", str(quick.submitted), "--out", out, "--trusted"], ["report", out]):
        monkeypatch.setattr(sys, "argv", ["autograder", *words])
        assert run() == 0
    shown.flush()
    text = said.getvalue().decode(encoding)
    assert not FORBIDDEN & set(text)
    assert text.count("nobody: nothing in the folder is named after an assignment") == 2
    page = (quick.results / "class.html").read_text(encoding="utf-8")
    assert "Rename the folder" in page
    assert "Left out" in page
