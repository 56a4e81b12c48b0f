"""How long a notebook takes, in the words that begin it."""

from collections.abc import Mapping
from typing import Any


def duration(name: str, course: Mapping[str, Any]) -> str:
    """A sentence or two; empty if `course.toml` doesn't say.

    Args:
        name: of the assignment.
        course: what `course.toml` says: `minutes = [30, 60]` for a student's work, and
            `machine_minutes = 2` for running every cell on a laptop's processor.
    """
    (about,) = (a for a in course["assignments"] if a["name"] == name)
    sentences = []
    if "minutes" in about:
        least, most = about["minutes"]
        sentences.append(f"Plan {least} to {most} minutes for this notebook.")
    if "machine_minutes" in about:
        count = about["machine_minutes"]
        minutes = "a minute" if count == 1 else f"{count} minutes"
        sentences.append(f"Running all of it takes about {minutes} on a laptop; no GPU is needed.")
    return " ".join(sentences)
