"""`python -m autograder marks`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console


@app.command()
def marks(
    file: Annotated[Path, typer.Argument(help="A marks.csv saved by the gallery.")],
    course: Annotated[Path, typer.Option(help="The nbgrader course to import them into.")],
) -> None:
    """Import marks given by hand into the gradebook; if one is invalid, none of them."""
    from autograder.gradebook.hand_marks import read_marks
    from autograder.gradebook.nbgrader import CourseGradebook
    from pset.course import course_file, read_course

    found = read_marks(file)
    changed = CourseGradebook(course, read_course(course_file())).give(found)
    for mark in changed:
        score = "" if mark.score is None else f" {mark.score:g}"
        console.print(
            f"  {mark.student}, {mark.question}:{score} {mark.comment}",
            markup=False,
            highlight=False,
        )
    console.print(f"{len(found)} marks read, {len(changed)} of them new.", highlight=False)
