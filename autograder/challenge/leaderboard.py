"""The leaderboard: entries by points, under the names that students choose."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from autograder.challenge.entry import Entry
from autograder.text import on_one_line
from pset.challenge.settings import Settings

LONGEST = 30
"""Letters of a name."""

ANONYMOUS = "anonymous"
MOST_MARKS = 2
"""Accents and the like on one letter; more of them would run over the lines above and below."""


@dataclass(frozen=True)
class Place:
    """A line of the leaderboard.

    Args:
        rank: from 1; equal points and distances share one.
        name: as it's shown, no two alike but "anonymous". It's a student's text: escape it.
        points: earned.
        entry: what was measured.
    """

    rank: int
    name: str
    points: float
    entry: Entry


def leaderboard(entries: Iterable[Entry], settings: Settings, max_points: float) -> list[Place]:
    """The entries with samples, the best first: by points, then by distance; copies come last.

    Args:
        entries: in an order that doesn't change from run to run.
        settings: of the challenge.
        max_points: of the challenge.
    """
    scored = [entry for entry in entries if entry.is_scored]
    named = zip(names([entry.called for entry in scored]), scored, strict=True)
    rows = [(round(e.share(settings) * max_points, 2), name, e) for name, e in named]
    rows.sort(key=lambda row: (-row[0], row[2].copies > settings.most_copies, row[2].distance))
    places: list[Place] = []
    for points, name, entry in rows:
        last = places[-1] if places else None
        is_equal = last and (last.points, last.entry.distance) == (points, entry.distance)
        rank = last.rank if last and is_equal else len(places) + 1
        places.append(Place(rank, name, points, entry))
    return places


def names(called: Sequence[str]) -> list[str]:
    """The names to show: those that several students chose get a number each."""
    shown = [shown_name(text) for text in called]
    counts = Counter(map(_alike, shown))
    taken = set(counts)
    found = []
    for name in shown:
        if name != ANONYMOUS and counts[_alike(name)] > 1:
            numbered = (f"{name} ({number})" for number in count(1))
            name = next(other for other in numbered if _alike(other) not in taken)
            taken.add(_alike(name))
        found.append(name)
    return found


def shown_name(text: str) -> str:
    """A chosen name on one line: short, printable, without piles of accents; or "anonymous"."""
    letters: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFKC", text):
        marks = marks + 1 if unicodedata.category(letter).startswith("M") else 0
        if letter.isspace() or (letter.isprintable() and marks <= MOST_MARKS):
            letters.append(letter)
    name = on_one_line(" ".join("".join(letters).split()), LONGEST)
    return ANONYMOUS if _alike(name) in ("", ANONYMOUS) else name


def _alike(name: str) -> str:
    """What two names that look alike have in common."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
