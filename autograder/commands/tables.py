"""Terminal output: progress bars while commands run, and tables at the end."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.gradebook.class_report import ClassReport
from autograder.grading.events import Events
from autograder.grading.records import Mark, Record
from autograder.sandbox.layers.report import Report
from autograder.submission.find import LeftOut, Submission

if TYPE_CHECKING:
    from autograder.course.execute import Executed

MOST_LINES = 12
"""How many lines to print of a list that may be as long as the class; the report has all."""

FEW = 3
"""So many students are named where a line is about several."""

STYLES = {"right": "green", "wrong": "yellow", "failed": "red", "missing": "red"}


def _columns(console: Console) -> list[ProgressColumn]:
    return [
        SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]


class CellProgress(Progress):
    """A progress bar for each notebook: cells run, and the time left."""

    def __init__(self, console: Console, what: str = "figures of ") -> None:
        super().__init__(*_columns(console), console=console)
        self._what = what
        self._bars: dict[str, TaskID] = {}

    def on(self, assignment: str, done: int, of: int) -> None:
        """Show how many cells have been run, and of how many."""
        if assignment not in self._bars:
            self._bars[assignment] = self.add_task(f"{self._what}{assignment}", total=of)
        self.update(self._bars[assignment], completed=done, total=of)

    def __enter__(self) -> Self:
        self.start()
        return self


class ExerciseProgress(Progress):
    """One progress bar, and a line for each exercise that says what happens and why."""

    def __init__(self, console: Console, exercises: Collection[str]) -> None:
        super().__init__(*_columns(console), console=console)
        self._bar = self.add_task("references", total=len(exercises))

    def on(self, exercise: str, what: str) -> None:
        """Show what happens to an exercise: "up to date", "computing…", "written"."""
        self.update(self._bar, description=f"{exercise} {what.split(':')[0]}")
        if what != "written":
            self.console.print(f"  {exercise:8} {what}", markup=False, highlight=False)
        if not what.startswith("computing"):
            self.advance(self._bar)

    def __enter__(self) -> Self:
        self.start()
        return self


class GradingProgress(Progress, Events):
    """A progress bar: submissions graded, who is being graded, and the time left.

    Attributes:
        reports: the layers under which student code ran.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(*_columns(console), console=console)
        self.reports: list[Report] = []
        self._now: list[str] = []
        self._bar = self.add_task("preparing hidden inputs", total=None)

    @property
    def count(self) -> int:
        """How many submissions are done."""
        return int(self.tasks[self._bar].completed)

    def ready(self, count: int) -> None:
        """Everything is ready; show how many submissions are waiting."""
        self._show(total=count, completed=0)

    def started(self, submission: Submission) -> None:
        """Show who is being graded."""
        self._now.append(submission.student)
        self._show()

    def done(self, submission: Submission, is_new: bool) -> None:
        """Show that one more is done."""
        self._now.remove(submission.student)
        self._show(advance=1)

    def isolated(self, report: Report) -> None:
        """Keep it for the end."""
        self.reports.append(report)

    def _show(self, **changes: float) -> None:
        names = ", ".join(self._now[:3]) or "warming up"
        self.update(self._bar, description=names[:40], **changes)

    def __enter__(self) -> Self:
        self.start()
        return self


def print_class(console: Console, records: Sequence[Record]) -> None:
    """Print a table for each assignment: a row per student, a column per exercise."""
    for assignment in sorted({record.assignment for record in records}):
        those = sorted(
            (r for r in records if r.assignment == assignment), key=lambda record: record.student
        )
        table = Table(title=assignment, title_justify="left")
        table.add_column("student", overflow="fold")
        for mark in those[0].marks:
            table.add_column(f"{mark.exercise} ({mark.max_points:g})", overflow="fold")
        table.add_column("total", justify="right")
        table.add_column("time", justify="right")
        for record in those:
            cells = [_cell(mark) for mark in record.marks]
            if record.trouble:
                cells = [Text("couldn't be graded", style="red"), *[Text("")] * (len(cells) - 1)]
            score = f"{record.total:g} / {record.max_score:g}"
            table.add_row(Text(record.student), *cells, score, f"{record.seconds:.1f} s")
        console.print(table)
        for record in those:
            if record.trouble:
                console.print(Text(f"{record.student}: {record.trouble}", style="red"))
            if record.failure:
                last = record.failure.strip().splitlines()[-1]
                console.print(Text(f"  {last} (full traceback in the class report)", style="red"))
            if record.late.remark:
                console.print(Text(f"{record.student}: {record.late.remark}", style="yellow"))
        _print_unknown_times(console, those)
        _print_lines(
            console, [f"{r.student}: {' '.join(r.remarks)}" for r in those if r.remarks], "yellow"
        )
        pending = max(record.by_hand for record in those)
        if pending:
            console.print(f"Plus up to {pending:g} points for written answers, marked by hand.")


