"""A training run: the loop with a time limit, a log, checkpoints, and a clean stop on a signal."""

from __future__ import annotations

import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from training.method import loop
from training.method.loop import State, Trainer

BINS = (0, 250, 500, 750, 1000)


@dataclass
class Places:
    """The files of a run."""

    checkpoint: Path
    log: Path
    mirror: Path | None = None


def by_noise(states: list[State]) -> dict[str, float]:
    """Mean ε error for each quarter of the noise levels, lowest noise first."""
    t = torch.cat([s.t for s in states])
    mse = torch.cat([s.mse.cpu() for s in states])
    out = {}
    for low, high in itertools.pairwise(BINS):
        inside = (t >= low) & (t < high)
        out[f"mse_{low}"] = round(float(mse[inside].mean()), 5) if inside.any() else float("nan")
    return out


def watched(
    states: Iterator[State],
    trainer: Trainer,
    places: Places,
    minutes: float,
    save_every: float = 4.0,
    log_every: int = 100,
    note: dict | None = None,
    on_save: Callable[[Trainer], None] | None = None,
) -> Iterator[State]:
    """Yield `states` for so many minutes, logging and saving along the way.

    SIGTERM and SIGINT end it just as the time limit does, with a checkpoint.
    """
    stop = False

    def ask_to_stop(*_: object) -> None:
        nonlocal stop
        stop = True

    before = {s: signal.signal(s, ask_to_stop) for s in (signal.SIGTERM, signal.SIGINT)}
    places.log.parent.mkdir(parents=True, exist_ok=True)
    saved = began = time.monotonic()
    recent: list[State] = []
    try:
        for state in states:
            recent.append(state)
            if len(recent) == log_every:
                seconds = state.seconds - recent[0].seconds
                rate = (state.seen - recent[0].seen) / max(seconds, 1e-9)
                row = {
                    "step": state.step,
                    "seen": state.seen,
                    "minutes": round(trainer.minutes, 2),
                    "loss": round(sum(s.loss for s in recent) / len(recent), 5),
                    **by_noise(recent),
                    "kl": round(float(torch.cat([s.kl for s in recent]).mean()), 6),
                    "rate": round(state.rate, 7),
                    "pictures_per_second": round(rate, 1),
                    **(note or {}),
                }
                with places.log.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                recent = []
            yield state
            now = time.monotonic()
            over = stop or (now - began) / 60 >= minutes
            if over or (now - saved) / 60 >= save_every:
                loop.save(trainer, places.checkpoint, places.mirror)
                if on_save is not None:
                    on_save(trainer)
                saved = now
            if over:
                return
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
