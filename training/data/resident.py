"""Training data that lives on a GPU: shards are taken in as they're drawn, and chosen there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

SHARD = 256
CAPACITY = {"pictures": 1_000_000, "edits": 400_000, "large": 8_000}  # 13, 10 and 2 GB


class Resident:
    """Columns of training data on a device, which grow as shards come into a folder.

    Args:
        folder: where `training.data.ahead` writes.
        capacity: how many rows there's room for; what comes after that isn't taken in.
        device: where they're kept.

    A step chooses among all rows that are there by then, so two runs are never quite alike.
    """

    def __init__(self, folder: Path, capacity: int, device: str) -> None:
        self._folder, self._capacity, self.device = folder, capacity, device
        self._taken: set[str] = set()
        self._columns: dict[str, Tensor] = {}
        self.rows = 0
        self._there = torch.zeros((), device=device)  # read by steps that are replayed

    def take(self) -> int:
        """Take in the shards that have come since. Returns the number of rows."""
        for path in sorted(self._folder.glob("[0-9]*.npz")):
            if path.name in self._taken or path.name.endswith(".part.npz"):
                continue
            with np.load(path) as shard:
                self._append({name: torch.from_numpy(shard[name]) for name in shard.files})
            self._taken.add(path.name)
        return self.rows

    def _append(self, columns: dict[str, Tensor]) -> None:
        for name, new in columns.items():
            if name not in self._columns:
                shape = (self._capacity, *new.shape[1:])
                self._columns[name] = torch.empty(shape, dtype=new.dtype, device=self.device)
        count = min(len(next(iter(columns.values()))), self._capacity - self.rows)
        for name, new in columns.items():
            self._columns[name][self.rows : self.rows + count] = new[:count].to(self.device)
        self.rows += count
        self._there.fill_(self.rows)

    def wait(self, rows: int, failed: Callable[[], int | None] = lambda: None) -> None:
        """Take in shards until there are so many rows.

        Raises:
            RuntimeError: what draws them has stopped before, `failed()` is its exit status.
        """
        while self.take() < rows:
            if failed() is not None and self.take() < rows:
                raise RuntimeError(
                    f"Only {self.rows} rows were drawn. See what's wrong with: "
                    f"python -m training ahead {self._folder.name}"
                )
            time.sleep(0.5)

    def choose(self, count: int, g: torch.Generator) -> dict[str, Tensor]:
        """`count` random rows of each column."""
        u = torch.rand(count, generator=g, device=self.device)
        which = (u * self._there).long()
        return {name: column[which] for name, column in self._columns.items()}


def floats(pixels: Tensor) -> Tensor:
    """uint8 pixels as floats in [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1)


def one_of(ids: Tensor, g: torch.Generator) -> Tensor:
    """One of each row's captions: [B, K, 77] -> [B, 77] int64."""
    which = torch.randint(ids.shape[1], (len(ids),), generator=g, device=ids.device)
    return ids[torch.arange(len(ids), device=ids.device), which].long()
