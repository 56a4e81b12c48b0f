"""The challenge's part of a grade: run it if that's wanted, and give a verdict."""

from autograder.challenge.contest import Challenge, compete
from autograder.challenge.entry import Entry
from autograder.grading.work import Work
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.notebook import Notebook
from pset._model.cores import available_cores
from pset.challenge import measuring
from pset.challenge.settings import EXERCISE, TITLE, TRAIN
from pset.checks.judging import Status, Verdict

LATER = (
    "The challenge hasn't been run yet. It takes so long that it's run apart from the exercises, "
    "and its points come later."
)


def entry_of(
    work: Work, name: str, notebook: Notebook | None, challenge: Challenge, sandbox: Sandbox
) -> Entry | None:
    """A submission's entry: the one from before if it still counts, or a new one if it's wanted.

    Args:
        work: the submission.
        name: of the file that is graded.
        notebook: what's in it; None if it can't be read.
        challenge: of the assignment.
        sandbox: where it's run.
    """
    if notebook is None:
        return None
    key = challenge.key(dict(work.files)[name])
    if work.entry is not None and work.entry.key == key:
        return work.entry
    if not work.competes:
        return None
    at_once = max(1, available_cores() // challenge.settings.cores)
    with sandbox.training(challenge.limits, at_once) as launcher:
        return compete(challenge, launcher, notebook.code, key)


def verdict_on(challenge: Challenge, entry: Entry | None) -> Verdict:
    """The verdict on an entry, with its points; without one, the notebook couldn't be read."""
    share, message = 0.0, ""
    status: Status = "missing"
    if entry is not None:
        share, message = entry.share(challenge.settings), entry.in_words(challenge.settings)
        if entry.is_scored:
            status = "right" if share > 0 else "wrong"
        else:
            status = measuring.status_of(entry.status)
    points = round(share * challenge.max_points, 2)
    return Verdict(EXERCISE, TITLE, TRAIN, status, points, challenge.max_points, message)


def suspicions(challenge: Challenge, entry: Entry | None) -> list[str]:
    """What in an entry is worth a look, for the instructor."""
    if entry is None or not entry.is_scored or entry.copies <= challenge.settings.most_copies:
        return []
    return [f"{EXERCISE}: {entry.copies:.0%} of the samples look copied from the data set"]
