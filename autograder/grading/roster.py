"""Names and e-mail addresses of students, for `grades.csv`.

They come from nbgrader's list of students, the file that `nbgrader db student import` takes, or
from an export of Canvas's gradebook, and are kept with the results.
"""

import csv
import json
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from autograder.errors import CommandError
from pset.files import write_whole

KEPT = "roster.json"
NBGRADERS = ("first_name", "last_name", "email")
CANVAS = "Student"
CANVAS_KEYS = ("SIS Login ID", "SIS User ID", "ID")
"""Columns of Canvas's export that a submission's folder may be named after."""


class Person(BaseModel):
    """Who a student is. Either may be empty."""

    name: str = ""
    email: str = ""


People = dict[str, Person]
"""Name of a student's folder → who that is."""


def read_people(path: Path) -> People:
    """Read a list of students.

    Raises:
        CommandError: it's neither nbgrader's nor Canvas's; says what columns it should have.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} can't be read as a CSV file: {error}.", usage=True) from error
    columns = rows[0].keys() if rows else ()
    if "id" in columns and not set(columns).isdisjoint(NBGRADERS):
        return {_text(row, "id"): _of_nbgrader(row) for row in rows if _text(row, "id")}
    if CANVAS in columns and not set(columns).isdisjoint(CANVAS_KEYS):
        return _of_canvas(rows)
    raise CommandError(
        f"{path} isn't a list of students. Its first line should have nbgrader's columns (id, "
        f"{', '.join(NBGRADERS)}) or be that of Canvas's export ({CANVAS}, {CANVAS_KEYS[0]}, …).",
        usage=True,
    )


def keep_people(results: Path, people: People) -> None:
    """Keep a list of students with the results, for every `grades.csv` from now on."""
    data = {student: person.model_dump() for student, person in people.items()}
    write_whole(results / KEPT, json.dumps(data, indent=1, ensure_ascii=False).encode())


def kept_people(results: Path) -> People:
    """The list of students that is kept with the results; empty if there's none."""
    try:
        return TypeAdapter(People).validate_json((results / KEPT).read_bytes())
    except (OSError, ValidationError):
        return {}


def _of_nbgrader(row: dict[str, str | None]) -> Person:
    name = " ".join(filter(None, [_text(row, "first_name"), _text(row, "last_name")]))
    return Person(name=name, email=_text(row, "email"))


def _of_canvas(rows: list[dict[str, str | None]]) -> People:
    """By each key; one that stands for two people stands for none."""
    people: People = {}
    twice: set[str] = set()
    for row in rows:
        keys = {key for column in CANVAS_KEYS if (key := _text(row, column))}
        login = _text(row, "SIS Login ID")
        person = Person(name=_text(row, CANVAS), email=login if "@" in login else "")
        twice |= keys & people.keys()
        people |= dict.fromkeys(keys, person)
    return {key: person for key, person in people.items() if key not in twice}


def _text(row: dict[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip()
