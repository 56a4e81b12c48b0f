"""Find the submissions, in nbgrader's layout: `<student>/<assignment>/<notebook>.ipynb`.

A folder that's clearly meant for an assignment counts even under another name, and so do files
without such a folder. If two could be meant, neither counts. What's left out is reported.
"""

import difflib
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from autograder.errors import CommandError
from autograder.submission.meant import assignments_meant, holds, words
from autograder.submission.names import name_students, remark_on
from autograder.submission.notebook import Unreadable
from autograder.text import on_one_line
from pset.course import course_file, read_course

ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip", ".py", ".json", ".txt")
"""Files that may contain a notebook, the likeliest first."""

SURE_ENDINGS = ENDINGS[:5]
"""Files that rarely contain anything else."""

TIMESTAMP = "timestamp.txt"
"""nbgrader's record of when a submission came in, next to the notebook."""

COMPUTERS_OWN = {"__MACOSX", ".ipynb_checkpoints", ".git"}
"""Folders that are created by software, not by students."""

MOST_CANDIDATES = 4
MOST_SHOWN = 5
"""The most names listed in one sentence."""

MOST_SEEN, DEEPEST = 1000, 4
"""How many entries, and how many levels, are searched in subfolders."""


@dataclass(frozen=True)
class Submission:
    """One student's submission for one assignment.

    Args:
        student: the student's name, see `autograder.submission.names`.
        assignment: its name.
        folder: where it is.
        files: the ones that may contain the notebook; empty means all in the folder.
        trouble: why it can't be graded, if that's known already.
        remarks: what the instructor should know about the folder.
    """

    student: str
    assignment: str
    folder: Path
    files: tuple[Path, ...] = ()
    trouble: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Something that was handed in but doesn't belong to any assignment.

    Args:
        student: whose it is.
        why: it was left out, and what's there, in a line.
    """

    student: str
    why: str

    def __str__(self) -> str:
        return f"{self.student}: {self.why}"


@dataclass(frozen=True)
class Found:
    """What was found in a folder of submissions.

    Args:
        submissions: by student and assignment.
        left_out: what doesn't belong to any assignment, by student.
    """

    submissions: list[Submission] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def find_submissions(
    submitted: Path,
    assignments: Collection[str] | None = None,
    only_assignments: Iterable[str] = (),
    only_students: Iterable[str] = (),
) -> list[Submission]:
    """The submissions that `look_through` finds; takes the same arguments."""
    return look_through(submitted, assignments, only_assignments, only_students).submissions


def look_through(
    submitted: Path,
    assignments: Collection[str] | None = None,
    only_assignments: Iterable[str] = (),
    only_students: Iterable[str] = (),
) -> Found:
    """Find all submissions in a folder, and what in it isn't one.

    An assignment's folder is the one with its name, or the only one whose name means it (see
    `autograder.submission.meant`). If there's none, files directly in the student's folder count if
    their names mean it. If only one assignment is asked for and nothing there means another, files
    of any name count.

    Args:
        submitted: the folder with one folder per student.
        assignments: the course's; by default, those of `course.toml`.
        only_assignments, only_students: leave out all others, if given. A student may be given by
            name, by folder, or by the folder as `on_one_line` shows it.

    Raises:
        CommandError: there are no submissions; says what layout is expected, and what's there.
    """
    assignments = _of_the_course() if assignments is None else list(assignments)
    folders = _students_folders(submitted, assignments)
    names = name_students(folder.name for folder in folders)
    for name in only_assignments:
        one_of(name, assignments, "assignment")
    called = {folder: {name, folder, on_one_line(folder)} for folder, name in names.items()}
    for name in only_students:
        if not any(name in those for those in called.values()):
            one_of(name, names.values(), "student")
    wanted = list(only_assignments) or assignments
    found = Found()
    for folder in folders:
        if not only_students or called[folder.name] & set(only_students):
            _look_at(folder, names[folder.name], assignments, wanted, found)
    if not only_students:
        found.left_out.extend(_without_a_student(submitted))
    if not found.submissions:
        inside = sorted({name for folder in folders for name in _names_in(folder)})[:6]
        raise CommandError(
            f"There are no submissions for {' or '.join(wanted)} in "
            f"{on_one_line(str(submitted))}. The expected layout is "
            f"{on_one_line(str(submitted))}/<student>/<assignment>/<notebook>.ipynb. The students' "
            f"folders contain: {_listed(inside) or 'no files'}." + _closest(inside, wanted),
            usage=True,
        )
    return found


def candidates(submission: Submission) -> list[Path]:
    """The files to grade, the likeliest first. The rest are used if that one turns out untouched.

    The likeliest is the one named after the assignment, or else the only one whose name means it,
    or else the only one that may be a notebook. If there are none, it looks in subfolders.

    Returns:
        At least one file, and at most four.

    Raises:
        Unreadable: there's none, or more than one; says what to hand in.
    """
    wanted = f"{submission.assignment}.ipynb"
    if submission.trouble:
        raise Unreadable(submission.trouble)
    if submission.folder.is_symlink():
        raise Unreadable("Your submission is a link to another folder. Hand in a notebook.")
    files = list(submission.files) or _entries(submission.folder)
    usable = [f for f in files if _may_hold_a_notebook(f) and not _is_a_folder(f)]
    if not submission.files and not any(_is_sure(file) for file in usable):
        below = [f for f in _below(submission.folder) if f.parent != submission.folder]
        usable += [file for file in below if _may_hold_a_notebook(file)]
    ranked: list[Path] = []
    for ending in ENDINGS:
        fitting = [file for file in usable if _ending(file) == ending]
        tiers = _by_likelihood(fitting, submission.assignment)
        first = next((tier for tier in tiers if tier), [])
        if len(first) > 1 and not ranked:
            names = [str(file.relative_to(submission.folder)) for file in first]
            raise Unreadable(
                f"There are {len(first)} files that could be your submission: {_listed(names)}. "
                f"Hand in just one, named {wanted}."
            )
        ranked += [file for tier in tiers for file in tier]
    if ranked:
        return ranked[:MOST_CANDIDATES]
    files = [file for file in files if file.name != TIMESTAMP]
    if files:
        raise Unreadable(
            f"There's no notebook, only {_listed(file.name for file in files)}. Hand in {wanted}."
        )
    raise Unreadable(f"Nothing was handed in. The grader expected {wanted}.")


def one_of(name: str, known: Collection[str], what: str) -> None:
    """Refuse an unknown name.

    Raises:
        CommandError: the name is unknown; suggests the closest one.
    """
    if name not in known:
        raise CommandError(
            f"There's no {what} {on_one_line(name)!r}. Choose from: "
            f"{', '.join(map(on_one_line, sorted(known)[:12]))}." + _closest([name], known),
            usage=True,
        )


def _of_the_course() -> list[str]:
    return [assignment["name"] for assignment in read_course(course_file())["assignments"]]


def _look_at(
    folder: Path, student: str, assignments: list[str], wanted: list[str], found: Found
) -> None:
    """Add what's in one student's folder."""
    try:
        inside = _entries(folder)
    except OSError as error:
        found.left_out.append(
            LeftOut(student, f"the folder can't be read ({error.strerror}); check its permissions")
        )
        return
    meant = {
        entry: assignments_meant(_stem(entry), assignments)
        for entry in inside
        if entry.is_dir() or _may_hold_a_notebook(entry)
    }
    unnamed = [e for e, those in meant.items() if not those and _is_sure(e) and not e.is_dir()]
    is_taken = any(len(those) == 1 for those in meant.values())
    if len(wanted) == 1 and unnamed and not any(meant.values()):
        meant |= dict.fromkeys(unnamed, wanted)
        is_taken = True
    about = (remark_on(folder.name, student),)
    for assignment in wanted:
        those = [entry for entry, what in meant.items() if what == [assignment]]
        if those:
            found.submissions.append(_submission(student, assignment, folder, those, about))
    if not is_taken:
        there = f"it contains {_listed(e.name for e in inside)}" if inside else "it's empty"
        why = f"nothing in the folder is named after an assignment; {there}"
        found.left_out.append(LeftOut(student, why))
        return
    others = [e for e, those in meant.items() if len(those) != 1 and _is_a_notebooks_place(e)]
    if others:
        names = _listed(entry.name for entry in others)
        why = f"{names} was skipped, because the name doesn't say which assignment it's for"
        found.left_out.append(LeftOut(student, why))


def _submission(
    student: str, assignment: str, folder: Path, those: list[Path], about: tuple[str, ...]
) -> Submission:
    """The submission made of these folders and files, which are all meant for it."""
    folders = [entry for entry in those if entry.is_dir()]
    files = [entry for entry in those if not entry.is_dir()]
    holding = [f for f in folders if _holds_anything(f)]
    exact = [f for f in holding if f.name == assignment]
    empty = [f for f in folders if f.name == assignment] or folders
    chosen = exact or holding or ([] if files else empty)
    if len(chosen) > 1:
        names = _listed(f.name for f in chosen)
        trouble = (
            f"There are {len(chosen)} folders that could be your submission: {names}. Keep just "
            f"one, named {assignment}."
        )
        return Submission(student, assignment, folder, (), trouble, tuple(filter(None, about)))
    others = [entry.name for entry in those if entry not in chosen and entry in [*holding, *files]]
    if chosen:
        remark = f"Next to the folder {assignment} is {_listed(others)}; only the folder counts"
        about = (*about, f"{remark}." if others else "")
        return Submission(
            student, assignment, chosen[0], remarks=tuple(remark for remark in about if remark)
        )
    return Submission(student, assignment, folder, tuple(files), "", tuple(filter(None, about)))


def _by_likelihood(files: Iterable[Path], assignment: str) -> list[list[Path]]:
    """Files with one ending, in tiers: the assignment's name, nearly that, more words, others."""
    tiers: list[list[Path]] = [[], [], [], []]
    for file in files:
        stem = _stem(file)
        if stem == assignment:
            tiers[0].append(file)
        elif words(stem) == words(assignment):
            tiers[1].append(file)
        elif holds(stem, assignment):
            tiers[2].append(file)
        else:
            tiers[3].append(file)
    tiers[2].sort(key=_copy, reverse=True)
    return tiers


