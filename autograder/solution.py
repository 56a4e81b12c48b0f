"""Read a solution source (jupytext's percent format), and run the functions that it defines."""

import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jupytext

from autograder.errors import CannotGoOn

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `solutions/`, `assets/` and `course.toml` lie in it."""


@dataclass(frozen=True)
class Cell:
    """One cell: its type ("code", "markdown"), its source, and the keys behind its `# %%`."""

    type: str
    source: str
    keys: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Solution:
    """The source of one assignment, cell by cell."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def assignment(self) -> str:
        """Its name, as students and nbgrader know it: "01_denoising"."""
        return self.path.stem

    @cached_property
    def exercises(self) -> list[str]:
        """The exercises that it checks, in order."""
        return [str(cell.keys["check"]) for cell in self.cells if "check" in cell.keys]

    @cached_property
    def questions(self) -> list[str]:
        """Its written questions, in order."""
        return [str(cell.keys["question"]) for cell in self.cells if "question" in cell.keys]

    def exercise(self, exercise: str) -> Cell:
        """The cell in which an exercise's function is written."""
        return next(c for c in self.cells if str(c.keys.get("exercise")) == exercise)

    @cached_property
    def namespace(self) -> dict[str, Any]:
        """What its set-up and exercise cells define; nothing else of it is run."""
        wanted = [c for c in self.cells if "setup" in c.keys or "exercise" in c.keys]
        return execute(wanted, str(self.path))

    def function(self, name: str) -> Callable[..., Any]:
        """One of the functions that the solution defines.

        Raises:
            CannotGoOn: it defines no such function.
        """
        if not callable(self.namespace.get(name)):
            raise CannotGoOn(f"{self.path} defines no function {name}, which a check asks for.")
        return self.namespace[name]


def execute(cells: list[Cell], name: str) -> dict[str, Any]:
    """Run cells in order in a fresh namespace, and return it.

    Raises:
        CannotGoOn: a cell raises; names the cell and the error.
    """
    namespace = types.ModuleType("__main__").__dict__
    for k, cell in enumerate(cells):
        filename = f"{name}, cell {k}"
        linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(True), filename)
        try:
            exec(compile(cell.source, filename, "exec"), namespace)
        except Exception as error:
            raise CannotGoOn(
                f"{name} does not run: {type(error).__name__}: {error}, in the cell that begins "
                f"{cell.source.strip().splitlines()[0]!r}."
            ) from error
    return namespace


def read_solution(path: Path) -> Solution:
    """Read one `solutions/NN_name.py`."""
    notebook = jupytext.read(path)
    cells = (Cell(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells)
    return Solution(path, tuple(cells))


def read_solutions(folder: Path = ROOT / "solutions") -> dict[str, Solution]:
    """Every assignment's source by its name, in the order of the course.

    Raises:
        CannotGoOn: there are none.
    """
    found = {path.stem: read_solution(path) for path in sorted(folder.glob("[0-9]*.py"))}
    if not found:
        raise CannotGoOn(
            f"There are no solutions in {folder}: this command needs a checkout of the course."
        )
    return found
