"""What a student may use, in the words that begin every notebook."""

from collections.abc import Iterable, Mapping
from typing import Any

from autograder.course.libraries import Libraries, listed
from pset.checks import ALL_CHECKS, own_work


def terms(exercises: Iterable[str], course: Mapping[str, Any]) -> str:
    """One paragraph: which libraries, and which parts of `pset`.

    Args:
        exercises: of the notebook.
        course: what `course.toml` says.
    """
    libraries = Libraries.of(course)
    sentences = []
    if libraries.allowed:
        sentences.append(
            f"You may import Python's own library, `pset`, {libraries.in_words}; the grader has "
            "nothing else."
        )
    if own_work.is_asked_for_by(course):
        text = (
            "In each exercise you may call `pset`'s versions of earlier ones, but nothing in "
            "`pset` that does the exercise for you"
        )
        if named := list(_named(exercises)):
            text += f": not {listed(named)}"
        sentences.append(f"{text}.")
    return " ".join(sentences)


def _named(exercises: Iterable[str]) -> Iterable[str]:
    for exercise in exercises:
        if exercise not in ALL_CHECKS:  # the challenge forbids nothing
            continue
        check = ALL_CHECKS[exercise]
        where = exercise if exercise[0].isdigit() else check.title
        for name in check.answers:
            if not name.startswith("pset.checks."):  # students don't need those
                yield f"`{name}` in {where}"
