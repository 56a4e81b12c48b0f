"""Grade a class: find submissions, examine each in a process of its own, judge, write down."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from autograder.assignment import Assignment
from autograder.errors import CannotGoOn
from autograder.examine import Examination, Examiner
from autograder.feedback import write_feedback
from autograder.fingerprint import fingerprint
from autograder.instructor_notebook import grade_id
from autograder.isolation.options import Isolation
from autograder.isolation.report import Report
from autograder.isolation.view import exposed
from autograder.late import Lateness, LatePolicy, handed_in
from autograder.launch import Launcher
from autograder.limits import Limits
from autograder.notebook import UNTOUCHED, Notebook, Unreadable, read_bytes, read_notebook
from autograder.protocol import printable
from autograder.records import (
    Mark,
    Question,
    Record,
    load_record,
    load_records,
    save_record,
    write_grades,
)
from autograder.secret import Secret
from autograder.solution import read_solutions
from autograder.submissions import Submission, notebook_file
from autograder.suspicion import suspicions
from pset.checks.calling import Outcome
from pset.checks.definition import Check
from pset.checks.judging import Verdict
from pset.course import course_file, points_for, read_course

What = Literal["started", "graded", "unchanged"]
Progress = Callable[[Submission, What], None]
Late = Callable[[Submission], Lateness]
Partial = Callable[[Record], None]
"""Told what is known of a grade while it is being formed: at its start, and after each exercise."""


class Grader:
    """Grades submissions one by one; several threads may share it.

    Args:
        out: where results go.
        assignments: prepared, by name.
        launcher: of student processes.
        again: grade also what has not changed.
        partial: told of each grade as far as it is known; its exercises to come are "waiting".
        late: says how late a submission is; by default none is.
    """

    def __init__(
        self,
        out: Path,
        assignments: dict[str, Assignment],
        launcher: Launcher,
        again: bool,
        partial: Partial | None = None,
        late: Late = lambda submission: Lateness(),
    ) -> None:
        self._out, self._assignments, self._late = out, assignments, late
        self._launcher, self._again, self._partial = launcher, again, partial

    def grade(self, submission: Submission) -> tuple[Record, What]:
        """Grade one submission, or find that nothing has changed since it was graded."""
        folder = self._out / submission.student / submission.assignment
        assignment = self._assignments[submission.assignment]
        notebook, trouble, digest = _read(submission)
        late = self._late(submission)
        known = f"{assignment.key} {digest} {late.model_dump_json(exclude_defaults=True)}"
        key = hashlib.sha256(known.encode()).hexdigest()
        before = load_record(folder)
        if not self._again and before is not None and before.key == key:
            return before, "unchanged"
        began = time.monotonic()
        try:
            self._launcher.warm()
            began = time.monotonic()  # the first student does not wait for torch to be imported
            examination = self._examine(submission, assignment, notebook)
        except CannotGoOn:
            raise  # it would be the same for everybody
        except Exception as error:
            # Not this student's fault, and no reason to stop. Without a key it is tried again.
            trouble = f"The grader failed on this submission ({type(error).__name__}: {error})."
            notebook, examination, key = None, Examination(), ""
        verdicts = _verdicts(assignment, examination, trouble)
        record = Record(
            student=submission.student,
            assignment=submission.assignment,
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
            late=late,
            seconds=time.monotonic() - began,
            cpu_seconds=examination.cpu_seconds,
            isolation=self._launcher.report.layers,
            suspicious=suspicions(notebook.code, examination.outcomes, examination.notes)
            if notebook
            else [],
        )
        write_feedback(folder, record, [] if trouble else verdicts)
        save_record(folder, record)  # last: where there is a record, there is feedback
        return record, "graded"

    def _examine(
        self, submission: Submission, assignment: Assignment, notebook: Notebook | None
    ) -> Examination:
        if notebook is None:
            return Examination()

        def is_right(check: Check, outcomes: Sequence[Outcome]) -> bool:
            return assignment.judges[check.exercise].verdict(outcomes).status == "right"

        examiner = Examiner(self._launcher, notebook.code, is_right)
        if self._partial is None:
            return examiner.examine(assignment.checks, assignment.cases)
        tell, began = self._partial, time.monotonic()

        def told(so_far: Examination) -> None:
            marks = [
                Mark.of(assignment.judges[check.exercise].verdict(so_far.outcomes[check.exercise]))
                if check.exercise in so_far.outcomes
                else Mark.waiting(check, assignment.judges[check.exercise].max_points)
                for check in assignment.checks
            ]
            tell(
                Record(
                    student=submission.student,
                    assignment=submission.assignment,
                    key="",  # it is not done
                    marks=marks,
                    questions=_questions(assignment, notebook),
                    notes=[printable(note) for note in notebook.notes],
                    late=self._late(submission),
                    seconds=time.monotonic() - began,
                    isolation=self._launcher.report.layers,
                )
            )

        return examiner.examine(assignment.checks, assignment.cases, told)


def grade_class(
    submissions: Sequence[Submission],
    out: Path,
    secret: Secret,
    jobs: int = 1,
    again: bool = False,
    limits: Limits | None = None,
    isolation: Isolation | None = None,
    isolated: Callable[[Report], None] = lambda report: None,
    late: Late | None = None,
    keep: Callable[[Submission, Record], None] = lambda submission, record: None,
    private: Iterable[Path] = (),
    begin: Callable[[int], None] = lambda count: None,
    progress: Progress = lambda submission, what: None,
) -> list[Record]:
    """Grade submissions, and write `grades.csv`.

    Args:
        submissions: from `find_submissions`.
        out: gets `grades.csv` and a folder for each submission.
        secret: from which the hidden inputs follow.
        jobs: how many submissions at once.
        again: grade also what has not changed.
        limits: of each student's process.
        isolation: layers to keep it apart by; by default all that the computer offers.
        isolated: told which layers were on, if anything was run.
        late: says how late a submission is; by default by `course.toml` and `timestamp.txt`.
        keep: given each grade as it is done, or found unchanged.
        private: more that student code must not be able to read.
        begin: told the number of submissions, when all is ready.
        progress: told as each submission is started and done.

    Raises:
        CannotGoOn: there is no way to.
    """
    isolation = isolation or Isolation()
    if not isolation.trusted:
        theirs = (submission.folder for submission in submissions)
        _keep_out_of_view([*theirs, out, secret.path, secret.cache, *private])
    late = late or late_by_course()
    names = {submission.assignment for submission in submissions}
    assignments = {
        name: Assignment.prepare(solution, secret)
        for name, solution in read_solutions().items()
        if name in names
    }
    records: list[Record] = []
    with Launcher(limits, isolation) as launcher:
        grader = Grader(out, assignments, launcher, again, late=late)

        def one(submission: Submission) -> Record:
            progress(submission, "started")
            record, what = grader.grade(submission)
            records.append(record)
            keep(submission, record)
            progress(submission, what)
            return record

        begin(len(submissions))
        pool = ThreadPoolExecutor(max_workers=jobs)
        try:
            list(pool.map(one, submissions))
        finally:
            pool.shutdown(cancel_futures=True)
            write_grades(out / "grades.csv", load_records(out))
            if launcher.report.on:
                isolated(launcher.report)
    return records


def late_by_course() -> Late:
    """Lateness by the rules of `course.toml`, and nbgrader's note of when a submission came in.

    Raises:
        CannotGoOn: one of the rules, or of the dates, is not as it should be.
    """
    policy = LatePolicy.of(read_course(course_file()))
    return lambda submission: policy.lateness(submission.assignment, handed_in(submission.folder))


def _keep_out_of_view(private: Iterable[Path]) -> None:
    """Refuse where student code could read what is nobody's business.

    Raises:
        CannotGoOn: it could; says what to move.
    """
    if seen := exposed(private):
        raise CannotGoOn(
            f"Student code may read {seen[0]}, because it lies among the files that Python needs. "
            "Put submissions, results and the secret in a folder of their own.",
            usage=True,
        )


def _read(submission: Submission) -> tuple[Notebook | None, str | None, str]:
    """The notebook or what is wrong with it, and a hash of what was handed in."""
    digest = ""
    try:
        path = notebook_file(submission)
        data = read_bytes(path)
        digest = f"{path.name} {hashlib.sha256(data).hexdigest()}"
        return read_notebook(data, path.name), None, digest
    except Unreadable as error:
        return None, str(error), digest or str(error)
    except OSError as error:
        return None, f"The submission cannot be read: {error.strerror}.", "unreadable"


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
