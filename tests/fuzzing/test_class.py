"""A class full of hard and damaged files: each gets a sentence or its marks, the run ends."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from autograder.course.secret import find_secret
from autograder.grading import grade_class as grading
from autograder.grading.assignment import Assignment
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record
from autograder.paths import ROOT
from autograder.sandbox import reading
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.reading import Reader
from autograder.submission.find import find_submissions
from tests.fuzzing import files
from tests.fuzzing.hard import FULL, HARD, big_pictures

pytestmark = pytest.mark.slow

ASSIGNMENT = "01_denoising"
EXERCISES = {"1.1": 10.0, "1.2": 10.0}
SEED = 180
RANDOM = 14
LIMITS = Limits(notebook_seconds=6, call_seconds=3, grace_seconds=1)


@dataclass(frozen=True)
class FuzzedClass:
    """The graded class: student → grade, and how many neighbours there are."""

    results: Path
    records: dict[str, Record]
    neighbours: int


def random_files() -> list[tuple[str, bytes]]:
    """A few damaged files, always the same."""
    found: list[tuple[str, bytes]] = []

    @settings(
        max_examples=RANDOM, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(files.damaged())
    def collect(file: tuple[str, bytes]) -> None:
        found.append(file)

    collect()
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> FuzzedClass:
    """Hard files, damaged files, and an honest neighbour behind every few of them."""
    folder = tmp_path_factory.mktemp("fuzzed")
    submitted, results = folder / "submitted", folder / "results"
    handed_in = {f"hard-{name}": case.files for name, case in HARD.items()}
    handed_in |= {f"random-{k:02}": {name: data} for k, (name, data) in enumerate(random_files())}
    neighbours = {}
    for k, student in enumerate(handed_in):
        if k % 5 == 0:
            neighbours[f"{student}-neighbour"] = {files.NAME: files.BASES[files.NAME]}
    for student, those in {**handed_in, **neighbours}.items():
        place = submitted / student / ASSIGNMENT
        place.mkdir(parents=True)
        for name, data in those.items():
            (place / name).write_bytes(data)
    latin = submitted / os.fsdecode(b"Jos\xe9") / ASSIGNMENT
    latin.mkdir(parents=True)
    (latin / files.NAME).write_bytes(files.BASES[files.NAME])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        public = Assignment.load(ROOT / "assets" / "references", SEED, EXERCISES, {}, "key")
        patch.setattr(grading.Assignment, "prepare", lambda solution, secret: public)
        records = grade_class(
            find_submissions(submitted, [ASSIGNMENT]),
            results,
            find_secret(None, folder),
            Threads(2, LIMITS, Isolation(trusted=True)),
        )
    return FuzzedClass(results, {record.student: record for record in records}, len(neighbours))


def test_everybody_has_a_grade(graded: FuzzedClass) -> None:
    assert len(graded.records) == len(HARD) + RANDOM + graded.neighbours + 1
    lines = (graded.results / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(graded.records)


def test_honest_neighbours_keep_their_marks(graded: FuzzedClass) -> None:
    honest = [r for student, r in graded.records.items() if student.endswith("-neighbour")]
    honest += [r for student, r in graded.records.items() if student.startswith("Jos_~")]
    assert len(honest) == graded.neighbours + 1
    for record in honest:
        assert (record.score, record.trouble) == (FULL, None), record


def test_the_grader_never_stumbles(graded: FuzzedClass) -> None:
    assert [(r.student, r.failure) for r in graded.records.values() if r.failure] == []
    assert all(record.key for record in graded.records.values())


@pytest.mark.parametrize("name", HARD)
def test_a_hard_file_earns_what_its_code_does(graded: FuzzedClass, name: str) -> None:
    record, case = graded.records[f"hard-{name}"], HARD[name]
    said = " ".join(filter(None, [record.trouble, *record.notes]))
    assert record.score == case.points, (said, record.marks)
    assert case.says in said
    assert bool(record.trouble) == (case.points == 0)


def test_a_damaged_file_gets_marks_or_a_sentence(graded: FuzzedClass) -> None:
    for k in range(RANDOM):
        record = graded.records[f"random-{k:02}"]
        if not record.trouble:
            assert record.score or record.notes or all(m.message for m in record.marks)
            continue
        assert 20 < len(record.trouble) < 1000
        assert record.trouble.rstrip()[-1] in ".?)"
        assert record.trouble.isprintable()


def test_results_stay_small(graded: FuzzedClass) -> None:
    for student in graded.records:
        size = (graded.results / student / ASSIGNMENT / "results.json").stat().st_size
        assert size < 64 << 10, (student, size)


def test_big_pictures_take_no_more_time_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn for formgrader and the gallery: one after another, until their time is used up."""
    monkeypatch.setattr(reading, "PICTURE_SECONDS", 0.4)
    with Reader(Isolation(trusted=True)) as reader, reader.open(big_pictures(), "a.ipynb") as file:
        numbers = [o.picture for cell in file.cells() for o in cell.outputs]
        drawn = [file.picture(number, 400) for number in numbers if number is not None]
    assert len(drawn) == 20
    assert drawn[-1] is None
    assert all(picture.width <= 400 for picture in drawn if picture)
