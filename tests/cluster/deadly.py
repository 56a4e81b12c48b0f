"""A task for workers that some submissions kill."""

import os
import signal

from autograder.cluster.worker import grade_on_worker
from autograder.grading.grade_one import Graded
from autograder.grading.work import Work
from autograder.sandbox.layers.report import Report

DEADLY = "deadly"


def grade_or_die(run: str, work: Work) -> tuple[Graded, Report]:
    """As `grade_on_worker`; but a submission of this name ends its worker, whichever it is."""
    if work.submission.student == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_on_worker(run, work)
