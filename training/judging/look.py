"""Watch a training run: contact sheets of samples, and the judge's scores for them.

The samples are spread over subjects and styles, and drawn with the averaged weights, 33 steps,
γ = 7 and a fixed seed. The contact sheets are written next to the log as `SEEN-SIZE.jpg`, and each
adds a line to `scores.jsonl`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from torch import nn

from training.data import grammar
from training.data.grammar import STYLES, SUBJECTS, Scene
from training.judging import evaluate, judge, sample, sheets
from training.method.loop import Trainer


def scenes(count: int) -> list[Scene]:
    """`count` scenes, spread over the subjects, with each style equally often."""
    subjects = np.linspace(0, len(SUBJECTS) - 1, count).round().astype(int)
    return [Scene(int(subject), k % len(STYLES)) for k, subject in enumerate(subjects)]


class SampleMonitor:
    """Draws and judges samples every few minutes. Call it at every checkpoint.

    Args:
        folder: of the run.
        size: height and width of the samples.
        every: minutes between contact sheets.
        count: number of samples.
        device: of the averaged networks.
    """

    def __init__(
        self, folder: Path, size: int, every: float, count: int = 36, device: str = "cpu"
    ) -> None:
        self._folder, self._size, self._device = folder, size, device
        self._every, self._scenes = every, scenes(count)
        self._last = time.monotonic()

    def __call__(self, trainer: Trainer) -> None:
        if time.monotonic() - self._last >= 60 * self._every:
            self.look(trainer.ema, trainer.seen)
            self._last = time.monotonic()

    def look(self, nets: nn.ModuleDict, seen: int) -> dict[str, float]:
        """Draw, judge and record samples. Returns the new line of `scores.jsonl`."""
        drawn, right = [], []
        for x, ok in evaluate.plain(
            sample.as_model(nets, self._device), judge.load(), self._scenes, size=self._size
        ):
            drawn.extend(sheets.to_uint8(x))
            right.extend(ok)
        self._folder.mkdir(parents=True, exist_ok=True)
        captions = [grammar.caption(scene) for scene in self._scenes]
        zoom = 64 // self._size
        image = sheets.sheet(np.stack(drawn), 12, [c.split(" of ", 1)[-1] for c in captions], zoom)
        image.save(self._folder / f"{seen}-{self._size}.jpg", quality=85)
        subject, style = np.mean(right, axis=0)
        row = {
            "seen": seen,
            "size": self._size,
            "pictures": len(right),
            "subject": round(float(subject), 3),
            "style": round(float(style), 3),
        }
        with (self._folder / "scores.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        return row
