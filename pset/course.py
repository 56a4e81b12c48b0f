"""The course's own settings, read from `course.toml`: its name, address and points."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pset.assets import assets_dir


def course_file() -> Path:
    """The installed `course.toml`: next to the assets in a wheel, at the top of a checkout."""
    for folder in (assets_dir(), assets_dir().parent):
        if (folder / "course.toml").is_file():
            return folder / "course.toml"
    raise FileNotFoundError(f"There's no course.toml in {assets_dir()} or in the folder above it.")


def read_course(path: Path) -> dict[str, Any]:
    """Read a `course.toml`.

    Raises:
        ValueError: the file isn't valid TOML; names the file and the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} isn't valid TOML: {error}") from error


@cache
def _installed_course() -> dict[str, Any]:
    return read_course(course_file())


def points_for(exercise: str) -> float:
    """The points that an exercise is worth in the installed course.

    Raises:
        KeyError: the course gives no points for it; lists the exercises that have points.
    """
    points = _installed_course()["points"]
    if exercise not in points:
        raise KeyError(
            f"course.toml gives no points for exercise {exercise!r}. "
            f"The exercises with points are {', '.join(points)}."
        )
    return float(points[exercise])
