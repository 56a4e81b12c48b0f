"""A task for workers that some submissions kill."""

import os
import signal

from autograder.isolation.report import Report
from autograder.work import Graded, Work
from autograder.worker import grade_here

DEADLY = "deadly"


def grade_or_die(station: str, work: Work) -> tuple[Graded, Report]:
    """As `grade_here`; but a submission of this name ends its worker, whichever it is."""
    if work.student == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_here(station, work)
