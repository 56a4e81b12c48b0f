"""IPython's extras in a cell, taken out: what is left is Python, in as many lines.

A grade needs no magics and no shell, so each becomes a call that does nothing. That is done in one
pass over the cell: IPython's own way tokenises the cell anew for every line that it rewrites.
"""

import re
import textwrap
from collections.abc import Iterator

PYTHON_MAGICS = ("time", "timeit", "capture", "prun")
"""Magics that are followed by ordinary Python."""

SKIPPED = "get_ipython().skipped({text!r})"
"""What stands where a magic or a shell line was. It still tells what that was."""

# What may contain a line break: strings, comments, brackets. Only one alternative can match at any
# position, and only in one way, so the time is linear.
TOKEN = re.compile(
    r"""[rbfuRBFU]{0,2}(?P<quotes>\"{3}|'{3}|"|')|(?P<comment>#)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>\\?\n)"""
)
HELP = re.compile(r"[%\w.*]{1,200}\?{1,2}")
ASSIGNED = re.compile(r"(?P<names>[\w.,* \[\]]{1,200}=) ?(?P<sign>[!%])(?!=)")


def without_magics(cell: str) -> str:
    """A cell as Python, as far as taking out magics, shell lines and questions makes it that."""
    cell = _without_prompts(cell)
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        words = first[2:].split()
        is_python = bool(words) and words[0] in PYTHON_MAGICS
        if not is_python:
            return SKIPPED.format(text=cell)
        return f"{SKIPPED.format(text=first)}\n{_lines_as_python(rest)}"
    return _lines_as_python(cell)


def _lines_as_python(lines: str) -> str:
    return "".join(_as_python(line) for line in _logical_lines(lines))


def _as_python(line: str) -> str:
    """A logical line without its magic, with as many line ends as before."""
    code = line.lstrip()
    indent = line[: len(line) - len(code)]
    ends = "\n" * line.count("\n")
    if code.startswith("%"):
        name, _, rest = code[1:].partition(" ")
        if name in PYTHON_MAGICS and rest.strip() and not rest.lstrip().startswith("-"):
            return indent + rest.lstrip()
    if code.startswith(("%", "!", "?")) or HELP.fullmatch(code.rstrip()):
        return f"{indent}{SKIPPED.format(text=code)}{ends}"
    if assigned := ASSIGNED.match(code):
        return f"{indent}{assigned['names']} {SKIPPED.format(text=code)}{ends}"
    return line


def _logical_lines(cell: str) -> Iterator[str]:
    """The cell cut where a line ends that is not inside brackets, a string, or continued."""
    start = 0
    while start < len(cell):
        end = _end_of_shell_line(cell, start) if _is_shell(cell, start) else _end(cell, start)
        yield cell[start:end]
        start = end


def _end(cell: str, place: int) -> int:
    """Behind the logical line of Python that begins here."""
    depth = 0
    while found := TOKEN.search(cell, place):
        place = found.end()
        if found["quotes"]:
            place = _end_of_string(cell, place, found["quotes"])
        elif found["comment"]:
            place = _find(cell, "\n", place)
        elif found["open"]:
            depth += 1
        elif found["close"]:
            depth = max(0, depth - 1)
        elif found["end"] == "\n" and depth == 0:
            return place
    return len(cell)


def _is_shell(cell: str, place: int) -> bool:
    """Whether a line is no Python: its quotes and brackets mean nothing."""
    while place < len(cell) and cell[place] in " \t":
        place += 1
    return cell.startswith(("!", "%"), place)


def _end_of_shell_line(cell: str, place: int) -> int:
    """Behind such a line, and those that a backslash adds to it."""
    while True:
        place = _find(cell, "\n", place)
        is_continued = cell[place - 1] == "\\"
        place = min(place + 1, len(cell))
        if not is_continued or place == len(cell):
            return place


def _end_of_string(cell: str, place: int, quotes: str) -> int:
    """Behind the closing quotes; a string in single quotes ends with its line at the latest."""
    while place < len(cell):
        if cell[place] == "\\":
            place += 2
        elif cell.startswith(quotes, place):
            return place + len(quotes)
        elif cell[place] == "\n" and len(quotes) == 1:
            return place
        else:
            place += 1
    return len(cell)


def _find(cell: str, sign: str, place: int) -> int:
    found = cell.find(sign, place)
    return len(cell) if found < 0 else found


def _without_prompts(cell: str) -> str:
    """A cell pasted from a terminal or from a text, without `>>>` or its common indent."""
    lines = cell.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith(">>> "):
        return "\n".join(re.sub(r"^[ \t]*(?:>>>|\.\.\.) ?", "", line) for line in lines)
    return textwrap.dedent(cell) if first.startswith((" ", "\t")) else cell
