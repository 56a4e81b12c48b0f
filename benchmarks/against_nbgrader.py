"""This grader, isolation on, beside `nbgrader autograde`: the same submissions, in one run.

The two take turns, submission by submission, so that other load falls on both. Both are warm: the
grader has its warm parent, and nbgrader runs through its API in one process that has imported it,
on a course whose assignments are generated. What it takes to get that far is told by itself and
counts in the totals.

"The student's own" is the time inside the functions that the checks call, taken in the student's
process by a shared-memory clock. The same number is taken from both sides' time: what is left is
overhead. nbgrader also runs cells that no check needs, such as figures. So that this alone does not
make the difference, a second figure takes from nbgrader's time all of its cells but the first ones,
which import and install.

    python -m benchmarks.against_nbgrader --count 30
"""

import json
import math
import os
import platform
import resource
import tempfile
import time
import warnings
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import nbformat
import psutil
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.course.nbgrader_course import write_nbgrader_course
from autograder.course.secret import find_secret, private_folder
from autograder.course.solution import read_solutions
from autograder.grading.assignment import Assignment
from autograder.grading.grade_one import grade_one
from autograder.grading.result_store import ResultStore
from autograder.grading.work import read_work
from autograder.paths import ROOT
from autograder.sandbox.launcher import Launcher, StudentProcess
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission
from benchmarks.honest_class import hand_in_all
from pset.course import points_for
from pset.files import write_whole

OUT = ROOT / "benchmarks" / "measured" / "against_nbgrader.json"
TABLE = ROOT / "docs" / "benchmarks.md"
FIRST_CELLS = 2
"""Code cells that install the package and import: nobody's own computation."""


@dataclass
class Spent:
    """Seconds.

    Args:
        wall: by the clock.
        cpu: of processors, all processes together.
    """

    wall: float = 0.0
    cpu: float = 0.0

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.wall + other.wall, self.cpu + other.cpu)


@dataclass
class Line:
    """One submission.

    Args:
        ours, theirs: time of this grader and of nbgrader.
        own: of it the student's own, for the checks.
        cells: what nbgrader's cells took, but for the first ones.
        possible: what the checks of the assignment are worth.
        marks, their_marks: exercise → points.
    """

    student: str
    assignment: str
    ours: Spent = field(default_factory=Spent)
    theirs: Spent = field(default_factory=Spent)
    own: Spent = field(default_factory=Spent)
    cells: Spent = field(default_factory=Spent)
    possible: float = 0.0
    marks: dict[str, float] = field(default_factory=dict)
    their_marks: dict[str, float] = field(default_factory=dict)


class ClockedLauncher(Launcher):
    """A launcher that adds up what students' functions took."""

    program = ROOT / "benchmarks" / "clocked_parent.py"
    own = Spent()

    def end(self, process: StudentProcess) -> dict[str, Any]:
        """As the launcher's; keeps what the clock says."""
        ended = super().end(process)
        self.own = self.own + Spent(ended.get("own_wall", 0.0), ended.get("own_cpu", 0.0))
        return ended

    def cpu(self) -> float:
        """Processor time of the warm parents and their children, those that ended included."""
        started = psutil.Process().children(recursive=True)
        return sum(sum(process.cpu_times()[:4]) for process in started)


