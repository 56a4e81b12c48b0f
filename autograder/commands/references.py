"""`python -m autograder references`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import Again, app, console
from autograder.errors import CommandError


@app.command()
def references(
    seed: Annotated[int, typer.Option(help="Of the inputs; 180 is the public one.")] = 180,
    exercise: Annotated[
        list[str] | None, typer.Option(help="Only this exercise; can be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write; assets/references by default.")
    ] = None,
    again: Again = False,
) -> None:
    """Compute the expected values that checks compare with."""
    from autograder.commands.tables import ExerciseProgress
    from autograder.course.mistakes_page import PAGE, write_page
    from autograder.course.references import write_references
    from autograder.paths import ROOT
    from pset.checks import ALL_CHECKS
    from solutions.variants import variants_of

    if out is None and seed != 180:
        raise CommandError(
            "assets/references/ is for the public values, of seed 180. For another seed, name a "
            "folder outside the repository with --out FOLDER.",
            usage=True,
        )
    public = out is None
    folder = out or ROOT / "assets" / "references"
    with ExerciseProgress(console, exercise or ALL_CHECKS) as bar:
        manifest = write_references(
            folder,
            seed,
            exercise,
            again,
            bar.on,
            variants_of if public else lambda exercise: (),
        )
    for name, about in manifest["exercises"].items():
        if margins := about.get("mistakes"):
            nearest = min(margins, key=margins.__getitem__)
            console.print(
                f"  {name:8} tolerance {about['tolerance']:.0e}, nearest mistake {nearest} at "
                f"{margins[nearest]:.2g}",
                highlight=False,
            )
    console.print(f"References for seed {seed} are in {folder}.", highlight=False)
    if public:
        write_page(manifest)
        console.print(f"All known mistakes and their distances are in {PAGE}.", highlight=False)
