"""How a run was started, kept beside its results until it has come to its end."""

import contextlib
import json
import uuid
from pathlib import Path

from pydantic import BaseModel, Field

from autograder.course.secret import Secret, secret_of_results
from autograder.errors import CommandError
from pset.checks.references import write_whole

FILE = ".run.json"


class Run(BaseModel):
    """A run of the grader over a class.

    Args:
        submitted: the folder of submissions.
        secret: the file of the course's secret; None before it has been found.
        course: the nbgrader course whose gradebook gets the marks too, if one does.
        assignments, students: to which it is restricted, if it is.
        again: whether it grades also what has not changed.
        name: its own, by which it knows what it has graded again.
    """

    submitted: Path
    secret: Path | None = None
    course: Path | None = None
    assignments: list[str] = []
    students: list[str] = []
    again: bool = False
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
) -> Run:
    """A new run, or the one to go on with.

    Raises:
        CommandError: there is nothing to go on with, or what to do is said twice.
    """
    before = interrupted(results) if resume else None
    if before is None:
        if submitted is None:
            nothing = f"No run into {results} was interrupted. " if resume else ""
            raise CommandError(
                f"{nothing}Name the folder of submissions, which holds "
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
        )
    for name, said, then in (
        ("the folder of submissions", submitted and submitted.absolute(), before.submitted),
        ("--secret", secret and secret.absolute(), before.secret),
        ("--course", course and course.absolute(), before.course),
        ("--assignment", assignments, before.assignments),
        ("--student", students, before.students),
        ("--again", again, before.again),
    ):
        if said and said != then:
            raise CommandError(
                f"--resume goes on with a run as it was started, and that was with another choice "
                f"of {name} ({_words(then)}). Leave that out, or leave --resume out.",
                usage=True,
            )
    return before


def interrupted(results: Path) -> Run | None:
    """The run that did not come to its end, if the last one into these results did not."""
    with contextlib.suppress(OSError, ValueError):
        return Run.model_validate(json.loads((results / FILE).read_bytes()))
    return None


def begin(results: Path, run: Run) -> None:
    """Write down that a run has begun."""
    # Not by pydantic: a path that is not UTF-8 can be written in ASCII alone.
    text = json.dumps(run.model_dump(), indent=2, default=str)
    write_whole(results / FILE, text.encode() + b"\n")


def finish(results: Path) -> None:
    """Write down that it has come to its end."""
    (results / FILE).unlink(missing_ok=True)


def _words(choice: object) -> str:
    if isinstance(choice, list):
        return ", ".join(choice) or "none"
    return str(choice).lower() if isinstance(choice, bool) else str(choice)
