"""Tell the instructor what student code was kept apart by."""

from rich.console import Console

from autograder.sandbox.layers.report import Report


def announce(console: Console, report: Report) -> None:
    """A line where the trust line holds, a loud warning where it does not."""
    console.print(f"Student code was kept apart by: {report.in_words()}.", highlight=False)
    if not report.holds:
        console.print(
            "WARNING: that is not enough for the work of strangers. With --trusted it was run all "
            "the same. Do not rely on these marks, nor on the secret, unless you know everybody "
            "whose code it was. Not so, here:",
            style="bold red",
            highlight=False,
        )
        for promise in report.broken_promises:
            console.print(f"  - {promise}", style="red", markup=False, highlight=False)
