"""What these tests share: an nbgrader course, and grades that are made here, not earned."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbformat.notebooknode import NotebookNode

from autograder.course.nbgrader_course import write_nbgrader_course
from autograder.course.solution import Solution, read_solutions
from autograder.demo import samples
from autograder.gradebook.nbgrader import CourseGradebook
from autograder.grading.records import Mark, Question, Record
from autograder.sandbox.reading import Reader
from autograder.submission.find import Submission
from pset.checks import ALL_CHECKS
from pset.course import course_file, points_for, read_course

ASSIGNMENT = "06_visual_anagrams"
EXERCISE, QUESTION = "1.9", "1.9-question"
SAYS = "Looks like the second estimate was not turned back."


@pytest.fixture(scope="session")
def solution() -> Solution:
    """The anagrams': one exercise, one question."""
    return read_solutions()[ASSIGNMENT]


@pytest.fixture(autouse=True)
def _without_our_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH as where `.venv/bin/python` is called by path."""
    ours = Path(sys.executable).parent
    folders = [f for f in os.environ["PATH"].split(os.pathsep) if Path(f) != ours]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))


@dataclass
class Course:
    """An nbgrader course in which records can be kept."""

    folder: Path
    solution: Solution
    reader: Reader
    settings: dict[str, Any] = field(default_factory=lambda: read_course(course_file()))

    def __post_init__(self) -> None:
        self.gradebook = CourseGradebook(self.folder, self.settings)
        self.gradebook.register(self.solution)

    def due(self, date: str) -> None:
        """Say in `course.toml` when the assignment is due."""
        for assignment in self.settings["assignments"]:
            if assignment["name"] == ASSIGNMENT:
                assignment["due"] = datetime.fromisoformat(date)
        self.__post_init__()

    def hand_in(self, student: str, notebook: NotebookNode | bytes | None = None) -> Submission:
        """Hand a notebook in; the solution where nothing else is given."""
        notebook = samples.right(self.solution) if notebook is None else notebook
        path = samples.hand_in(self.folder / "submitted", student, ASSIGNMENT, notebook)
        return Submission(student, ASSIGNMENT, path.parent)

    def keep(self, submission: Submission, **more: Any) -> Record:
        """Grade it as said in `more`, see `record`, and keep that."""
        made = record(submission.student, late=self.gradebook.late(submission), **more)
        page = self.folder / "results" / submission.student / ASSIGNMENT / "feedback.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<p>{submission.student}</p>")
        self.gradebook.keep(submission, made, self.folder / "results", self.reader)
        return made


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """Reads what was handed in."""
    with Reader() as reader:
        yield reader


@pytest.fixture(scope="session")
def new_course(
    tmp_path_factory: pytest.TempPathFactory, solution: Solution, reader: Reader
) -> Path:
    """A course folder, the assignment registered, nobody graded; to be copied."""
    folder = tmp_path_factory.mktemp("new") / "course"
    write_nbgrader_course(folder)
    Course(folder, solution, reader)
    return folder


@pytest.fixture
def course(tmp_path: Path, new_course: Path, solution: Solution, reader: Reader) -> Course:
    """A new course, the assignment registered, nobody graded."""
    return Course(shutil.copytree(new_course, tmp_path / "course"), solution, reader)


def record(
    student: str,
    points: float = 10.0,
    message: str = SAYS,
    answer: str | None = "I chose number 3.",
    key: str = "key",
    **more: Any,
) -> Record:
    """A grade."""
    right = points == points_for(EXERCISE)
    mark = Mark(
        exercise=EXERCISE,
        title=ALL_CHECKS[EXERCISE].title,
        function=ALL_CHECKS[EXERCISE].function,
        status="right" if right else "wrong",
        points=points,
        max_points=points_for(EXERCISE),
        message="Right." if right else message,
    )
    question = Question(exercise=QUESTION, max_points=points_for(QUESTION), answer=answer)
    return Record(
        student=student, assignment=ASSIGNMENT, key=key, marks=[mark], questions=[question], **more
    )
