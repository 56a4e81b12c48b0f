"""`python -m training scenes`."""

from __future__ import annotations

import typer

from training.commands.app import WORK, Work, app, artwork_in


@app.command()
def scenes(work: Work = WORK) -> None:
    """Draw the scenes that students edit into assets/images/scenes/."""
    from training.data import own_world

    root = artwork_in(work)
    for path in own_world.write(root):
        typer.echo(f"Wrote {path}.")
