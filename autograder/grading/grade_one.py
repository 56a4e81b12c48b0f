"""Grade one submission: read, run, judge, record.

The submission comes in as bytes, and the grade goes out as data. Nothing here touches the disk, so
it can run on another computer.
"""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.course.instructor_notebook import grade_id
from autograder.course.libraries import Libraries
from autograder.errors import CommandError
from autograder.files.disk import is_the_disks_fault, writing
from autograder.grading.assignment import Assignment
from autograder.grading.elsewhere import lacking, why
from autograder.grading.examine import Examination, Examiner
from autograder.grading.feedback import feedback_page
from autograder.grading.fingerprint import fingerprint
from autograder.grading.late import Lateness
from autograder.grading.records import Mark, Question, Record, hash_of_page
from autograder.grading.refusals import refusals
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.notebook import (
    MAX_NOTE,
    MAX_NOTES,
    UNTOUCHED,
    Notebook,
    Unreadable,
)
from autograder.submission.slicing import NOT_PYTHON
from autograder.text import printable
from pset.checks.calling import Outcome
from pset.checks.definition import Check
from pset.checks.judging import Verdict
from pset.course import points_for

GRADERS_FAULT = (
    "Something in your submission made the grader fail. That should never happen, whatever is in "
    "it. Your teaching assistants can see what went wrong; ask them to have a look."
)
LONGEST_FAILURE = 8000


@dataclass(frozen=True)
class Handed:
    """A file that may be the submission: its name and bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Work:
    """A submission to grade.

    Args:
        student, assignment: whose it is, and which one.
        files: the possible files, the likeliest first; none if there's trouble.
        trouble: why there's no such file.
        key: a hash of everything that determines the grade.
        late: how late it was handed in.
        run: the name of the run, if it grades everything again.
    """

    student: str
    assignment: str
    files: tuple[Handed, ...]
    trouble: str | None
    key: str
    late: Lateness = field(default_factory=Lateness)
    run: str = ""


@dataclass(frozen=True)
class Graded:
    """The result: the record, and `feedback.html`."""

    record: Record
    page: bytes


@dataclass(frozen=True)
class Reading:
    """What the sandbox read from a file.

    Args:
        name: the file's name.
        notebook: its contents; None if there's trouble.
        trouble: why it can't be graded.
        suspicious: what in its code is worth a look.
        answers: function → its code.
    """

    name: str = ""
    notebook: Notebook | None = None
    trouble: str | None = None
    suspicious: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


Partial = Callable[[Record], None]
"""Called with the grade so far: at the start, and after each exercise."""


def grade_work(
    work: Work, assignment: Assignment, sandbox: Sandbox, partial: Partial | None = None
) -> Graded:
    """Grade a submission. It gets a grade, whatever is in it.

    Args:
        work: the submission.
        assignment: the one it belongs to.
        sandbox: where it's read and run.
        partial: called with the grade so far; exercises still to come are "waiting".

    Raises:
        CommandError: every other submission would fail in the same way.
    """
    try:
        sandbox.warm()
        began = time.monotonic()  # the first student does not wait for torch to be imported
        graded = _grade(work, assignment, sandbox, partial, began)
    except CommandError:
        raise
    except Exception as error:
        if is_the_disks_fault(error):
            with writing():
                raise
        # Not this student's fault, and no reason to stop. Without a key it is tried again.
        graded = failed(work, assignment, traceback.format_exc())
    if sandbox.is_stopped:
        raise CommandError("Grading has been stopped.")  # and so was this student's process
    return graded


def failed(work: Work, assignment: Assignment, failure: str) -> Graded:
    """The grade if the grader, not the student, has failed. The next run tries again.

    Args:
        work: the submission.
        assignment: the one it belongs to.
        failure: what went wrong, for the instructor.
    """
    verdicts = _verdicts(assignment, Examination(), GRADERS_FAULT)
    record = Record(
        student=work.student,
        assignment=work.assignment,
        key="",
        marks=[Mark.of(verdict) for verdict in verdicts],
        questions=_questions(assignment, None),
        trouble=GRADERS_FAULT,
        failure=printable(failure)[-LONGEST_FAILURE:],
        late=work.late,
    )
    return _with_page(record, [])


def _grade(
    work: Work,
    assignment: Assignment,
    sandbox: Sandbox,
    partial: Partial | None,
    began: float,
) -> Graded:
    reading, examination = _read_and_run(work, assignment, sandbox, partial, began)
    libraries = Libraries.installed()
    verdicts = _verdicts(assignment, examination, reading.trouble)
    for verdict in verdicts:
        _say_why(verdict, examination, libraries)
    marks = [_mark(verdict, assignment, examination, reading) for verdict in verdicts]
    record = _record(work, assignment, reading.notebook, sandbox, marks, began).model_copy(
        update={
            "key": work.key,
            "file": reading.name,
            "notes": [printable(note) for note in _notes(reading.notebook, verdicts, examination)],
            "trouble": reading.trouble and printable(reading.trouble),
            "cpu_seconds": examination.cpu_seconds,
            "lacking": lacking(examination.all_absent, libraries),
            "suspicious": [
                *(printable(line) for line in reading.suspicious),
                *refusals(examination.outcomes, examination.notes),
            ],
        }
    )
    return _with_page(record, [] if reading.trouble else verdicts)


def _read_and_run(
    work: Work,
    assignment: Assignment,
    sandbox: Sandbox,
    partial: Partial | None,
    began: float,
) -> tuple[Reading, Examination]:
    """The first of the files with any work in it; if there's none, the first one."""
    first: tuple[Reading, Examination] | None = None
    for handed in work.files:
        reading, examination = _read(handed, assignment, sandbox), Examination()
        if reading.notebook is not None:
            told = _teller(work, assignment, reading.notebook, sandbox, partial, began)
            examination = _run(reading.notebook, assignment, sandbox, told)
        if any(_is_begun(outcomes) for outcomes in examination.outcomes.values()):
            return _in_place_of(first, work, reading), examination
        first = first or (reading, examination)
    return first or (Reading(trouble=work.trouble), Examination())


