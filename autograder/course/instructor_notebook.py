"""Expand a source into a full notebook: nbgrader metadata, stable cell ids, the first cells.

The result still has all solutions and hidden tests. An nbgrader course keeps it in `source/`, and
the student notebook is made from it.
"""

import hashlib
import re
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.duration import duration
from autograder.course.origin import ref, requirement
from autograder.course.source import Source, SourceCell
from autograder.course.terms import terms

SCHEMA_VERSION = 3
COLAB = "https://colab.research.google.com"


def instructor_notebook(source: Source, course: dict[str, Any]) -> NotebookNode:
    """Expand a source into a notebook with solutions.

    Args:
        source: from `read_source`.
        course: what `course.toml` says.
    """
    notebook = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    badge = badge_cell(source.name, course["course"])
    exercises = [cell.exercises[0] for cell in source.cells if cell.role == "exercise"]
    said = [badge.source, duration(source.name, course), terms(exercises, course)]
    badge.source = "\n\n".join(filter(None, said))
    notebook.cells = [
        badge,
        install_cell(course["course"]),
        *(expanded(cell, course["points"]) for cell in source.cells),
    ]
    _give_ids(notebook)
    nbformat.validate(notebook)
    return notebook


def grade_id(role: str, name: str) -> str:
    """nbgrader's name of a cell: ("check", "1.1") → "check-1-1"; letters, digits, hyphens."""
    name = name.removesuffix(f"-{role}")
    return f"{role}-{re.sub('[^A-Za-z0-9]+', '-', name)}"


def badge_cell(name: str, course: dict[str, Any]) -> NotebookNode:
    """The course's name, and a badge that opens the notebook in Colab if it's on GitHub."""
    text = f"**{course['name']}**"
    repository = course["repository"].removesuffix("/").removesuffix(".git")
    if repository.startswith("https://github.com/"):
        path = f"{repository.removeprefix('https://github.com/')}/blob/{ref(course)}"
        text = (
            f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]"
            f"({COLAB}/github/{path}/notebooks/{name}.ipynb) {text}"
        )
    return new_markdown_cell(text, metadata={"tags": ["badge"]})


def install_cell(course: dict[str, Any]) -> NotebookNode:
    """Install the package if it's missing; does nothing in a checkout, or the second time."""
    text = (
        "# Installs the course's package where it is missing, as in Colab; elsewhere does nothing."
        "\n"
        "import importlib.util\n"
        "\n"
        'if importlib.util.find_spec("pset") is None:\n'
        f'    %pip install --quiet "{requirement(course)}"'
    )
    return new_code_cell(text, metadata={"tags": ["install"]})


def expanded(cell: SourceCell, points: dict[str, float]) -> NotebookNode:
    """One cell with nbgrader's metadata, schema 3, in place of the marker's short key."""
    new_cell = new_code_cell if cell.kind == "code" else new_markdown_cell
    metadata: dict[str, Any] = {}
    if cell.role is not None:
        metadata["tags"] = [cell.role, *cell.exercises]
    if cell.role in ("exercise", "check", "question"):
        (name,) = cell.exercises
        metadata["nbgrader"] = {
            "schema_version": SCHEMA_VERSION,
            "grade_id": grade_id(cell.role, name),
            "grade": cell.role != "exercise",
            "solution": cell.role != "check",
            "locked": cell.role == "check",
            "task": False,
        }
        if cell.role != "exercise":
            metadata["nbgrader"]["points"] = points[name]
    return new_cell(cell.text, metadata=metadata)


def _give_ids(notebook: NotebookNode) -> None:
    """Give each cell an id that doesn't depend on the order: the grade id, or a text hash."""
    taken: set[str] = set()
    for cell in notebook.cells:
        text = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        wanted = cell.metadata.get("nbgrader", {}).get("grade_id", text)
        cell.id = wanted
        for n in range(2, len(notebook.cells) + 2):
            if cell.id not in taken:
                break
            cell.id = f"{wanted}-{n}"
        taken.add(cell.id)
