"""Marks given by hand, as a CSV file: the gallery saves it, and the gradebook imports it."""

import csv
import io
from pathlib import Path

from pydantic import BaseModel

from autograder.errors import CommandError

COLUMNS = ("assignment", "student", "question", "score", "comment")


class HandMark(BaseModel):
    """One mark.

    Args:
        assignment, student: whose, and which.
        question: "1.9-question", or an exercise such as "1.9", whose automatic mark it replaces.
        score: the points; None leaves them unchanged.
        comment: for the student; an empty one leaves it unchanged.
        where: the line that it comes from, for messages.
    """

    assignment: str
    student: str
    question: str
    score: float | None = None
    comment: str = ""
    where: str = ""


def read_marks(path: Path) -> list[HandMark]:
    """Read a `marks.csv`. Lines with neither a score nor a comment are skipped.

    Raises:
        CommandError: it isn't such a file; says which line is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path} can't be read as a CSV file in UTF-8: {error}.", usage=True
        ) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise CommandError(
            f"{path} has no column {missing[0]}; its first line must name {', '.join(COLUMNS)}.",
            usage=True,
        )
    marks: dict[tuple[str, str, str], HandMark] = {}
    for row in rows:
        where = f"{path.name}, line {rows.line_num}"
        values = {name: (row[name] or "").strip() for name in COLUMNS}
        mark = HandMark(**{**values, "score": to_score(values["score"], where)}, where=where)
        if mark.score is None and not mark.comment:
            continue
        key = (mark.assignment, mark.student, mark.question)
        if key in marks:
            raise CommandError(
                f"{where}: {mark.student} already has a mark for {mark.question}, in "
                f"{marks[key].where}. Keep one of them."
            )
        marks[key] = mark
    return list(marks.values())


def to_score(text: str, where: str) -> float | None:
    """Parse a number of points; None for an empty text.

    Raises:
        CommandError: it isn't a number.
    """
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))  # some spreadsheets write decimal commas
    except ValueError as error:
        raise CommandError(f"{where}: {text!r} isn't a number of points.") from error
