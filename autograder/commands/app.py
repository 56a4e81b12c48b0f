"""What the commands share: the application, the console, options that several have."""

from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    name="python -m autograder",
    help="The instructor's side of the problem set.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console()

Again = Annotated[bool, typer.Option("--again", help="Do it all, changed or not.")]


@app.callback()
def main() -> None:
    """The instructor's side of the problem set."""
