"""Read `solutions/NN_name.py`: its cells, their roles, and their line numbers.

A source is a notebook in jupytext's percent format. A cell's role is in its marker line:

| marker | cell |
|---|---|
| `# %% setup=true` | the imports |
| `# %% exercise="1.1"` | a function for the student to write, with BEGIN/END SOLUTION marks |
| `# %% check="1.1"` | its check, with BEGIN/END HIDDEN TESTS marks around what stays here |
| `# %% needs="1.1,1.2"` | a figure that uses the student's functions, in `with pset.your_code():` |
| `# %% [markdown] question="1.1-question"` | a written answer, marked by a person |

`read_source` rejects anything that would fail later, in nbgrader or in class, and says where.
"""

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext

from autograder.errors import CommandError
from pset.challenge.settings import EXERCISE, TRAIN
from pset.checks import ALL_CHECKS

ROLES = ("setup", "exercise", "check", "needs", "question")
MARKER = re.compile(r"#\s*%%")
MARK = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\s*$")
# nbgrader finds its markers anywhere in a line, but leaves misspelt ones in.
ALMOST_A_MARK = re.compile(
    r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)"
    r"|^\s*#+\s*(?i:(begin|end)\W+(solution|hidden|mark scheme))"
)


class SourceError(CommandError):
    """A source can't become an assignment; the message names file and line."""


@dataclass(frozen=True)
class SourceCell:
    """One cell.

    Args:
        kind: "code" or "markdown".
        text: its content, with all marks.
        line: of its marker in the file, counted from 1.
        role: one of `ROLES`, or None.
        exercises: what the marker names: one for an exercise, a check and a question, any number
            for `needs`.
    """

    kind: str
    text: str
    line: int
    role: str | None = None
    exercises: tuple[str, ...] = ()

    def marked(self, what: str) -> list[str]:
        """The lines between `### BEGIN what` and `### END what`."""
        inside, lines = False, []
        for line in self.text.split("\n"):
            mark = MARK.match(line)
            if mark and mark[2] == what:
                inside = mark[1] == "BEGIN"
            elif inside:
                lines.append(line)
        return lines


@dataclass(frozen=True)
class Source:
    """One assignment, as written. `path` is what errors name it by."""

    path: Path
    cells: tuple[SourceCell, ...]

    @property
    def name(self) -> str:
        """The assignment's name, such as `01_denoising`."""
        return self.path.stem


def asked_functions() -> dict[str, str]:
    """Exercise → the function that it asks for, for all that a source may have a check for."""
    return {exercise: check.function for exercise, check in ALL_CHECKS.items()} | {EXERCISE: TRAIN}


def read_source(path: Path, functions: Mapping[str, str], points: Collection[str]) -> Source:
    """Read and validate one source.

    Args:
        path: of the `.py` file.
        functions: exercise → name of the function to be written, for every exercise with a check.
        points: what the course gives points for: exercises and questions.

    Raises:
        SourceError: with file and line, and what to do.
    """
    source = Source(path, tuple(_cells(path)))
    for cell in source.cells:
        _examine_marks(source, cell)
        _examine_role(source, cell, functions, points)
    _examine_order(source)
    return source


def refuse_todos(source: Source) -> None:
    """Refuse a skeleton that hasn't been filled in.

    Raises:
        SourceError: students would read “TODO”; says where.
    """
    for cell in source.cells:
        for offset, line in enumerate(cell.text.split("\n"), 1):
            if "TODO" in line:
                raise _fail(source, cell, f"this is still to be written: {line.strip()}", offset)


def _cells(path: Path) -> Iterator[SourceCell]:
    text = path.read_text(encoding="utf-8")
    cells = jupytext.reads(text, fmt="py:percent").cells
    lines = [n for n, line in enumerate(text.splitlines(), 1) if MARKER.match(line)]
    if len(lines) != len(cells):
        raise SourceError(
            f"{path}: {len(lines)} lines begin with '# %%', but jupytext reads {len(cells)} cells. "
            "Is there text before the first marker, or a marker inside a string?"
        )
    for cell, line in zip(cells, lines, strict=True):
        # jupytext's own keys, such as lines_to_next_cell, are about blank lines.
        keys = {k: v for k, v in cell.metadata.items() if not k.startswith("lines_to_")}
        yield _cell(path, line, cell.cell_type, cell.source, keys)


