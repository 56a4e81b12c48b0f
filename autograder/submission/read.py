"""Read a submitted file: get its cells, or a sentence that tells the student what to do.

Runs in the sandbox. Every step takes time linear in the file's size, and trusts nothing in it.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from autograder.submission.notebook import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_CODE,
    MAX_NOTE,
    TOO_LARGE,
    Notebook,
    Unreadable,
)

NOT_A_NOTEBOOK = {
    b"%PDF": "a PDF",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
}
OURS, MIDDLE, THEIRS = "<<<<<<<", "=======", ">>>>>>>"
"""Git's conflict markers: before the first side, between the two, after the second."""

Cells = list[dict[str, Any]]


def read_cells(data: bytes, name: str) -> tuple[Cells, list[str]]:
    """Read a submitted file.

    Args:
        data: its bytes.
        name: its name, for messages and as a hint.

    Returns:
        Its cells, unvalidated, so any part may have any type; and notes on what was odd about it.

    Raises:
        Unreadable: there are no cells in it.
    """
    try:
        cells, notes = _read(data, name)
    except (MemoryError, RecursionError) as error:
        raise Unreadable(f"{name} is more than the grader can read. {TOO_LARGE}") from error
    return cells, [note[:MAX_NOTE] for note in notes]


def to_notebook(cells: Cells, name: str, notes: list[str]) -> Notebook:
    """The parts of some cells that the grader needs.

    Raises:
        Unreadable: there's no code in them, or too much.
    """
    code: list[str] = []
    answers: dict[str, str] = {}
    title = ""
    for cell in cells:
        if cell.get("cell_type") == "code":
            code.append(source(cell))
        elif cell.get("cell_type") == "markdown":
            title = title or _heading(source(cell))
            if grade_id := grade_id_of(cell):
                answers[grade_id] = source(cell)
    if not any(text.strip() for text in code):
        raise Unreadable(
            f"{name} has no code in it. Did you save it? Is it the notebook you worked in?"
        )
    size = sum(map(len, code)) + sum(map(len, answers.values())) + sum(map(len, answers))
    if len(code) > MAX_CELLS or size > MAX_CODE:
        raise Unreadable(
            f"{name} has {len(code)} code cells and {size >> 10} kB of text, which is too much to "
            "grade. Move your data to separate files, and hand in the notebook without it."
        )
    return Notebook(code=code, title=title, answers=answers, notes=notes)


def source(cell: dict[str, Any]) -> str:
    """A cell's source text."""
    return joined(cell.get("source", cell.get("input", "")))


def joined(text: Any) -> str:
    """Text that a notebook stores as one string, or as a list of lines."""
    lines = text if isinstance(text, list) else [text]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()  # JSON allows lone surrogates


