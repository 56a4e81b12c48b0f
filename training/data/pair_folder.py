"""Instruction pairs in a folder, as `pset.instruction_pairs.save_pairs` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from training.data.edits import PairChooser
from training.data.pictures import reduced


class PairFolder:
    """The pairs of a folder, in memory: uint8 [N, 6, S, S], and their instructions."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "metadata.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        self.instructions = [row["edit_prompt"] for row in rows]
        names = [[row[f"{kind}_image_file_name"] for kind in ("original", "edited")]
                 for row in rows]  # fmt: skip
        pairs = [np.concatenate([_pixels(folder / name) for name in both]) for both in names]
        self.pixels = np.stack(pairs)

    def __len__(self) -> int:
        return len(self.instructions)

    def chooser(self, size: int) -> PairChooser:
        """Choose from all pairs at `size`, at every step."""
        pixels = reduced(self.pixels, size)

        def choose(step: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
            which = rng.integers(len(self), size=count)
            return pixels[which], [self.instructions[i] for i in which]

        return choose


def _pixels(path: Path) -> np.ndarray:
    """uint8 [3, S, S]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).transpose(2, 0, 1)


def mixed(most: PairChooser, some: PairChooser, share: float) -> PairChooser:
    """Choose `some` for a share of the pairs, on average, and `most` for the others."""

    def choose(step: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
        few = int(rng.binomial(count, share))
        parts = [one(step, n, rng) for one, n in ((most, count - few), (some, few)) if n]
        pixels = np.concatenate([pixels for pixels, _ in parts])
        return pixels, [words for _, said in parts for words in said]

    return choose
