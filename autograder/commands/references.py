"""`python -m autograder references`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import Again, app, console
from autograder.errors import CannotGoOn


@app.command()
def references(
    seed: Annotated[int, typer.Option(help="180 makes the public ones.")] = 180,
    exercise: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be given more than once.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder; by default assets/references.")
    ] = None,
    again: Again = False,
) -> None:
    """Write the expected values that checks compare with."""
    from autograder.references import write_references
    from autograder.solution import ROOT

    if out is None and seed != 180:
        raise CannotGoOn(
            "assets/references/ holds the public values, of seed 180. For another seed name a "
            "folder outside the repository: --out FOLDER.",
            usage=True,
        )
    folder = out or ROOT / "assets" / "references"
    manifest = write_references(
        folder, seed, exercise, again, lambda name, what: console.print(f"  {name:8} {what}")
    )
    for name, about in manifest["exercises"].items():
        if margins := about.get("mistakes"):
            nearest = min(margins, key=margins.__getitem__)
            console.print(
                f"  {name:8} tolerance {about['tolerance']:.0e}, nearest mistake {nearest} at "
                f"{margins[nearest]:.2g}",
                highlight=False,
            )
    console.print(f"References of seed {seed} in {folder}.", highlight=False)
