"""A new exercise in a copy of the course: from skeleton to mark, by following what is said."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.new_exercise import NewExercise, write_new_exercise
from autograder.course.source import SourceError, read_source, refuse_todos
from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS
from pset.course import read_course

COPIED = (
    *("autograder", "pset", "solutions", "notebooks", "docs", "assets", "benchmarks"),
    "course.toml",
)
COMMAND = ("-m", "autograder")
BLEND = NewExercise("9.1", "blend", "Blend", "blend", "09_blend", 10)

FILLED = {
    "solutions/09_blend.py": {
        "TODO: what this notebook is about, and what it needs from earlier ones.": "Two in one.",
        "TODO: the idea, the equation, and what the function should do.": "Add them, weighted.",
        "def blend(im):": "def blend(im, other, weight):",
        "TODO: what it computes.": "The weighted mean of two images.",
        "im: images, [B, 3, H, W].": "im, other: images, [B, 3, H, W].\n        weight: of im.",
        "raise NotImplementedError  # TODO: the solution": (
            "return weight * im + (1 - weight) * other"
        ),
        "TODO: what the figure shows, and what to look for.": "A cat and a face in one.",
        'blend(pset.photo("cat"))': 'blend(pset.photo("cat"), pset.noise((1, 3, 64, 64)), 0.7)',
    },
    "pset/checks/topics/blend.py": {
        "TODO: the function's arguments, in cases that show every mistake.": "Two weights.",
        'Case(f"{height} × {width} pixels", {"im": photograph(rng, height, width)})\n'
        "        for height, width in ((24, 24), (20, 28))": (
            'Case(f"weight {w}", {"im": photograph(rng, 24, 24), '
            '"other": photograph(rng, 24, 24), "weight": w})\n        for w in (0.2, 0.7)'
        ),
        "TODO: what to review, in a few words": "which image the weight belongs to",
        '"known_mistake"': '"weights_swapped"',
        "TODO: a sentence to the student that points to the idea, without the line of code.": (
            "You've swapped the two weights."
        ),
    },
    "solutions/mistakes/": {
        "known_mistake": "weights_swapped",
        "(im)": "(im, other, weight)",
        "raise NotImplementedError  # TODO: what the function returns when the mistake is made": (
            "return (1 - weight) * im + weight * other"
        ),
    },
    "solutions/variants/": {
        "(im)": "(im, other, weight)",
        "TODO: how this differs from the solution.": "By interpolation.",
        "raise NotImplementedError  # TODO: a right answer": "return other.lerp(im, weight)",
    },
}
"""What an error names → what a person changes there."""

GRADE = """
import json, sys
from pathlib import Path
from autograder.course.secret import find_secret
from autograder.course.solution import read_solutions
from autograder.demo import samples
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.sandbox.layers.options import Isolation
from autograder.submission.find import find_submissions
from pset import check

place = Path(sys.argv[1])
solution = read_solutions()["09_blend"]
submitted = {"right": samples.right(solution), "untouched": samples.untouched(solution)}
submitted["swapped"] = samples.mistaken(solution, {"9.1": "weights_swapped"})
for student, notebook in submitted.items():
    samples.hand_in(place / "submitted", student, "09_blend", notebook)
records = grade_class(
    find_submissions(place / "submitted"), place / "results", find_secret(None, place),
    Threads(isolation=Isolation(trusted=True)),
)
marks = {record.student: record.marks[0] for record in records}
said = {student: [mark.points, mark.status, mark.mistake] for student, mark in marks.items()}
print(json.dumps(said | {"check": check("9.1", solution.function("blend"))}))
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def python(course: Path, *arguments: object) -> tuple[int, str]:
    """Run Python in a course; its exit code, and what it says in one line."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def fill(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in {path}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_each_error_names_the_next_step_up_to_a_mark(course: Path, tmp_path: Path) -> None:
    code, said = python(course, *COMMAND, "new-exercise", "9.1", "--function", "blend")
    assert code == 0, said
    for name in (*BLEND.files, "course.toml"):
        assert name in said
    code, unfinished = python(course, *COMMAND, "release", "--check")
    assert code == 1
    assert "solutions/09_blend.py, line 12: this is still to be written" in unfinished
    waiting = dict(FILLED)
    while True:
        code, said = python(course, *COMMAND, "references", "--exercise", "9.1")
        if code == 0:
            break
        assert "Traceback" not in said
        named = [name for name in waiting if name in said]
        assert named, f"nothing that's still to be done is named: {said}"
        path = course / named[0]
        fill(path / "blend.py" if path.is_dir() else path, waiting.pop(named[0]))
    assert waiting == {}
    assert "nearest mistake weights_swapped" in said
    code, said = python(course, *COMMAND, "release")
    assert (code, "09_blend.ipynb: written" in said) == (0, True), said
    assert "01_denoising.ipynb: unchanged" in said
    code, said = python(course, "-c", GRADE, tmp_path)
    assert code == 0, said
    assert json.loads(said[said.index('{"') :]) == {
        "right": [10, "right", None],
        "untouched": [0, "not done", None],
        "swapped": [0, "wrong", "weights_swapped"],
        "check": 10,
    }


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """The parts of the course that a skeleton is written into."""
    for name in ("solutions", "pset/checks/topics"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "course.toml", tmp_path)
    return tmp_path


def test_files_that_are_there_get_an_addition(texts: Path) -> None:
    new = NewExercise("1.12", "blend", "Blend", "denoising", "01_denoising", 7.5)
    before = {name: (texts / name).read_text(encoding="utf-8") for name in new.files}
    write_new_exercise(new, texts)
    for name, old in before.items():
        now = (texts / name).read_text(encoding="utf-8")
        compile(now, name, "exec")
        gone = [line for line in old.splitlines() if line not in now.splitlines()]
        assert gone == [line for line in gone if line.startswith("CHECKS = (")]
    topic = (texts / "pset/checks/topics/denoising.py").read_text(encoding="utf-8")
    assert topic.rstrip().endswith(", BLEND)")
    functions = {e: check.function for e, check in ALL_CHECKS.items()} | {"1.12": "blend"}
    course = read_course(texts / "course.toml")
    assert course["points"]["1.12"] == 7.5
    assert course["assignments"] == read_course(ROOT / "course.toml")["assignments"]
    source = read_source(texts / "solutions/01_denoising.py", functions, course["points"])
    assert [cell.exercises for cell in source.cells if cell.role == "check"][-1] == ("1.12",)
    with pytest.raises(SourceError, match="still to be written: TODO: the idea"):
        refuse_todos(source)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"exercise": "1.1"}, "There is an exercise 1.1 already"),
        ({"exercise": "nine"}, "Write it as 9.1"),
        ({"function": "Blend!"}, "can't be the name of a function"),
        ({"topic": "lambda"}, "can't be the name of a function"),
        ({"notebook": "blend"}, "Begin with its number"),
        ({"title": 'Mixing "hot" and cold'}, "can't be a title"),
        ({"title": " "}, "can't be a title"),
    ],
)
def test_what_cannot_be_is_refused(texts: Path, changes: dict[str, str], says: str) -> None:
    names = {"exercise": "9.1", "function": "blend", "title": "Blend", "topic": "blend"}
    new = NewExercise(**(names | {"notebook": "09_blend", "points": 10} | changes))
    before = {path: path.read_bytes() for path in texts.rglob("*.*")}
    with pytest.raises(CommandError, match=says):
        write_new_exercise(new, texts)
    assert {path: path.read_bytes() for path in texts.rglob("*.*")} == before