def _cell(path: Path, line: int, kind: str, text: str, keys: Mapping[str, Any]) -> SourceCell:
    if kind not in ("code", "markdown"):
        raise SourceError(f"{path}, line {line}: an assignment can't have a {kind} cell.")
    for key in keys:
        if key not in ROLES:
            close = difflib.get_close_matches(key, ROLES, n=1)
            hint = f" Did you mean {close[0]}=?" if close else ""
            raise SourceError(f"{path}, line {line}: unknown key {key}=.{hint}")
    if len(keys) > 1:
        raise SourceError(
            f"{path}, line {line}: a cell has one role, but this one has {' and '.join(keys)}."
        )
    if not keys:
        return SourceCell(kind, text, line)
    ((role, value),) = keys.items()
    if role != "setup" and not isinstance(value, str):
        raise SourceError(f'{path}, line {line}: write {role}="{value}", with quotation marks.')
    if (kind == "markdown") != (role == "question"):
        wanted = "a markdown" if role == "question" else "a code"
        raise SourceError(f"{path}, line {line}: {role}= belongs on {wanted} cell.")
    names = () if role == "setup" else tuple(name.strip() for name in value.split(","))
    if role in ("exercise", "check", "question") and len(names) != 1:
        raise SourceError(f"{path}, line {line}: {role}= names one exercise, not {len(names)}.")
    return SourceCell(kind, text, line, role, names)


def _fail(source: Source, cell: SourceCell, message: str, offset: int = 0) -> SourceError:
    return SourceError(f"{source.path}, line {cell.line + offset}: {message}")


def _examine_marks(source: Source, cell: SourceCell) -> None:
    opened: tuple[str, int] | None = None
    allowed = {
        "exercise": {"SOLUTION"},
        "question": {"SOLUTION"},
        "check": {"HIDDEN TESTS"},
    }.get(cell.role or "", set())
    for offset, line in enumerate(cell.text.split("\n"), 1):
        mark = MARK.match(line)
        if mark is None:
            if ALMOST_A_MARK.search(line):
                raise _fail(source, cell, f"this looks like a mark, but isn't one: {line}", offset)
            continue
        edge, what = mark.groups()
        if what not in allowed:
            home = "exercise= or question=" if what == "SOLUTION" else "check="
            raise _fail(
                source, cell, f"{edge} {what} outside a cell with {home}; add the key.", offset
            )
        if edge == "BEGIN":
            if opened:
                raise _fail(source, cell, f"BEGIN {what} inside BEGIN {opened[0]}.", offset)
            opened = what, offset
        elif opened is None or opened[0] != what:
            raise _fail(source, cell, f"END {what} without its BEGIN.", offset)
        else:
            opened = None
    if opened:
        raise _fail(source, cell, f"BEGIN {opened[0]} without its END.", opened[1])
    if "SOLUTION" in allowed and not any(line.strip() for line in cell.marked("SOLUTION")):
        raise _fail(
            source,
            cell,
            f"a cell with {cell.role}= needs its solution between ### BEGIN SOLUTION and "
            "### END SOLUTION.",
        )


def _examine_role(
    source: Source, cell: SourceCell, functions: Mapping[str, str], points: Collection[str]
) -> None:
    if cell.role in ("exercise", "check", "needs"):
        for exercise in cell.exercises:
            if exercise not in functions:
                raise _fail(
                    source,
                    cell,
                    f"there's no check for exercise {exercise!r}; there are checks for "
                    f"{', '.join(functions)}. Add one in pset/checks/topics/.",
                )
    if cell.role in ("check", "question") and cell.exercises[0] not in points:
        raise _fail(
            source, cell, f"course.toml gives no points for {cell.exercises[0]!r}; add it there."
        )
    if cell.role == "exercise":
        name = functions[cell.exercises[0]]
        if name not in _defined(source, cell):
            raise _fail(
                source,
                cell,
                f"exercise {cell.exercises[0]} is checked as {name}(…), which this "
                "cell does not define.",
            )
    if cell.role == "check" and f'"{cell.exercises[0]}"' not in cell.text:
        raise _fail(source, cell, f'this cell does not call check("{cell.exercises[0]}").')
    if cell.role == "needs" and "with pset.your_code():" not in cell.text:
        raise _fail(
            source,
            cell,
            "put a figure that needs the student's functions inside `with pset.your_code():`, or "
            '"Run all" will stop here in an untouched notebook.',
        )


def _defined(source: Source, cell: SourceCell) -> set[str]:
    try:
        tree = ast.parse(cell.text)
    except SyntaxError as error:
        raise _fail(
            source, cell, f"not valid Python: {error.msg}.", offset=error.lineno or 0
        ) from error
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _examine_order(source: Source) -> None:
    seen: dict[tuple[str, str], int] = {}
    for cell in source.cells:
        for exercise in cell.exercises if cell.role in ("check", "needs") else ():
            if ("exercise", exercise) not in seen:
                raise _fail(
                    source,
                    cell,
                    f'{cell.role}="{exercise}" comes before a cell with '
                    f'exercise="{exercise}", or there is none.',
                )
        if cell.role in ("exercise", "check", "question"):
            key = (cell.role, cell.exercises[0])
            if key in seen:
                raise _fail(
                    source,
                    cell,
                    f'a second cell with {cell.role}="{cell.exercises[0]}"; the first is in line '
                    f"{seen[key]}.",
                )
            seen[key] = cell.line
    for (role, exercise), line in seen.items():
        if role == "exercise" and ("check", exercise) not in seen:
            raise SourceError(
                f"{source.path}, line {line}: exercise {exercise} has no cell with "
                f'check="{exercise}", so nobody would get points for it.'
            )
