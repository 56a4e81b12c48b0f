"""What the commands share: the application, folders, options, loading of networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from training.method.loop import State, Trainer
    from training.method.run import Places

app = typer.Typer(
    name="python -m training",
    help="Build the pictures, train the cascade, judge it, export it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

WORK = ROOT / ".training"
HELD_OUT = 10_000  # seeds from here on are never trained on
RUNS = ROOT / "training" / "runs"
EXPORTED = ROOT / "assets" / "pocket-if"

Minutes = Annotated[float, typer.Option(help="How long to train in this call.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
Work = Annotated[Path, typer.Option(help="Folder for artwork, pictures and checkpoints.")]
Threads = Annotated[int, typer.Option(help="CPU threads.")]
Rate = Annotated[float, typer.Option(help="Learning rate.")]
FinishIn = Annotated[
    float | None, typer.Option(help="Let the learning rate fall to zero in these minutes.")
]
Decay = Annotated[float, typer.Option(help="Decay of the average; less for short runs.")]
Name = Annotated[str, typer.Option(help="Of the run, in training/runs.")]
Fresh = Annotated[bool, typer.Option(help="Start again from nothing.")]
Mirror = Annotated[Path | None, typer.Option(help="Second place for checkpoints.")]
Folder = Annotated[Path, typer.Option(help="An exported stage I.")]
Checkpoint = Annotated[Path | None, typer.Option(help="A checkpoint in its place.")]
Size = Annotated[int, typer.Option(help="Side of the samples.")]


def prepare(device: str, threads: int) -> None:
    """Set threads and kernels."""
    import torch

    torch.set_num_threads(threads)
    if device == "cpu":  # the fused kernel's backward is slower than plain matrix products there
        torch.backends.cuda.enable_flash_sdp(False)


def placed(nets: nn.ModuleDict, device: str) -> nn.ModuleDict:
    """Networks to be trained, on their device and in the memory format that is fast there."""
    import torch

    nets = nets.to(device)
    if device != "cpu":  # on a CPU group norm's backward is far slower channels last
        nets["unet"].to(memory_format=torch.channels_last)
    return nets


def follow(states: Iterable[State]) -> None:
    """Train to the end, with a progress bar."""
    from tqdm import tqdm

    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)


def resume(trainer: Trainer, places: Places, exported: Path, only: tuple[str, ...]) -> None:
    """Go on from the newest checkpoint, else from the exported weights, else from nothing."""
    from training.method import loop
    from training.publishing import export

    again = [places.checkpoint]
    if places.mirror is not None:
        again.append(places.mirror / places.checkpoint.name)
    found = loop.resume(trainer, *again)
    if found is None and (exported / "unet" / "diffusion_pytorch_model.safetensors").exists():
        stored = export.from_folder(exported)
        for name in only:
            for nets in (trainer.nets, trainer.ema):
                nets[name].load_state_dict(stored[name].state_dict())
        found = exported
    typer.echo(f"goes on from {found or 'nothing'}: step {trainer.step}")


def average(checkpoint: Path | None, exported: Path) -> nn.ModuleDict:
    """Averaged stage I networks: of the checkpoint where there is one, else the exported ones."""
    import torch

    from training.method import stage1
    from training.publishing import export

    if checkpoint is None or not checkpoint.exists():
        return export.from_folder(exported).eval()
    nets = stage1.networks()
    nets.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"])
    return nets.eval().requires_grad_(False)
