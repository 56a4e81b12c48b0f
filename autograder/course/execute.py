"""Run whole notebooks as a reader would: in a real kernel, from top to bottom, without errors.

In the instructor notebook every check must be right; in the student notebook as released, every
check must be "not done". Files in `pictures/` are passed on to later notebooks of the same kind.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.release import NOTEBOOKS, SOLUTIONS, read_sources
from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.challenge.rehearsal import REHEARSED, unanswered
from pset.challenge.settings import EXERCISE
from pset.checks import ALL_CHECKS, report
from pset.checks.calling import Outcome
from pset.checks.judging import Status, Verdict
from pset.course import course_file, points_for, read_course
from pset.files import write_whole

Kind = Literal["solutions", "release"]
KINDS: tuple[Kind, ...] = ("solutions", "release")

CELL_SECONDS = 900
"""A cell that takes longer is stopped, and the notebook counts as failed."""

STATUS: dict[Kind, Status] = {"solutions": "right", "release": "not done"}
"""What every check must say."""

# The kernel shouldn't see the course's hidden values, nor a folder to save figures in.
WITHHELD = ("PSET_REFERENCES", "PSET_FIGURES", "MPLBACKEND")
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")

Progress = Callable[[str, int, int], None]
"""Called with the notebook ("01_denoising, release"), cells run, and cells in total."""


@dataclass(frozen=True)
class Executed:
    """The result of running one notebook.

    Args:
        name, kind: which.
        notebook: with its outputs, as far as it got.
        seconds: from the start of the kernel to its end.
        cells: code cells that have run.
        slowest: seconds of the slowest cell, and its number in the notebook, counted from 1.
        failures: messages; empty if all is well.
    """

    name: str
    kind: Kind
    notebook: NotebookNode
    seconds: float
    cells: int
    slowest: tuple[float, int]
    failures: tuple[str, ...]


def execute_notebooks(
    kinds: Collection[Kind] = KINDS,
    names: Iterable[str] = (),
    out: Path | None = None,
    progress: Progress = lambda which, done, of: None,
) -> Iterator[Executed]:
    """Run the course's notebooks, one after the other, and yield each as it ends.

    Args:
        kinds: "solutions", the instructor's notebooks; "release", the student's as they lie in
            `notebooks/`.
        names: of assignments; all, if empty.
        out: a folder for the executed notebooks, and HTML to look at; None keeps nothing.
        progress: called after each cell.

    Raises:
        CommandError: there is no such notebook.
    """
    notebooks = {kind: read_notebooks(kind, tuple(names)) for kind in kinds}
    for kind, of_kind in notebooks.items():
        with tempfile.TemporaryDirectory() as workplace:
            for name, notebook in of_kind.items():
                done = execute_notebook(name, kind, notebook, Path(workplace), progress)
                if out is not None:
                    keep(out / kind, done)
                yield done


def read_notebooks(kind: Kind, names: Collection[str] = ()) -> dict[str, NotebookNode]:
    """The notebooks of one kind by assignment, in the order of the course.

    Raises:
        CommandError: a requested notebook doesn't exist, or hasn't been released.
    """
    settings = read_course(course_file())
    sources = {source.name: source for source in read_sources(SOLUTIONS, settings)}
    if unknown := [name for name in names if name not in sources]:
        raise CommandError(
            f"There's no assignment {unknown[0]!r}; there are {', '.join(sources)}.", usage=True
        )
    wanted = {name: source for name, source in sources.items() if not names or name in names}
    if kind == "solutions":
        return {name: instructor_notebook(source, settings) for name, source in wanted.items()}
    return {name: _released(NOTEBOOKS / f"{name}.ipynb") for name in wanted}


def execute_notebook(
    name: str,
    kind: Kind,
    notebook: NotebookNode,
    workplace: Path,
    progress: Progress = lambda which, done, of: None,
    cell_seconds: int = CELL_SECONDS,
) -> Executed:
    """Run one notebook to its end or its first error, in place, and look at its checks.

    Args:
        name, kind: which it is, for messages and for what its checks must say.
        notebook: gets its outputs.
        workplace: the folder in which the kernel runs.
        progress: called after each cell.
        cell_seconds: how long one cell may take.
    """
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    watch = _Watch(lambda done: progress(f"{name}, {kind}", done, total))
    watch.report(0)
    failures = []
    problem: str | None = None
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as private:
        client = NotebookClient(
            notebook,
            timeout=cell_seconds,
            resources={"metadata": {"path": str(workplace)}},
            config=_kernel_options(Path(private)),
            on_cell_start=watch.started,
            on_cell_executed=watch.executed,
        )
        try:
            client.execute(env=_environment(Path(private)))
        except CellExecutionError as error:
            if error.ename == "KeyboardInterrupt":  # Ctrl-C, and the kernel was told first
                raise KeyboardInterrupt from None
            # The exception's own text repeats the cell.
            problem = COLOUR_CODES.sub("", f"{error.ename}: {error.evalue}")
        except CellTimeoutError:
            problem = f"timed out after {cell_seconds} seconds."
        except DeadKernelError:
            problem = "the kernel died, probably because it ran out of memory."
        except (AssertionError, AttributeError):
            # On Ctrl-C, nbclient shuts down the kernel, and then fails because it's gone.
            if client.km is None:
                raise KeyboardInterrupt from None
            raise
        except RuntimeError as error:
            problem = f"the kernel didn't start. {error}"
    if problem is None:
        failures += _shown_errors(name, kind, notebook)
        failures += _wrong_checks(name, kind, notebook)
    else:
        failures.append(f"{name}, {kind}, {place(notebook, watch.index)}: {problem}")
    seconds = time.monotonic() - began
    return Executed(name, kind, notebook, seconds, watch.done, watch.slowest, tuple(failures))


def keep(folder: Path, executed: Executed) -> None:
    """Write the executed notebook, and the page that it makes, into a folder."""
    from nbconvert import HTMLExporter

    write_whole(folder / f"{executed.name}.ipynb", nbformat.writes(executed.notebook).encode())
    page, _ = HTMLExporter().from_notebook_node(
        executed.notebook, {"metadata": {"name": executed.name}}
    )
    write_whole(folder / f"{executed.name}.html", page.encode())


class _Watch:
    """Where a running notebook is, and how long its cells take."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.report = report
        self.done = 0
        self.slowest = (0.0, 0)
        self.index, self._began = 0, 0.0

    def started(self, cell: NotebookNode, cell_index: int) -> None:
        """Called before each cell, text included."""
        self.index, self._began = cell_index, time.monotonic()

    def executed(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """Called after each code cell, also after one that raised."""
        self.slowest = max(self.slowest, (time.monotonic() - self._began, cell_index + 1))
        self.done += 1
        self.report(self.done)


def place(notebook: NotebookNode, index: int) -> str:
    """What a person finds a cell by: its number, counted from 1, and its first line."""
    lines = [line for line in notebook.cells[index].source.splitlines() if line.strip()]
    return f"cell {index + 1} ({lines[0].strip()[:60] if lines else 'empty'})"


def _wrong_checks(name: str, kind: Kind, notebook: NotebookNode) -> list[str]:
    """What's wrong with the output of the check cells."""
    checks = [
        (index, cell)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and "check" in cell.metadata.get("tags", ())
    ]
    if not checks:
        return [f"{name}, {kind}: it has no check cell, so nothing was tested."]
    found = []
    for index, cell in checks:
        (exercise,) = (tag for tag in cell.metadata.tags if tag != "check")
        said = [
            text.splitlines()[0]
            for output in cell.outputs
            if (text := output.get("data", {}).get("text/plain"))
        ]
        wanted = _headline(exercise, kind)
        if not any(text.startswith(wanted) for text in said):
            found.append(
                f"{name}, {kind}, {place(notebook, index)}: it should say {wanted!r}, but says "
                f"{said[0] if said else 'nothing'!r}."
            )
    return found


def _shown_errors(name: str, kind: Kind, notebook: NotebookNode) -> list[str]:
    """The errors that `pset.your_code` has shown without ending the notebook."""
    return [
        f"{name}, {kind}, {place(notebook, index)}: {output.ename}: {output.evalue}"
        for index, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]


def _headline(exercise: str, kind: Kind) -> str:
    if exercise == EXERCISE:
        return (
            REHEARSED if kind == "solutions" else report.headline(unanswered(Outcome("not done")))
        )
    check, points = ALL_CHECKS[exercise], points_for(exercise)
    earned = points if kind == "solutions" else 0
    return report.headline(
        Verdict(exercise, check.title, check.function, STATUS[kind], earned, points, "")
    )


def _released(path: Path) -> NotebookNode:
    if not path.is_file():
        raise CommandError(f"{path} is missing. Run `make release` to write it.")
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _kernel_options(private: Path) -> Config:
    """Use sockets in a private folder instead of open ports, if the system has them."""
    options = Config()
    if os.name == "posix":
        options.KernelManager.transport = "ipc"
        options.KernelManager.ip = str(private / "kernel")
    return options


def _environment(private: Path) -> dict[str, str]:
    """For the kernel: this checkout's package, and nothing of a person's own set-up."""
    kept = {key: value for key, value in os.environ.items() if key not in WITHHELD}
    return kept | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(private)}
