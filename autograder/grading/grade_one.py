"""Grade one submission: read, run, judge, record.

The submission comes in as bytes, and the grade goes out as data. Nothing here touches the disk, so
it can run on another computer.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from autograder.challenge.entry import Entry
from autograder.course.libraries import Libraries
from autograder.errors import CommandError
from autograder.files.disk import is_the_disks_fault, writing
from autograder.grading.assignment import Assignment
from autograder.grading.challenged import LATER, entry_of, suspicions, verdict_on
from autograder.grading.elsewhere import lacking, why
from autograder.grading.examine import Examination, Examiner
from autograder.grading.feedback import feedback_page
from autograder.grading.fingerprint import fingerprint
from autograder.grading.records import Mark, Question, Record, hash_of_page
from autograder.grading.refusals import refusals
from autograder.grading.work import Work
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.notebook import MAX_NOTE, MAX_NOTES, Notebook, Unreadable
from autograder.text import printable
from pset.checks.calling import Outcome
from pset.checks.judging import Verdict

GRADERS_FAULT = (
    "Something in your submission made the grader fail. That should never happen, whatever is in "
    "it. Your teaching assistants can see what went wrong; ask them to have a look."
)
LONGEST_FAILURE = 8000

Told = Callable[[Record], None]
"""Called with the grade so far: at the start, and after each exercise."""


@dataclass(frozen=True)
class Graded:
    """The result: the record, and `feedback.html`."""

    record: Record
    page: bytes


def grade_one(
    work: Work,
    assignment: Assignment,
    sandbox: Sandbox,
    told: Told = lambda record: None,
) -> Graded:
    """Grade a submission. It gets a grade, whatever is in it.

    Args:
        work: the submission.
        assignment: the one it belongs to.
        sandbox: where it's read and run.
        told: called with the grade so far; exercises still to come are "waiting".

    Raises:
        CommandError: every other submission would fail in the same way.
    """
    try:
        sandbox.warm()  # before the clock starts: nobody's grading includes importing torch
        graded = _Grading(work, assignment, sandbox, told).grade()
    except CommandError:
        raise
    except Exception as error:
        if is_the_disks_fault(error):
            with writing():
                raise
        # It's not this student's fault, and no reason to stop. Without a key, it's tried again.
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
    verdicts = _judge(Examination(trouble=GRADERS_FAULT), assignment)
    record = Record(
        student=work.submission.student,
        assignment=work.submission.assignment,
        key="",
        marks=[Mark.of(verdict) for verdict in verdicts],
        questions=_questions(assignment, None),
        trouble=GRADERS_FAULT,
        failure=printable(failure)[-LONGEST_FAILURE:],
        late=work.late,
    )
    return _with_page(record, [])


class _Grading:
    """One submission on its way to a grade; takes the same arguments as `grade_one`."""

    def __init__(self, work: Work, assignment: Assignment, sandbox: Sandbox, told: Told) -> None:
        self._work, self._assignment, self._sandbox = work, assignment, sandbox
        self._told = told
        self._began = time.monotonic()

    def grade(self) -> Graded:
        """Read → run → judge → record."""
        examination = self._first_begun()
        verdicts = _judge(examination, self._assignment)
        entry: Entry | None = None
        if (challenge := self._assignment.challenge) is not None:
            work, sandbox, notebook = self._work, self._sandbox, examination.notebook
            entry = entry_of(work, examination.name, notebook, challenge, sandbox)
            examination.suspicious += suspicions(challenge, entry)
            if entry is None and not work.competes:
                examination.notes.append(LATER)
            else:
                verdicts.append(verdict_on(challenge, entry))
        return self._record(examination, verdicts, entry)

    def _first_begun(self) -> Examination:
        """The first of the files with any work in it; if there's none, the first one."""
        first: Examination | None = None
        for name, data in self._work.files:
            examination = self._run(self._read(name, data))
            if examination.is_begun:
                return _in_place_of(first, examination) if first else examination
            first = first or examination
        return first or Examination(trouble=self._work.trouble)

    def _read(self, name: str, data: bytes) -> Examination:
        try:
            with self._sandbox.reader.open(data, name) as file:
                notebook = file.notebook()
                try:
                    suspicious = file.suspicions()
                    judges = self._assignment.judges.values()
                    answers = file.answers([judge.check.function for judge in judges])
                except Unreadable:
                    suspicious, answers = ["its code couldn't be inspected"], {}
                return Examination(name, notebook, suspicious=suspicious, answers=answers)
        except Unreadable as error:
            return Examination(name, trouble=str(error))

    def _run(self, examination: Examination) -> Examination:
        if examination.notebook is not None:
            judges = self._assignment.judges
            Examiner(self._sandbox.launcher, examination, judges).examine(self._tell)
        return examination

    def _record(
        self, examination: Examination, verdicts: list[Verdict], entry: Entry | None
    ) -> Graded:
        marks = [Mark.of(v, self._fingerprint(v, examination)) for v in verdicts]
        for mark in marks:
            if mark.status == "right":
                mark.code = printable(examination.answers.get(mark.function, ""))
        record = self._so_far(examination, marks).model_copy(
            update={
                "key": self._work.key,
                "file": examination.name,
                "notes": [printable(note) for note in _notes(examination, verdicts)],
                "trouble": examination.trouble and printable(examination.trouble),
                "cpu_seconds": examination.cpu_seconds + (entry.cpu_seconds if entry else 0),
                "entry": entry,
                "lacking": lacking(examination.all_absent, Libraries.installed()),
                "suspicious": [
                    *(printable(line) for line in examination.suspicious),
                    *refusals(examination.outcomes, examination.notes),
                ],
            }
        )
        return _with_page(record, [] if examination.trouble else verdicts)

    def _fingerprint(self, verdict: Verdict, examination: Examination) -> str:
        judge = self._assignment.judges.get(verdict.exercise)
        if judge is None:  # the challenge
            return ""
        outcomes = examination.outcomes.get(verdict.exercise, ())
        return fingerprint(verdict, judge.cases, outcomes)

    def _tell(self, so_far: Examination) -> None:
        """Report the grade so far."""
        marks = [
            Mark.of(judge.verdict(so_far.outcomes[exercise]))
            if exercise in so_far.outcomes
            else Mark.waiting(judge.check, judge.max_points)
            for exercise, judge in self._assignment.judges.items()
        ]
        self._told(self._so_far(so_far, marks))

    def _so_far(self, examination: Examination, marks: list[Mark]) -> Record:
        """A record without a key, because it isn't finished."""
        notebook = examination.notebook
        return Record(
            student=self._work.submission.student,
            assignment=self._work.submission.assignment,
            key="",
            marks=marks,
            questions=_questions(self._assignment, notebook),
            notes=[printable(note) for note in notebook.notes] if notebook else [],
            late=self._work.late,
            seconds=time.monotonic() - self._began,
            isolation=self._sandbox.report.layers,
        )