def _is_begun(outcomes: Sequence[Outcome]) -> bool:
    """Whether there is anything to grade; in a cell that is not Python there is not."""
    return any(
        outcome.status not in ("missing", "not done") and NOT_PYTHON not in outcome.error
        for outcome in outcomes
    )


def _in_place_of(
    first: tuple[Reading, Examination] | None, work: Work, reading: Reading
) -> Reading:
    """What's graded, with a note if it isn't the likeliest file."""
    if first is None or reading.notebook is None:
        return reading
    why = first[0].trouble or f"No exercise has been started in {work.files[0].name}."
    note = f"{why} So {reading.name}, which is next to it, was graded instead."[:MAX_NOTE]
    notes = [note, *reading.notebook.notes][:MAX_NOTES]
    return replace(reading, notebook=reading.notebook.model_copy(update={"notes": notes}))


def _read(handed: Handed, assignment: Assignment, sandbox: Sandbox) -> Reading:
    try:
        with sandbox.reader.open(handed.data, handed.name) as file:
            notebook = file.notebook()
            try:
                suspicious = tuple(file.suspicions())
                answers = file.answers([check.function for check in assignment.checks])
            except Unreadable:
                suspicious, answers = ("its code couldn't be inspected",), {}
            return Reading(handed.name, notebook, None, suspicious, answers)
    except Unreadable as error:
        return Reading(handed.name, trouble=str(error))


def _run(
    notebook: Notebook,
    assignment: Assignment,
    sandbox: Sandbox,
    told: Callable[[Examination], None],
) -> Examination:
    def is_right(check: Check, outcomes: Sequence[Outcome]) -> bool:
        return assignment.judges[check.exercise].verdict(outcomes).status == "right"

    examiner = Examiner(sandbox.launcher, notebook.code, is_right)
    return examiner.examine(assignment.checks, assignment.cases, told)


def _verdicts(
    assignment: Assignment, examination: Examination, trouble: str | None
) -> list[Verdict]:
    # Without a notebook every function is missing.
    nothing = [Outcome("missing")]
    verdicts = [
        assignment.judges[check.exercise].verdict(examination.outcomes.get(check.exercise, nothing))
        for check in assignment.checks
    ]
    if trouble:
        for verdict in verdicts:
            verdict.message = printable(trouble)
    return verdicts


def _say_why(verdict: Verdict, examination: Examination, libraries: Libraries) -> None:
    for outcome in examination.outcomes.get(verdict.exercise, ()):
        if reason := why(outcome, libraries):
            verdict.message = f"{printable(reason)}\n{verdict.message}"


def _mark(
    verdict: Verdict, assignment: Assignment, examination: Examination, reading: Reading
) -> Mark:
    outcomes = examination.outcomes.get(verdict.exercise, ())
    mark = Mark.of(verdict, fingerprint(verdict, assignment.cases[verdict.exercise], outcomes))
    if mark.status == "right":
        mark.code = printable(reading.answers.get(mark.function, ""))
    return mark


def _record(
    work: Work,
    assignment: Assignment,
    notebook: Notebook | None,
    sandbox: Sandbox,
    marks: list[Mark],
    began: float,
) -> Record:
    """The grade so far. It has no key, because it isn't finished."""
    return Record(
        student=work.student,
        assignment=work.assignment,
        key="",
        marks=marks,
        questions=_questions(assignment, notebook),
        notes=[printable(note) for note in notebook.notes] if notebook else [],
        late=work.late,
        seconds=time.monotonic() - began,
        isolation=sandbox.report.layers,
        run=work.run,
    )


def _teller(
    work: Work,
    assignment: Assignment,
    notebook: Notebook,
    sandbox: Sandbox,
    partial: Partial | None,
    began: float,
) -> Callable[[Examination], None]:
    """Make the function that reports the grade so far."""

    def told(so_far: Examination) -> None:
        if partial is not None:
            marks = [
                Mark.of(assignment.judges[check.exercise].verdict(so_far.outcomes[check.exercise]))
                if check.exercise in so_far.outcomes
                else Mark.waiting(check, assignment.judges[check.exercise].max_points)
                for check in assignment.checks
            ]
            partial(_record(work, assignment, notebook, sandbox, marks, began))

    return told


def _with_page(record: Record, verdicts: list[Verdict]) -> Graded:
    page = feedback_page(record, verdicts)
    return Graded(record.model_copy(update={"feedback": hash_of_page(page)}), page)


def _questions(assignment: Assignment, notebook: Notebook | None) -> list[Question]:
    questions = []
    for name in assignment.questions:
        answer = notebook.answers.get(grade_id("question", name)) if notebook else ""
        if answer is not None and answer.strip() == UNTOUCHED:
            answer = ""
        answer = answer and printable(answer)
        points = points_for(name)
        questions.append(Question(exercise=name, max_points=points, answer=answer))
    return questions


def _notes(
    notebook: Notebook | None, verdicts: list[Verdict], examination: Examination
) -> list[str]:
    if notebook is None:
        return []
    notes = list(notebook.notes)
    if all(verdict.status == "missing" for verdict in verdicts):
        title = f" Its first heading is “{notebook.title}”." if notebook.title else ""
        notes.append(
            f"None of this assignment's functions are in your file. Is it the right one?{title}"
        )
    return notes + examination.notes
