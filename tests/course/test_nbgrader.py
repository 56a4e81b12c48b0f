"""The notebook goes through nbgrader: release, grading, feedback, export, validation."""

import csv
import html
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.validator import Validator
from traitlets.config import PyFileConfigLoader

from autograder.course.nbgrader_course import write_nbgrader_course
from autograder.course.references import write_references
from autograder.course.release import NOTEBOOKS, to_bytes
from pset.checks import ALL_CHECKS
from tests.colab import colab_shape

pytestmark = pytest.mark.slow

ASSIGNMENT = "01_denoising"
SECRET = 7


@pytest.fixture(scope="module", autouse=True)
def path() -> Iterator[None]:
    """Put PATH back afterwards: the course's configuration adds to it.

    It begins without this environment's programs, as where `.venv/bin/nbgrader` is called by path.
    """
    elsewhere = [
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if Path(folder) != Path(sys.executable).parent
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join(elsewhere))
        yield


def nbgrader(*arguments: str, cwd: Path) -> str:
    """Run nbgrader's command line, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def without_figures(notebook: NotebookNode) -> NotebookNode:
    """A submission whose figures were deleted, which costs no marks and saves time here."""
    notebook.cells = [c for c in notebook.cells if "needs" not in c.metadata.get("tags", [])]
    return notebook


@dataclass
class Graded:
    """An nbgrader course in which three students were graded."""

    folder: Path
    messages: str

    def scores(self, student: str) -> dict[str, tuple[float | None, bool]]:
        """Grade id → (automatic score, whether a person has to look)."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            submission = gradebook.find_submission(ASSIGNMENT, student)
            (notebook,) = submission.notebooks
            return {g.name: (g.auto_score, g.needs_manual_grade) for g in notebook.grades}

    def autograded(self, student: str) -> NotebookNode:
        """The notebook that nbgrader ran."""
        path = self.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        return nbformat.read(path, as_version=4)

    def feedback(self, student: str) -> str:
        """The feedback page, its entities decoded."""
        path = self.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        return html.unescape(path.read_text(encoding="utf-8"))


def mistaken(source: str) -> str:
    """1.3 with a known mistake: the estimate is not divided by √ᾱ_t."""
    right = "return (x_t - (1 - alpha_bar).sqrt() * noise_estimate) / alpha_bar.sqrt()"
    assert right in source
    return source.replace(right, right.removesuffix(" / alpha_bar.sqrt()"))


def noisy_on_stderr(source: str) -> str:
    """1.2 right, with all sorts of output on standard error."""
    lines = [
        "    import os, sys, warnings",
        '    warnings.warn("a warning is not a mistake")',
        '    print("nor is this", file=sys.stderr)',
        '    os.write(2, b"nor what a library writes below Python\\n")',
        "    sigma = 1.0 + t / 500",
    ]
    assert lines[-1] in source
    return source.replace(lines[-1], "\n".join(lines))


