"""What a course knows of a submission besides its code: how late it is, and marks by hand."""

from collections.abc import Sequence
from pathlib import Path

from autograder.grading.late import Lateness, LatePolicy, handed_in
from autograder.grading.records import Record
from autograder.sandbox.closing import Closing
from autograder.submission.find import Submission
from pset.course import course_file, read_course


class Bookkeeper(Closing):
    """Of a course without a gradebook: `course.toml` says what's late, grades are only results.

    A context manager.

    Raises:
        CommandError: a late rule or a date is invalid.
    """

    private: Sequence[Path] = ()
    """Files that student code must not be able to read."""

    def __init__(self) -> None:
        self._policy = LatePolicy.of(read_course(course_file()))

    def late(self, submission: Submission) -> Lateness:
        """How late a submission is, by nbgrader's `timestamp.txt` beside it."""
        return self._policy.lateness(submission.assignment, handed_in(submission.folder))

    def keep(self, submission: Submission, record: Record) -> Record:
        """Called with each grade, new or unchanged; returns it with marks given by hand."""
        return record

    def close(self) -> None:
        """Nothing more will be kept."""
