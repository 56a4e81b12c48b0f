"""Run a solution, to get the functions that its exercise cells define."""

import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course.source import Source, SourceCell, asked_functions, read_source
from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.challenge.settings import EXERCISE
from pset.checks import ALL_CHECKS
from pset.course import course_file, read_course


@dataclass(frozen=True)
class Solution:
    """The source of one assignment, and what it defines when it's run."""

    source: Source

    @property
    def assignment(self) -> str:
        """Its name, as students and nbgrader know it: "01_denoising"."""
        return self.source.name

    @cached_property
    def exercises(self) -> list[str]:
        """The exercises that it checks, in order."""
        return [name for name in self._checked if name in ALL_CHECKS]

    @property
    def has_challenge(self) -> bool:
        """Whether the challenge is in it."""
        return EXERCISE in self._checked

    @cached_property
    def questions(self) -> list[str]:
        """Its written questions, in order."""
        return [cell.exercises[0] for cell in self.source.cells if cell.role == "question"]

    @cached_property
    def defining_cells(self) -> list[SourceCell]:
        """The cells that define what students write: set-up and exercises, nothing else."""
        return [cell for cell in self.source.cells if cell.role in ("setup", "exercise")]

    @cached_property
    def namespace(self) -> dict[str, Any]:
        """What the defining cells define."""
        return execute(self.defining_cells, self.source.path)

    @property
    def _checked(self) -> list[str]:
        return [cell.exercises[0] for cell in self.source.cells if cell.role == "check"]

    def code(self, exercise: str) -> str:
        """The exercise's own cells: what a student writes."""
        cells = [cell for cell in self.defining_cells if exercise in cell.exercises]
        return "\n\n".join(cell.text for cell in cells)

    def function(self, name: str) -> Callable[..., Any]:
        """One of the functions that the solution defines.

        Raises:
            CommandError: it defines no such function.
        """
        function: Callable[..., Any] | None = self.namespace.get(name)
        if not callable(function):
            raise CommandError(f"{self.source.path} defines no function {name}.")
        return function


def execute(
    cells: list[SourceCell],
    path: Path,
    before: Callable[[int, SourceCell], None] = lambda k, cell: None,
) -> dict[str, Any]:
    """Run cells in order in a fresh namespace, and return it.

    Args:
        cells: of a source.
        path: of that source, for messages.
        before: told the index of each cell before it runs.

    Raises:
        CommandError: a cell raises; names file, line and error.
    """
    namespace = types.ModuleType("__main__").__dict__
    for k, cell in enumerate(cells):
        before(k, cell)
        filename = f"{path}, line {cell.line}"
        linecache.cache[filename] = (len(cell.text), None, cell.text.splitlines(True), filename)
        try:
            exec(compile(cell.text, filename, "exec"), namespace)
        except Exception as error:
            raise CommandError(
                f"{path}: the cell at line {cell.line} fails. {type(error).__name__}: {error}"
            ) from error
    return namespace


def read_solution(path: Path) -> Solution:
    """Read one `solutions/NN_name.py`.

    Raises:
        CommandError: the source is invalid; names file and line.
    """
    return Solution(read_source(path, asked_functions(), read_course(course_file())["points"]))


def read_solutions(folder: Path = ROOT / "solutions") -> dict[str, Solution]:
    """Every assignment's solution by its name, in the order of the course.

    Raises:
        CommandError: there are none, or one is invalid.
    """
    found = {path.stem: read_solution(path) for path in sorted(folder.glob("[0-9]*.py"))}
    if not found:
        raise CommandError(
            f"There are no solutions in {folder}. Run this command in a checkout of the course."
        )
    return found
