"""The command line, one file for each command. What a command needs is imported when it runs."""

import sys

from rich.console import Console

# In the order of the help.
from autograder.commands import (  # noqa: F401
    canvas,
    challenge,
    demo,
    execute,
    figures,
    gallery,
    grade,
    gradescope,
    marks,
    new_exercise,
    pictures,
    references,
    release,
    report,
)
from autograder.commands.app import app
from autograder.errors import CommandError

INTERRUPTED = 130
"""Typer's exit code after Ctrl-C."""


def run() -> int:
    """Run the command line; a `CommandError` becomes a message and an exit code."""
    _write_in_any_encoding()
    try:
        app()
    except CommandError as error:
        Console(stderr=True).print(
            str(error), style="red", markup=False, highlight=False, soft_wrap=True
        )
        return error.exit_code
    except SystemExit as end:
        if end.code == INTERRUPTED:
            Console(stderr=True).print("Stopped. Everything finished so far is kept.")
        return int(end.code or 0)
    return 0


def _write_in_any_encoding() -> None:
    """Print an escape for characters that the terminal or output file can't represent."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
