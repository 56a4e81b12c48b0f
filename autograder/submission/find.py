"""Find what was handed in: nbgrader's layout, `<student>/<assignment>/<notebook>.ipynb`."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course.solution import read_solutions
from autograder.errors import CommandError
from autograder.submission.read import Unreadable

ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip", ".py", ".json", ".txt")
"""Files that may hold a notebook, the likeliest first."""


@dataclass(frozen=True)
class Submission:
    """One student's folder for one assignment."""

    student: str
    assignment: str
    folder: Path


def find_submissions(
    submitted: Path,
    assignments: Collection[str] | None = None,
    only_assignments: Iterable[str] = (),
    only_students: Iterable[str] = (),
) -> list[Submission]:
    """All submissions below a folder, by student and assignment.

    Args:
        submitted: the folder of students' folders.
        assignments: those of the course; None takes the names of the solutions.
        only_assignments, only_students: leave out all others, where given.

    Raises:
        CommandError: there are none; says which layout is expected, and what lies there.
    """
    assignments = list(read_solutions()) if assignments is None else assignments
    students = _folders(submitted, "students' folders")
    for name in only_assignments:
        one_of(name, assignments, "assignment")
    for name in only_students:
        one_of(name, [folder.name for folder in students], "student")
    found = [
        Submission(student.name, assignment, student / assignment)
        for student in students
        for assignment in assignments
        if (not only_students or student.name in only_students)
        and (not only_assignments or assignment in only_assignments)
        and (student / assignment).is_dir()
    ]
    if not found:
        inside = {f.name for s in students for f in s.iterdir() if not f.name.startswith(".")}
        inside = sorted(inside)[:6]
        raise CommandError(
            f"There is no submission of {' or '.join(only_assignments or assignments)} in "
            f"{submitted}. Expected is {submitted}/<student>/<assignment>/<notebook>.ipynb; in the "
            f"students' folders lie: {', '.join(inside) or 'no files'}."
            + _closest(inside, assignments),
            usage=True,
        )
    return found


def notebook_file(submission: Submission) -> Path:
    """The file to grade: named like the assignment, or the only one that may be a notebook.

    Raises:
        Unreadable: there is none, or more than one; says what to hand in.
    """
    if submission.folder.is_symlink():
        raise Unreadable("The submission is a link to another folder. Hand in a notebook.")
    wanted = f"{submission.assignment}.ipynb"
    files = sorted(f for f in submission.folder.iterdir() if not f.name.startswith("."))
    for ending in ENDINGS:
        fitting = [file for file in files if file.name.endswith(ending)]
        named = [file for file in fitting if file.name == f"{submission.assignment}{ending}"]
        if len(named or fitting) == 1:
            return (named or fitting)[0]
        if fitting:
            raise Unreadable(
                f"There are {len(fitting)} files that could be meant: "
                f"{', '.join(file.name for file in fitting[:5])}. Hand in one, named {wanted}."
            )
    if files:
        raise Unreadable(
            f"There is no notebook, only {', '.join(file.name for file in files[:5])}. Hand in "
            f"{wanted}."
        )
    raise Unreadable(f"Nothing was handed in. Expected is {wanted}.")


def _folders(submitted: Path, what: str) -> list[Path]:
    if not submitted.is_dir():
        beside = submitted.parent
        names = [f.name for f in beside.iterdir()] if beside.is_dir() else []
        raise CommandError(
            f"There is no folder {submitted}. Expected is a folder of {what}: "
            f"{submitted}/<student>/<assignment>/<notebook>.ipynb."
            + _closest([submitted.name], names),
            usage=True,
        )
    return sorted(f for f in submitted.iterdir() if f.is_dir() and not f.name.startswith("."))


def one_of(name: str, known: Collection[str], what: str) -> None:
    """Refuse a name that is not among those known.

    Raises:
        CommandError: it is not; names the closest.
    """
    if name not in known:
        raise CommandError(
            f"There is no {what} {name!r}; there are: {', '.join(sorted(known)[:12])}."
            + _closest([name], known),
            usage=True,
        )


def _closest(names: Iterable[str], known: Collection[str]) -> str:
    for name in names:
        if close := difflib.get_close_matches(name, known, n=1):
            return f" Did you mean {close[0]!r}?"
    return ""
