"""Grade a class: find what has changed, have it graded, and write the results."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.secret import Secret
from autograder.course.solution import read_solutions
from autograder.errors import CommandError
from autograder.grading.assignment import Assignment
from autograder.grading.bookkeeper import Bookkeeper
from autograder.grading.events import Events
from autograder.grading.executor import Executor, Threads
from autograder.grading.records import Record, load_records, write_grades
from autograder.grading.result_store import ResultStore
from autograder.grading.work import Work, read_work
from autograder.sandbox.layers.report import Report
from autograder.sandbox.layers.view import exposed
from autograder.submission.find import Submission
from autograder.text import on_one_line
from pset.challenge.settings import EXERCISE


def grade_class(
    submissions: Sequence[Submission],
    out: Path,
    secret: Secret,
    executor: Executor | None = None,
    again: str = "",
    bookkeeper: Bookkeeper | None = None,
    events: Events | None = None,
    competes: bool = False,
) -> list[Record]:
    """Grade submissions, and write `grades.csv`. Only one process may do this at a time.

    Args:
        submissions: from `find_submissions`.
        out: gets `grades.csv` and a folder for each submission.
        secret: from which the hidden inputs are generated.
        executor: where submissions are graded; by default on this computer, one at a time.
        again: the name of a run that grades everything again; see `ResultStore`.
        bookkeeper: says what's late, and keeps grades elsewhere too; by default it doesn't.
        events: is told of progress.
        competes: run the challenge, where a submission has no entry yet. It takes minutes for each.

    Raises:
        CommandError: grading is impossible.
        KeyboardInterrupt: passed on; all processes are ended, and unfinished grades are dropped.
    """
    executor, bookkeeper = executor or Threads(), bookkeeper or Bookkeeper()
    events = events or Events()
    if not executor.isolation.trusted:
        theirs = (submission.folder for submission in submissions)
        _keep_out_of_view([*theirs, out, secret.path, secret.cache, *bookkeeper.private])
    assignments = _prepare({submission.assignment for submission in submissions}, secret)
    store = ResultStore(out, again)
    records: list[Record] = []
    reports: list[Report] = []

    def done(submission: Submission, record: Record, is_new: bool) -> None:
        records.append(bookkeeper.keep(submission, record))
        events.done(submission, is_new)

    def changed() -> Iterator[Work]:
        for submission in submissions:
            events.started(submission)
            assignment = assignments[submission.assignment]
            work = read_work(submission, assignment.key, bookkeeper.late(submission))
            work = replace(work, competes=competes and assignment.challenge is not None)
            record = store.unchanged(work)
            if record is None or (work.competes and not record.has_mark(EXERCISE)):
                yield store.with_entry(work)
            else:
                done(submission, record, is_new=False)

    try:
        with executor.ready(assignments, secret) as grade:
            events.ready(len(submissions))
            for work, graded, report in grade(changed()):
                done(work.submission, store.save(work, graded), is_new=True)
                if report is not None and report not in reports:
                    reports.append(report)
                    events.isolated(report)
    finally:
        write_grades(out / "grades.csv", load_records(out))
    return records


def _prepare(names: set[str], secret: Secret) -> dict[str, Assignment]:
    return {
        name: Assignment.prepare(solution, secret)
        for name, solution in read_solutions().items()
        if name in names
    }


def _keep_out_of_view(private: Iterable[Path]) -> None:
    """Refuse to grade if student code could read private files.

    Raises:
        CommandError: it could; says what to move.
    """
    if seen := exposed(private):
        raise CommandError(
            f"Student code could read {on_one_line(str(seen[0]))}, because it's among the files "
            "that Python needs. Put submissions, results and the secret in a folder of their own.",
            usage=True,
        )
