"""Cells of a CSV file that a person will open in a spreadsheet."""

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins with one of these for a formula, and runs it."""


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return text.lstrip(" ").startswith(RISKY)


def cell(value: object) -> object:
    """A cell that stays what it is: a text that would be a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and is_risky(value) else value