def grade_id_of(cell: Any) -> str:
    """nbgrader's name for a cell; empty if it has none."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return joined(grade_id)[:200] if isinstance(grade_id, str) else ""


def _read(data: bytes, name: str) -> tuple[Cells, list[str]]:
    if data.startswith(b"PK\x03\x04"):
        return _from_zip(data, name)
    start = data[:64].lstrip()
    for first, what in NOT_A_NOTEBOOK.items():
        if start.startswith(first):
            raise Unreadable(
                f"{name} is {what}, not a notebook. Hand in the .ipynb file itself (in Colab: "
                "File → Download → Download .ipynb)."
            )
    text = _decode(data, name)
    start = text[:4096].lstrip() or text.lstrip()[:16]
    if not start:
        raise Unreadable(
            f"{name} is empty. Save your notebook, and check the file's size before you hand it in."
        )
    if start.startswith(("{", OURS)):
        return _from_json(text, name)
    if any(line.lstrip().startswith(("def ", "import ", "from ")) for line in _lines(text)):
        return _from_script(text, name)
    raise Unreadable(f"{name} isn't a notebook. Hand in the .ipynb file you worked in.")


def _decode(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{name} is damaged, or isn't a notebook: it isn't UTF-8 text. Download it again, and "
            "hand in the .ipynb file."
        ) from error


def _from_json(text: str, name: str) -> tuple[Cells, list[str]]:
    notes = []
    content = _load(text)
    if content is None and OURS in text:
        content = _load("".join(_first_side(text)))
        notes.append(
            f"{name} has conflict markers from an unfinished merge (<<<<<<<). The first of the two "
            "versions was graded. If that's the wrong one, resolve the conflict and hand in again."
        )
    if content is None:
        raise Unreadable(
            f"{name} is damaged: it isn't valid JSON. It may be cut off or half merged. Try "
            "opening it in Jupyter. If that fails too, go back to an earlier copy."
        )
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise Unreadable(f"{name} has no cells, so it isn't a notebook. Hand in the .ipynb file.")
    if not name.endswith(".ipynb"):
        notes.append(f"{name} was read as a notebook. Next time, give it the ending .ipynb.")
    cells = content.get("cells")
    if not isinstance(cells, list):
        # Before nbformat 4, cells were in worksheets, and `source` was called `input`.
        sheets = content.get("worksheets")
        cells = [
            cell
            for sheet in (sheets if isinstance(sheets, list) else [])
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    return [cell for cell in cells if isinstance(cell, dict)], notes


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _first_side(text: str) -> Iterator[str]:
    """The lines of a text with conflicts, without the markers and the second sides."""
    is_wanted = True
    for line in _lines(text):
        if line.startswith(OURS):
            is_wanted = True
        elif line.startswith(MIDDLE):
            is_wanted = False
        elif line.startswith(THEIRS):
            is_wanted = True
        elif is_wanted:
            yield line


def _heading(text: str) -> str:
    for line in _lines(text):
        if line.startswith("# "):
            return line[2:].strip()[:100]
    return ""


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, with their ends. Unlike `str.splitlines`, it splits at newlines only."""
    return iter(io.StringIO(text, newline=None))


def _from_script(text: str, name: str) -> tuple[Cells, list[str]]:
    """A Python script: jupytext's and nbconvert's keep the cells, others become one cell."""
    cells: list[list[str]] = [[]]
    for line in _lines(text):
        after = line[1:].lstrip()
        if line.startswith("#") and after.startswith(("%%", "In [", "In[")):
            cells.append([])
        else:
            cells[-1].append(line)
    sources = [joined(lines) for lines in cells]
    note = f"{name} is a Python script, and was read as one. Hand in the notebook (.ipynb)."
    return [{"cell_type": "code", "source": text} for text in sources if text.strip()], [note]


def _from_zip(data: bytes, name: str) -> tuple[Cells, list[str]]:
    """The only notebook in an archive. Nothing is extracted to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [
                entry
                for entry in archive.infolist()
                if entry.filename.endswith(".ipynb")
                and "__MACOSX" not in entry.filename
                and ".ipynb_checkpoints" not in entry.filename
            ]
            if len(inside) != 1:
                raise Unreadable(
                    f"{name} is an archive with {len(inside) or 'no'} notebooks in it. Hand in "
                    "one notebook: the .ipynb file itself."
                )
            # The size in the directory may be wrong, so don't read more than that.
            with archive.open(inside[0]) as file:
                content = file.read(MAX_BYTES + 1)
    except Unreadable:
        raise
    except Exception as error:  # many kinds, from zipfile and the libraries it uses
        raise Unreadable(
            f"{name} is a damaged or locked archive. Create it again, or better, hand in the "
            ".ipynb file itself."
        ) from error
    if len(content) > MAX_BYTES or content.startswith(b"PK"):
        raise Unreadable(f"{name} is an archive that can't be read. Hand in the .ipynb file.")
    del data
    cells, notes = _read(content, PurePosixPath(inside[0].filename).name[:200])
    note = (
        f"{name} is an archive. The notebook in it was graded, but hand in the .ipynb file itself."
    )
    return cells, [note, *notes]
