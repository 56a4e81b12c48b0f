"""Prepare an assignment for judging: its hidden inputs and their expected values."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pset
from autograder.course.libraries import Libraries
from autograder.course.secret import Secret, private_folder
from autograder.course.solution import Solution
from autograder.files.lock import locked
from autograder.paths import PACKAGE
from pset.checks import ALL_CHECKS
from pset.checks.definition import Case, Check
from pset.checks.judging import Judge
from pset.checks.own_work import own_work_is_asked_for
from pset.checks.references import load_references
from pset.course import points_for


@dataclass
class Assignment:
    """An assignment ready for judging: checks, hidden cases, and a judge for each.

    Args:
        questions: its written questions, marked by hand.
        checks: of its exercises, in order.
        cases, judges: exercise → its hidden cases, and the judge of their outcomes.
        key: hash of everything that a grade depends on, except the submission.
    """

    questions: list[str]
    checks: list[Check]
    cases: dict[str, list[Case]]
    judges: dict[str, Judge]
    key: str

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
        for name in (*solution.exercises, *solution.questions):
            # The inputs' order depends on whether they were computed or read.
            inputs = json.dumps(manifest["exercises"].get(name, {}).get("inputs"), sort_keys=True)
            digest.update(f"{name} {points_for(name)} {inputs}\n".encode())
        return cls.load(
            folder, secret.seed, solution.exercises, solution.questions, digest.hexdigest()
        )

    @classmethod
    def load(
        cls, folder: Path, seed: int, exercises: list[str], questions: list[str], key: str
    ) -> "Assignment":
        """Load existing references; doesn't need the solution."""
        checks = [ALL_CHECKS[exercise] for exercise in exercises]
        cases = {check.exercise: check.cases(seed) for check in checks}
        judges = {
            check.exercise: Judge(
                check,
                cases[check.exercise],
                None if check.properties else load_references(folder, check.exercise),
                points_for(check.exercise),
            )
            for check in checks
        }
        return cls(questions, checks, cases, judges, key)


@cache
def hash_of_code() -> str:
    """A hash of the package and the grader, because a change in them may change a grade."""
    digest = hashlib.sha256()
    for folder in (Path(pset.__file__).parent, PACKAGE):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".html", ".css"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
