"""Read whatever was handed in as a notebook: its code cells, or a sentence that says what to do."""

import io
import json
import os
import re
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

MAX_BYTES = 200 << 20
"""A notebook full of pictures stays below this."""

UNTOUCHED = "YOUR ANSWER HERE"
"""What nbgrader puts where an answer is to be written."""

CONFLICT = re.compile(r"^<{7} .*?\n(.*?)^={7}\n.*?^>{7} .*?\n", re.MULTILINE | re.DOTALL)
MARKER = re.compile(r"^(?:#\s*%%|# In\s*\[).*$", re.MULTILINE)
NOT_A_NOTEBOOK = {
    b"%PDF": "a PDF",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a packed archive",
    b"Rar!": "a packed archive",
    b"7z\xbc\xaf": "a packed archive",
}


class Unreadable(Exception):
    """A submission cannot be graded; the message says what the student should do."""


@dataclass(frozen=True)
class Notebook:
    """What matters of a submission.

    Args:
        code: the code cells, in order.
        title: its first heading, to tell a wrong notebook by.
        answers: nbgrader's grade_id → text, for markdown cells that have one.
        notes: what was odd about the file.
    """

    code: list[str]
    title: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_bytes(path: Path) -> bytes:
    """Read a submitted file; never follow a link, wait for a pipe, or read without end.

    Raises:
        Unreadable: it is no plain file, or too large.
    """
    if path.is_symlink():
        raise Unreadable(f"{path.name} is a link, not a file. Hand in the notebook itself.")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be opened: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{path.name} is not a file. Hand in the notebook itself.")
        if status.st_size > MAX_BYTES:
            raise Unreadable(
                f"{path.name} has {status.st_size >> 20} MB. Clear its outputs (in Jupyter: Kernel "
                "→ Restart and Clear Outputs; in Colab: Edit → Clear all outputs), save it, and "
                "hand it in again."
            )
        return file.read(MAX_BYTES + 1)


def read_notebook(data: bytes, name: str) -> Notebook:
    """Make sense of a submitted file.

    Args:
        data: its bytes.
        name: its name, for messages and as a hint.

    Raises:
        Unreadable: there are no cells in it.
    """
    cells, notes = _read(data, name)
    return _from_cells(cells, name, notes)


def read_cells(data: bytes, name: str) -> list[dict[str, Any]]:
    """The cells of a submitted file as they are in it, with their outputs; only the source is text.

    Raises:
        Unreadable: there are no cells in it.
    """
    cells, _ = _read(data, name)
    return [{**cell, "source": source(cell)} for cell in cells]


def _read(data: bytes, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The cells, and what was odd about the file."""
    if data.startswith(b"PK\x03\x04"):
        return _from_zip(data, name)
    for start, what in NOT_A_NOTEBOOK.items():
        if data.lstrip()[:15].startswith(start):
            raise Unreadable(
                f"{name} is {what}, not a notebook. Hand in the .ipynb file itself (in Colab: "
                "File → Download → Download .ipynb)."
            )
    text = _decode(data, name)
    if not text.strip():
        raise Unreadable(
            f"{name} is empty. Save the notebook and look at the file's size before you hand it in."
        )
    if text.lstrip().startswith(("{", "<<<<<<<")):
        return _from_json(text, name)
    if re.search(r"^\s*(def|import|from)\s", text, re.MULTILINE):
        return _from_script(text, name)
    raise Unreadable(f"{name} is not a notebook. Hand in the .ipynb file that you worked in.")


def _decode(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{name} is damaged, or not a notebook: it is no text in UTF-8. Download it again and "
            "hand in the .ipynb file."
        ) from error


def _from_json(text: str, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    notes = []
    content = _load(text)
    if content is None and "<<<<<<<" in text:
        content = _load(CONFLICT.sub(r"\1", text))
        notes.append(
            f"{name} holds marks of an unfinished merge (<<<<<<<). The first of the two versions "
            "was graded. Resolve the conflict and hand in again if that was not the one."
        )
    if content is None:
        raise Unreadable(
            f"{name} is damaged: it is not valid JSON, perhaps cut off or half merged. Open it in "
            "Jupyter; if that fails as well, go back to an earlier copy."
        )
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise Unreadable(f"{name} has no cells, so it is not a notebook. Hand in the .ipynb file.")
    if not name.endswith(".ipynb"):
        notes.append(f"{name} was read as a notebook; hand it in with the ending .ipynb.")
    if "worksheets" in content or content.get("nbformat", 4) < 4:
        content = _upgrade(content, name)
    cells = content.get("cells")
    cells = cells if isinstance(cells, list) else []
    return [cell for cell in cells if isinstance(cell, dict)], notes


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _upgrade(content: dict, name: str) -> dict:
    try:
        return nbformat.convert(nbformat.from_dict(content), 4)
    except Exception as error:  # an old format, broken as well
        raise Unreadable(
            f"{name} is in an old notebook format that cannot be read. Open it in Jupyter, save "
            "it, and hand it in again."
        ) from error


def _from_cells(cells: list[dict[str, Any]], name: str, notes: list[str]) -> Notebook:
    notebook = Notebook([], notes=notes)
    title = ""
    for cell in cells:
        if cell.get("cell_type") == "code":
            notebook.code.append(source(cell))
        elif cell.get("cell_type") == "markdown":
            heading = re.search(r"^# +(.+)$", source(cell), re.MULTILINE)
            title = title or (heading[1].strip()[:100] if heading else "")
            if grade_id := grade_id_of(cell):
                notebook.answers[grade_id] = source(cell)
    if not any(code.strip() for code in notebook.code):
        raise Unreadable(
            f"{name} has no code in it. Was it saved? Is it the notebook that you worked in?"
        )
    return Notebook(notebook.code, title, notebook.answers, notes)


def source(cell: dict[str, Any]) -> str:
    """What is written in a cell."""
    return joined(cell.get("source", cell.get("input", "")))


def joined(text: Any) -> str:
    """What a notebook keeps as one text, or as a list of lines."""
    lines = text if isinstance(text, list) else [text]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()  # JSON allows half a character


def grade_id_of(cell: dict[str, Any]) -> str:
    """nbgrader's name of a submitted cell; empty where it has none."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _from_script(text: str, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """A Python script: jupytext's and nbconvert's keep the cells, others become one cell."""
    cells = [cell for cell in MARKER.split(text) if cell.strip()]
    note = f"{name} is a Python script; it was read as one. Hand in the notebook (.ipynb)."
    return [{"cell_type": "code", "source": cell} for cell in cells], [note]


def _from_zip(data: bytes, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The only notebook in an archive. Nothing is unpacked to disk."""
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
                    "one notebook, the .ipynb file itself."
                )
            # The size in the directory may lie, so no more than that is read.
            with archive.open(inside[0]) as file:
                content = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise Unreadable(
            f"{name} is a damaged or locked archive. Hand in the .ipynb file itself."
        ) from error
    if len(content) > MAX_BYTES or content.startswith(b"PK"):
        raise Unreadable(f"{name} is an archive that cannot be read. Hand in the .ipynb file.")
    cells, notes = _read(content, Path(inside[0].filename).name)
    note = f"{name} is an archive; the notebook in it was graded. Hand in the .ipynb file itself."
    return cells, [note, *notes]
