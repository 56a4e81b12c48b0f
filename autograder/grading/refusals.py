"""What the isolation layers refused to a notebook: worth a look for the instructor."""

from collections.abc import Mapping, Sequence

from autograder.submission.suspicion import as_lines
from pset.checks.calling import Outcome

REFUSED = ("PermissionError", "Operation not permitted", "Its process ended", "Its process sent")


def refusals(outcomes: Mapping[str, Sequence[Outcome]], notes: Sequence[str] = ()) -> list[str]:
    """The refusals in a notebook's outcomes, one per line.

    Args:
        outcomes: exercise → the outcomes of its calls.
        notes: on cells that could not be run.
    """
    said = [f"{e}: {outcome.error}" for e, those in outcomes.items() for outcome in those]
    refused = [text for text in (*said, *notes) if any(word in text for word in REFUSED)]
    return as_lines(dict.fromkeys(" ".join(text.split()) for text in refused))
