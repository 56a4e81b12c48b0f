"""``python -m training``: build the pictures, train the cascade, judge it, export it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".training"

Minutes = Annotated[float, typer.Option(help="How long to train in this call.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
Work = Annotated[Path, typer.Option(help="Folder for artwork, pictures and checkpoints.")]


@app.command()
def pictures(
    variations: Annotated[int, typer.Option(help="Pictures of every subject × style.")] = 60,
    full: Annotated[float, typer.Option(help="Share of scenes of more than one thing.")] = 0.0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Install the artwork packages and draw the training and held-out pictures."""
    from tqdm import tqdm

    from training import artwork
    from training import pictures as module

    artwork.install(work / "artwork")
    for name, count, start in (("pictures", variations, 0), ("held-out", 4, 10_000)):
        todo = list(module.plan(count, full, start))
        bar = tqdm(total=len(todo), desc=name, unit="picture")
        for done in module.build(work / name, work / "artwork", todo, workers):
            bar.update(done - bar.n)
        bar.close()


@app.command()
def stage1(
    minutes: Minutes = 60.0,
    size: Annotated[int, typer.Option(help="32 for most of the time, 64 at the end.")] = 64,
    batch: Annotated[int, typer.Option(help="Pictures in a step.")] = 32,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 1e-3,
    finish_in: Annotated[
        float | None, typer.Option(help="Let the learning rate fall to zero in these minutes.")
    ] = None,
    device: Device = "cpu",
    name: Annotated[str, typer.Option(help="Of the run, in training/runs.")] = "stage-1",
    fresh: Annotated[bool, typer.Option(help="Start again from nothing.")] = False,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    mirror: Annotated[Path | None, typer.Option(help="Second place for checkpoints.")] = None,
    work: Work = WORK,
) -> None:
    """Train stage I and the text encoder; goes on from the last checkpoint."""
    import torch
    from tqdm import tqdm

    from training import loop, run
    from training import stage1 as stage
    from training.pictures import Pictures

    torch.set_num_threads(threads)
    if device == "cpu":  # the fused kernel's backward is slower than plain matrix products there
        torch.backends.cuda.enable_flash_sdp(False)
    nets = stage.networks().to(device)
    nets["unet"].to(memory_format=torch.channels_last)
    trainer = loop.Trainer(nets, lr=lr)
    places = run.Places(work / f"{name}.pt", ROOT / "training" / "runs" / name / "log.jsonl", mirror)
    if not fresh:
        again = [places.checkpoint] + ([mirror / places.checkpoint.name] if mirror else [])
        typer.echo(f"resumed from {loop.resume(trainer, *again)} at step {trainer.step}")
    loss_of = stage.loss_function(Pictures(work / "pictures"), size, batch, device)
    states = run.watched(
        loop.train(trainer, loss_of, finish_in), trainer, places, minutes, note={"size": size}
    )
    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)


if __name__ == "__main__":
    app()
