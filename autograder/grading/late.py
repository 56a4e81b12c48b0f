"""Late work: when a submission was handed in, when it was due, and what penalty applies.

Every 24 hours begun after the grace period count as one day. The penalty applies to all points
earned, including those given by hand.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser
from pydantic import BaseModel, Field, ValidationError

from autograder.errors import CommandError
from autograder.submission.file import read_bytes
from autograder.submission.find import TIMESTAMP
from autograder.submission.notebook import Unreadable

NO_EXTENSION = timedelta(0)


class Lateness(BaseModel):
    """How late one submission is.

    Args:
        due: the due date, including an extension if there is one; None without a date.
        handed_in: None if unknown.
        days: begun after the grace period.
        share: of the points that it costs, 0 to 1.
        remark: what the student is told; empty where there is nothing to say.
        unknown: why nobody knows when it was handed in, for the instructor: no student can help it.
    """

    due: datetime | None = None
    handed_in: datetime | None = None
    days: int = 0
    share: float = 0.0
    remark: str = ""
    unknown: str = ""


class Rules(BaseModel, extra="forbid"):
    """`[late]` in `course.toml`. Without it, there's no late penalty.

    Args:
        grace_minutes: after the due date, before work counts as late.
        penalty_per_day: share of the points, for each day begun.
        maximum_penalty: the largest share of the points that is taken off.
    """

    grace_minutes: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    penalty_per_day: float = Field(default=0.0, ge=0, le=1)
    maximum_penalty: float = Field(default=1.0, ge=0, le=1)

    def days(self, late_by: timedelta) -> int:
        """Days begun after the grace period."""
        over = late_by - timedelta(minutes=self.grace_minutes)
        return max(0, math.ceil(over / timedelta(days=1)))

    def share(self, days: int) -> float:
        """The penalty for this many days, as a share of the points."""
        return min(days * self.penalty_per_day, self.maximum_penalty)


@dataclass(frozen=True)
class HandIn:
    """When a submission was handed in; if `time` is None (unknown), `remark` says why."""

    time: datetime | None = None
    remark: str = ""


@dataclass(frozen=True)
class LatePolicy:
    """A course's rules, and when its assignments are due."""

    rules: Rules = field(default_factory=Rules)
    due: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "LatePolicy":
        """What `course.toml` says.

        Raises:
            CommandError: a rule is invalid, or a date has no time zone; says which.
        """
        try:
            rules = Rules.model_validate(settings.get("late", {}))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            raise CommandError(
                f"course.toml, [late]: {name} = {first['input']!r} isn't allowed. {first['msg']}."
            ) from error
        due = {
            assignment["name"]: _due(assignment["name"], assignment["due"])
            for assignment in settings["assignments"]
            if "due" in assignment
        }
        return cls(rules, due)

    def lateness(
        self, assignment: str, handed_in: HandIn, extension: timedelta = NO_EXTENSION
    ) -> Lateness:
        """How late a submission is, and what that costs.

        Args:
            assignment: its name.
            handed_in: when it was handed in.
            extension: that this student was given.
        """
        if assignment not in self.due:
            return Lateness(handed_in=handed_in.time)
        due = self.due[assignment] + extension
        if handed_in.time is None:
            unknown = f"{handed_in.remark} No late penalty was applied."
            return Lateness(due=due, unknown=unknown)
        late_by = handed_in.time - due
        days = self.rules.days(late_by)
        share = self.rules.share(days)
        return Lateness(
            due=due,
            handed_in=handed_in.time,
            days=days,
            share=share,
            remark=_remark(due, handed_in.time, days, share),
        )


def handed_in(folder: Path) -> HandIn:
    """When a submission was handed in. Ignores the file's own date, because copying changes it.

    Args:
        folder: of the submission, with nbgrader's `timestamp.txt`.
    """
    path = folder / TIMESTAMP
    if not (path.is_symlink() or path.exists()):
        return HandIn(None, f"We don't know when this was handed in: there's no {TIMESTAMP}.")
    try:
        return HandIn(_time(read_bytes(path)[:200].decode().strip()))
    except (Unreadable, ValueError, OverflowError):
        return HandIn(
            None,
            f"We don't know when this was handed in: {TIMESTAMP} doesn't contain a time with a "
            "time zone.",
        )


def _time(text: str) -> datetime:
    """A time as nbgrader writes it, "2027-02-05 23:59:00.000000 UTC", or in ISO 8601.

    Raises:
        ValueError: it is none, or has no time zone.
    """
    clock, _, zone = text.rpartition(" ")
    if zone[:1].isalpha() and clock.count(" ") == 1:
        time: datetime = parser.isoparse(clock.replace(" ", "T")).replace(tzinfo=_zone(zone))
    else:
        time = parser.parse(text)
    if time.utcoffset() is None:
        raise ValueError(f"no time zone: {text}")
    if not 2000 <= time.year < 2200:  # near datetime's ends, other time zones overflow
        raise ValueError(f"no plausible year: {text}")
    return time.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    """A time zone by its name: "UTC", "EST", "Europe/Zurich"."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"no time zone: {name}") from error


def _due(assignment: str, due: Any) -> datetime:
    if not isinstance(due, datetime):
        raise CommandError(
            f"course.toml, {assignment}: due = {due} isn't a date with a time. Write it without "
            "quotation marks, as in due = 2027-02-05T23:59:00-05:00."
        )
    if due.utcoffset() is None:
        raise CommandError(
            f"course.toml, {assignment}: due = {due.isoformat()} has no time zone. "
            f"Add the offset from UTC, as in due = {due.isoformat()}-05:00, or a Z for UTC."
        )
    return due


def _remark(due: datetime, time: datetime, days: int, share: float) -> str:
    if not days:
        return ""
    said = f"Handed in {day_and_time(time.astimezone(due.tzinfo))}, due {day_and_time(due)}: "
    said += f"{days} {'day' if days == 1 else 'days'} late. "
    return said + (f"{100 * share:g} % of the points are taken off." if share else "")


def day_and_time(time: datetime) -> str:
    """ "2027-02-05 23:59 UTC-05:00"."""
    return f"{time:%Y-%m-%d %H:%M} {time.tzname() or ''}".strip()
