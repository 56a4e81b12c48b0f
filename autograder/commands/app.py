"""What the commands share: the Typer application, the console, common options."""

from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    name="python -m autograder",
    help="Tools for instructors: build the course, grade a class, export marks.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console()

Again = Annotated[bool, typer.Option("--again", help="Redo everything, changed or not.")]


@app.callback()
def main() -> None:
    """Tools for instructors: build the course, grade a class, export marks."""
