"""U-Net beside DiT, and flow matching beside noise prediction, for the same minutes.

Notebook 16's networks have as many parameters each. They're trained on the small data set by one
thread each, with several seeds, and measured on the way: how far the velocity is off on held-out
pictures, and the Fréchet distance of samples. Whoever predicts noise ε has told the velocity too:
from x_t = (1 − t)·ε + t·x_0 it's (x_t − ε)/t. Each run is kept, so that the command goes on where
it was interrupted. Writes `docs/networks.md` and its pictures.

    python -m benchmarks.networks --minutes 20
"""

import ast
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from matplotlib.figure import Figure
from rich.console import Console
from torch import nn

import pset
from autograder.course.solution import read_solutions
from autograder.paths import ROOT
from autograder.submission.slicing import needed, parse
from pset.challenge.distance import CLASSES
from pset.challenge.features import SIZE
from pset.challenge.measuring import draw, measure
from pset.figures import save_figure
from pset.files import write_whole
from pset.small_pictures import small_pictures

PAGE, IMAGES = ROOT / "docs" / "networks.md", ROOT / "docs" / "images"
KEPT = ROOT / "benchmarks" / "measured" / "networks.json"

KINDS = ("U-Net, flow matching", "DiT, flow matching", "U-Net, noise prediction")
BATCH, RATE, AVERAGE = 64, 1e-3, 0.999
STEPS, SCALE = 20, 1.5
MEASUREMENTS = 12
"""In each run, at equal times."""

SAMPLED_AT = (0.25, 0.5, 1.0)
"""Shares of a run at which samples are drawn."""

Network = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Run:
    """One training.

    Args:
        kind: of `KINDS`.
        seed: of weights and batches.
        minutes: that it took, measuring left out.
        at: minutes at which it was measured.
        off: mean squared error of the velocity on held-out pictures, at each of them.
        steps: that were taken by then.
        distance: the Fréchet distance of samples at `SAMPLED_AT`.
        samples: one of each class, from the same noise, at `SAMPLED_AT`: rounded pixels.
    """

    kind: str
    seed: int
    minutes: float
    at: list[float]
    off: list[float]
    steps: list[int]
    distance: list[float]
    samples: list[list[Any]]


@cache
def solution() -> dict[str, Any]:
    """What notebook 16 defines of its networks, and all that they need."""
    cells = read_solutions()["16_train"].source.cells
    wanted = ("unet", "DiT", "flow_step", "euler")
    statements = needed(parse([c.text for c in cells if c.kind == "code"]).statements, wanted)
    namespace: dict[str, Any] = {}
    for statement in statements:
        tree = ast.Module([statement.node], [])
        exec(compile(tree, f"16_train, cell {statement.cell}", "exec"), namespace)
    return namespace


def network(kind: str) -> nn.Module:
    """A new network, as in 2.22."""
    if kind.startswith("DiT"):
        made: nn.Module = solution()["DiT"](3, 96, 2, CLASSES)
    else:
        made = solution()["unet"](3, 32, CLASSES)
    return made


