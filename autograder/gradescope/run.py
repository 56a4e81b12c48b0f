"""Inside Gradescope's container: grade the one submission, writing down each mark as it comes."""

import tempfile
from pathlib import Path

from autograder.errors import CommandError
from autograder.gradescope.packed import FOLDER, read_packed
from autograder.grading.grade_class import Grader
from autograder.grading.records import Record, save_record
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.view import exposed
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission

STUDENT = "submission"
"""Gradescope knows whose it is. A name that a student chose is no part of a path here."""


def run(root: Path, isolation: Isolation | None = None, limits: Limits | None = None) -> Record:
    """Grade what lies in `submission/`, and write `results/results.json`.

    That file is there, whole, from before the first exercise on; it is replaced after each. When
    time runs out, what was earned until then stands in it.

    Args:
        root: Gradescope's folder, `/autograder`.
        isolation: for tests; by default as the archive says.
        limits: of each student's process.

    Raises:
        CommandError: nothing can be graded here; no result is left that would pass for one.
    """
    hidden, results = root / "source" / FOLDER, root / "results"
    packed = read_packed(hidden)
    isolation = isolation or Isolation(trusted=packed.trusted)
    if not isolation.trusted and (seen := exposed([hidden, results, root / "submission"])):
        raise CommandError(f"Student code could read {seen[0]} here. Make the archive again.")
    assignments = {packed.name: packed.assignment(hidden)}
    submission = Submission(STUDENT, packed.name, root / "submission")

    def write(record: Record) -> None:
        save_record(results, record)

    try:
        with tempfile.TemporaryDirectory() as out, Sandbox(limits, isolation) as sandbox:
            grader = Grader(Path(out), assignments, sandbox, again=True, partial=write)
            record, _ = grader.grade(submission)
        if not record.key:
            # The grader's fault: no mark for the student.
            raise CommandError(f"{record.trouble}\n{record.failure}")
        write(record)
    except CommandError:
        (results / "results.json").unlink(missing_ok=True)
        raise
    return record
