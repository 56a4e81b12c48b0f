"""`python -m autograder execute`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def execute(
    names: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all by default.", metavar="[NAME]…")
    ] = None,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="Only the instructor notebooks.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Only the student notebooks, as released.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Save the executed notebooks to this folder, also as HTML."),
    ] = None,
) -> None:
    """Run all notebooks from top to bottom; fail if a cell or a check fails."""
    from autograder.commands.tables import CellProgress, print_executed
    from autograder.course.execute import KINDS, execute_notebooks

    kinds = [kind for kind in KINDS if {"solutions": solutions, "release": release}[kind]]
    with CellProgress(console, "") as bar:
        executed = list(execute_notebooks(kinds or KINDS, names or (), out, bar.on))
    print_executed(console, executed)
    if out is not None:
        console.print(f"The executed notebooks are in {out}.", highlight=False)
    if failures := [failure for one in executed for failure in one.failures]:
        raise CommandError("\n".join(failures))
