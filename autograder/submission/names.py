"""Choose each student's name for lists, pages, tables, folders of results, and the gradebook.

It's the name of the student's folder, if that's safe to use. Otherwise it's made from it: the
characters that can be kept, a tilde, and a hash of the folder's name. So every name can be used as
it is in a terminal, a page, a spreadsheet, a database and a path, and no two students share one, on
any file system.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from autograder.files.csv import is_risky
from autograder.text import on_one_line

LONGEST = 100
"""Databases and some file systems don't allow more."""

KEPT = 40
"""Characters of the folder's name that are kept in a name made from it."""

REFUSED_BY_SOME_DISKS = frozenset('/\\:*?"<>|')
OURS = (".csv", ".html", ".json", ".partial")
"""Endings of the grader's own files; a folder of results mustn't take their place."""

MOST_MARKS = 3
"""Accents on one letter; a stack of them covers the lines above."""

MADE = re.compile(r"~[0-9a-f]{8}", re.IGNORECASE)
DIGITS = (8, 16, 32, 64)


def name_students(folders: Iterable[str]) -> dict[str, str]:
    """Choose each student's name.

    Args:
        folders: the names of all students' folders, as Python gives them.

    Returns:
        Folder → name. Names differ even where case, or the encoding of accents, doesn't count. Of
        folders that differ only in that, a safe one keeps its name, lower case before upper case.
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
    """Why a folder's name isn't safe to use; empty if it is."""
    if not _is_utf_8(name):
        return "it's not in UTF-8; the folder may come from a zip made on Windows"
    if not name.isprintable():
        return "it contains characters that are invisible or reverse the text direction"
    if len(name) > LONGEST:
        return f"it's longer than {LONGEST} characters"
    if REFUSED_BY_SOME_DISKS & set(name) or name != name.strip() or name.endswith("."):
        return "some file systems don't allow it"
    if name.casefold().endswith(OURS) or name.startswith((".", "~")) or MADE.search(name):
        return "the grader uses names like that for its own files"
    if is_risky(name):
        return "a spreadsheet would read it as a formula"
    if _most_marks(name) > MOST_MARKS:
        return "it has too many accents on one letter"
    if name != unicodedata.normalize("NFC", name):
        return "its accents are encoded separately from their letters"
    return ""


def remark_on(folder: str, name: str) -> str:
    """A remark for the instructor if a student's name isn't the folder's; otherwise empty."""
    composed = unicodedata.normalize("NFC", folder)
    if name == composed:
        return ""  # it looks the same
    why = why_not(composed) or "it differs from another folder's only in upper and lower case"
    return (
        f"The student's folder is called “{on_one_line(folder)}”, which can't be used as a name: "
        f"{why}. The student is listed as {name} instead. Rename the folder to change that."
    )


def _made(folder: str, digits: int) -> str:
    composed = unicodedata.normalize("NFC", folder)
    kept = "".join(c if c.isalnum() or c in " ,.-_" else "_" for c in composed[: 2 * KEPT])
    digest = hashlib.sha256(folder.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kept[:KEPT].strip(' ,.-') or 'student'}~{digest[:digits]}"


def _folded(name: str) -> str:
    """The same for names that some file system treats as equal."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _is_utf_8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _most_marks(name: str) -> int:
    """The most accents on one letter."""
    most = count = 0
    for c in name:
        count = count + 1 if unicodedata.combining(c) else 0
        most = max(most, count)
    return most
