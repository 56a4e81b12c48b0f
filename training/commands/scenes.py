"""`python -m training scenes`."""

from __future__ import annotations

import typer

from training.commands.app import WORK, Work, app


@app.command()
def scenes(work: Work = WORK) -> None:
    """Draw the scenes that students edit into assets/images/scenes/."""
    from training.data import artwork, own_world, textures

    root = work / "artwork"
    artwork.install(root)
    textures.install(root)
    for path in own_world.write(root):
        typer.echo(f"Wrote {path}.")
