"""`python -m training stage2`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import (
    EXPORTED,
    RUNS,
    WORK,
    Decay,
    Device,
    FinishIn,
    Fresh,
    Minutes,
    Mirror,
    Name,
    Rate,
    Threads,
    Work,
    app,
    follow,
    held_ahead,
    machine,
    on_gpu,
    placed,
    prepare,
    resume,
)


@app.command()
def stage2(
    minutes: Minutes = 25.0,
    crop: Annotated[
        int,
        typer.Option(help="Height and width of the crops: 64 for most of the run, 256 at the end."),
    ] = 64,
    batch: Annotated[int, typer.Option(help="Crops per step.")] = 16,
    lr: Rate = 1e-3,
    finish_in: FinishIn = None,
    power: Annotated[float, typer.Option(help="Below 1: train more on high noise.")] = 1.0,
    cut: Annotated[
        float, typer.Option(help="The largest weight of the loss at high noise.")
    ] = 100.0,
    device: Device = "cpu",
    name: Name = "stage-2",
    ema: Decay = 0.999,
    fresh: Fresh = False,
    workers: Annotated[
        int, typer.Option(help="Number of processes that draw pictures, for a GPU.")
    ] = 1,
    threads: Threads = 2,
    mirror: Mirror = None,
    work: Work = WORK,
) -> None:
    """Train stage II on crops. It doesn't read the caption."""
    from training.data.pictures import Pictures
    from training.method import loop, replay, run
    from training.method import stage2 as stage

    prepare(device, threads)
    nets = placed(stage.network(), device)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema, warm_up=100)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    if not fresh:
        resume(trainer, places, EXPORTED / "stage-2", only=("unet",))
        for net in (trainer.nets, trainer.ema):
            stage.wordless(net["unet"])
    if on_gpu(device):
        held = held_ahead("large", 1024, device, workers, work)
        loss = stage.resident_loss_function(nets["unet"], held, crop, batch, power, cut)
        steps = replay.train(trainer, loss, finish_in, held.take)
    else:
        drawn = Pictures(work / "pictures-256")
        loss_of = stage.loss_function(drawn, crop, batch, device, power=power, cut=cut)
        steps = loop.train(trainer, loss_of, finish_in)
    follow(run.watched(steps, trainer, places, minutes, note={"crop": crop} | machine(device)))
