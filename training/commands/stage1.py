"""`python -m training stage1`."""

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
def stage1(
    minutes: Minutes = 60.0,
    size: Annotated[
        int, typer.Option(help="Size of the pictures: 32 for most of the run, 64 at the end.")
    ] = 64,
    batch: Annotated[int, typer.Option(help="Pictures per step.")] = 32,
    lr: Rate = 1e-3,
    finish_in: FinishIn = None,
    power: Annotated[float, typer.Option(help="Below 1: train more on high noise.")] = 0.6,
    device: Device = "cpu",
    name: Name = "stage-1",
    fresh: Fresh = False,
    from_average: Annotated[
        bool, typer.Option(help="Start from the averaged weights instead of the last ones.")
    ] = False,
    reading_weight: Annotated[
        float, typer.Option(help="Weight of the loss of reading what is where; 0: none.")
    ] = 0.01,
    freeze_text: Annotated[
        bool, typer.Option(help="Don't train the text encoder (stage II uses it too).")
    ] = False,
    ema: Decay = 0.999,
    look_every: Annotated[
        float, typer.Option(help="Minutes between contact sheets with the judge's scores; 0: none.")
    ] = 30.0,
    reuse: Annotated[
        float, typer.Option(help="How often each picture is used, with other noise and words.")
    ] = 4.0,
    window: Annotated[
        int, typer.Option(help="Number of shards of 1024 pictures to choose from at a time.")
    ] = 16,
    seed: Annotated[int, typer.Option(help="Of noise, words and choice: a number per run.")] = 180,
    workers: Annotated[int, typer.Option(help="Number of processes that draw pictures.")] = 1,
    threads: Threads = 2,
    mirror: Mirror = None,
    work: Work = WORK,
) -> None:
    """Train stage I and the text encoder, from the last checkpoint.

    On a GPU (--device cuda), take a large --batch, 256 or so, and as many --workers as there are
    cores: they draw pictures meanwhile.
    """
    from training.data.stream import Stream
    from training.judging.judge import WEIGHTS
    from training.judging.look import SampleMonitor
    from training.method import loop, replay, run
    from training.method.reading import Reader
    from training.method.stage1 import loss_function, networks, resident_loss_function

    prepare(device, threads)
    nets = networks()
    if reading_weight:
        nets["reader"] = Reader(nets["unet"])
    nets = placed(nets, device)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    if not fresh:
        resume(trainer, places, EXPORTED / "stage-1", only=("text", "unet"))
    if from_average:
        trainer.nets.load_state_dict(trainer.ema.state_dict())
    trainer.nets["text"].requires_grad_(not freeze_text)
    if on_gpu(device):
        held = held_ahead("pictures", 8192, device, workers, work)
        loss = resident_loss_function(nets, held, size, batch, power, reading_weight)
        steps = replay.train(trainer, loss, finish_in, held.take, seed)
    else:
        drawn = Stream(work / "stream", work / "artwork", window, reuse, workers=workers)
        loss_of = loss_function(
            drawn, size, batch, device, seed, power=power, reading_weight=reading_weight
        )
        steps = loop.train(trainer, loss_of, finish_in)
    looks = look_every > 0 and WEIGHTS.exists()
    states = run.watched(
        steps,
        trainer,
        places,
        minutes,
        note={"size": size} | machine(device),
        on_save=SampleMonitor(RUNS / name, size, look_every, device=device) if looks else None,
    )
    follow(states)
