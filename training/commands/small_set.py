"""`python -m training small-set`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.paths import ROOT
from training.commands.app import WORK, Work, app, artwork_in


@app.command(name="small-set")
def small_set(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = ROOT / "assets" / "small",
    work: Work = WORK,
) -> None:
    """Draw the small data set that notebook 16 trains on."""
    from training.data import small_set

    path = small_set.write(out, artwork_in(work))
    typer.echo(f"Wrote {path}, {path.stat().st_size / 1e6:.1f} MB.")
