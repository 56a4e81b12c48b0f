"""`python -m training digits`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.paths import ROOT
from training.commands.app import WORK, Work, app


@app.command()
def digits(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = ROOT / "assets" / "small",
    work: Work = WORK,
) -> None:
    """Write the handwritten digits that notebook 16 begins with."""
    from training.data import digits

    path = digits.write(out, work / "artwork")
    typer.echo(f"Wrote {path}, {path.stat().st_size / 1e3:.0f} kB.")
