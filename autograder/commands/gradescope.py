"""`python -m autograder gradescope`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console


@app.command()
def gradescope(
    assignment: Annotated[str, typer.Option(help="Which: 01_denoising…")],
    out: Annotated[Path, typer.Option(help="The archive.")] = Path("results/autograder.zip"),
    secret: Annotated[
        Path | None,
        typer.Option(
            help="The course's secret; by default $PSET_SECRET, then .course-secret, "
            "then one beside the archive."
        ),
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=2, help="The time-out that you set on Gradescope.")
    ] = 10,
    torch_index: Annotated[
        str | None,
        typer.Option(
            help="Package index with the CPU build of torch; torch's installation page has its "
            "address. Without it, the image is several gigabytes larger."
        ),
    ] = None,
    trusted: Annotated[
        bool,
        typer.Option("--trusted", help="Grade even if student code can't be isolated."),
    ] = False,
) -> None:
    """Build the autograder archive for one Gradescope assignment."""
    from autograder.course.secret import find_secret
    from autograder.course.solution import read_solutions
    from autograder.gradescope.archive import make_archive
    from autograder.submission.find import one_of

    solutions = read_solutions()
    one_of(assignment, solutions, "assignment")
    found = find_secret(secret, out.parent)
    if found.is_new:
        console.print(
            f"You didn't name a secret, so a new one was created: {found.path}. Keep it: the next "
            "archive needs it too.",
            highlight=False,
        )
    with console.status("computing the expected values for the hidden inputs"):
        make_archive(solutions[assignment], found, out, minutes, trusted, torch_index)
    console.print(
        f"{out} ({out.stat().st_size / 2**20:.0f} MB). On Gradescope, choose Configure "
        "Autograder, upload it, and test it with a notebook. It contains hidden values, so don't "
        "let students see it.",
        highlight=False,
    )
