"""What the course has decided: its name, address and points, read from `course.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pset.assets import assets_dir


def course_file() -> Path:
    """`course.toml` as installed: beside the assets in a wheel, at the top of a checkout."""
    for folder in (assets_dir(), assets_dir().parent):
        if (folder / "course.toml").is_file():
            return folder / "course.toml"
    raise FileNotFoundError(f"There is no course.toml in {assets_dir()} or above it.")


def read_course(path: Path) -> dict[str, Any]:
    """Read a `course.toml`.

    Raises:
        ValueError: the file is not valid TOML; names the file and the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error


@cache
def _installed_course() -> dict[str, Any]:
    return read_course(course_file())


def points_for(exercise: str) -> float:
    """The points that the installed course gives for an exercise.

    Raises:
        KeyError: the course gives none; names the exercises that have points.
    """
    points = _installed_course()["points"]
    if exercise not in points:
        raise KeyError(
            f"course.toml gives no points for exercise {exercise!r}; "
            f"it does for {', '.join(points)}."
        )
    return float(points[exercise])
