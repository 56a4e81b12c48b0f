"""What the layers of isolation refused to a notebook: worth a look of the instructor's."""

from collections.abc import Mapping, Sequence

from autograder.submission.suspicion import as_lines
from pset.checks.calling import Outcome

REFUSED = ("PermissionError", "Operation not permitted", "Its process ended", "Its process sent")


def refusals(outcomes: Mapping[str, Sequence[Outcome]], notes: Sequence[str] = ()) -> list[str]:
    """Refusals that a notebook's outcomes tell of, each in a line.

    Args:
        outcomes: exercise → what came of its calls.
        notes: on cells that could not be run.
    """
    said = [f"{e}: {outcome.error}" for e, those in outcomes.items() for outcome in those]
    refused = [text for text in (*said, *notes) if any(word in text for word in REFUSED)]
    return as_lines(dict.fromkeys(" ".join(text.split()) for text in refused))
