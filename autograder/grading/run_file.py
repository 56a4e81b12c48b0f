"""The options of a run, saved with its results until it finishes."""

import contextlib
import json
import uuid
from pathlib import Path

from pydantic import BaseModel, Field

from autograder.course.secret import Secret, secret_of_results
from autograder.errors import CommandError
from pset.files import write_whole

FILE = ".run.json"


class Run(BaseModel):
    """A run of the grader over a class.

    Args:
        submitted: the folder of submissions.
        secret: the file of the course's secret; None before it has been found.
        course: the nbgrader course whose gradebook also gets the marks, if any.
        assignments, students: that it's restricted to, if any.
        again: whether it also grades what hasn't changed.
        challenge: whether it runs the challenge.
        name: identifies the run, so that it knows what it has already graded again.
    """

    submitted: Path
    secret: Path | None = None
    course: Path | None = None
    assignments: list[str] = []
    students: list[str] = []
    again: bool = False
    challenge: bool = False
    name: str = Field(default_factory=lambda: uuid.uuid4().hex)

    def find_secret(self, results: Path) -> Secret:
        """The course's secret, and from now on this run's."""
        found = secret_of_results(self.secret, results)
        self.secret = found.path.absolute()
        return found


def choose(
    results: Path,
    resume: bool,
    submitted: Path | None,
    secret: Path | None,
    course: Path | None,
    assignments: list[str],
    students: list[str],
    again: bool,
    challenge: bool = False,
) -> Run:
    """Start a new run, or return the one to resume.

    Raises:
        CommandError: there's nothing to resume, or options contradict the interrupted run.
    """
    before = interrupted(results) if resume else None
    if before is None:
        if submitted is None:
            nothing = f"No run into {results} was interrupted. " if resume else ""
            raise CommandError(
                f"{nothing}Name the folder of submissions, which contains "
                "<student>/<assignment>/<notebook>.ipynb.",
                usage=True,
            )
        return Run(
            submitted=submitted.absolute(),
            secret=secret and secret.absolute(),
            course=course and course.absolute(),
            assignments=assignments,
            students=students,
            again=again,
            challenge=challenge,
        )
    for name, said, then in (
        ("the folder of submissions", submitted and submitted.absolute(), before.submitted),
        ("--secret", secret and secret.absolute(), before.secret),
        ("--course", course and course.absolute(), before.course),
        ("--assignment", assignments, before.assignments),
        ("--student", students, before.students),
        ("--again", again, before.again),
        ("--challenge", challenge, before.challenge),
    ):
        if said and said != then:
            raise CommandError(
                f"--resume uses the options that the run was started with, and its choice of "
                f"{name} was different ({_words(then)}). Leave that out, or leave --resume out.",
                usage=True,
            )
    return before


def interrupted(results: Path) -> Run | None:
    """The last run into these results, if it was interrupted."""
    with contextlib.suppress(OSError, ValueError):
        return Run.model_validate(json.loads((results / FILE).read_bytes()))
    return None


def begin(results: Path, run: Run) -> None:
    """Record that a run has begun."""
    # Not with pydantic: a path that isn't UTF-8 can only be written as ASCII.
    text = json.dumps(run.model_dump(), indent=2, default=str)
    write_whole(results / FILE, text.encode() + b"\n")


def finish(results: Path) -> None:
    """Record that it has finished."""
    (results / FILE).unlink(missing_ok=True)


def _words(choice: object) -> str:
    if isinstance(choice, list):
        return ", ".join(choice) or "none"
    return str(choice).lower() if isinstance(choice, bool) else str(choice)
