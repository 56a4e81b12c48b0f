"""Compare settings for stage I: the same starting weights, minutes and held-out test for each.

The test is the error of ε on held-out pictures at both sizes, with fixed noise, so that all
settings face the same draws. A few minutes of training change it by more than its own noise, unlike
the scores of samples. It's done with the weights themselves and with their average.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import nn

from training.data import grammar, resident
from training.data.grammar import Scene
from training.data.pictures import reduced
from training.data.stream import Stream
from training.method import diffusion, loop, model, stage1

SHARDS = 4  # all settings train on the first shards of the stream


@dataclass(frozen=True)
class Setting:
    """The settings of a run. The defaults are what all runs have used so far."""

    name: str
    size: int = 32
    batch: int = 32
    rate: float = 1e-3
    weight_of: diffusion.Weight = diffusion.weight
    power: float = 0.6
    average: float = 0.99
    low_precision: bool = False


TODAY = Setting("as before: 32×32, batch 32, rate 1e-3, min(1/ᾱ, 6), t = 1000·u^0.6")
SETTINGS: tuple[Setting, ...] = (
    TODAY,
    replace(TODAY, name="batch 16", batch=16),
    replace(TODAY, name="rate 3e-4", rate=3e-4),
    replace(TODAY, name="min-SNR-5", weight_of=diffusion.min_snr),
    replace(TODAY, name="64×64, batch 16", size=64, batch=16),
    replace(TODAY, name="batch 64", batch=64),
    replace(TODAY, name="t = 1000·u", power=1.0),
    replace(TODAY, name="rate 2e-3", rate=2e-3),
)


@dataclass
class Outcome:
    """One row of the table. Errors are of ε, for each quarter of the noise levels, lowest first."""

    name: str
    seen: int
    errors_32: list[float]
    errors_64: list[float]
    average_32: list[float]
    average_64: list[float]


@dataclass(frozen=True)
class Test:
    """Held-out pictures uint8 [N, 3, S, S] and their scenes."""

    pixels: np.ndarray
    scenes: list[Scene]


def held_out(pictures: Stream, count: int = 192) -> Test:
    """The first pictures of a stream. Half of them are compositions."""
    pixels, scenes = pictures.shard(0)
    return Test(np.asarray(pixels[:count]), scenes[:count])


@torch.inference_mode()
def errors(nets: nn.ModuleDict, test: Test, size: int, batch: int = 32) -> list[float]:
    """Mean squared error of ε for each quarter of the noise levels, with fixed noise."""
    nets.eval()
    s = diffusion.schedule()
    g = torch.Generator().manual_seed(11)
    pixels = resident.floats(torch.from_numpy(reduced(test.pixels, size)))
    sums = np.zeros((4, 2))
    for rows in torch.arange(len(pixels)).split(batch):
        x0 = pixels[rows]
        noise = torch.randn(x0.shape, generator=g)
        t = diffusion.timesteps(len(x0), g)
        context = model.embed(nets["text"], [grammar.caption(test.scenes[i]) for i in rows])
        x_t = diffusion.forward(x0, t, noise, s)
        out = nets["unet"](x_t, t, encoder_hidden_states=context).sample
        mse = (out[:, :3] - noise).square().mean((1, 2, 3)).numpy()
        np.add.at(sums, t.numpy() // 250, np.stack([mse, np.ones_like(mse)], 1))
    return [round(float(total / n), 5) for total, n in sums]


def outcome(
    start: nn.ModuleDict, setting: Setting, train_on: Stream, test: Test, minutes: float
) -> Iterator[int | Outcome]:
    """Train for `minutes`, yielding the number of pictures seen, then the outcome."""
    trainer = loop.Trainer(
        copy.deepcopy(start), lr=setting.rate, ema_decay=setting.average, warm_up=20
    )
    loss_of = stage1.loss_function(
        train_on, setting.size, setting.batch, low_precision=setting.low_precision,
        power=setting.power, weight_of=setting.weight_of,
    )  # fmt: skip
    # Processor time, so that other programs on the machine don't matter.
    began = time.process_time()
    steps = loop.train(trainer, loss_of)
    while time.process_time() - began < 60 * minutes:
        yield next(steps).seen
    yield tested(setting.name, trainer.seen, trainer.nets, trainer.ema, test)


def tested(name: str, seen: int, nets: nn.ModuleDict, ema: nn.ModuleDict, test: Test) -> Outcome:
    """The errors of the networks and of their average, at both sizes."""
    of = partial(errors, test=test)
    return Outcome(
        name, seen, of(nets, size=32), of(nets, size=64), of(ema, size=32), of(ema, size=64)
    )


def untrained(start: nn.ModuleDict, test: Test) -> Outcome:
    """The errors of the weights that all settings start from."""
    return tested("at the start", 0, start, start, test)


def table(rows: list[Outcome], command: str, minutes: float, notes: str = "") -> str:
    """The page in `training/runs`."""

    def numbers(values: list[float]) -> str:
        return " ".join(f"{v:.4f}" for v in values)

    lines = [
        f"# Settings for stage I, {minutes:g} processor minutes each from the same weights",
        "",
        f"Made by `{command}`.",
        "Mean squared error of ε on held-out pictures, noise levels 0–249, 250–499, 500–749,",
        "750–999; for the weights themselves and for their average, at both sizes.",
        "",
        "| | pictures | 32×32 | 32×32, average | 64×64 | 64×64, average |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.seen:,} | {numbers(r.errors_32)} | {numbers(r.average_32)} "
        f"| {numbers(r.errors_64)} | {numbers(r.average_64)} |"
        for r in rows
    ]
    return "\n".join([*lines, "", notes]).rstrip() + "\n"
