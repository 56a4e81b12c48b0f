"""Grade a class: find what has changed, grade it, and write the results."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autograder.course.secret import Secret
from autograder.course.solution import read_solutions
from autograder.errors import CommandError
from autograder.grading.assignment import Assignment
from autograder.grading.grade_one import Graded, Handed, Partial, Work, failed, grade_work
from autograder.grading.late import Lateness, LatePolicy, handed_in
from autograder.grading.records import (
    FEEDBACK,
    Record,
    has_its_page,
    load_record,
    load_records,
    save_record,
    write_grades,
)
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.layers.view import exposed
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.file import read_bytes
from autograder.submission.find import Submission, candidates
from autograder.submission.notebook import MAX_BYTES, Unreadable
from autograder.text import on_one_line, printable
from pset.course import course_file, read_course
from pset.files import write_whole

if TYPE_CHECKING:
    from autograder.cluster.client import Cluster

What = Literal["started", "graded", "unchanged"]
Progress = Callable[[Submission, What], None]
Late = Callable[[Submission], Lateness]


class ResultStore:
    """Looks up earlier grades, and saves new ones.

    Args:
        out: where results go.
        assignments: prepared, by name.
        again: grade also what has not changed.
        run: the name of a run, which then grades nothing twice though it is interrupted.
        late: says how late a submission is; by default none is.
    """

    def __init__(
        self,
        out: Path,
        assignments: dict[str, Assignment],
        again: bool = False,
        run: str = "",
        late: Late = lambda submission: Lateness(),
    ) -> None:
        self._out, self._assignments, self._late = out, assignments, late
        self._again, self._run = again, run

    def look_up(self, submission: Submission) -> Work | Record:
        """The work to do for a submission, or its grade if nothing has changed since."""
        files, trouble = _read(submission)
        digests = [f"{file.name} {hashlib.sha256(file.data).hexdigest()}" for file in files]
        digest = "\n".join(digests) or trouble
        assignment = self._assignments[submission.assignment]
        late = self._late(submission)
        known = f"{assignment.key} {digest} {late.model_dump_json(exclude_defaults=True)}"
        known = " ".join([known, *submission.remarks])
        key = hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()
        folder = self._folder(submission)
        before = load_record(folder)
        if (
            before is not None
            and before.key == key
            and before.student == submission.student  # a disk may take two names for one
            and (not self._again or (self._run and before.run == self._run))
            and has_its_page(folder, before)
        ):
            return before
        run = self._run if self._again else ""
        student, assigned = submission.student, submission.assignment
        return Work(student, assigned, files, trouble, key, late, run)

    def take_down(self, submission: Submission, work: Work, graded: Graded | str) -> Record:
        """Save a grade, or the reason why there is none."""
        if isinstance(graded, str):
            graded = failed(work, self._assignments[work.assignment], graded)
        folder = self._folder(submission)
        record = graded.record.model_copy(update={"remarks": list(submission.remarks)})
        write_whole(folder / FEEDBACK, graded.page)
        save_record(folder, record)  # last: where there is a record, there is feedback
        return record

    def _folder(self, submission: Submission) -> Path:
        return self._out / submission.student / submission.assignment


class Grader:
    """Grades submissions one by one; several threads may share it.

    Args:
        out: where results go.
        assignments: prepared, by name.
        sandbox: where they are read and run.
        again: grade also what has not changed.
        partial: called with each grade so far; exercises still to come are "waiting".
        late: says how late a submission is; by default none is.
        run: the name of a run, which then grades nothing twice though it is interrupted.
    """

    def __init__(
        self,
        out: Path,
        assignments: dict[str, Assignment],
        sandbox: Sandbox,
        again: bool,
        partial: Partial | None = None,
        late: Late = lambda submission: Lateness(),
        run: str = "",
    ) -> None:
        self._book = ResultStore(out, assignments, again, run, late)
        self._assignments, self._sandbox, self._partial = assignments, sandbox, partial

    def grade(self, submission: Submission) -> tuple[Record, What]:
        """Grade one submission, or find that nothing has changed since it was graded."""
        work = self._book.look_up(submission)
        if isinstance(work, Record):
            return work, "unchanged"
        assignment = self._assignments[submission.assignment]
        graded = grade_work(work, assignment, self._sandbox, self._partial)
        return self._book.take_down(submission, work, graded), "graded"


def grade_class(
    submissions: Sequence[Submission],
    out: Path,
    secret: Secret,
    jobs: int = 1,
    again: bool = False,
    limits: Limits | None = None,
    isolation: Isolation | None = None,
    scheduler: str | None = None,
    isolated: Callable[[Report], None] = lambda report: None,
    late: Late | None = None,
    keep: Callable[[Submission, Record], Record] = lambda submission, record: record,
    private: Iterable[Path] = (),
    run: str = "",
    begin: Callable[[int], None] = lambda count: None,
    progress: Progress = lambda submission, what: None,
) -> list[Record]:
    """Grade submissions, and write `grades.csv`. Only one process may do this at a time.

    Args:
        submissions: from `find_submissions`.
        out: gets `grades.csv` and a folder for each submission.
        secret: from which the hidden inputs are generated.
        jobs: how many submissions at once.
        again: grade also what has not changed.
        limits: of each student's process.
        isolation: layers to keep it apart by; by default all that the computer offers.
        scheduler: address of a Dask cluster to grade on instead; see `autograder.cluster.client`.
        isolated: called with the active layers, if anything was run, once per kind of computer.
        late: says how late a submission is; by default by `course.toml` and `timestamp.txt`.
        keep: given each grade as it is done, or found unchanged; gives it with marks by hand.
        private: more that student code must not be able to read.
        run: the name of a run, which with `again` grades nothing twice though it is interrupted.
        begin: called with the number of submissions, when everything is ready.
        progress: called when each submission is started and done.

    Raises:
        CommandError: grading is impossible.
        KeyboardInterrupt: passed on; all processes are ended, and unfinished grades are dropped.
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

    def done(submission: Submission, record: Record, what: What) -> None:
        records.append(keep(submission, record))
        progress(submission, what)

    try:
        if scheduler is None:
            with Sandbox(limits, isolation) as sandbox:
                grader = Grader(out, assignments, sandbox, again, late=late, run=run)
                begin(len(submissions))
                try:
                    _grade_here(submissions, grader, sandbox, jobs, progress, done)
                finally:
                    if sandbox.report.on:
                        isolated(sandbox.report)
        else:
            from autograder.cluster.client import Cluster
            from autograder.cluster.worker import Course

            course = Course.pack(secret, assignments, limits, isolation)
            book = ResultStore(out, assignments, again, run, late)
            with Cluster(scheduler, course) as cluster:
                begin(len(submissions))
                _grade_there(submissions, book, cluster, progress, done, isolated)
    finally:
        write_grades(out / "grades.csv", load_records(out))
    return records


