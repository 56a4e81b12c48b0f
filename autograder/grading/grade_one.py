"""Grade one submission: what was handed in comes as bytes, and a grade goes as data.

Nothing here looks at the disk, so that it can be done on another computer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.course.instructor_notebook import grade_id
from autograder.errors import CommandError
from autograder.files.disk import is_the_disks_fault, writing
from autograder.grading.assignment import Assignment
from autograder.grading.examine import Examination, Examiner
from autograder.grading.feedback import feedback_page
from autograder.grading.fingerprint import fingerprint
from autograder.grading.late import Lateness
from autograder.grading.records import Mark, Question, Record, hash_of_page
from autograder.sandbox.launcher import Launcher
from autograder.submission.read import UNTOUCHED, Notebook, Unreadable, read_notebook
from autograder.submission.suspicion import suspicions
from autograder.text import printable
from pset.checks.calling import Outcome
from pset.checks.definition import Check
from pset.checks.judging import Verdict
from pset.course import points_for


@dataclass(frozen=True)
class Work:
    """A submission to grade.

    Args:
        student, assignment: whose, and which.
        name: of the file.
        data: its bytes; none where there is trouble.
        trouble: why there is no such file, if so.
        key: hash of all that the grade follows from.
        late: how late it was handed in.
        run: the name of the run, if that is to grade everything again.
    """

    student: str
    assignment: str
    name: str
    data: bytes
    trouble: str | None
    key: str
    late: Lateness = field(default_factory=Lateness)
    run: str = ""


@dataclass(frozen=True)
class Graded:
    """What came of it: the record, and `feedback.html`."""

    record: Record
    page: bytes


Partial = Callable[[Record], None]
"""Told what is known of a grade while it is being formed: at its start, and after each exercise."""


def grade_work(
    work: Work, assignment: Assignment, launcher: Launcher, partial: Partial | None = None
) -> Graded:
    """Grade a submission.

    Args:
        work: the submission.
        assignment: to which it belongs.
        launcher: of student processes.
        partial: told of the grade as far as it is known; exercises to come are "waiting".

    Raises:
        CommandError: it would be the same with every other.
    """
    key, trouble, notebook = work.key, work.trouble, None
    began = time.monotonic()
    try:
        if trouble is None:
            notebook = read_notebook(work.data, work.name)
    except Unreadable as error:
        trouble = str(error)
    try:
        launcher.warm()
        began = time.monotonic()  # the first student does not wait for torch to be imported
        examination = _examine(work, assignment, notebook, launcher, partial)
    except CommandError:
        raise
    except Exception as error:
        if is_the_disks_fault(error):
            with writing():
                raise
        # Not this student's fault, and no reason to stop. Without a key it is tried again.
        trouble = f"The grader failed on this submission ({type(error).__name__}: {error})."
        notebook, examination, key = None, Examination(), ""
    if launcher.is_stopped:
        raise CommandError("Grading has been stopped.")  # and so was this student's process
    verdicts = _verdicts(assignment, examination, trouble)
    record = Record(
        student=work.student,
        assignment=work.assignment,
        key=key,
        marks=[
            Mark.of(
                verdict,
                fingerprint(
                    verdict,
                    assignment.cases[verdict.exercise],
                    examination.outcomes.get(verdict.exercise, ()),
                ),
            )
            for verdict in verdicts
        ],
        questions=_questions(assignment, notebook),
        notes=[printable(note) for note in _notes(notebook, verdicts, examination)],
        trouble=trouble and printable(trouble),
        late=work.late,
        seconds=time.monotonic() - began,
        cpu_seconds=examination.cpu_seconds,
        isolation=launcher.report.layers,
        suspicious=suspicions(notebook.code, examination.outcomes, examination.notes)
        if notebook
        else [],
        run=work.run,
    )
    return _with_page(record, [] if trouble else verdicts)


def failed(work: Work, assignment: Assignment, trouble: str) -> Graded:
    """What is written where the grader, and not the student, has failed. It is tried again."""
    verdicts = _verdicts(assignment, Examination(), trouble)
    record = Record(
        student=work.student,
        assignment=work.assignment,
        key="",
        marks=[Mark.of(verdict) for verdict in verdicts],
        questions=_questions(assignment, None),
        trouble=printable(trouble),
        late=work.late,
    )
    return _with_page(record, [])


def _with_page(record: Record, verdicts: list[Verdict]) -> Graded:
    page = feedback_page(record, verdicts)
    return Graded(record.model_copy(update={"feedback": hash_of_page(page)}), page)


def _examine(
    work: Work,
    assignment: Assignment,
    notebook: Notebook | None,
    launcher: Launcher,
    partial: Partial | None,
) -> Examination:
    if notebook is None:
        return Examination()

    def is_right(check: Check, outcomes: Sequence[Outcome]) -> bool:
        return assignment.judges[check.exercise].verdict(outcomes).status == "right"

    examiner = Examiner(launcher, notebook.code, is_right)
    if partial is None:
        return examiner.examine(assignment.checks, assignment.cases)
    began = time.monotonic()

    def told(so_far: Examination) -> None:
        marks = [
            Mark.of(assignment.judges[check.exercise].verdict(so_far.outcomes[check.exercise]))
            if check.exercise in so_far.outcomes
            else Mark.waiting(check, assignment.judges[check.exercise].max_points)
            for check in assignment.checks
        ]
        partial(
            Record(
                student=work.student,
                assignment=work.assignment,
                key="",  # it is not done
                marks=marks,
                questions=_questions(assignment, notebook),
                notes=[printable(note) for note in notebook.notes],
                late=work.late,
                seconds=time.monotonic() - began,
                isolation=launcher.report.layers,
            )
        )

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
        title = f" It begins with the heading “{notebook.title}”." if notebook.title else ""
        notes.append(
            f"None of this assignment's functions is in the file. Is it the right one?{title}"
        )
    return notes + examination.notes
