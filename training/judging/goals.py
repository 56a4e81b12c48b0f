"""Goals for composed prompts, the minimum for each, and how well the model does.

The scenes are drawn from the grammar with a fixed seed, so you can compare today's numbers with
tomorrow's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pset.model import DiffusionModel
from pset.seeded_noise import SEED
from training.data import compositions, grammar
from training.data.grammar import ATTRIBUTES, GENERIC_PROMPT, SETTINGS, STYLES, Scene
from training.data.prompts import LISTED
from training.judging import judge, sample
from training.judging.evaluate import Scores
from training.judging.judge import Judge

SURE = 0.5  # the judge is sure of a subject from this probability on


# Name -> (goal, floor), as shares of what's right. Below the floor, it doesn't work yet.
GOALS: dict[str, tuple[float, float]] = {
    "singles, subject": (0.96, 0.94),
    "singles, style": (0.98, 0.96),
    "anagrams, both sides": (0.7, 0.55),
    "anagrams, A": (0.4, 0.28),
    "hybrids, both sides": (0.65, 0.55),
    "two subjects, both there": (0.85, 0.65),
    "the first one on the left": (0.9, 0.75),
    "worn": (0.9, 0.75),
    "setting": (0.95, 0.85),
    GENERIC_PROMPT: (0.7, 0.5),
}


@dataclass
class Result:
    """One line of the table."""

    name: str
    pictures: int
    share: float

    @property
    def goal(self) -> float:
        return GOALS[self.name][0]

    @property
    def floor(self) -> float:
        return GOALS[self.name][1]

    @property
    def verdict(self) -> str:
        """ "reached", "floor" (between the two), or empty (below the floor)."""
        return "reached" if self.share >= self.goal else "floor" if self.share >= self.floor else ""


def _drawn(wanted: Callable[[Scene], bool], count: int, seed: int) -> list[Scene]:
    """`count` different scenes from the grammar, in each of the styles in turn."""
    rng = np.random.default_rng([SEED, seed])
    found: dict[Scene, None] = {}
    while len(found) < count:
        scene = compositions.random_scene(len(found) % len(STYLES), rng)
        if wanted(scene):
            found.setdefault(scene)
    return list(found)


def two_subjects(count: int = 120) -> list[Scene]:
    """Scenes with two related subjects, and nothing else."""
    return _drawn(lambda s: s.relation >= 0 and s.setting < 0, count, 1)


def worn(count: int = 60) -> list[Scene]:
    """Scenes in which each kind of clothing is worn equally often."""
    scenes = _drawn(lambda s: s.attribute >= 0 and s.setting < 0, count, 2)
    return [replace(s, attribute=i % len(ATTRIBUTES)) for i, s in enumerate(scenes)]


def settings(count: int = 84) -> list[Scene]:
    """Scenes with one subject, in each of the settings equally often."""
    scenes = _drawn(lambda s: s.attribute < 0 and s.relation < 0, count, 3)
    return [replace(s, setting=i % len(SETTINGS)) for i, s in enumerate(scenes)]


@dataclass
class Drawn:
    """Samples [N, 3, H, W], and whether they show what the prompts ask for."""

    images: Tensor
    right: judge.Right


@torch.inference_mode()
def asked(
    m: DiffusionModel, net: Judge, captions: Sequence[str], scenes: Sequence[Scene],
    batch: int = 12, seed: int = SEED, on_batch: Callable[[int], None] = lambda n: None, **more,
) -> Drawn:  # fmt: skip
    """Draw and judge one sample for each caption. Passes other arguments to `sample.draw`."""
    images = []
    for i in range(0, len(captions), batch):
        part = captions[i : i + batch]
        images.append(sample.prompted(m, part, [seed] * len(part), **more))
        on_batch(len(part))
    x = torch.cat(images)
    return Drawn(x, judge.right(net(x), scenes))


@torch.inference_mode()
def generic(
    m: DiffusionModel, net: Judge, count: int = 48, batch: int = 12,
    on_batch: Callable[[int], None] = lambda n: None, **more,
) -> tuple[Tensor, np.ndarray]:  # fmt: skip
    """Samples for "a high quality photo", and whether the judge is sure of a subject in each."""
    images = []
    for i in range(0, count, batch):
        seeds = list(range(SEED + i, SEED + min(i + batch, count)))
        images.append(sample.prompted(m, [GENERIC_PROMPT] * len(seeds), seeds, **more))
        on_batch(len(seeds))
    x = torch.cat(images)
    return x, (net(x).subject.softmax(1).amax(1) >= SURE).numpy()


def of_scores(rows: Sequence[Scores]) -> Iterator[Result]:
    """The goals whose results are already in the judge's other table."""
    for r in rows:
        if r.name == "plain samples":
            yield Result("singles, subject", r.pictures, r.subject)
            yield Result("singles, style", r.pictures, r.style)
        elif r.name in GOALS:
            yield Result(r.name, r.pictures, r.subject)
            if r.name.startswith("anagrams") and r.a is not None:
                yield Result("anagrams, A", r.pictures, r.a)


def results(m: DiffusionModel, net: Judge, every: int = 1, **more) -> Iterator[Result]:
    """Results for composed prompts and "a high quality photo", from every n-th scene of each."""
    for name, scenes in (
        ("two subjects, both there", two_subjects()),
        ("worn", worn()),
        ("setting", settings()),
    ):
        some = scenes[::every]
        found = asked(m, net, [grammar.caption(s) for s in some], some, **more).right
        if name not in found._fields:
            yield Result(name, len(some), float(found.both.mean()))
            sided = np.array([judge.beside(s) for s in some])
            if sided.any():
                share = float(found.order[sided].mean())
                yield Result("the first one on the left", int(sided.sum()), share)
        else:
            yield Result(name, len(some), float(getattr(found, name).mean()))
    _, sure = generic(m, net, 48 // every, **more)
    yield Result(GENERIC_PROMPT, len(sure), float(sure.mean()))


def listed(m: DiffusionModel, net: Judge, **more) -> tuple[dict[str, bool], Tensor]:
    """For each prompt in the write-up and the lecture, whether the sample shows all it asks for."""
    found = asked(m, net, list(LISTED), list(LISTED.values()), **more)
    return dict(zip(LISTED, map(bool, found.right.both), strict=True)), found.images