@pytest.fixture(scope="module")
def graded(
    path: None,
    tmp_path_factory: pytest.TempPathFactory,
    answered: Callable[..., NotebookNode],
    instructor: NotebookNode,
) -> Graded:
    """Generate the assignment, hand in three notebooks, grade them on hidden inputs."""
    folder = tmp_path_factory.mktemp("course")
    hidden = tmp_path_factory.mktemp("hidden")
    write_references(hidden, SECRET, exercises=("1.1", "1.2", "1.3", "score"))
    write_nbgrader_course(folder)
    solutions = {cell.id: cell.source for cell in instructor.cells}
    submissions = {
        "right": colab_shape(answered()),
        "untouched": nbformat.read(NOTEBOOKS / f"{ASSIGNMENT}.ipynb", as_version=4),
        "mistaken": without_figures(
            answered(
                exercise_1_2=noisy_on_stderr(solutions["exercise-1-2"]),
                exercise_1_3=mistaken(solutions["exercise-1-3"]),
            )
        ),
    }
    for student, notebook in submissions.items():
        path = folder / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(to_bytes(notebook))

    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    api = NbGraderAPI(config=config)
    log = [done(api.generate_assignment(ASSIGNMENT))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSET_REFERENCES", str(hidden))
        patch.setenv("OMP_NUM_THREADS", "1")
        log += [done(api.autograde(ASSIGNMENT, student)) for student in submissions]
    log += [done(api.generate_feedback(ASSIGNMENT, student)) for student in submissions]
    return Graded(folder, "\n".join(log))


def done(result: dict[str, Any]) -> str:
    """The log of a step of nbgrader that succeeded."""
    assert result["success"], result.get("error", "") + result.get("log", "")
    return result.get("log", "")


def test_nbgraders_release_is_ours(graded: Graded):
    theirs = graded.folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    ours = NOTEBOOKS / f"{ASSIGNMENT}.ipynb"
    assert nbformat.read(theirs, as_version=4) == nbformat.read(ours, as_version=4)


def test_run_all_reaches_the_end_of_the_untouched_notebook(graded: Graded):
    """ "Run all" stops at the first error; so there is none, and each check says what is to do."""
    cells = [c for c in graded.autograded("untouched").cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not [c.source for c in cells for o in c.outputs if o.output_type == "error"]
    said = [str(c.outputs[0].data) for c in cells if "check" in c.metadata.get("tags", [])]
    assert len(said) == 4
    assert all("You haven't implemented `" in text for text in said)
    figures = [c for c in cells if "needs" in c.metadata.get("tags", [])]
    assert len(figures) == 4
    assert all(c.outputs[0].text.startswith("Nothing to show yet") for c in figures)


def checks(settings: dict[str, Any]) -> dict[str, float]:
    """Grade id of each check → its points."""
    return {
        f"check-{exercise.replace('.', '-')}": settings["points"][exercise]
        for exercise in ("1.1", "1.2", "1.3", "score")
    }


def test_the_solution_gets_full_marks(graded: Graded, settings: dict[str, Any]):
    scores = graded.scores("right")
    for name, points in checks(settings).items():
        assert scores[name] == (points, False), name
    for name in scores.keys() - checks(settings):
        assert scores[name] == (None, True), f"{name} is for a person"


def test_the_untouched_notebook_gets_nothing(graded: Graded, settings: dict[str, Any]):
    scores = graded.scores("untouched")
    assert len(scores) == 8
    for name, score in scores.items():
        assert score == (0, False), name


def test_a_known_mistake_loses_its_exercise_and_is_named(graded: Graded, settings: dict[str, Any]):
    scores = graded.scores("mistaken")
    for name, points in checks(settings).items():
        assert scores[name][0] == (0 if name == "check-1-3" else points), name
    says = ALL_CHECKS["1.3"].mistake("no_division").says
    assert says in graded.feedback("mistaken")
    assert says not in graded.feedback("right")


def test_standard_error_costs_nothing(graded: Graded, settings: dict[str, Any]):
    source = next(c.source for c in graded.autograded("mistaken").cells if "os.write(2" in c.source)
    assert "warnings.warn" in source
    assert graded.scores("mistaken")["check-1-2"] == (settings["points"]["1.2"], False)


@pytest.mark.parametrize("who", ["right", "untouched", "mistaken"])
def test_the_number_that_a_check_returns_is_the_score(graded: Graded, who: str):
    """Not an error, nor nbgrader's full marks for a cell that says nothing."""
    counted = 0
    for cell in graded.autograded(who).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.startswith("check-"):
            kinds = [output.output_type for output in cell.outputs]
            assert kinds == ["display_data", "execute_result"], name
            assert float(cell.outputs[1].data["text/plain"]) == graded.scores(who)[name][0]
            counted += 1
    assert counted == 4


def test_the_inputs_are_the_hidden_ones(graded: Graded):
    public = {case.name for case in ALL_CHECKS["1.3"].cases(180)}
    hidden = {case.name for case in ALL_CHECKS["1.3"].cases(SECRET)}
    page = graded.feedback("mistaken")
    assert any(f"Test case: {name}." in page for name in hidden - public)
    assert not any(f"Test case: {name}." in page for name in public - hidden)


def test_feedback_says_it_once(graded: Graded):
    assert graded.feedback("mistaken").count(ALL_CHECKS["1.3"].mistake("no_division").says) == 1


def test_export_lists_every_student(graded: Graded, settings: dict[str, Any]):
    nbgrader("export", "--to", "grades.csv", cwd=graded.folder)
    with open(graded.folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    full = sum(checks(settings).values())
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {
        "right": full,
        "untouched": 0,
        "mistaken": full - settings["points"]["1.3"],
    }
    cells = nbformat.read(NOTEBOOKS / f"{ASSIGNMENT}.ipynb", as_version=4).cells
    possible = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells)
    assert {float(row["max_score"]) for row in rows.values()} == {possible}


def validation(notebook: NotebookNode, folder: Path) -> str:
    """What `nbgrader validate` prints."""
    path = folder / "notebook.ipynb"
    path.write_bytes(to_bytes(notebook))
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Validator, "stream", printed)
        patch.setenv("OMP_NUM_THREADS", "1")
        Validator().validate_and_print(str(path))
    return printed.getvalue()


def test_validation_passes_on_the_solution(answered: Callable[..., NotebookNode], tmp_path: Path):
    assert "Success! Your notebook passes" in validation(without_figures(answered()), tmp_path)


def test_validation_of_the_untouched_notebook_names_its_checks(
    student: NotebookNode, tmp_path: Path
):
    printed = validation(student, tmp_path)
    # Four checks that give no points, and four questions without an answer.
    assert "VALIDATION FAILED ON 8 CELL(S)" in printed
    for exercise in ("1.1", "1.2", "1.3", "score"):
        assert f'"{exercise}",' in printed


def test_a_course_folder_keeps_what_was_changed_in_it(tmp_path: Path):
    config, *sources = write_nbgrader_course(tmp_path)
    config.write_text("c = get_config()\n")
    sources[0].write_text("{}")
    assert write_nbgrader_course(tmp_path) == sources
    assert config.read_text() == "c = get_config()\n"
    assert "BEGIN SOLUTION" in sources[0].read_text(encoding="utf-8")
