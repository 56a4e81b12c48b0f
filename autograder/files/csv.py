"""CSV files that a person will open in a spreadsheet, with cells that students have chosen."""

import csv
from collections.abc import Iterable
from typing import TextIO

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins with one of these for a formula, and runs it."""


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return text.lstrip(" ").startswith(RISKY)


def cell(value: object) -> object:
    """A cell that stays what it is: a text that would be a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and is_risky(value) else value


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
