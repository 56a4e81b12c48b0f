"""Make a submitted notebook safe for formgrader: the student's cells, the course's metadata.

nbgrader's pages render whatever is in a notebook, including HTML. So only plain text, Markdown
that can't produce a tag or hide where a link goes, and redrawn pictures go in. Cell ids, points and
flags come from the course's own notebook, never from the student's file.
"""

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL.Image import Image

from autograder.course.instructor_notebook import grade_id
from autograder.grading.records import Record
from autograder.submission.notebook import Cell
from autograder.submission.read import grade_id_of
from autograder.submission.shown import MAX_SOURCE, cut
from autograder.text import printable

PICTURE_WIDTH = 1200

Draw = Callable[[int, int], Image | None]
"""Draws the picture with this number, at most this wide; None if it can't be drawn."""

ADDED = "### Cells that are missing, or have lost their nbgrader metadata"
LOST = "*This cell wasn't handed in. Is the answer in another cell above?*"


def autograded_notebook(
    course: NotebookNode, cells: Sequence[Cell], draw: Draw, record: Record
) -> NotebookNode:
    """Build the notebook.

    Args:
        course: the assignment as nbgrader's gradebook knows it; from `gradebook.course_notebook`.
        cells: the student's, from the sandbox; empty if the file couldn't be read.
        draw: draws one of their pictures.
        record: the grade; each check cell shows its mark.
    """
    known = {name: cell for cell in course.cells if (name := grade_id_of(cell))}
    said = {grade_id("check", m.exercise): f"{m.status}: {m.message}" for m in record.marks}
    kernel = {"kernelspec": deepcopy(course.metadata["kernelspec"])}
    notebook: NotebookNode = new_notebook(metadata=kernel)
    if record.trouble:
        notebook.cells.append(new_markdown_cell(harmless(record.trouble)))
    for cell in cells:
        original = known.get(cell.grade_id)
        if original is not None and (original.cell_type == "code") == cell.is_code:
            del known[cell.grade_id]  # so that a second copy counts as an ordinary cell
            notebook.cells.append(_marked(original, cell, draw, said))
        elif cell.is_code:
            notebook.cells.append(new_code_cell(cell.source, outputs=_outputs(cell, draw)))
        else:
            notebook.cells.append(new_markdown_cell(harmless(cell.source)))
    if known:
        notebook.cells.append(new_markdown_cell(ADDED))
    for original in known.values():
        is_code = original.cell_type == "code"
        missing = Cell(is_code=is_code, source="" if is_code else LOST)
        notebook.cells.append(_marked(original, missing, draw, said))
    for k, cell in enumerate(notebook.cells):
        cell.id = f"cell-{k}"
    return notebook


def harmless(text: str) -> str:
    """Make a student's Markdown safe: no HTML, links, images or diagrams.

    The words stay. Anything that could become one of these gets a space inside, which Markdown and
    formulas show unchanged, or not at all.
    """
    text = printable(cut(text, MAX_SOURCE).replace("\N{NO-BREAK SPACE}", " "))
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
    text = re.sub(r"\](?=[(:\[])", "] ", text)
    text = re.sub(r"^([ >\t]*(?:`{3,}|~{3,})\s*)(?=mermaid)", r"\1text ", text, flags=re.M | re.I)
    return re.sub(r"\\(?=(?:href|require|style|class|cssId|unicode)\b)", r"\\ ", text)


def _marked(
    original: NotebookNode, cell: Cell, draw: Draw, said: Mapping[str, str]
) -> NotebookNode:
    """A cell with the course's own metadata; locked cells are restored."""
    name = grade_id_of(original)
    metadata = deepcopy(original.metadata)
    marked: NotebookNode
    if not cell.is_code:
        marked = new_markdown_cell(harmless(cell.source), metadata=metadata)
    elif name in said:
        mark = new_output("stream", name="stdout", text=printable(said[name]))
        marked = new_code_cell(original.source, metadata=metadata, outputs=[mark])
    else:
        marked = new_code_cell(cell.source, metadata=metadata, outputs=_outputs(cell, draw))
    return marked


def _outputs(cell: Cell, draw: Draw) -> list[NotebookNode]:
    """A cell's outputs as plain text and pictures."""
    kept = []
    for output in cell.outputs:
        if output.picture is None:
            kept.append(new_output("stream", name="stdout", text=printable(output.text)))
        elif picture := draw(output.picture, PICTURE_WIDTH):
            png = io.BytesIO()
            picture.save(png, "PNG")
            data = base64.b64encode(png.getvalue()).decode()
            kept.append(new_output("display_data", data={"image/png": data}))
    return kept
