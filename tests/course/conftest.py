"""What the tests of the release share: the sources, both notebooks, submissions made of them."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from nbformat.notebooknode import NotebookNode

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.release import SOLUTIONS, read_sources, student_notebook
from autograder.course.source import Source
from pset.course import course_file, read_course

ASSIGNMENT = "01_denoising"


@pytest.fixture(scope="session")
def settings() -> dict[str, Any]:
    """What `course.toml` says."""
    return read_course(course_file())


@pytest.fixture(scope="session")
def sources(settings: dict[str, Any]) -> dict[str, Source]:
    """Every source, by its name."""
    return {source.name: source for source in read_sources(SOLUTIONS, settings)}


@pytest.fixture(scope="session")
def instructor(sources: dict[str, Source], settings: dict[str, Any]) -> NotebookNode:
    """Notebook 1 with its solutions; not to be changed."""
    return instructor_notebook(sources[ASSIGNMENT], settings)


@pytest.fixture(scope="session")
def student(instructor: NotebookNode) -> NotebookNode:
    """Notebook 1 as released; not to be changed."""
    return student_notebook(instructor)


@pytest.fixture(scope="session")
def answered(student: NotebookNode, instructor: NotebookNode) -> Callable[..., NotebookNode]:
    """Makes a submission: the released notebook, solved, with some cells answered otherwise.

    Called with grade id → the answer in place of the solution.
    """

    def make(**otherwise: str) -> NotebookNode:
        solutions = {cell.id: cell.source for cell in instructor.cells}
        submission = deepcopy(student)
        for cell in submission.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = otherwise.pop(cell.id.replace("-", "_"), solutions[cell.id])
        assert not otherwise, f"no such cells: {otherwise}"
        return submission

    return make
