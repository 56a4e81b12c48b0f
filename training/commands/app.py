"""What the commands share: the application, folders, options, loading of networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from training.data.resident import Resident
    from training.method.loop import State, Trainer
    from training.method.run import Places

app = typer.Typer(
    name="python -m training",
    help="Make the pictures, train the cascade, evaluate it, export it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

WORK = ROOT / ".training"
HELD_OUT = 10_000  # seeds from this one on are never trained on
RUNS = ROOT / "training" / "runs"
EXPORTED = ROOT / "assets" / "pocket-if"

Minutes = Annotated[float, typer.Option(help="How many minutes to train now.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
Work = Annotated[Path, typer.Option(help="Folder for artwork, pictures and checkpoints.")]
Threads = Annotated[int, typer.Option(help="CPU threads.")]
Rate = Annotated[float, typer.Option(help="Learning rate.")]
FinishIn = Annotated[
    float | None, typer.Option(help="Decay the learning rate to zero over this many minutes.")
]
Decay = Annotated[float, typer.Option(help="Decay of the weights' average; less for short runs.")]
Name = Annotated[str, typer.Option(help="Name of the run, in training/runs.")]
Fresh = Annotated[bool, typer.Option(help="Start from scratch.")]
Mirror = Annotated[Path | None, typer.Option(help="A second folder for checkpoints.")]
Folder = Annotated[Path, typer.Option(help="An exported stage I.")]
Checkpoint = Annotated[Path | None, typer.Option(help="A checkpoint to use instead.")]
Size = Annotated[int, typer.Option(help="Height and width of the samples.")]


def prepare(device: str, threads: int) -> None:
    """Set the number of threads, and choose kernels."""
    import torch

    torch.set_num_threads(threads)
    if device == "cpu":  # there, the fused kernel's backward pass is slower than matrix products
        torch.backends.cuda.enable_flash_sdp(False)


def placed(nets: nn.ModuleDict, device: str) -> nn.ModuleDict:
    """Move networks to a device, in the memory format that's fastest there for training."""
    import torch

    nets = nets.to(device)
    if device != "cpu":  # on a CPU, group norm's backward pass is far slower in channels last
        nets["unet"].to(memory_format=torch.channels_last)
    return nets


def artwork_in(work: Path) -> Path:
    """The folder with artwork and photographs, installed now if they aren't there."""
    from training.data import artwork, textures

    root = work / "artwork"
    artwork.install(root)
    textures.install(root)
    return root


def on_gpu(device: str) -> bool:
    """Whether steps are replayed there, see `training.method.replay`."""
    return device.startswith("cuda")


def machine(device: str) -> dict[str, str]:
    """What a log's rows say of the machine: nothing for a CPU."""
    import torch

    return {"machine": torch.cuda.get_device_name(device)} if on_gpu(device) else {}


def held_ahead(kind: str, rows: int, device: str, workers: int, work: Path) -> Resident:
    """Training data on the device, as soon as there are `rows` rows of it.

    Meanwhile, and for as long as this process lives, others draw more of it.
    """
    import atexit
    import subprocess
    import sys

    from training.data.resident import CAPACITY, SHARD, Resident

    command = [sys.executable, "-m", "training", "ahead", kind, "--work", str(work)]
    more = ["--workers", str(workers), "--shards", str(CAPACITY[kind] // SHARD)]
    drawing = subprocess.Popen([*command, *more], cwd=ROOT, stderr=subprocess.DEVNULL)
    atexit.register(drawing.terminate)
    held = Resident(work / "ahead" / kind, CAPACITY[kind], device)
    typer.echo(f"Waiting for the first {rows:,} {kind} to be drawn.")
    held.wait(rows, drawing.poll)
    return held


def follow(states: Iterable[State]) -> None:
    """Train to the end with a progress bar."""
    from tqdm import tqdm

    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)


def latest(trainer: Trainer, places: Places) -> Path | None:
    """Load the newest checkpoint of a run, if there is one. Returns its path."""
    from training.method import loop

    again = [places.checkpoint]
    if places.mirror is not None:
        again.append(places.mirror / places.checkpoint.name)
    return loop.resume(trainer, *again)


def resume(trainer: Trainer, places: Places, exported: Path, only: tuple[str, ...]) -> None:
    """Resume from the newest checkpoint, or else from the exported weights; or start afresh."""
    from training.publishing import export

    found = latest(trainer, places)
    if found is None and (exported / "unet" / "diffusion_pytorch_model.safetensors").exists():
        before = export.from_folder(exported)
        for name in only:
            for nets in (trainer.nets, trainer.ema):
                nets[name].load_state_dict(before[name].state_dict())
        found = exported
    where = f"Resuming from {found}" if found else "Starting from scratch"
    typer.echo(f"{where}, at step {trainer.step}.")


def average(checkpoint: Path | None, exported: Path) -> nn.ModuleDict:
    """Stage I's averaged networks, from the checkpoint or else from the exported folder."""
    from training.method import stage1
    from training.publishing import export

    if checkpoint is None or not checkpoint.exists():
        return export.from_folder(exported).eval()
    return averaged(stage1.networks(), checkpoint)


def averaged(nets: nn.ModuleDict, checkpoint: Path) -> nn.ModuleDict:
    """Networks with a checkpoint's averaged weights, without what's only there for training."""
    import torch

    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"]
    nets.load_state_dict({k: v for k, v in weights.items() if k.split(".")[0] in nets})
    return nets.eval().requires_grad_(False)
