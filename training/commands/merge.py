"""`python -m training merge`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import app


@app.command()
def merge(
    start: Annotated[Path, typer.Argument(help="The checkpoint where the runs began.")],
    runs: Annotated[list[Path], typer.Argument(help="Their checkpoints.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Average the checkpoints of runs that went on side by side, see `training.method.merging`."""
    import torch

    from training.method.merging import merged

    states = [torch.load(path, map_location="cpu", weights_only=True) for path in (start, *runs)]
    made = merged(states[0], states[1:])
    torch.save(made, out)
    typer.echo(f"Wrote {out}: {made['seen']:,} pictures, {made['minutes']:.0f} minutes.")
