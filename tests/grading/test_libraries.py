"""The libraries that students may use: what is missing is the instructor's, and named as such."""

from importlib.metadata import version
from pathlib import Path

import pytest

from autograder.course.libraries import Libraries
from autograder.course.release import SOLUTIONS, read_sources
from autograder.course.secret import find_secret
from autograder.course.solution import Solution, read_solutions
from autograder.course.terms import terms
from autograder.demo import samples
from autograder.errors import CommandError
from autograder.gradebook.class_report import class_reports, render
from autograder.grading import grade_class as grading
from autograder.grading.elsewhere import lacking, why
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record, in_a_line
from autograder.submission.find import find_submissions
from pset.checks import ALL_CHECKS
from pset.checks.calling import Outcome
from pset.course import course_file, read_course
from tests.commands.test_commands import command
from tests.grading.classroom import ASSIGNMENT, LIMITS

HERE = Libraries({"numpy": "numpy", "torch": "torch", "missing_here": "missing-here"})


def test_a_course_lists_import_names_and_pip_names() -> None:
    assert Libraries.of({}).allowed == {}
    assert Libraries.of({"libraries": {"PIL": "pillow"}}).in_words == "`PIL`"
    for wrong in (["numpy"], {"numpy": 2}):
        with pytest.raises(CommandError, match=r'such as: cv2 = "opencv-python-headless"'):
            Libraries.of({"libraries": wrong})


def test_what_is_missing_is_said_with_the_line_that_gets_it() -> None:
    assert Libraries({"numpy": "numpy"}).warning() == ""
    assert HERE.missing == ["missing_here"]
    assert "Your course allows missing_here" in HERE.warning()
    assert HERE.warning().endswith("To get it: pip install missing-here")


def test_torchvision_is_installed_for_the_torch_that_is_here(monkeypatch) -> None:
    monkeypatch.setattr(Libraries, "missing", property(lambda self: list(self.allowed)))
    said = Libraries({"torchvision": "torchvision", "cv2": "opencv-python-headless"}).warning()
    torch = version("torch")
    assert f'pip install "torch=={torch}" torchvision opencv-python-headless' in said
    assert f"torchvision has to match torch {torch}" in said


def test_the_courses_own_list_has_what_pset_needs() -> None:
    for module in ("torch", "numpy", "PIL", "matplotlib", "diffusers"):
        assert module in Libraries.installed().allowed


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (Outcome("raised", absent="missing_here.parts"), "That's not your mistake"),
        (Outcome("raised", absent="wandb"), "you may use Python's own library, `pset` and `numpy`"),
        (Outcome("raised", absent="helpers"), "copy its code into the notebook"),
        (Outcome("raised", absent="google.colab"), "exists only in Colab"),
        (Outcome("raised", absent="torch.nothing"), "which the grader doesn't have"),
        (Outcome("raised", error="AssertionError: Torch not compiled with CUDA enabled"), "a GPU"),
        (Outcome("raised", error="FileNotFoundError: /content/cat.png"), "opens a file"),
        (Outcome("raised", error="EOFError: input() doesn't work while …"), "input()"),
    ],
)
def test_a_failure_away_from_home_is_named(outcome: Outcome, says: str) -> None:
    assert says in why(outcome, HERE)


@pytest.mark.parametrize(
    "outcome", [Outcome("raised", error="ValueError: x"), Outcome("missing"), Outcome("borrowed")]
)
def test_a_failure_of_ones_own_is_left_to_speak_for_itself(outcome: Outcome) -> None:
    assert why(outcome, HERE) == ""


def test_only_what_the_course_allows_is_the_instructors_to_get() -> None:
    absent = ["missing_here.a", "google.colab", "missing_here", "torch.nothing"]
    assert lacking(absent, HERE) == ["missing_here"]


FORWARD = ALL_CHECKS["1.1"].function


@pytest.fixture
def graded(tmp_path: Path, solution: Solution, monkeypatch) -> dict[str, Record]:
    """Three students: one needs an allowed library, one another, one only imports the first."""
    monkeypatch.setattr(Libraries, "installed", lambda: HERE)
    right = "    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise\n"
    head = f"def {FORWARD}(im, t, alphas_cumprod, noise):\n"
    cells = {
        "allowed": f"import missing_here.blur as mb\n{head}    mb.blur(im)\n{right}",
        "not-allowed": f"from wandb_of_sorts import log\n{head}    log(im)\n{right}",
        "unneeded": f"import missing_here, torch\n{head}{right}",
    }
    for student, cell in cells.items():
        notebook = samples.rewritten(solution, {"1.1": cell})
        samples.hand_in(tmp_path / "submitted", student, ASSIGNMENT, notebook)
    secret = find_secret(None, tmp_path / "results")
    submissions = find_submissions(tmp_path / "submitted")
    records = grade_class(submissions, tmp_path / "results", secret, Threads(limits=LIMITS))
    return {record.student: record for record in records}


def test_student_and_instructor_are_told_whose_it_is(graded: dict[str, Record]) -> None:
    mine, theirs, unneeded = (graded[s] for s in ("allowed", "not-allowed", "unneeded"))
    assert mine.marks[0].message.startswith("Your notebook imports missing_here")
    assert "That's not your mistake" in mine.marks[0].message
    assert "No module named 'missing_here'" in mine.marks[0].message
    assert mine.lacking == ["missing_here"]
    assert "missing here: missing_here" in in_a_line(mine)
    assert theirs.marks[0].message.startswith("Your notebook imports wandb_of_sorts")
    assert "`numpy`" in theirs.marks[0].message
    assert theirs.lacking == []
    assert unneeded.score == unneeded.max_score
    for record in (mine, theirs):
        assert [mark.status for mark in record.marks] == ["failed", "right", "right", "right"]
    (report,) = class_reports(graded.values())
    assert report.lacking == {"missing_here": ["allowed"]}
    assert "missing libraries" in render([report]).decode()


def test_grade_says_at_its_start_what_is_missing(monkeypatch, capsys, tmp_path: Path) -> None:
    samples.hand_in(tmp_path / "submitted", "ada", ASSIGNMENT, b"{}")
    monkeypatch.setattr(Libraries, "installed", lambda: HERE)
    monkeypatch.setattr(grading, "grade_class", lambda *arguments, **options: [])
    assert command(monkeypatch, "grade", tmp_path / "submitted", "--out", tmp_path / "out") == 0
    assert "pip install missing-here" in " ".join(capsys.readouterr().out.split())


def test_every_notebook_says_what_may_be_used() -> None:
    course = read_course(course_file())
    for source in read_sources(SOLUTIONS, course):
        said = terms(read_solutions()[source.name].exercises, course)
        assert Libraries.of(course).in_words in said
        assert ("`pset.iterative_denoise` in 1.4" in said) == (source.name[:2] == "02")
        assert ("`pset.guided` in 1.6" in said) == (source.name[:2] == "03")
        assert "pset.checks" not in said
    assert terms(["1.4"], {"rules": {"own_work": False}}) == ""
