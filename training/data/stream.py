"""An endless, numbered list of training pictures, drawn when they're first needed.

Picture n depends only on n, so any two runs that read the same numbers see the same bytes. The
pictures are kept on disk in shards of 1024. A run reads a sliding window of shards: instead of
repeating the same few thousand pictures over and over, it uses each one a few times, with
different noise and captions, and then never again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from training.data import labels, mixture, pictures
from training.data.grammar import Scene
from training.data.pictures import SEED, Chooser, reduced

SHARD = 1024
HELD_OUT = 2**40  # pictures from this number on are never trained on
SIZE = 64

# (step, number of pictures, generator) -> pictures, their scenes, and what's where in them
LabelledChooser = Callable[
    [int, int, np.random.Generator], tuple[np.ndarray, list[Scene], np.ndarray]
]


def scene(number: int) -> Scene:
    """What picture `number` shows."""
    return mixture.random_scene(np.random.default_rng([SEED, 1, number]))


def draw(numbers: range, root: Path) -> np.ndarray:
    """uint8 [N, 3, 64, 64]."""
    made = [pictures.picture(scene(n), n, root, SIZE) for n in numbers]
    return np.stack(made).transpose(0, 3, 1, 2)


class Stream:
    """The list of pictures. Draws those that aren't in `folder` yet.

    Args:
        folder: for the shards.
        root: folder of the artwork.
        window: number of shards to choose from at a time.
        reuse: how often each picture is used before it leaves the window.
        first: number of the first picture; `HELD_OUT` for test pictures.
        workers: number of processes that draw pictures.
    """

    def __init__(
        self, folder: Path, root: Path, window: int = 16, reuse: float = 4.0, first: int = 0,
        workers: int = 1,
    ) -> None:  # fmt: skip
        self._folder, self._root = folder, root
        self._window, self._reuse = window, reuse
        self._first, self._workers = first, workers

    @staticmethod
    def item(number: int) -> Scene:
        """What number `number` shows."""
        return scene(number)

    @staticmethod
    def draw(numbers: range, root: Path) -> np.ndarray:
        """uint8 [N, C, 64, 64]."""
        return draw(numbers, root)

    def _numbers(self, shard: int) -> range:
        start = self._first + shard * SHARD
        return range(start, start + SHARD)

    def shard(self, which: int) -> tuple[np.ndarray, list[Scene]]:
        """Pictures uint8 [1024, 3, 64, 64] and their scenes, drawn now if they aren't on disk."""
        numbers = self._numbers(which)
        scenes = [self.item(n) for n in numbers]
        path = self._kept(f"{numbers.start:013d}.npy", lambda: self._drawn(numbers))
        return np.load(path, mmap_mode="r"), scenes

    def _drawn(self, numbers: range) -> np.ndarray:
        if self._workers == 1:
            return self.draw(numbers, self._root)
        parts = [numbers[i : i + 64] for i in range(0, len(numbers), 64)]
        with ProcessPoolExecutor(self._workers) as pool:
            return np.concatenate(list(pool.map(self.draw, parts, [self._root] * len(parts))))

    def labels(self, which: int) -> np.ndarray:
        """What can be seen where in a shard's pictures, uint8 [1024, 16, 16]; kept like them."""
        numbers = self._numbers(which)

        def made() -> np.ndarray:
            return np.stack([labels.labels(scene(n), n, self._root) for n in numbers])

        return np.asarray(np.load(self._kept(f"{numbers.start:013d}.labels.npy", made)))

    def _kept(self, name: str, made: Callable[[], np.ndarray]) -> Path:
        """A file in the folder, made now if it isn't there."""
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part.npy")
            np.save(part, made())
            part.replace(path)
        return path

    def chooser(self, size: int) -> Chooser:
        """Choose from the window of shards that belongs to a step, at `size`."""
        rows_of = self._window_of(lambda shard: self._at(shard, size))

        def choose(
            step: int, count: int, rng: np.random.Generator
        ) -> tuple[np.ndarray, list[Scene]]:
            rows = rows_of(step, count, rng)
            return np.stack([x for x, _ in rows]), [s for _, s in rows]

        return choose

    def labelled_chooser(self, size: int) -> LabelledChooser:
        """Choose as `chooser` does, with labels."""
        rows_of = self._window_of(lambda shard: (*self._at(shard, size), self.labels(shard)))

        def choose(
            step: int, count: int, rng: np.random.Generator
        ) -> tuple[np.ndarray, list[Scene], np.ndarray]:
            rows = rows_of(step, count, rng)
            seen = np.stack([y for _, _, y in rows])
            return np.stack([x for x, _, _ in rows]), [s for _, s, _ in rows], seen

        return choose

    def _at(self, shard: int, size: int) -> tuple[np.ndarray, list[Scene]]:
        full, scenes = self.shard(shard)
        return reduced(full, size), scenes

    def _window_of(
        self, read: Callable[[int], tuple[Sequence[Any], ...]]
    ) -> Callable[[int, int, np.random.Generator], list[tuple[Any, ...]]]:
        """Choose rows from what `read(shard)` gives, in the window of shards of a step."""
        held: dict[int, tuple[Sequence[Any], ...]] = {}

        def rows_of(step: int, count: int, rng: np.random.Generator) -> list[tuple[Any, ...]]:
            first = int(step * count / self._reuse) // SHARD
            for old in [k for k in held if not first <= k < first + self._window]:
                del held[old]
            where = rng.integers(self._window * SHARD, size=count)
            rows = []
            for shard, row in zip(first + where // SHARD, where % SHARD, strict=True):
                if shard not in held:
                    held[int(shard)] = read(int(shard))
                rows.append(tuple(column[row] for column in held[shard]))
            return rows

        return rows_of
