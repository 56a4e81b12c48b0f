"""Events while a class is graded, for whoever wants to show progress."""

from autograder.sandbox.layers.report import Report
from autograder.submission.find import Submission


class Events:
    """Does nothing; override the methods of the events you want. They're called by one thread."""

    def ready(self, count: int) -> None:
        """Everything is prepared; so many submissions are waiting."""

    def started(self, submission: Submission) -> None:
        """A submission's turn has come."""

    def done(self, submission: Submission, is_new: bool) -> None:
        """A submission has its grade: a new one, or the one from before if nothing has changed."""

    def isolated(self, report: Report) -> None:
        """Student code ran under these layers; called once for each kind of computer."""