def _in_place_of(first: Examination, examination: Examination) -> Examination:
    """An examination with a note that it isn't the likeliest file's."""
    assert examination.notebook is not None, "functions have been called"
    reason = first.trouble or f"No exercise has been started in {first.name}."
    note = f"{reason} So {examination.name}, which is next to it, was graded instead."[:MAX_NOTE]
    notes = [note, *examination.notebook.notes][:MAX_NOTES]
    examination.notebook = examination.notebook.model_copy(update={"notes": notes})
    return examination


def _judge(examination: Examination, assignment: Assignment) -> list[Verdict]:
    """A verdict on each exercise, which also says if its code fails only in the grader."""
    libraries = Libraries.installed()
    verdicts = []
    for exercise, judge in assignment.judges.items():
        # Without a notebook every function is missing.
        outcomes = examination.outcomes.get(exercise, [Outcome("missing")])
        verdict = judge.verdict(outcomes)
        if exercise in examination.findings:
            verdict = judge.explained(verdict, examination.findings[exercise], outcomes)
        if examination.trouble:
            verdict.message = printable(examination.trouble)
        for outcome in outcomes:
            if reason := why(outcome, libraries):
                verdict.message = f"{printable(reason)}\n{verdict.message}"
        verdicts.append(verdict)
    return verdicts


def _questions(assignment: Assignment, notebook: Notebook | None) -> list[Question]:
    answers = notebook.answers if notebook else None
    return [Question.asked(name, points, answers) for name, points in assignment.questions.items()]


def _notes(examination: Examination, verdicts: list[Verdict]) -> list[str]:
    notebook = examination.notebook
    if notebook is None:
        return []
    notes = list(notebook.notes)
    if all(verdict.status == "missing" for verdict in verdicts):
        title = f" Its first heading is “{notebook.title}”." if notebook.title else ""
        notes.append(
            f"None of this assignment's functions are in your file. Is it the right one?{title}"
        )
    return notes + examination.notes


def _with_page(record: Record, verdicts: list[Verdict]) -> Graded:
    page = feedback_page(record, verdicts)
    return Graded(record.model_copy(update={"feedback": hash_of_page(page)}), page)
