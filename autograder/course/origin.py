"""Where students get the course from: a tag or branch of its repository, or a wheel."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import CommandError


def ref(course: Mapping[str, Any]) -> str:
    """The tag or branch that badges and the install cell name.

    Args:
        course: the table `[course]` of `course.toml`.

    Raises:
        CommandError: it names neither, or both.
    """
    named = [course[key] for key in ("tag", "branch") if course.get(key)]
    if len(named) != 1:
        raise CommandError(
            "[course] in course.toml needs either a tag or a branch, such as "
            f'tag = "v0.2.0"; it has {"both" if named else "neither"}.'
        )
    return named[0]


def requirement(course: Mapping[str, Any]) -> str:
    """What pip is asked to install: the wheel if there is one, otherwise the repository."""
    return course.get("wheel") or f"git+{course['repository']}@{ref(course)}"


def warnings(course: Mapping[str, Any], checkout: Path) -> list[str]:
    """What an instructor should know before handing out notebooks.

    Args:
        course: the table `[course]` of `course.toml`.
        checkout: the repository's folder.
    """
    found = []
    if course.get("branch") and not course.get("wheel"):
        found.append(
            f"The notebooks install the branch {ref(course)!r}, so a push to it changes the "
            "package in the middle of the term. Name a tag instead: in course.toml, replace "
            'branch = "…" by tag = "…".'
        )
    tag, known = course.get("tag"), _tags(checkout)
    if tag and known is not None and tag not in known:
        found.append(
            f"course.toml names the tag {tag!r}, which doesn't exist here yet. Commit, then: "
            f"git tag {tag} && git push origin {tag}"
        )
    return found


def _tags(checkout: Path) -> list[str] | None:
    """The repository's tags; None where there's no git, or no repository."""
    try:
        command = ["git", "-C", str(checkout), "tag", "--list"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.split()
