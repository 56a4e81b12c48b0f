"""Marks for Canvas: a CSV as its gradebook imports it, filled in from the records.

Canvas finds a student by ID, SIS User ID or SIS Login ID, and an assignment by its column's name
with the number behind it, so both are best taken from its own export ("the roster"). Whoever cannot
be found there, or not for certain, is named and left out.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CommandError
from autograder.files.csv import Writer, is_risky
from autograder.grading.records import Record

LEADING = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
KEYS = ("SIS Login ID", "SIS User ID", "ID")
"""Columns that a submission's folder may be named after, the likeliest first."""

POINTS_POSSIBLE = "Points Possible"
NUMBERED = re.compile(r"^(?P<name>.*?)\s*\((?P<number>\d+)\)$")


@dataclass
class Import:
    """The table, and what could not be done.

    Args:
        rows: of the CSV, the header first.
        filled: how many marks it has.
        unmatched: a line for each record that is not in it, with the reason.
        new: columns that Canvas does not have yet; it asks before it makes them.
        without: students of the roster that have no record.
    """

    rows: list[list[str]]
    filled: int = 0
    unmatched: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def as_csv(self) -> str:
        """The file's text. Nothing in it is a formula, whatever students call themselves."""
        table = io.StringIO()
        writer = Writer(table, line_end="\r\n")
        for row in self.rows:
            writer.writerow(row)
        return table.getvalue()


def read_roster(path: Path) -> list[list[str]]:
    """Read an export of Canvas's gradebook.

    Raises:
        CommandError: it is none; says what it lacks.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read as a CSV: {error}.", usage=True) from error
    header = rows[0] if rows else []
    if "Student" not in header or not set(KEYS) & set(header):
        raise CommandError(
            f"{path} is no export of Canvas's gradebook: its first line should name the columns "
            f"Student and one of {', '.join(KEYS)}; it has {', '.join(header[:6]) or 'nothing'}. "
            "In Canvas: Grades → Export → Export Entire Gradebook.",
            usage=True,
        )
    width = len(header)
    return [[*row, *[""] * (width - len(row))][:width] for row in rows]


def with_roster(
    records: Sequence[Record], roster: list[list[str]], titles: dict[str, str]
) -> Import:
    """Fill in the columns of an export.

    Args:
        records: the marks.
        roster: from `read_roster`.
        titles: assignment → what it may also be called in Canvas.
    """
    header = list(roster[0])
    points = next((k for k, row in enumerate(roster[1:], 1) if _is_points(row, header)), None)
    students = [
        k
        for k, row in enumerate(roster)
        if k > (points or 0) and any(row[header.index(key)] for key in KEYS if key in header)
    ]
    kept = [header.index(name) for name in LEADING if name in header]
    done = Import([[row[k] for k in kept] for row in roster[: (points or 0) + 1]])
    done.rows += [[roster[k][j] for j in kept] for k in students]
    lines = dict(zip(students, range((points or 0) + 1, len(done.rows)), strict=True))
    seen: set[int] = set()
    for assignment in sorted({record.assignment for record in records}):
        those = [record for record in records if record.assignment == assignment]
        column = _column(header, assignment, titles.get(assignment, ""), done)
        done.rows[0].append(column)
        for row in done.rows[1:]:
            row.append("")
        if points is not None:
            done.rows[points][-1] = f"{those[0].max_score + those[0].by_hand:g}"
        for record in those:
            found = _find(record.student, roster, header, students)
            if len(found) != 1:
                why = "stands for several students" if found else "is in no row of the roster"
                done.unmatched.append(f"{record.student} ({assignment}): that name {why}.")
                continue
            done.rows[lines[found[0]]][-1] = f"{record.total:g}"
            done.filled += 1
            seen.add(found[0])
    name = header.index("Student")
    done.without = [roster[k][name] for k in students if k not in seen]
    return done


def without_roster(records: Sequence[Record], titles: dict[str, str]) -> Import:
    """A table of its own: folders are taken for SIS Login IDs, and columns are new ones."""
    assignments = sorted({record.assignment for record in records})
    done = Import([[*LEADING, *(titles.get(name) or name for name in assignments)]])
    done.new = list(done.rows[0][len(LEADING) :])
    possible = {r.assignment: f"{r.max_score + r.by_hand:g}" for r in records}
    done.rows.append(
        [f"    {POINTS_POSSIBLE}", "", "", "", "", *(possible[name] for name in assignments)]
    )
    for student in sorted({record.student for record in records}):
        if is_risky(student):  # as a key it could be neither changed nor left as it is
            done.unmatched.append(f"{student}: a spreadsheet would take that name for a formula.")
            continue
        marks = {r.assignment: f"{r.total:g}" for r in records if r.student == student}
        done.rows.append(
            [student, "", "", student, "", *(marks.get(name, "") for name in assignments)]
        )
        done.filled += len(marks)
    return done


def _is_points(row: Sequence[str], header: Sequence[str]) -> bool:
    return row[header.index("Student")].strip() == POINTS_POSSIBLE


def _column(header: Sequence[str], assignment: str, title: str, done: Import) -> str:
    """The column's name in the export, with its number; or a new one.

    Raises:
        CommandError: two columns are called so.
    """
    found = [
        name
        for name in header
        if (match := NUMBERED.match(name)) and match["name"] in (assignment, title)
    ]
    if len(found) > 1:
        raise CommandError(
            f"Two columns of the roster could be {assignment}: {' and '.join(found)}. Delete from "
            "the export the one that is not meant.",
            usage=True,
        )
    if found:
        return found[0]
    done.new.append(title or assignment)
    return title or assignment


def _find(
    student: str, roster: Sequence[Sequence[str]], header: Sequence[str], students: Sequence[int]
) -> list[int]:
    """Rows of a student. Whole names only: a mark in another's row is worse than none."""
    places = [header.index(key) for key in KEYS if key in header]
    return [k for k in students if any(roster[k][j].strip() == student for j in places)]
