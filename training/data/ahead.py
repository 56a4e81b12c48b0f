"""Shards of training data as a GPU takes them, drawn ahead by all of a machine's cores.

A CPU trains on about as many pictures as one core draws. A GPU takes fifty times as many, and
would spend its time waiting for captions to be put into tokens. So processes of their own draw
shards into a folder, each with all that a step needs as numbers, and the process that trains takes
in what has come (`training.data.resident`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from training.data import edits, grammar, labels, mixture, pictures, stream, tokenizer
from training.data.pictures import SEED
from training.data.resident import SHARD

CAPTIONS = 8  # different ones of each picture

Columns = dict[str, np.ndarray]


def tokens(prompts: list[str]) -> np.ndarray:
    """Token IDs, int16 [N, 77]."""
    return np.array([tokenizer.encode(prompt)[0] for prompt in prompts], np.int16)


def of_pictures(numbers: range, root: Path) -> Columns:
    """Stage I: `pixels` [N, 3, 64, 64], `things` [N, 16, 16] (the labels), `ids` [N, 8, 77]."""
    pixels, things, ids = [], [], []
    for n in numbers:
        scene, alphas = stream.scene(n), []
        pixels.append(pictures.picture(scene, n, root, stream.SIZE, kept=alphas))
        things.append(labels.of_layers(scene, alphas))
        rng = np.random.default_rng([SEED, 5, n])
        ids.append(tokens([grammar.training_caption(scene, rng) for _ in range(CAPTIONS)]))
    return {
        "pixels": np.stack(pixels).transpose(0, 3, 1, 2),
        "things": np.stack(things),
        "ids": np.stack(ids),
    }


def of_edits(numbers: range, root: Path) -> Columns:
    """The editor: `pixels` [N, 6, 64, 64], before and after, and `ids` [N, 1, 77]."""
    said = tokens([edits.Edits.item(n).instruction for n in numbers])
    return {"pixels": edits.Edits.draw(numbers, root), "ids": said[:, None]}


def of_large(numbers: range, root: Path) -> Columns:
    """Stage II: `pixels` [N, 3, 256, 256]."""
    made = []
    for n in numbers:
        scene = mixture.random_scene(np.random.default_rng([SEED, 6, n]))
        made.append(pictures.picture(scene, n, root, 256))
    return {"pixels": np.stack(made).transpose(0, 3, 1, 2)}


KINDS: dict[str, Callable[[range, Path], Columns]] = {
    "pictures": of_pictures,
    "edits": of_edits,
    "large": of_large,
}


def write(shard: int, kind: str, folder: Path, root: Path) -> Path:
    """Draw a shard, unless it's there, and save it under its number. Returns the file."""
    path = folder / f"{shard:08d}.npz"
    if not path.exists():
        part = path.with_suffix(".part.npz")
        np.savez(part, **KINDS[kind](range(shard * SHARD, (shard + 1) * SHARD), root))
        part.replace(path)
    return path


def fill(kind: str, shards: range, folder: Path, root: Path, workers: int = 2) -> Iterator[Path]:
    """Draw shards in several processes. Yields the files as they're finished, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(write, kind=kind, folder=folder, root=root), shards)
