"""`python -m training editor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import (
    EXPORTED,
    RUNS,
    WORK,
    Checkpoint,
    Decay,
    Device,
    FinishIn,
    Folder,
    Fresh,
    Minutes,
    Mirror,
    Name,
    Rate,
    Threads,
    Work,
    app,
    average,
    follow,
    held_ahead,
    latest,
    machine,
    on_gpu,
    placed,
    prepare,
)


@app.command()
def editor(
    minutes: Minutes = 60.0,
    size: Annotated[int, typer.Option(help="Size of the pictures, 32 or 64.")] = 64,
    batch: Annotated[int, typer.Option(help="Pairs per step.")] = 16,
    lr: Rate = 1e-3,
    finish_in: FinishIn = None,
    power: Annotated[float, typer.Option(help="Below 1: train more on high noise.")] = 0.75,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    device: Device = "cpu",
    name: Name = "editor",
    fresh: Fresh = False,
    ema: Decay = 0.998,
    pairs: Annotated[
        Path | None, typer.Option(help="A folder with more pairs, from `editor-pairs`.")
    ] = None,
    share: Annotated[float, typer.Option(help="How many of all pairs are from there.")] = 0.1,
    workers: Annotated[int, typer.Option(help="Number of processes that draw pairs.")] = 1,
    threads: Threads = 2,
    mirror: Mirror = None,
    work: Work = WORK,
) -> None:
    """Train the editor on instruction pairs, from its last checkpoint or from stage I."""
    from training.data.edits import Edits
    from training.data.pair_folder import PairFolder, mixed
    from training.method import loop, replay, run
    from training.method.editor import loss_function, networks, resident_loss_function

    prepare(device, threads)
    nets = placed(networks(average(checkpoint, folder)), device)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema, warm_up=100)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    found = None if fresh else latest(trainer, places)
    typer.echo(f"Starting from {found or checkpoint or folder}, at step {trainer.step}.")
    if on_gpu(device):
        held = held_ahead("edits", 2048, device, workers, work)
        loss = resident_loss_function(nets, held, batch, power)
        steps = replay.train(trainer, loss, finish_in, held.take)
    else:
        drawn = Edits(work / "edits", work / "artwork", window=2, reuse=8, workers=workers)
        choose = drawn.pair_chooser(size)
        if pairs is not None:
            choose = mixed(choose, PairFolder(pairs).chooser(size), share)
        loss_of = loss_function(choose, batch, device, power=power)
        steps = loop.train(trainer, loss_of, finish_in)
    follow(run.watched(steps, trainer, places, minutes, note={"size": size} | machine(device)))
