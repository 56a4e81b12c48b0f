"""`python -m training export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import EXPORTED, WORK, Work, app, average


@app.command(name="export")
def export_(
    work: Work = WORK,
    folder: Annotated[Path, typer.Option(help="Where to put the two stages' folders.")] = EXPORTED,
) -> None:
    """Export both stages as folders for stock diffusers: averaged weights in float16."""
    import copy

    import torch

    from training.method import stage2
    from training.publishing.export import from_folder, stage_1, stage_2

    one = average(work / "stage-1.pt", folder / "stage-1")
    two = stage2.network()
    if (work / "stage-2.pt").exists():
        state = torch.load(work / "stage-2.pt", map_location="cpu", weights_only=True)
        two.load_state_dict(state["ema"])
    elif (folder / "stage-2").exists():
        two["unet"].load_state_dict(from_folder(folder / "stage-2")["unet"].state_dict())
    stage_1(copy.deepcopy(one["text"]), one["unet"], folder / "stage-1")
    stage_2(copy.deepcopy(one["text"]), two["unet"], folder / "stage-2")
    typer.echo(f"Wrote {folder}/stage-1 and {folder}/stage-2.")
