"""Inside Gradescope's container: grade the submission, saving each mark as soon as it's known."""

from pathlib import Path

from autograder.errors import CommandError
from autograder.gradescope.packed import FOLDER, read_packed
from autograder.grading.grade_one import grade_one
from autograder.grading.records import Record, save_record
from autograder.grading.work import read_work
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.view import exposed
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission

STUDENT = "submission"
"""Gradescope knows whose it is, so no path here contains a name that a student has chosen."""


def run(root: Path, isolation: Isolation | None = None, limits: Limits | None = None) -> Record:
    """Grade the files in `submission/`, and write `results/results.json`.

    A complete file is written before the first exercise and replaced after each one, so if time
    runs out, it contains everything earned by then.

    Args:
        root: Gradescope's folder, `/autograder`.
        isolation: for tests; by default what the archive says.
        limits: of each student's process.

    Raises:
        CommandError: nothing can be graded here; no result file is left.
    """
    hidden, results = root / "source" / FOLDER, root / "results"
    packed = read_packed(hidden)
    isolation = isolation or Isolation(trusted=packed.trusted)
    if not isolation.trusted and (seen := exposed([hidden, results, root / "submission"])):
        raise CommandError(f"Student code could read {seen[0]} here. Build the archive again.")
    assignment = packed.assignment(hidden)
    submission = Submission(STUDENT, packed.name, root / "submission")

    def write(record: Record) -> None:
        save_record(results, record)

    try:
        with Sandbox(limits, isolation) as sandbox:
            work = read_work(submission, assignment.key)
            record = grade_one(work, assignment, sandbox, write).record
        if not record.key:
            # It's the grader's fault, so don't record a mark.
            raise CommandError(f"{record.trouble}\n{record.failure}")
        write(record)
    except CommandError:
        (results / "results.json").unlink(missing_ok=True)
        raise
    return record
