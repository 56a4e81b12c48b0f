"""No spreadsheet finds a formula in what we write, whatever it separates cells by."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.files.csv import Writer, cell, is_risky

SIGNS = "=+-@＝＋－＠"
TEXT = st.text(alphabet=f"{SIGNS};,\t\r\n \"'ax1\u200b\u00a0", max_size=20)


def cells_of(table: str) -> list[str]:
    """What programs with other ideas of a CSV take for cells."""
    found = []
    for delimiter in (",", ";", "\t"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            lines = csv.reader(io.StringIO(table, newline=""), delimiter=delimiter, quoting=quoting)
            found += [value for row in lines for value in row]
    return found


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        (" @x", " '@x"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ('a;"=1+1', "a;\"'=1+1"),
        ("a\n-1", "a\n'-1"),
        ("a\r=1", "a\n'=1"),
        ("\u200b=1", "\u200b'=1"),
        ("\u00a0+1", "\u00a0'+1"),
        ("1.1: wrong; 1.2: wrong", "1.1: wrong; 1.2: wrong"),
        ("jean-luc@uni.example", "jean-luc@uni.example"),
        ("a = b; c - d", "a = b; c - d"),
    ],
)
def test_a_formula_becomes_text_and_nothing_else_changes(text: str, safe: str) -> None:
    assert cell(text) == safe
    assert is_risky(text) == (text != safe)
    assert cell(safe) == safe


def test_numbers_stay_numbers() -> None:
    assert [cell(value) for value in (-1, -0.5, None)] == [-1, -0.5, None]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_no_reader_finds_a_formula(row: list[str]) -> None:
    table = io.StringIO()
    Writer(table).writerow(row)
    for value in cells_of(table.getvalue()):
        bare = value.lstrip(' "\u00a0\u200b\t\r\n')
        assert bare[:1] not in {*SIGNS}, (row, table.getvalue(), value)
    (read,) = csv.reader(io.StringIO(table.getvalue(), newline=""))
    assert len(read) == len(row), "and a row stays a row"