def _grade_here(
    submissions: Sequence[Submission],
    grader: Grader,
    sandbox: Sandbox,
    jobs: int,
    progress: Progress,
    done: Callable[[Submission, Record, What], None],
) -> None:
    def one(submission: Submission) -> None:
        progress(submission, "started")
        done(submission, *grader.grade(submission))

    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        for future in [pool.submit(one, submission) for submission in submissions]:
            # A Ctrl-C that comes just before a wait would be heard only after it: wait in turns.
            while not future.done():
                wait([future], timeout=0.5)
            future.result()
    except BaseException:
        sandbox.stop()  # those that are at it would go on for minutes
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _grade_there(
    submissions: Sequence[Submission],
    book: ResultStore,
    cluster: "Cluster",
    progress: Progress,
    done: Callable[[Submission, Record, What], None],
    isolated: Callable[[Report], None],
) -> None:
    sent: dict[tuple[str, str], Submission] = {}

    def works() -> Iterator[Work]:
        for submission in submissions:
            progress(submission, "started")
            work = book.look_up(submission)
            if isinstance(work, Record):
                done(submission, work, "unchanged")
            else:
                sent[work.student, work.assignment] = submission
                yield work

    reports: list[Report] = []
    for work, graded, report in cluster.grade(works()):
        submission = sent.pop((work.student, work.assignment))
        done(submission, book.take_down(submission, work, graded), "graded")
        if report is not None and report not in reports:
            reports.append(report)
            isolated(report)


def late_by_course() -> Late:
    """Lateness by the rules of `course.toml`, and nbgrader's note of when a submission came in.

    Raises:
        CommandError: a rule or a date is invalid.
    """
    policy = LatePolicy.of(read_course(course_file()))
    return lambda submission: policy.lateness(submission.assignment, handed_in(submission.folder))


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


def _read(submission: Submission) -> tuple[tuple[Handed, ...], str | None]:
    """The candidate files, the most likely first, or what's wrong."""
    files: list[Handed] = []
    try:
        for path in candidates(submission):
            if sum(len(file.data) for file in files) > MAX_BYTES // 2:
                break  # of so large a submission only the likeliest
            try:
                files.append(Handed(on_one_line(path.name), read_bytes(path)))
            except (Unreadable, OSError):
                if not files:
                    raise
    except Unreadable as error:
        return (), printable(str(error))
    except OSError as error:
        return (), f"The submission can't be read: {error.strerror}."
    return tuple(files), None
