"""CSV files that a person will open in a spreadsheet, with cells that students have chosen."""

import csv
from collections.abc import Iterable
from typing import TextIO

SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")
"""A spreadsheet takes a text that begins with one of these for a formula, and runs it.

Where Chinese or Japanese is written, the full-width signs are taken for the others.
"""

SEPARATORS = frozenset(",;\t\n")
"""Behind these a new cell begins, in one spreadsheet or another."""

QUOTES = frozenset('"“”')


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would take a text, or what it takes for a cell in it, for a formula."""
    return cell(text) != text


def cell(value: object) -> object:
    """A cell that stays what it is: a text that would be a formula begins with an apostrophe.

    So does each part of it that another spreadsheet would take for a cell of its own.
    """
    if not isinstance(value, str):
        return value
    safe, at_start = [], True
    for c in value.replace("\r\n", "\n").replace("\r", "\n"):  # csv.writer would not quote it
        if at_start and c in SIGNS:
            safe.append("'")
        safe.append(c)
        # Whatever may stand before a formula is no protection from it.
        at_start = c in SEPARATORS or (
            at_start and (c.isspace() or c in QUOTES or not c.isprintable())
        )
    return "".join(safe)


class Writer:
    """As csv.writer, but what it writes is never a formula.

    Args:
        file: open for text.
        line_end: after each row.
    """

    def __init__(self, file: TextIO, line_end: str = "\n") -> None:
        self._writer = csv.writer(file, lineterminator=line_end)

    def writerow(self, row: Iterable[object]) -> None:
        """Write one row."""
        self._writer.writerow([cell(value) for value in row])