class Nbgrader:
    """A course of nbgrader's, and its API in this process.

    Args:
        folder: of the course.
        references: of the hidden seed.
    """

    def __init__(self, folder: Path, references: Path, assignments: list[str]) -> None:
        from nbgrader.apps.api import NbGraderAPI
        from traitlets.config import PyFileConfigLoader

        self._folder = folder
        os.environ["PSET_REFERENCES"] = str(references)
        os.environ["OMP_NUM_THREADS"] = "1"
        write_nbgrader_course(folder)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        config.CourseDirectory.root = str(folder)
        self._api = NbGraderAPI(config=config)
        for name in assignments:
            _fine(self._api.generate_assignment(name))

    def grade(self, submission: Submission) -> None:
        """`nbgrader autograde`."""
        _fine(self._api.autograde(submission.assignment, submission.student, create=True))

    def marks(self, submission: Submission) -> dict[str, float]:
        """Check → points."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self._folder}/gradebook.db") as gradebook:
            found = gradebook.find_submission(submission.assignment, submission.student)
            (notebook,) = found.notebooks
            return {g.name: g.auto_score or 0.0 for g in notebook.grades if "check" in g.name}

    def cell_seconds(self, submission: Submission) -> float:
        """What the cells took, but for those that install and import."""
        folder = self._folder / "autograded" / submission.student / submission.assignment
        notebook = nbformat.read(folder / f"{submission.assignment}.ipynb", as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        return sum(_seconds(cell) for cell in code[FIRST_CELLS:])


def _fine(result: dict[str, Any]) -> None:
    if not result["success"]:
        raise RuntimeError(result.get("error") or result.get("log"))


def _seconds(cell: nbformat.NotebookNode) -> float:
    from datetime import datetime

    times = cell.metadata.get("execution", {})
    try:
        start, end = (times[k] for k in ("iopub.execute_input", "shell.execute_reply"))
    except KeyError:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


@contextmanager
def clock(spent: Spent, launcher: ClockedLauncher | None = None):
    """Add to `spent` what is used inside: here, and in processes that were started."""

    def cpu() -> float:
        used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        here = sum(u.ru_utime + u.ru_stime for u in used)
        return here + (launcher.cpu() if launcher else 0.0)

    wall, before = time.perf_counter(), cpu()
    yield
    spent.cpu += cpu() - before
    spent.wall += time.perf_counter() - wall


@dataclass
class Result:
    """All of one run: the lines, and what it took to get ready."""

    lines: list[Line]
    ready: Spent
    their_ready: Spent
    layers: list[str]

    def total(self, name: str) -> Spent:
        """A column's sum."""
        return sum((getattr(line, name) for line in self.lines), Spent())

    def rows(self) -> list[tuple[str, Spent, Spent]]:
        """What is compared: its name, this grader's, nbgrader's."""
        count, own = len(self.lines), self.total("own")
        ours, theirs, cells = self.total("ours"), self.total("theirs"), self.total("cells")

        def each(spent: Spent) -> Spent:
            return Spent(spent.wall / count, spent.cpu / count)

        return [
            ("setup, once", self.ready, self.their_ready),
            ("total, including setup", ours + self.ready, theirs + self.their_ready),
            ("total, without setup", ours, theirs),
            ("per submission", each(ours), each(theirs)),
            ("of which student code", each(own), each(own)),
            ("overhead per submission", each(ours - own), each(theirs - own)),
            (
                "the same, counting all of nbgrader's cells as student code",
                each(ours - own),
                each(theirs - cells),
            ),
        ]

    def right(self) -> list[Line]:
        """Submissions that are right in everything, as the solution is or otherwise."""
        return [line for line in self.lines if line.student.startswith(("right-", "otherwise-"))]

    def accepted(self) -> list[Line]:
        """Of those, the ones with all points."""
        return [line for line in self.right() if sum(line.marks.values()) == line.possible]

    def differing(self) -> list[Line]:
        """Submissions on which the two disagree."""
        return [line for line in self.lines if line.marks != line.their_marks]


