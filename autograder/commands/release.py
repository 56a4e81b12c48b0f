"""`python -m autograder release`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def release(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if notebooks/ isn't up to date.")
    ] = False,
    nbgrader: Annotated[
        Path | None, typer.Option(help="Create an nbgrader course in this folder instead.")
    ] = None,
) -> None:
    """Build the student notebooks in notebooks/ from solutions/."""
    from autograder.course import release as releasing
    from autograder.course.nbgrader_course import write_nbgrader_course
    from autograder.course.origin import warnings
    from autograder.paths import ROOT
    from pset.course import course_file, read_course

    if nbgrader is not None:
        for path in write_nbgrader_course(nbgrader):
            console.print(f"  {path}", highlight=False)
        return
    results = releasing.release(check=check)
    for result in results:
        console.print(f"  {result.path.name}: {result.status}", highlight=False)
        if result.diff:
            console.print(result.diff, markup=False, highlight=False)
    for warning in warnings(read_course(course_file())["course"], ROOT):
        console.print(warning, style="yellow", markup=False, highlight=False)
    if not all(result.up_to_date for result in results):
        raise CommandError(
            "notebooks/ doesn't match solutions/. Run `make release` to write what's missing or "
            "out of date, and delete what's left over."
        )