def _print_unknown_times(console: Console, records: Sequence[Record]) -> None:
    """Each reason once, with a count: mostly it's the same one for the whole class."""
    for reason, count in Counter(record.late.unknown for record in records).most_common():
        if reason:
            names = [record.student for record in records if record.late.unknown == reason]
            who = f" ({', '.join(names)})" if count <= FEW else ""
            console.print(Text(f"{count} of {len(records)}{who}: {reason}", style="yellow"))


def print_left_out(console: Console, left_out: Sequence[LeftOut]) -> None:
    """Print a line for everyone whose work was handed in but not graded."""
    if left_out:
        console.print(
            "Left out. Name each folder after its assignment, then grade again:", style="bold red"
        )
        _print_lines(console, [f"  - {one}." for one in left_out], "red")


def _print_lines(console: Console, lines: Sequence[str], style: str) -> None:
    for line in lines[:MOST_LINES]:
        console.print(Text(line, style=style))
    if len(lines) > MOST_LINES:
        more = f"and {len(lines) - MOST_LINES} more; run `report` to see them all."
        console.print(more, style=style, highlight=False)


def print_executed(console: Console, executed: Sequence["Executed"]) -> None:
    """Print a row for each notebook that was run: cells, time, the slowest cell; totals below."""
    table = Table("notebook", "kind", show_footer=True)
    total = sum(one.seconds for one in executed)
    table.columns[0].footer = "all"
    table.add_column("cells", justify="right", footer=str(sum(one.cells for one in executed)))
    table.add_column("time", justify="right", footer=f"{total:.0f} s")
    table.add_column("slowest cell", justify="right")
    table.add_column("")
    for one in executed:
        seconds, number = one.slowest
        end = Text("failed", style="red") if one.failures else Text("passed", "green")
        table.add_row(
            one.name,
            one.kind,
            str(one.cells),
            f"{one.seconds:.1f} s",
            f"{seconds:.1f} s (cell {number})",
            end,
        )
    console.print(table)


def print_reports(console: Console, reports: Sequence[ClassReport]) -> None:
    """Print a table for each assignment: a row per exercise, with the most common mistakes."""
    for report in reports:
        table = Table(title=f"{report.assignment}: {report.summary}", title_justify="left")
        for name in (
            "exercise",
            "right",
            "not done",
            "correlation",
            "mistakes",
        ):
            table.add_column(name, overflow="fold")
        for exercise in report.exercises:
            mistakes = [f"{m.count} {m.name.replace('_', ' ')}" for m in exercise.mistakes[:3]]
            related = exercise.discrimination
            table.add_row(
                exercise.heading,
                f"{exercise.right} of {exercise.tried}",
                str(exercise.undone),
                "–" if related is None else f"{related:.2f}",
                Text("; ".join(filter(None, [exercise.remark, *mistakes]))),
            )
        console.print(table)
        for library, students in report.lacking.items():
            console.print(
                f"Your course allows {library}, but it isn't installed here. Notebooks that import "
                f"it: {len(students)}.",
                style="yellow",
                highlight=False,
            )
        odd = len(report.same) + len(report.suspicious)
        odd += sum(len(answers.pairs) for answers in report.alike)
        for count, what in ((len(report.refused), "could not be graded"), (odd, "worth a look")):
            if count:
                console.print(f"{count} {what}.", style="yellow", highlight=False)


def _cell(mark: Mark) -> Text:
    text = f"{mark.points:g}" if mark.points else (mark.mistake or mark.status).replace("_", " ")
    return Text(text, style=STYLES.get(mark.status, "dim"))
