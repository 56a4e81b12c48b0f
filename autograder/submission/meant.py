"""Which assignment a folder's or file's name means.

`01_denoising` is also meant by `01-denoising`, `01_Denoising`, `1 denoising`, `hw01_denoising` and
`01_denoising (1)`: the name holds all words of the assignment's, side by side and in their order.
How words are set apart, upper and lower case, and zeros before a number do not count. `denoising`,
or `hw01`, could mean another assignment and is taken for none.
"""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"\d+|[^\W\d_]+")


def assignments_meant(name: str, assignments: Iterable[str]) -> list[str]:
    """The assignments that a name may mean; more than one where it holds several."""
    assignments = list(assignments)
    if name in assignments:
        return [name]
    said = words(name)
    found = [a for a in assignments if _holds(said, words(a))]
    # If one assignment's name contains another's, the longer one is meant.
    return [
        a
        for a in found
        if not any(a != other and _holds(words(other), words(a)) for other in found)
    ]


def words(name: str) -> list[str]:
    """The words and numbers of a name."""
    said = WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    return [word.lstrip("0") or "0" if word[0].isdecimal() else word for word in said]


def holds(name: str, assignment: str) -> bool:
    """Whether a name holds all words of an assignment's, side by side."""
    return _holds(words(name), words(assignment))


def _holds(said: list[str], wanted: list[str]) -> bool:
    starts = range(len(said) - len(wanted) + 1)
    return bool(wanted) and any(said[k : k + len(wanted)] == wanted for k in starts)
