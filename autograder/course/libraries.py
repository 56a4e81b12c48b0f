"""The libraries that students may use, and which of them are missing on this computer.

`[libraries]` in `course.toml` maps import names to pip names. Every released notebook lists them,
`grade` warns at the start about missing ones, and feedback distinguishes a missing library that
the course allows from one that it doesn't.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from autograder.errors import CommandError
from pset.course import course_file, read_course

TIED_TO_TORCH = frozenset({"torchvision", "torchaudio"})
"""Built for one version of torch each."""


@dataclass(frozen=True)
class Libraries:
    """What students may import, besides Python's own library and `pset`: import name → pip name."""

    allowed: Mapping[str, str]

    @classmethod
    def of(cls, course: Mapping[str, Any]) -> "Libraries":
        """The libraries of a `course.toml`.

        Raises:
            CommandError: they are not a table of names; says how it should look.
        """
        allowed = course.get("libraries", {})
        is_table = isinstance(allowed, Mapping)
        if not is_table or not all(isinstance(name, str) for name in allowed.values()):
            raise CommandError(
                "[libraries] in course.toml should have a line for each library, its import name "
                'and its pip name, such as: cv2 = "opencv-python-headless"'
            )
        return cls(dict(allowed))

    @classmethod
    def installed(cls) -> "Libraries":
        """Those of the installed course."""
        return cls.of(read_course(course_file()))

    @property
    def missing(self) -> list[str]:
        """The import names of those that this Python doesn't have."""
        return [name for name in self.allowed if find_spec(name) is None]

    @property
    def in_words(self) -> str:
        """For a sentence: "`numpy`, `scipy` and `cv2`"."""
        return listed(f"`{name}`" for name in self.allowed)

    def owes(self, module: str) -> bool:
        """Whether a module that a notebook found absent is the instructor's to install.

        "torchvision.transforms" is, where the course allows torchvision; "torch.nothing" isn't,
        where torch is there: that part of it doesn't exist.
        """
        top, _, part = module.partition(".")
        return top in self.allowed and not (part and find_spec(top))

    def how_to_get(self, missing: Iterable[str]) -> str:
        """The line that installs some of them and leaves torch alone."""
        names = [self.allowed[name] for name in missing]
        if TIED_TO_TORCH.intersection(names) and (torch := _version("torch")):
            names.insert(0, f'"torch=={torch}"')  # or pip would install the one for the newest
        return f"pip install {' '.join(names)}"

    def warning(self) -> str:
        """What an instructor should know before grading; empty where nothing is missing."""
        missing = self.missing
        if not missing:
            return ""
        text = (
            f"Your course allows {listed(missing)}, which this computer doesn't have. Exercises "
            f"that need {'it' if len(missing) == 1 else 'them'} can't be graded here. To get "
            f"{'it' if len(missing) == 1 else 'them'}: {self.how_to_get(missing)}"
        )
        if tied := TIED_TO_TORCH.intersection(missing):
            text += (
                f"\n{listed(sorted(tied))} has to match torch {_version('torch')}: install it from "
                "where you got torch (with the same --index-url, if you gave one)."
            )
        return text


def listed(names: Iterable[str]) -> str:
    """Names as in a sentence: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
