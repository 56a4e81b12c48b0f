"""What students get: nothing of the solutions, valid metadata, cells that work anywhere."""

import importlib.util
import json
import re
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from autograder.course.instructor_notebook import badge_cell, install_cell, instructor_notebook
from autograder.course.release import NOTEBOOKS, to_bytes
from autograder.course.source import Source, SourceCell
from tests.colab import colab_shape


def by_id(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    (cell,) = (
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
    return cell


def test_no_line_of_a_solution_or_hidden_test_is_left(sources: dict[str, Source]):
    examined = 0
    for source in sources.values():
        text = (NOTEBOOKS / f"{source.name}.ipynb").read_text(encoding="utf-8")
        released = "\n".join(cell.source for cell in nbformat.reads(text, 4).cells)
        assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN|MARK)", text)
        assert "hidden=True" not in text
        for cell in source.cells:
            for line in cell.marked("SOLUTION") + cell.marked("HIDDEN TESTS"):
                # A line such as `return x` may stand in the text as well.
                if len(line.strip()) > 20:
                    assert line.strip() not in released, f"line {cell.line}: {line}"
                    examined += 1
    assert examined > 30


def test_the_leak_test_would_notice(instructor: NotebookNode):
    assert "BEGIN SOLUTION" in to_bytes(instructor).decode()
    assert "hidden=True" in to_bytes(instructor).decode()


def test_an_unwritten_function_says_so(student: NotebookNode):
    namespace: dict[str, Any] = {}
    source = by_id(student, "exercise-1-1").source
    exec(source, namespace)
    with pytest.raises(NotImplementedError):
        namespace["forward"](None, None, None, None)
    assert namespace["forward"].__doc__.startswith("Noise an image to timestep t")
    assert source.endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")


def test_the_metadata_is_nbgraders(student: NotebookNode, settings: dict[str, Any]):
    MetadataValidator().validate_nb(student)
    points = settings["points"]
    wanted = {}
    for exercise in ("1.1", "1.2", "1.3", "score"):
        name = exercise.replace(".", "-")
        # grade, solution, locked, points
        wanted[f"exercise-{name}"] = (False, True, False, None)
        wanted[f"check-{name}"] = (True, False, True, points[exercise])
        wanted[f"question-{name}"] = (True, True, False, points[f"{exercise}-question"])
    cells = [cell for cell in student.cells if "nbgrader" in cell.metadata]
    found = {}
    for cell in cells:
        meta = cell.metadata.nbgrader
        assert meta.schema_version == 3
        assert meta.task is False
        assert meta.checksum == compute_checksum(cell)
        assert cell.id == meta.grade_id
        found[meta.grade_id] = (meta.grade, meta.solution, meta.locked, meta.get("points"))
    assert found == wanted


def test_students_cannot_delete_what_is_graded_nor_edit_checks(student: NotebookNode):
    for cell in student.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.deletable is False
            assert ("editable" in cell.metadata) == cell.metadata.nbgrader.locked
        else:
            assert "deletable" not in cell.metadata


def test_cell_ids_are_valid_and_different(student: NotebookNode):
    nbformat.validate(student)
    ids = [cell.id for cell in student.cells]
    assert len(set(ids)) == len(ids)


def test_an_id_outlives_a_new_cell_before_it(sources: dict[str, Source], settings: dict[str, Any]):
    source = sources["01_denoising"]
    before = instructor_notebook(source, settings)
    more = Source(source.path, (SourceCell("markdown", "New.", 1), *source.cells))
    after = instructor_notebook(more, settings)
    assert [cell.id for cell in after.cells[3:]] == [cell.id for cell in before.cells[2:]]


def test_equal_cells_get_different_ids(sources: dict[str, Source], settings: dict[str, Any]):
    twice = Source(sources["01_denoising"].path, (SourceCell("markdown", "Same.", 1),) * 3)
    ids = [cell.id for cell in instructor_notebook(twice, settings).cells]
    assert len(set(ids)) == len(ids)


def test_the_badge_opens_the_courses_own_notebook(student: NotebookNode, settings: dict[str, Any]):
    course = settings["course"]
    where = course["repository"].removeprefix("https://github.com/")
    assert (
        f"https://colab.research.google.com/github/{where}/blob/{course['tag']}"
        "/notebooks/01_denoising.ipynb" in student.cells[0].source
    )
    assert course["name"] in student.cells[0].source


def test_without_github_there_is_no_badge():
    course = {"name": "C", "repository": "https://gitlab.com/a/b", "branch": "main"}
    assert badge_cell("01_denoising", course).source == "**C**"


class Notebook:
    """Takes the magics that a cell runs."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []

    def run_line_magic(self, name: str, line: str) -> None:
        self.ran.append((name, line))


@pytest.mark.parametrize("installed", [True, False])
def test_the_install_cell_installs_only_what_is_missing(
    installed: bool, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    if not installed:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    notebook = Notebook()
    cell = install_cell(settings["course"]).source
    exec(TransformerManager().transform_cell(cell), {"get_ipython": lambda: notebook})
    if installed:
        assert notebook.ran == []
    else:
        ((name, line),) = notebook.ran
        assert name == "pip"
        course = settings["course"]
        assert line == f'install --quiet "git+{course["repository"]}@{course["tag"]}"'


def test_colab_keeps_the_metadata_valid(student: NotebookNode, answered: Callable):
    for notebook in (student, answered()):
        saved = nbformat.reads(json.dumps(colab_shape(notebook)), as_version=4)
        nbformat.validate(saved)
        assert saved.nbformat_minor == 0
        MetadataValidator().validate_nb(saved)
        for cell in saved.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("locked"):
                assert meta.checksum == compute_checksum(cell)
