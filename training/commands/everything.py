"""`python -m training all`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import RUNS, WORK, Device, Work, app
from training.commands.card import card
from training.commands.editor import editor
from training.commands.editor_export import editor_export
from training.commands.enlarging import enlarging
from training.commands.evaluate import evaluate
from training.commands.export import export_
from training.commands.judge import judge
from training.commands.pictures import pictures
from training.commands.stage1 import stage1
from training.commands.stage2 import stage2


@app.command(name="all")
def everything(
    minutes: Annotated[
        float, typer.Option(help="For stage I; stage II and the editor get a fifth each on top.")
    ] = 480,
    device: Device = "cpu",
    batch: Annotated[int, typer.Option(help="Pictures per step; use more on a GPU.")] = 32,
    workers: Annotated[int, typer.Option(help="Processes that draw pictures, on a GPU.")] = 2,
    work: Work = WORK,
) -> None:
    """Do everything: pictures, judge, stage I (32×32, then 64×64), stage II, editor, evaluation."""
    from training.judging.judge import WEIGHTS

    if not (work / "pictures-256" / "pictures.npy").exists():
        pictures(work=work)
    if not WEIGHTS.exists():
        judge(work=work)
    on = {"device": device, "workers": workers, "work": work}
    more = {"batch": batch, **on}
    stage1(minutes=minutes * 0.6, size=32, **more)
    stage1(minutes=minutes * 0.4, size=64, lr=5e-4, power=0.75, finish_in=minutes * 0.4, **more)
    stage2(minutes=minutes * 0.2, finish_in=minutes * 0.2, **on)
    export_(work=work)
    # The editor belongs to the stage I that it began with.
    editor(minutes=minutes * 0.2, finish_in=minutes * 0.2, fresh=True, **on)
    editor_export(work=work)
    runs = RUNS / "stage-1"
    evaluate(out=runs / "table.json", goals_out=runs / "goals.json", device=device, work=work)
    enlarging(out=RUNS / "stage-2" / "table.json", device=device, work=work)
    card()
