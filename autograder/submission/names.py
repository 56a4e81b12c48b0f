"""What a student is called in lists, pages, tables, folders of results, and the gradebook.

It is the name of the student's folder, if that is plain. Whoever has another name is graded all the
same, under one that is made from it: what can be kept, a tilde, and a hash of the folder's name.
So every name can stand in a terminal, a page, a spreadsheet, a database and a path as it is, and no
two students share one, on any disk.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from autograder.files.csv import is_risky
from autograder.text import on_one_line

LONGEST = 100
"""Databases and some disks take no more."""

KEPT = 40
"""Of the folder's name, in one that is made."""

REFUSED_BY_SOME_DISKS = frozenset('/\\:*?"<>|')
OURS = (".csv", ".html", ".json", ".partial")
"""Endings of the grader's own files; a folder of results must not stand in their place."""

MOST_MARKS = 3
"""Accents on one letter; a heap of them covers the lines above."""

MADE = re.compile(r"~[0-9a-f]{8}", re.IGNORECASE)
DIGITS = (8, 16, 32, 64)


def name_students(folders: Iterable[str]) -> dict[str, str]:
    """What each student is called.

    Args:
        folders: the names of all students' folders, as Python gives them.

    Returns:
        Folder → name. Names differ even where upper and lower case, or the way in which accents are
        encoded, do not count. Of folders that differ in that alone, one that is plain keeps its
        name, lower case before upper case.
    """

    def by_plainness(folder: str) -> tuple[object, ...]:
        return why_not(folder) != "", folder != _folded(folder), folder.swapcase(), folder

    names: dict[str, str] = {}
    taken: set[str] = set()
    for folder in sorted(folders, key=by_plainness):
        name = unicodedata.normalize("NFC", folder)
        if why_not(name):
            name = _made(folder, DIGITS[0])
        for digits in DIGITS:
            if _folded(name) not in taken:
                break
            name = _made(folder, digits)
        taken.add(_folded(name))
        names[folder] = name
    return names


def why_not(name: str) -> str:
    """Why a folder's name is not plain; empty where it is."""
    if not _is_utf_8(name):
        return "it is not in UTF-8; perhaps the folder comes from a zip made on Windows"
    if not name.isprintable():
        return "it holds characters that are not seen, or turn the line round"
    if len(name) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if REFUSED_BY_SOME_DISKS & set(name) or name != name.strip() or name.endswith("."):
        return "some disks refuse it"
    if name.casefold().endswith(OURS) or name.startswith((".", "~")) or MADE.search(name):
        return "the grader's own files are named like that"
    if is_risky(name):
        return "a spreadsheet would take it for a formula"
    if _most_marks(name) > MOST_MARKS:
        return "it has a heap of accents on one letter"
    if name != unicodedata.normalize("NFC", name):
        return "its accents are encoded apart from their letters"
    return ""


def remark_on(folder: str, name: str) -> str:
    """What the instructor is told where a student is not called like the folder; else empty."""
    composed = unicodedata.normalize("NFC", folder)
    if name == composed:
        return ""  # it looks the same
    why = why_not(composed) or "it differs from another folder's in upper and lower case alone"
    return (
        f"The student's folder is called “{on_one_line(folder)}”. That cannot be used as a name: "
        f"{why}. So the student is listed as {name}. Rename the folder to have it otherwise."
    )


def _made(folder: str, digits: int) -> str:
    composed = unicodedata.normalize("NFC", folder)
    kept = "".join(c if c.isalnum() or c in " ,.-_" else "_" for c in composed[: 2 * KEPT])
    digest = hashlib.sha256(folder.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kept[:KEPT].strip(' ,.-') or 'student'}~{digest[:digits]}"


def _folded(name: str) -> str:
    """The same for names that some disk takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _is_utf_8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _most_marks(name: str) -> int:
    """The most accents that stand on one letter."""
    most = count = 0
    for c in name:
        count = count + 1 if unicodedata.combining(c) else 0
        most = max(most, count)
    return most
