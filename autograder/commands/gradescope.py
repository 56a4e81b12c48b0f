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
        float, typer.Option(min=2, help="Gradescope's time-out for this assignment.")
    ] = 10,
    torch_index: Annotated[
        str | None,
        typer.Option(
            help="Address of the package index that has torch without CUDA, as torch's own "
            "installation page gives it. Without it the image is some gigabytes larger."
        ),
    ] = None,
    trusted: Annotated[
        bool,
        typer.Option("--trusted", help="Grade even where student code cannot be kept apart."),
    ] = False,
) -> None:
    """Make the archive that Gradescope grades an assignment with."""
    from autograder.course.secret import find_secret
    from autograder.course.solution import read_solutions
    from autograder.gradescope.archive import make_archive
    from autograder.submission.find import one_of

    solutions = read_solutions()
    one_of(assignment, solutions, "assignment")
    found = find_secret(secret, out.parent)
    if found.is_new:
        console.print(
            f"No secret was given, so one was made: {found.path}. Keep it, for the next archive.",
            highlight=False,
        )
    with console.status("computing what is expected on the hidden inputs"):
        make_archive(solutions[assignment], found, out, minutes, trusted, torch_index)
    console.print(
        f"{out} ({out.stat().st_size / 2**20:.0f} MB). On Gradescope: Configure Autograder, upload "
        "it, and test it with a notebook. It holds hidden values, so students must not see it.",
        highlight=False,
    )
