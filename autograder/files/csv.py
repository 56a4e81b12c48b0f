"""Write CSV files that are safe to open in a spreadsheet, whatever students put in them."""

import csv
from collections.abc import Iterable
from typing import TextIO

SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")
"""A spreadsheet treats text that begins with one of these as a formula, and runs it.

In Chinese and Japanese locales, full-width signs count too.
"""

SEPARATORS = frozenset(",;\t\n")
"""A new cell begins after these, in one spreadsheet or another."""

QUOTES = frozenset('"“”')


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would treat a text, or a cell that it sees in it, as a formula."""
    return cell(text) != text


def cell(value: object) -> object:
    """Escape a cell: put an apostrophe in front of text that would be a formula.

    So does each part of it that another spreadsheet would treat as a separate cell.
    """
    if not isinstance(value, str):
        return value
    safe, at_start = [], True
    for c in value.replace("\r\n", "\n").replace("\r", "\n"):  # csv.writer wouldn't quote it
        if at_start and c in SIGNS:
            safe.append("'")
        safe.append(c)
        # Spaces, quotes and control characters in front of a formula don't make it harmless.
        at_start = c in SEPARATORS or (
            at_start and (c.isspace() or c in QUOTES or not c.isprintable())
        )
    return "".join(safe)


class Writer:
    """Like csv.writer, but never writes a formula.

    Args:
        file: opened in text mode.
        line_end: after each row.
    """

    def __init__(self, file: TextIO, line_end: str = "\n") -> None:
        self._writer = csv.writer(file, lineterminator=line_end)

    def writerow(self, row: Iterable[object]) -> None:
        """Write one row."""
        self._writer.writerow([cell(value) for value in row])
