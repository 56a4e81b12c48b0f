"""Tell the instructor how student code was isolated."""

from rich.console import Console

from autograder.sandbox.layers.report import Report


def announce(console: Console, report: Report) -> None:
    """Print one line if isolation is complete, and a loud warning if it isn't."""
    console.print(f"Student code was isolated by: {report.in_words()}.", highlight=False)
    if not report.holds:
        console.print(
            "WARNING: that's not safe for untrusted code, but --trusted ran it anyway. Don't rely "
            "on these marks, or on the secret, unless you know everyone whose code it was. What "
            "doesn't hold here:",
            style="bold red",
            highlight=False,
        )
        for promise in report.broken_promises:
            console.print(f"  - {promise}", style="red", markup=False, highlight=False)