def _copy(file: Path) -> int:
    """The number that a browser or Jupyter gives a copy: `… (2)`, `…-Copy2`."""
    last = words(_stem(file))[-1]
    return int(last) if last.isdecimal() and len(last) < 6 else 0


def _students_folders(submitted: Path, assignments: Collection[str]) -> list[Path]:
    if not submitted.is_dir():
        beside = submitted.parent
        names = [f.name for f in beside.iterdir()] if beside.is_dir() else []
        shown = on_one_line(str(submitted))
        raise CommandError(
            f"There's no folder {shown}. It should contain one folder per student: "
            f"{shown}/<student>/<assignment>/<notebook>.ipynb." + _closest([submitted.name], names),
            usage=True,
        )

    def is_students(folder: Path) -> bool:
        if not folder.name.startswith("."):
            return folder.name not in COMPUTERS_OWN
        # A hidden folder is rarely a student's; if it is, it contains an assignment's folder.
        meant = (assignments_meant(name, assignments) for name in _names_in(folder))
        return folder.name not in COMPUTERS_OWN and any(meant)

    return sorted(f for f in submitted.iterdir() if f.is_dir() and is_students(f))


def _without_a_student(submitted: Path) -> Iterator[LeftOut]:
    for file in _entries(submitted):
        if _is_sure(file) and not file.is_dir():
            why = "it isn't in a student's folder, so there's no telling whose it is"
            yield LeftOut(on_one_line(file.name), why)


