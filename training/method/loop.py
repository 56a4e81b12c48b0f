"""The training loop as a generator that yields its state after every step.

Logging, saving, sampling and stopping are up to the caller. Everything random in step n depends
only on the seed and n, so a run that was interrupted and resumed equals one that wasn't.
"""

from __future__ import annotations

import copy
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from training.method.diffusion import Loss


@dataclass
class State:
    """The state after a step."""

    step: int
    seen: int  # pictures
    loss: float
    t: Tensor  # [B]
    mse: Tensor  # [B]
    kl: Tensor  # [B]
    rate: float  # learning rate
    seconds: float  # since `train` was called


@dataclass
class Trainer:
    """The networks, their moving average and the optimiser: the contents of a checkpoint."""

    nets: nn.ModuleDict
    lr: float = 1e-3
    warm_up: int = 500
    ema_decay: float = 0.999
    clip: float = 1.0
    step: int = 0
    seen: int = 0
    minutes: float = 0.0
    ema: nn.ModuleDict = field(init=False)
    optimiser: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.ema = copy.deepcopy(self.nets).eval().requires_grad_(False)
        decayed = [p for p in self.nets.parameters() if p.ndim > 1]
        plain = [p for p in self.nets.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 1e-3}, {"params": plain, "weight_decay": 0.0}],
            lr=self.lr,
            betas=(0.9, 0.99),
            fused=True,
        )

    def state_dict(self) -> dict:
        return {
            "nets": self.nets.state_dict(),
            "ema": self.ema.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "minutes": self.minutes,
        }

    def load_state_dict(self, state: dict) -> None:
        self.nets.load_state_dict(state["nets"])
        self.ema.load_state_dict(state["ema"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seen = state["step"], state["seen"]
        self.minutes = state.get("minutes", 0.0)

    def update_average(self, d: float | None = None) -> None:
        """θ̄ ← d·θ̄ + (1−d)·θ. Without a `d`, it's smaller at the beginning."""
        if d is None:
            d = min(self.ema_decay, (1 + self.step) / (10 + self.step))
        theirs = [p for p in self.ema.state_dict().values() if p.dtype.is_floating_point]
        ours = [p for p in self.nets.state_dict().values() if p.dtype.is_floating_point]
        with torch.no_grad():
            torch._foreach_lerp_(theirs, ours, 1 - d)


def decay(done: float, tail: float = 0.35, floor: float = 0.03) -> float:
    """The learning-rate factor after a share `done` (0 to 1) of the time: constant, then cosine."""
    if done < 1 - tail:
        return 1.0
    x = min(1.0, (done - (1 - tail)) / tail)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * x))


def train(
    trainer: Trainer,
    loss_of: Callable[[nn.ModuleDict, int], tuple[Loss, Tensor]],
    finish_in: float | None = None,
    finish_steps: int | None = None,
) -> Iterator[State]:
    """Train until the caller stops.

    `loss_of(nets, step)` returns the losses and timesteps of the step's batch. With `finish_in`
    (minutes) or `finish_steps`, the learning rate decays to almost zero by then.
    """
    start, first = time.monotonic(), trainer.step
    minutes_before = trainer.minutes
    while True:
        elapsed = (time.monotonic() - start) / 60
        done = 0.0
        if finish_in:
            done = elapsed / finish_in
        elif finish_steps:
            done = (trainer.step - first) / finish_steps
        rate = trainer.lr * min(1.0, (trainer.step + 1) / trainer.warm_up) * decay(done)
        for group in trainer.optimiser.param_groups:
            group["lr"] = rate
        trainer.nets.train()
        loss, t = loss_of(trainer.nets, trainer.step)
        trainer.optimiser.zero_grad(set_to_none=True)
        loss.total.backward()
        learning = [p for p in trainer.nets.parameters() if p.requires_grad]
        nn.utils.clip_grad_norm_(learning, trainer.clip)
        trainer.optimiser.step()
        trainer.step += 1
        trainer.seen += len(t)
        trainer.update_average()
        seconds = time.monotonic() - start
        trainer.minutes = minutes_before + seconds / 60
        yield State(
            trainer.step, trainer.seen, float(loss.total.detach()), t, loss.mse, loss.kl, rate,
            seconds,
        )  # fmt: skip


def save(trainer: Trainer, path: Path, mirror: Path | None = None) -> None:
    """Write a checkpoint atomically, and a copy into the folder `mirror`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(trainer.state_dict(), part)
    os.replace(part, path)
    if mirror is not None:
        mirror.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, mirror / part.name)
        os.replace(mirror / part.name, mirror / path.name)


def resume(trainer: Trainer, *paths: Path) -> Path | None:
    """Load the newest existing checkpoint. Returns its path; None if there isn't one."""
    found = [p for p in paths if p.exists()]
    if not found:
        return None
    newest = max(found, key=lambda p: p.stat().st_mtime)
    trainer.load_state_dict(torch.load(newest, map_location="cpu", weights_only=True))
    return newest
