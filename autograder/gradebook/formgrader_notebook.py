"""A submitted notebook as formgrader may show it: the student's cells, the course's metadata.

nbgrader's pages render what is in a notebook, HTML included. So nothing goes in but plain text,
Markdown that cannot make a tag or a link, and pictures drawn anew. Ids, points and flags of cells
come from the course's own notebook, never from the student's file.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.course.instructor_notebook import grade_id
from autograder.grading.records import Record
from autograder.submission.pictures import as_png, picture_in
from autograder.submission.read import grade_id_of, joined
from autograder.text import printable

MAX_CELLS = 1000
MAX_SOURCE = 100_000
MAX_OUTPUT = 5_000
PICTURE_WIDTH = 1200

ADDED = "### Cells that are missing, or have lost nbgrader's mark"
LOST = "*No cell with this mark was handed in. Is the answer in another cell above?*"
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def autograded_notebook(
    course: NotebookNode, cells: Sequence[dict[str, Any]], record: Record
) -> NotebookNode:
    """Build the notebook.

    Args:
        course: the assignment as nbgrader's gradebook knows it; from `gradebook.course_notebook`.
        cells: the student's, from `read_cells`; none where the file could not be read.
        record: the grade; each check cell shows its mark.
    """
    known = {name: cell for cell in course.cells if (name := grade_id_of(cell))}
    said = {grade_id("check", m.exercise): f"{m.status}: {m.message}" for m in record.marks}
    notebook = new_notebook(metadata={"kernelspec": deepcopy(course.metadata["kernelspec"])})
    if record.trouble:
        notebook.cells.append(new_markdown_cell(harmless(record.trouble)))
    for cell in cells[:MAX_CELLS]:
        original = known.get(grade_id_of(cell))
        if original is not None and original.cell_type == cell.get("cell_type"):
            del known[grade_id_of(cell)]  # a second copy is an ordinary cell
            notebook.cells.append(_marked(original, cell["source"], cell, said))
        elif cell.get("cell_type") == "code":
            outputs = _outputs(cell)
            notebook.cells.append(new_code_cell(_cut(cell["source"], MAX_SOURCE), outputs=outputs))
        else:
            notebook.cells.append(new_markdown_cell(harmless(cell["source"])))
    if known:
        notebook.cells.append(new_markdown_cell(ADDED))
    for original in known.values():
        source = LOST if original.cell_type == "markdown" else ""
        notebook.cells.append(_marked(original, source, {}, said))
    for k, cell in enumerate(notebook.cells):
        cell.id = f"cell-{k}"
    return notebook


def harmless(text: str) -> str:
    """Markdown of a student in which no HTML, link, image or diagram is left.

    The words stay. What could become one of these gets a space inside, which Markdown and formulas
    show as it is or not at all.
    """
    text = printable(_cut(text, MAX_SOURCE).replace("\N{NO-BREAK SPACE}", " "))
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
    text = re.sub(r"\](?=[(:\[])", "] ", text)
    text = re.sub(r"^([ >\t]*(?:`{3,}|~{3,})\s*)(?=mermaid)", r"\1text ", text, flags=re.M | re.I)
    return re.sub(r"\\(?=(?:href|require|style|class|cssId|unicode)\b)", r"\\ ", text)


def _marked(
    original: NotebookNode, source: str, cell: dict[str, Any], said: Mapping[str, str]
) -> NotebookNode:
    """A cell under the course's own metadata; one that students may not change, as it was."""
    name = grade_id_of(original)
    metadata = deepcopy(original.metadata)
    if original.cell_type == "markdown":
        return new_markdown_cell(harmless(source), metadata=metadata)
    if name in said:
        mark = new_output("stream", name="stdout", text=_plain(said[name]))
        return new_code_cell(original.source, metadata=metadata, outputs=[mark])
    return new_code_cell(_cut(source, MAX_SOURCE), metadata=metadata, outputs=_outputs(cell))


def _outputs(cell: dict[str, Any]) -> list[NotebookNode]:
    """A cell's outputs as plain text and pictures."""
    outputs = cell.get("outputs")
    kept = []
    for output in outputs if isinstance(outputs, list) else []:
        picture = picture_in(output)
        if picture is not None:
            data = base64.b64encode(as_png(picture, PICTURE_WIDTH)).decode()
            kept.append(new_output("display_data", data={"image/png": data}))
        elif text := _plain(_text_of(output)):
            kept.append(new_output("stream", name="stdout", text=text))
    return kept


def _text_of(output: Any) -> str:
    """The text of an output: printed, of a value, or of an error."""
    if not isinstance(output, dict):
        return ""
    if "traceback" in output:
        lines = output["traceback"] if isinstance(output["traceback"], list) else []
        return "\n".join(line for line in lines if isinstance(line, str))
    data = output.get("data")
    value = data.get("text/plain", "") if isinstance(data, dict) else output.get("text", "")
    return joined(value)


def _plain(text: str) -> str:
    return printable(ANSI.sub("", _cut(text, MAX_OUTPUT)))


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[:length]}\n… and {len(text) - length} more characters"
