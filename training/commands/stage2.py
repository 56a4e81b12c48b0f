"""`python -m training stage2`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import (
    EXPORTED,
    RUNS,
    WORK,
    Device,
    Minutes,
    Threads,
    Work,
    app,
    average,
    prepare,
    resume,
)


@app.command()
def stage2(
    minutes: Minutes = 25.0,
    crop: Annotated[int, typer.Option(help="Side of the crops of 256×256 pictures.")] = 64,
    batch: Annotated[int, typer.Option(help="Crops in a step.")] = 16,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 1e-3,
    finish_in: Annotated[
        float | None, typer.Option(help="Let the learning rate fall to zero in these minutes.")
    ] = None,
    device: Device = "cpu",
    name: Annotated[str, typer.Option(help="Of the run, in training/runs.")] = "stage-2",
    ema: Annotated[float, typer.Option(help="Decay of the average; less for short runs.")] = 0.999,
    text_from: Annotated[str, typer.Option(help="The run whose text encoder it uses.")] = "stage-1",
    fresh: Annotated[bool, typer.Option(help="Start again from nothing.")] = False,
    threads: Threads = 2,
    mirror: Annotated[Path | None, typer.Option(help="Second place for checkpoints.")] = None,
    work: Work = WORK,
) -> None:
    """Train stage II on crops, with stage I's text encoder as it is."""
    import torch
    from tqdm import tqdm

    from training import loop, model, run
    from training import stage2 as stage
    from training.pictures import Pictures

    prepare(device, threads)
    text = average(work / f"{text_from}.pt", EXPORTED / "stage-1")["text"].to(device)
    nets = stage.network().to(device)
    if device != "cpu":  # on a CPU group norm's backward is far slower channels last
        nets["unet"].to(memory_format=torch.channels_last)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema, warm_up=100)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    if not fresh:
        resume(trainer, places, EXPORTED / "stage-2", only=("unet",))

    @torch.no_grad()
    def embeddings(prompts: list[str]) -> torch.Tensor:
        return model.embed(text, prompts, device)

    loss_of = stage.loss_function(Pictures(work / "pictures-256"), embeddings, crop, batch, device)
    states = run.watched(
        loop.train(trainer, loss_of, finish_in), trainer, places, minutes, note={"crop": crop}
    )
    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)
