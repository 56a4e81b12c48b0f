"""`python -m autograder release`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def release(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where notebooks/ has drifted.")
    ] = False,
    nbgrader: Annotated[
        Path | None, typer.Option(help="Write an nbgrader course into this folder instead.")
    ] = None,
) -> None:
    """Turn solutions/ into the student notebooks in notebooks/."""
    from autograder.course import release as releasing
    from autograder.course.nbgrader_course import write_nbgrader_course

    if nbgrader is not None:
        for path in write_nbgrader_course(nbgrader):
            console.print(f"  {path}", highlight=False)
        return
    results = releasing.release(check=check)
    for result in results:
        console.print(f"  {result.path.name}: {result.status}", highlight=False)
        if result.diff:
            console.print(result.diff, markup=False, highlight=False)
    if not all(result.up_to_date for result in results):
        raise CommandError(
            "notebooks/ is not what solutions/ says. `make release` writes what is missing; delete "
            "what is left over."
        )