def velocity(kind: str, net: Network) -> Network:
    """What a network says of the velocity."""
    if kind.endswith("flow matching"):
        return net

    def from_noise(x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        # At t = 0, x is noise, and nothing can be said of the image by (x − ε)/t.
        return (x - net(x, t, label)) / t.clamp_min(0.5 / STEPS)[:, None, None, None]

    return from_noise


def noise_step(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    x_0: torch.Tensor,
    label: torch.Tensor,
    noise: torch.Tensor,
    t: torch.Tensor,
    dropped: torch.Tensor,
    classes: int,
) -> None:
    """One training step of noise prediction, with the arguments of 2.20b."""
    x_t = torch.lerp(noise, x_0, t[:, None, None, None])
    optimizer.zero_grad()
    off = net(x_t, t, torch.where(dropped, classes, label)) - noise
    off.square().mean().backward()
    optimizer.step()


@torch.no_grad()
def held_out_error(net: Network) -> float:
    """The velocity's mean squared error on held-out pictures; t runs from 0.05 to 0.95."""
    images, labels, _ = small_pictures("test", SIZE)
    noise, t = pset.noise(images.shape, 7), torch.linspace(0.05, 0.95, len(images))
    x_t = torch.lerp(noise, images, t[:, None, None, None])
    return float((net(x_t, t, labels) - (images - noise)).square().mean())


@torch.no_grad()
def sampled(net: Network, count: int) -> tuple[float, list[Any]]:
    """The Fréchet distance of samples, and one sample of each class."""
    euler = solution()["euler"]
    noise, labels = draw(pset.SEED, count)
    found = measure(euler(net, noise, labels, STEPS, SCALE, CLASSES), labels)
    shown = pset.noise((CLASSES, 3, SIZE, SIZE))
    images = euler(net, shown, torch.arange(CLASSES), STEPS, SCALE, CLASSES)
    return found.distance, images.clamp(-1, 1).mul(100).round().div(100).tolist()


def trained(kind: str, seed: int, minutes: float, count: int = 500) -> Run:
    """Train for so many minutes, and measure on the way; measuring takes none of them."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = network(kind)
    average = torch.optim.swa_utils.AveragedModel(net, avg_fn=_averaged)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE)
    step_of = solution()["flow_step"] if kind.endswith("flow matching") else noise_step
    images, labels, _ = small_pictures("train", SIZE)
    run = Run(kind, seed, minutes, [], [], [], [], [])
    spent, steps = 0.0, 0
    for share in (k / MEASUREMENTS for k in range(1, MEASUREMENTS + 1)):
        began, before = time.monotonic(), spent
        while spent < 60 * minutes * share:
            which = torch.randint(len(images), (BATCH,), generator=generator)
            x_0, label = images[which], labels[which]
            noise = torch.randn(x_0.shape, generator=generator)
            t = torch.rand(BATCH, generator=generator)
            dropped = torch.rand(BATCH, generator=generator) < 0.1
            step_of(net, optimizer, x_0, label, noise, t, dropped, CLASSES)
            average.update_parameters(net)
            steps += 1
            spent = before + time.monotonic() - began
        said = velocity(kind, average.eval())
        run.at.append(spent / 60)
        run.off.append(held_out_error(said))
        run.steps.append(steps)
        if any(abs(share - at) < 1e-9 for at in SAMPLED_AT):
            distance, samples = sampled(said, count)
            run.distance.append(distance)
            run.samples.append(samples)
    return run


def _averaged(before: torch.Tensor, now: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """An average over the last thousand steps or so; at the beginning, over fewer."""
    decay = min(AVERAGE, (1 + int(count)) / (10 + int(count)))
    return torch.lerp(now, before, decay)


def runs(minutes: float, seeds: int, kept: Path, count: int = 500) -> Iterator[Run]:
    """Every kind with every seed: those that are kept, and new ones, which are kept then."""
    stored = json.loads(kept.read_bytes()) if kept.is_file() else []
    found = [Run(**run) for run in stored]
    for seed in range(seeds):
        for kind in KINDS:
            mine = [r for r in found if (r.kind, r.seed, r.minutes) == (kind, seed, minutes)]
            if not mine:
                mine = [trained(kind, seed, minutes, count)]
                found += mine
                write_whole(kept, json.dumps([asdict(run) for run in found]).encode())
            yield mine[0]


def curves(found: list[Run]) -> Figure:
    """Held-out error over minutes: the mean of the seeds, and a band from the least to the most."""
    figure = Figure(figsize=(5.5, 3.4), dpi=110, layout="tight")
    axis = figure.subplots()
    for k, kind in enumerate(KINDS):
        mine = [run for run in found if run.kind == kind]
        at = [statistics.mean(x) for x in zip(*(run.at for run in mine), strict=True)]
        off = list(zip(*(run.off for run in mine), strict=True))
        axis.plot(at, [statistics.mean(x) for x in off], color=f"C{k}", label=kind)
        axis.fill_between(at, list(map(min, off)), list(map(max, off)), color=f"C{k}", alpha=0.2)
    axis.set(xlabel="minutes", ylabel="held-out error of the velocity", yscale="log")
    axis.legend(frameon=False)
    return figure


def pictures(found: list[Run]) -> Figure:
    """Samples of the first seed, of each kind at equal minutes."""
    grid, titles = [], []
    for k, share in enumerate(SAMPLED_AT):
        for kind in KINDS:
            (run,) = (run for run in found if (run.kind, run.seed) == (kind, 0))
            grid.append(list(torch.tensor(run.samples[k]).split(1)))
            titles.append(f"{kind},\n{share * run.minutes:g} min")
    names = small_pictures("test", SIZE)[2]
    return pset.rows(grid, [names, *([] for _ in grid[1:])], scale=0.8, row_titles=titles)


def page(found: list[Run], seeds: int, minutes: float) -> str:
    """The page, with a table of the last measurements."""
    rows = []
    for kind in KINDS:
        mine = [run for run in found if run.kind == kind]
        parameters = sum(p.numel() for p in network(kind).parameters())
        off, distance = ([getattr(run, name)[-1] for run in mine] for name in ("off", "distance"))
        rows.append(
            f"| {kind} | {parameters / 1e6:.2f} M | {min(r.steps[-1] for r in mine)} to "
            f"{max(r.steps[-1] for r in mine)} | {_spread(off, 4)} | {_spread(distance, 1)} |"
        )
    return f"""\
# U-Net beside DiT, flow matching beside noise prediction

Notebook 16's two networks, each trained for {minutes:g} minutes on the small data set, with
{seeds} seeds; and the U-Net once more with the noise for its target. This page is generated by

```sh
python -m benchmarks.networks --minutes {minutes:g} --seeds {seeds}
```

![Held-out error over minutes](images/networks_error.png)

The error is that of the velocity on held-out pictures, with averaged weights. Noise prediction
tells the velocity as (x_t − ε)/t, so its error is large where t is small. Lines are means over the
seeds, and bands run from the least to the most.

![Samples at equal minutes](images/networks_samples.png)

Samples from the same noise, with {STEPS} steps and γ = {SCALE:g}.

| network and target | parameters | steps | held-out error | Fréchet distance |
|---|--:|--:|--:|--:|
{chr(10).join(rows)}
"""


def _spread(values: list[float], digits: int) -> str:
    mean, least, most = statistics.mean(values), min(values), max(values)
    return f"{mean:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


def main(
    minutes: Annotated[float, typer.Option(help="For each run.")] = 20.0,
    seeds: Annotated[int, typer.Option(help="Runs of each kind.")] = 3,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 1,
) -> None:
    """Train, measure, and write the page."""
    torch.set_num_threads(threads)
    console, found = Console(), []
    for run in runs(minutes, seeds, KEPT):
        found.append(run)
        console.print(f"{run.kind}, seed {run.seed}: {run.off[-1]:.4f} after {run.steps[-1]} steps")
    save_figure(curves(found), IMAGES / "networks_error.png")
    save_figure(pictures(found), IMAGES / "networks_samples.png")
    write_whole(PAGE, page(found, seeds, minutes).encode())
    console.print(f"Written: {PAGE}")


if __name__ == "__main__":
    typer.run(main)
