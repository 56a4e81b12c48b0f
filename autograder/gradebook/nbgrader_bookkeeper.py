"""Keep a class's grades in an nbgrader course while it's graded."""

from collections.abc import Iterable
from pathlib import Path

from autograder.course.solution import read_solutions
from autograder.gradebook.nbgrader import CourseGradebook
from autograder.grading.bookkeeper import Bookkeeper
from autograder.grading.late import Lateness
from autograder.grading.records import Record
from autograder.sandbox.reading import Reader
from autograder.submission.find import Submission
from pset.course import course_file, read_course


class NbgraderBookkeeper(Bookkeeper):
    """Takes extensions from nbgrader's gradebook, and puts grades into it.

    Args:
        course: folder of the nbgrader course.
        assignments: to register in its gradebook.
        results: where the grader writes.

    Raises:
        CommandError: the folder isn't an nbgrader course, or its gradebook can't be used.
    """

    def __init__(self, course: Path, assignments: Iterable[str], results: Path) -> None:
        self.private = [course]
        self._gradebook = CourseGradebook(course, read_course(course_file()))
        self._results = results
        solutions = read_solutions()
        for name in assignments:
            self._gradebook.register(solutions[name])
        self._reader = Reader()  # reads what was handed in, for formgrader

    def late(self, submission: Submission) -> Lateness:
        """How late a submission is, including any extension in the gradebook."""
        return self._gradebook.late(submission)

    def keep(self, submission: Submission, record: Record) -> Record:
        """Put a grade into the gradebook, and marks given by hand into the results."""
        return self._gradebook.keep(submission, record, self._results, self._reader)

    def close(self) -> None:
        """End the processes that read what was handed in."""
        self._reader.close()
