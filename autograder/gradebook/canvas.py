"""Export marks for Canvas: a CSV file that its gradebook imports.

Canvas identifies students by ID, SIS User ID or SIS Login ID, and assignments by the column's name
with a number after it. So it's best to take both from Canvas's own export ("the roster"). Students
without an unambiguous match in it are listed and left out.
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
"""Columns that a submission's folder may be named after, the most likely first."""

POINTS_POSSIBLE = "Points Possible"
NUMBERED = re.compile(r"^(?P<name>.*?)\s*\((?P<number>\d+)\)$")


@dataclass
class Import:
    """The table, and what couldn't be filled in.

    Args:
        rows: of the CSV, the header first.
        filled: the number of marks in it.
        unmatched: a line for each record that was left out, with the reason.
        new: columns that Canvas doesn't have yet; it asks before it creates them.
        without: students in the roster without a record.
    """

    rows: list[list[str]]
    filled: int = 0
    unmatched: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def as_csv(self) -> str:
        """The file's text. It never contains a formula, whatever students call themselves."""
        table = io.StringIO()
        writer = Writer(table, line_end="\r\n")
        for row in self.rows:
            writer.writerow(row)
        return table.getvalue()


def read_roster(path: Path) -> list[list[str]]:
    """Read an export of Canvas's gradebook.

    Raises:
        CommandError: it isn't one; says what's missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} can't be read as a CSV file: {error}.", usage=True) from error
    header = rows[0] if rows else []
    if "Student" not in header or not set(KEYS) & set(header):
        raise CommandError(
            f"{path} isn't an export of Canvas's gradebook. Its first line should have the columns "
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
        titles: assignment → another name that it may have in Canvas.
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
                why = "matches several students" if found else "isn't in the roster"
                done.unmatched.append(f"{record.student} ({assignment}): that name {why}.")
                continue
            done.rows[lines[found[0]]][-1] = f"{record.total:g}"
            done.filled += 1
            seen.add(found[0])
    name = header.index("Student")
    done.without = [roster[k][name] for k in students if k not in seen]
    return done


def without_roster(records: Sequence[Record], titles: dict[str, str]) -> Import:
    """Make a new table: folder names are used as SIS Login IDs, and all columns are new."""
    assignments = sorted({record.assignment for record in records})
    done = Import([[*LEADING, *(titles.get(name) or name for name in assignments)]])
    done.new = list(done.rows[0][len(LEADING) :])
    possible = {r.assignment: f"{r.max_score + r.by_hand:g}" for r in records}
    done.rows.append(
        [f"    {POINTS_POSSIBLE}", "", "", "", "", *(possible[name] for name in assignments)]
    )
    for student in sorted({record.student for record in records}):
        if is_risky(student):  # it's a key, so it can't be escaped, and it isn't safe as it is
            done.unmatched.append(f"{student}: a spreadsheet would treat that name as a formula.")
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
        CommandError: two columns match.
    """
    found = [
        name
        for name in header
        if (match := NUMBERED.match(name)) and match["name"] in (assignment, title)
    ]
    if len(found) > 1:
        raise CommandError(
            f"Two columns of the roster could be {assignment}: {' and '.join(found)}. Delete "
            "the wrong one from the export.",
            usage=True,
        )
    if found:
        return found[0]
    done.new.append(title or assignment)
    return title or assignment


def _find(
    student: str, roster: Sequence[Sequence[str]], header: Sequence[str], students: Sequence[int]
) -> list[int]:
    """A student's rows. Only exact matches: a mark in the wrong row is worse than none."""
    places = [header.index(key) for key in KEYS if key in header]
    return [k for k in students if any(roster[k][j].strip() == student for j in places)]
