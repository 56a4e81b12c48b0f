"""Runs that went on side by side from the same checkpoint, made into one again.

Two processes on a core each, with their own noise, words and choice of pictures, see twice as many
as one. Now and then the mean of their weights is taken, and both go on from there (local SGD, Stich
2019). That needs no communication in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def merged(start: dict[str, Any], runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One checkpoint of several that began at `start`, each with the weight of what it has seen.

    All are `Trainer.state_dict()`. The optimiser's moments are averaged like the weights. `seen`
    and `minutes` add up; `step` is the furthest one.

    Raises:
        ValueError: a run has seen nothing since `start`.
    """
    gains = [run["seen"] - start["seen"] for run in runs]
    if not runs or min(gains) <= 0:
        raise ValueError("Each run must have gone on from the checkpoint where they all began.")
    shares = [gain / sum(gains) for gain in gains]
    return _mean(runs, shares) | {
        "step": max(run["step"] for run in runs),
        "seen": start["seen"] + sum(gains),
        "minutes": start["minutes"] + sum(run["minutes"] - start["minutes"] for run in runs),
    }


def _mean(values: Sequence[Any], shares: Sequence[float]) -> Any:
    """The weighted mean of floating-point tensors, inside dictionaries too; else the first."""
    first = values[0]
    if isinstance(first, dict):
        return {key: _mean([value[key] for value in values], shares) for key in first}
    if isinstance(first, torch.Tensor) and first.is_floating_point():
        return sum(share * value for share, value in zip(shares, values, strict=True))
    return first
