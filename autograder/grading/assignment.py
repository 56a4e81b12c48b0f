"""Prepare an assignment for judging: its hidden inputs and their expected values."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pset
from autograder.challenge.contest import Challenge
from autograder.course.libraries import Libraries
from autograder.course.secret import Secret, private_folder
from autograder.course.solution import Solution
from autograder.files.lock import locked
from autograder.paths import PACKAGE
from pset.challenge.settings import EXERCISE, installed_settings
from pset.checks import ALL_CHECKS
from pset.checks.judging import Judge
from pset.checks.own_work import own_work_is_asked_for
from pset.checks.references import load_references
from pset.course import points_for


@dataclass(frozen=True)
class Assignment:
    """An assignment ready for judging.

    Args:
        questions: its written questions, marked by hand, with their points.
        judges: exercise → the judge of its outcomes, with the check and its hidden cases.
        key: hash of everything that a grade depends on, except the submission.
        challenge: if it's part of the assignment.
    """

    questions: dict[str, float]
    judges: dict[str, Judge]
    key: str
    challenge: Challenge | None = None

    @property
    def exercises(self) -> dict[str, float]:
        """Its exercises with their points."""
        return {exercise: judge.max_points for exercise, judge in self.judges.items()}

    @classmethod
    def prepare(cls, solution: Solution, secret: Secret) -> "Assignment":
        """Generate the hidden cases, and compute or load their expected values."""
        from autograder.course.references import (
            write_references,  # the only thing that needs solutions/mistakes
        )

        folder = private_folder(secret.cache)
        with locked(folder, wait=True):  # another grader may want to write the same files
            manifest = write_references(folder, secret.seed, solution.exercises)
        digest = hashlib.sha256(hash_of_code().encode())
        libraries = Libraries.installed()
        # Libraries installed since then may let functions run that failed before.
        digest.update(f"own work: {own_work_is_asked_for()}\n{libraries}\n".encode())
        digest.update(f"missing: {libraries.missing}\n".encode())
        exercises = {name: points_for(name) for name in solution.exercises}
        questions = {name: points_for(name) for name in solution.questions}
        for name, points in (exercises | questions).items():
            # Just computed or read again, the inputs are in another order.
            inputs = json.dumps(manifest["exercises"].get(name, {}).get("inputs"), sort_keys=True)
            digest.update(f"{name} {points} {inputs}\n".encode())
        challenge: Challenge | None = None
        if solution.has_challenge:
            challenge = Challenge(installed_settings(), points_for(EXERCISE), secret.seed)
            digest.update(f"{challenge.settings} {challenge.max_points}\n".encode())
        key = digest.hexdigest()
        return cls.load(folder, secret.seed, exercises, questions, key, challenge)

    @classmethod
    def load(
        cls,
        folder: Path,
        seed: int,
        exercises: Mapping[str, float],
        questions: Mapping[str, float],
        key: str,
        challenge: Challenge | None = None,
    ) -> "Assignment":
        """Load existing references; doesn't need the solution.

        Args:
            folder: of the references.
            seed: that they're computed from.
            exercises, questions: of the assignment, in order, with their points.
            key, challenge: see `Assignment`.
        """
        judges = {}
        for exercise, points in exercises.items():
            check = ALL_CHECKS[exercise]
            references = None if check.properties else load_references(folder, exercise)
            judges[exercise] = Judge(check, check.cases(seed), references, points)
        return cls(dict(questions), judges, key, challenge)


@cache
def hash_of_code() -> str:
    """A hash of the package and the grader, because a change in them may change a grade."""
    digest = hashlib.sha256()
    for folder in (Path(pset.__file__).parent, PACKAGE):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".html", ".css"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
