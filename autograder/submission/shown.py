"""A notebook as a person will see it: cells and outputs as plain text, and where pictures are.

Runs in the sandbox.
"""

import re
from typing import Any

from autograder.submission.notebook import MAX_CELLS, Cell, Output
from autograder.submission.pictures import picture_in
from autograder.submission.read import Cells, grade_id_of, joined, source

MAX_SOURCE = 100_000
MAX_OUTPUT = 5_000
MAX_OUTPUTS = 200
"""Of one cell."""
MAX_TEXT = 8 << 20
"""Of a whole notebook; what comes later is left out."""

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def shown(cells: Cells) -> tuple[list[Cell], list[tuple[str, str]]]:
    """The cells, and the pictures that their outputs name by number: format and base64."""
    pictures: list[tuple[str, str]] = []
    left = MAX_TEXT
    found: list[Cell] = []
    for cell in cells[:MAX_CELLS]:
        is_code = cell.get("cell_type") == "code"
        text = cut(source(cell), min(MAX_SOURCE, left))
        outputs = _outputs(cell, pictures, left - len(text)) if is_code else []
        left = max(0, left - len(text) - sum(len(output.text) for output in outputs))
        found.append(
            Cell(is_code=is_code, source=text, grade_id=grade_id_of(cell), outputs=outputs)
        )
    return found, pictures


def cut(text: str, length: int) -> str:
    """The beginning of a text, and how much has been left out."""
    length = max(0, length)  # a mark about what was left out may have used up more than was left
    if len(text) <= length:
        return text
    return f"{text[:length]}\n… and {len(text) - length} more characters"


def _outputs(cell: dict[str, Any], pictures: list[tuple[str, str]], left: int) -> list[Output]:
    outputs = cell.get("outputs")
    found: list[Output] = []
    for output in (outputs if isinstance(outputs, list) else [])[:MAX_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        bundle = _bundle(output)
        if picture := picture_in(bundle):
            found.append(Output(picture=len(pictures)))
            pictures.append(picture)
        elif text := ANSI.sub("", cut(_text_of(output, bundle), min(MAX_OUTPUT, left))):
            left = max(0, left - len(text))
            found.append(Output(text=text))
    return found


def _bundle(output: dict[str, Any]) -> dict[str, Any]:
    """An output's forms by their MIME type; before nbformat 4 they had short names."""
    if isinstance(data := output.get("data"), dict):
        return data
    old = {"image/png": "png", "image/jpeg": "jpeg", "text/plain": "text"}
    return {kind: output[name] for kind, name in old.items() if name in output}


def _text_of(output: dict[str, Any], bundle: dict[str, Any]) -> str:
    """The text of an output: printed, of a value, or of an error."""
    traceback = output.get("traceback")
    if isinstance(traceback, list):
        return "\n".join(joined(line) for line in traceback if isinstance(line, str))
    return joined(bundle.get("text/plain", ""))