def _entries(folder: Path) -> list[Path]:
    """What's in a folder, except for what software has put there."""
    return sorted(
        f for f in folder.iterdir() if not f.name.startswith(".") and f.name not in COMPUTERS_OWN
    )


def _names_in(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in _entries(folder)]
    except OSError:
        return []


def _below(folder: Path) -> list[Path]:
    """Files in subfolders, up to a limit, without following links."""

    def walk(place: Path, depth: int) -> Iterator[Path]:
        with os.scandir(place) as entries:
            those = sorted(islice(entries, MOST_SEEN), key=lambda entry: entry.name)
        for entry in those:
            if entry.name.startswith(".") or entry.name in COMPUTERS_OWN:
                continue
            yield place / entry.name
            if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
                yield from walk(place / entry.name, depth + 1)

    return [f for f in islice(walk(folder, 0), MOST_SEEN) if not _is_a_folder(f)]


def _is_a_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _holds_anything(folder: Path) -> bool:
    try:
        return any(entry.name != TIMESTAMP for entry in _entries(folder))
    except OSError:
        return True  # reading it will say what's wrong


def _is_a_notebooks_place(entry: Path) -> bool:
    """Whether something that was left out looks like a submission."""
    if not entry.is_dir():
        return _ending(entry) == ENDINGS[0]
    try:
        return not entry.is_symlink() and any(_ending(f) == ENDINGS[0] for f in _below(entry))
    except OSError:
        return True


def _may_hold_a_notebook(file: Path) -> bool:
    return bool(_ending(file)) and file.name != TIMESTAMP


def _is_sure(file: Path) -> bool:
    return _ending(file) in SURE_ENDINGS


def _ending(file: Path) -> str:
    name = file.name.lower()
    return next((ending for ending in ENDINGS if name.endswith(ending)), "")


def _stem(entry: Path) -> str:
    """A file's name without a notebook's ending."""
    return entry.name[: len(entry.name) - len(_ending(entry))]


def _listed(names: Iterable[str]) -> str:
    """A few names, shortened to fit on a line."""
    names = [on_one_line(name, 60) for name in names]
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return ", ".join(names[:MOST_SHOWN]) + more


def _closest(names: Iterable[str], known: Collection[str]) -> str:
    for name in names:
        if close := difflib.get_close_matches(name, known, n=1):
            return f" Did you mean {on_one_line(close[0])!r}?"
    return ""
