"""The challenge as a course sets it: `[challenge]` in `course.toml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import Any

from pset.course import course_file, read_course

EXERCISE = "challenge"
"""Its name among the exercises, in `[points]` and in a notebook's `check(...)`."""

TRAIN, SAMPLE, NAME = "train", "sample", "LEADERBOARD_NAME"
"""What a student's notebook defines: two functions, and a text."""

TITLE = "the challenge: a sampler in ten minutes"

Curve = tuple[tuple[float, float], ...]
"""Points (value, share of the points), by value; straight lines between them."""


@dataclass(frozen=True)
class Settings:
    """Limits, and the curves that turn a measurement into points.

    Args:
        seconds: to train in.
        cores: CPU cores to train and sample on.
        memory_gb: address space of a process.
        sample_seconds: for all samples together.
        pictures: how many samples are measured.
        call_seconds: what one call of the network for all pictures may take; sampling that takes
            longer counts as more calls.
        rehearsal_seconds: to train in, in a student's own notebook.
        most_copies: with a larger share of copies among the samples, there are no points.
        distance, calls: curves; the product of both shares counts.
    """

    seconds: float
    cores: int
    memory_gb: float
    sample_seconds: float
    pictures: int
    call_seconds: float
    rehearsal_seconds: float
    most_copies: float
    distance: Curve
    calls: Curve

    @classmethod
    def of(cls, course: Mapping[str, Any]) -> "Settings":
        """Read them from what `course.toml` says.

        Raises:
            ValueError: something is missing, unknown or no positive number; or a curve isn't one.
        """
        table = dict(course.get("challenge", {}))
        names = [field.name for field in fields(cls)]
        if wrong := sorted(set(names) ^ table.keys()):
            raise ValueError(
                f"[challenge] in course.toml needs exactly {', '.join(names)}. Look at "
                f"{wrong[0]!r}."
            )
        for name in names:
            if name in ("distance", "calls"):
                table[name] = _curve(name, table[name])
            elif not isinstance(table[name], int | float) or not table[name] > 0:
                raise ValueError(f"{name} in [challenge] must be positive, not {table[name]!r}.")
        return cls(**table)

    def share(self, distance: float, calls: float, copies: float) -> float:
        """The share of the points that samples earn, from 0 to 1."""
        if copies > self.most_copies:
            return 0.0
        return along(self.distance, distance) * along(self.calls, calls)


@cache
def installed_settings() -> Settings:
    """Of the installed course."""
    return Settings.of(read_course(course_file()))


def along(curve: Curve, value: float) -> float:
    """A curve's value; it stays as it is before the first point and after the last."""
    if value <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in pairwise(curve):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return curve[-1][1]


def _curve(name: str, points: Any) -> Curve:
    """A curve from a list of pairs.

    Raises:
        ValueError: it isn't one, with values that rise, and shares from 0 to 1 that don't.
    """
    if (
        not isinstance(points, list)
        or not points
        or not all(isinstance(p, list) and len(p) == 2 for p in points)
        or not all(isinstance(x, int | float) for point in points for x in point)
        or not all(0 <= share <= 1 for _, share in points)
        or not _rises([value for value, _ in points])
        or any(high > low for (_, low), (_, high) in pairwise(points))
    ):
        raise ValueError(
            f"{name} in [challenge] must be a list such as [[1, 1.0], [10, 0.0]]: values that "
            f"rise, each with a share of the points that falls. It's {points!r}."
        )
    return tuple((float(value), float(share)) for value, share in points)


def _rises(values: Sequence[float]) -> bool:
    return all(one < other for one, other in pairwise(values))