def measure(count: int, folder: Path) -> Result:
    """Grade the class on both sides, in turns.

    Args:
        count: how many submissions.
        folder: for all of it.
    """
    solutions = read_solutions()
    course = folder / "course"
    submissions = hand_in_all(course / "submitted", solutions, count)
    names = sorted({s.assignment for s in submissions})
    secret = find_secret(None, folder / "results")
    for name in names:  # hidden references, for both sides: computed once, and kept
        Assignment.prepare(solutions[name], secret)
    result = Result([], Spent(), Spent(), [])
    with clock(result.their_ready):
        nbgrader = Nbgrader(course, private_folder(secret.cache), names)
    launcher = ClockedLauncher()
    with Sandbox(launcher=launcher) as sandbox:
        with clock(result.ready):
            assignments = {n: Assignment.prepare(solutions[n], secret) for n in names}
            launcher.warm()
        result.ready.cpu += launcher.cpu()
        result.layers = list(launcher.report.on)
        store = ResultStore(folder / "results")
        for submission in track(submissions, "grading on both sides"):
            line = Line(submission.student, submission.assignment)
            launcher.own = Spent()
            with clock(line.ours, launcher):
                assignment = assignments[submission.assignment]
                work = read_work(submission, assignment.key)
                record = store.save(work, grade_one(work, assignment, sandbox))
            line.own = launcher.own
            with clock(line.theirs):
                nbgrader.grade(submission)
            seconds = nbgrader.cell_seconds(submission)
            line.cells = Spent(seconds, math.nan)  # Jupyter keeps only the time by the clock
            line.possible = sum(map(points_for, solutions[submission.assignment].exercises))
            line.marks = {_check(mark.exercise): mark.points for mark in record.marks}
            line.their_marks = nbgrader.marks(submission)
            result.lines.append(line)
    return result


def _check(exercise: str) -> str:
    from autograder.course.instructor_notebook import grade_id

    return grade_id("check", exercise)


def as_page(result: Result) -> str:
    """The page of docs/."""
    cores = os.cpu_count()
    assignments = {line.assignment for line in result.lines}
    lines = [
        "# Speed compared with nbgrader",
        "",
        f"{len(result.lines)} submissions of {len(assignments)} assignments: right, right in",
        "another way, with known mistakes, untouched. This page is generated by",
        "",
        "```sh",
        f"python -m benchmarks.against_nbgrader --count {len(result.lines)}",
        "```",
        "",
        f"on {platform.system()} with {cores} cores. The two graders take turns, one submission at",
        f"a time, one thread each. This grader uses {', '.join(result.layers)}.",
        "The benchmark's docstring says what's counted.",
        "",
        "| seconds of wall time (of CPU time) | this grader | nbgrader | ratio |",
        "|---|---:|---:|---:|",
    ]
    for name, ours, theirs in result.rows():
        lines.append(f"| {name} | {_both(ours)} | {_both(theirs)} | {_ratio(ours, theirs)} |")
    same = len(result.lines) - len(result.differing())
    lines += [
        "",
        f"Same points for every check: {same} of {len(result.lines)} submissions.",
        f"Full points for right answers: {len(result.accepted())} of {len(result.right())}.",
    ]
    return "\n".join(lines) + "\n"


def _both(spent: Spent) -> str:
    return _pair(spent.wall, spent.cpu)


def _ratio(ours: Spent, theirs: Spent) -> str:
    return _pair(theirs.wall / ours.wall, theirs.cpu / ours.cpu)


def _pair(wall: float, cpu: float) -> str:
    return f"{wall:.3g} ({'–' if math.isnan(cpu) else f'{cpu:.3g}'})"


def _without_nan(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON has no NaN: what was not measured is null there."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in pairs}


def main(
    count: Annotated[int, typer.Option(min=1, max=30, help="Submissions.")] = 30,
    out: Annotated[Path, typer.Option(help="Every figure, as JSON.")] = OUT,
    table: Annotated[Path, typer.Option(help="The page for people.")] = TABLE,
) -> None:
    """Measure, print, and write both files."""
    warnings.simplefilter("ignore")  # nbgrader's talk with its database
    with tempfile.TemporaryDirectory(prefix="pset-benchmark-") as folder:
        result = measure(count, Path(folder))
    console = Console()
    printed = Table("seconds of wall time (CPU)", "this grader", "nbgrader", "ratio")
    for name, ours, theirs in result.rows():
        printed.add_row(name, _both(ours), _both(theirs), _ratio(ours, theirs))
    console.print(printed)
    for line in result.differing():
        console.print(f"[red]{line.student}: {line.marks} here, {line.their_marks} by nbgrader")
    everything = asdict(result, dict_factory=_without_nan)
    write_whole(out, (json.dumps(everything, indent=1) + "\n").encode())
    write_whole(table, as_page(result).encode())


if __name__ == "__main__":
    typer.run(main)
