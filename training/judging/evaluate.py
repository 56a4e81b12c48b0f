"""Judge samples: plain ones, and both sides of anagrams and hybrids.

They're drawn with 33 steps, γ = 7 and seed 180. x̂_0 is thresholded with the scheduler's settings,
which means clipped; otherwise guidance would leave the range of images. Measures A and C are those
of Visual Anagrams (Geng et al. 2024, section 4.2), with the judge in place of CLIP. Let S[i, j] be
the judge's probability that side i shows subject j of the pair. A is the smaller value on the
diagonal (the worse side). C is the mean of the diagonal after a softmax over rows or columns (how
well you can tell the two apart; 0.5 is chance).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pset import gaussian_blur, guided
from pset.model import DiffusionModel
from pset.seeded_noise import SEED
from training.data import grammar
from training.data.grammar import STYLES, SUBJECTS, Scene
from training.judging import sample
from training.judging.judge import Judge, Verdict, right

# For anagrams and hybrids: pairs of subjects whose shapes leave room for each other.
PAIRS: tuple[tuple[str, str], ...] = (
    ("old man", "campfire"), ("skull", "waterfall"), ("old man", "snowy mountain village"),
    ("cat", "rabbit"), ("dog", "flower"), ("bear", "mushroom"), ("penguin", "light bulb"),
    ("young lady", "castle"), ("tree", "rocket"), ("sunflower", "clock"), ("panda", "cake"),
    ("skull", "rose"), ("owl", "house"), ("pumpkin", "fox"), ("robot", "tower"),
    ("horse", "boat"), ("apple", "balloon"), ("dragon", "mountain"), ("strawberry", "cactus"),
    ("butterfly", "crown"),
)  # fmt: skip
DIFFERENT = math.lcm(len(PAIRS), len(STYLES))  # so many are different, by subjects or by style


@dataclass
class Scores:
    """One row of the table. `a` and `c` are for pictures with two sides."""

    name: str
    pictures: int
    subject: float
    style: float
    a: float | None = None
    c: float | None = None


def index_of(key: str) -> int:
    return [s.key for s in SUBJECTS].index(key)


@torch.inference_mode()
def plain(
    m: DiffusionModel,
    judge: Judge,
    scenes: list[Scene],
    seed: int = SEED,
    batch: int = 12,
    **more,
) -> Iterator[tuple[Tensor, np.ndarray]]:
    """Draw batches of samples. Yields them, and whether subject and style are right, [B, 2] bool.

    Passes other arguments to `sample.draw`.
    """
    for i in range(0, len(scenes), batch):
        part = scenes[i : i + batch]
        captions = [grammar.caption(s) for s in part]
        x = sample.prompted(m, captions, [seed] * len(part), **more)
        found = right(judge(x), part)
        yield x, np.stack([found.subject, found.style], 1)


def pair_scores(verdict: Verdict, pairs: np.ndarray) -> tuple[np.ndarray, ...]:
    """The verdict on both sides of each of `pairs` [P, 2] subjects -> S [P, 2, 2], and [P, 2]
    bool: whether each side shows its subject."""
    p = verdict.subject.softmax(1).numpy().reshape(len(pairs), 2, -1)
    seen = p.argmax(-1) == pairs
    s = np.stack([p[np.arange(len(pairs)), :, pairs[:, j]] for j in (0, 1)], -1)
    return s, seen


def a_and_c(s: np.ndarray) -> tuple[float, float]:
    """Means over pairs of A and C from S [P, 2, 2].

    C's softmax is over log S at temperature 1: S divided by its sum over the pair's two
    subjects, and over the two sides.
    """
    a = np.minimum(s[:, 0, 0], s[:, 1, 1]).mean()
    s = s + 1e-9
    told_apart = [(s / s.sum(axis, keepdims=True))[:, [0, 1], [0, 1]].mean(1) for axis in (1, 2)]
    return float(a), float(np.mean(told_apart))


def wanted(count: int) -> tuple[np.ndarray, np.ndarray]:
    """What `count` pictures with two sides show: subjects [count, 2], and styles [count].

    After the last pair, it starts again with the first, in another style.
    """
    keys = (PAIRS[i % len(PAIRS)] for i in range(count))
    return np.array([[index_of(a), index_of(b)] for a, b in keys]), np.arange(count) % len(STYLES)


def low_pass(x: Tensor) -> Tensor:
    """What's seen from afar, with exercise 1.10's blur."""
    return gaussian_blur(x, kernel_size=33, sigma=2)


def sides_of(kind: str, x: Tensor) -> Tensor:
    """Both sides of anagrams or hybrids [P, 3, H, W], as [P, 2, 3, H, W].

    The sides of a hybrid are its low-pass and its high-pass; the high-pass gets the contrast of a
    picture, so that the judge can see it.
    """
    if kind == "anagram":
        return torch.stack([x, x.flip(2)], 1)
    low = low_pass(x)
    return torch.stack([low, ((x - low) * 2).clamp(-1, 1)], 1)


def judged(name: str, judge: Judge, sides: Tensor) -> Scores:
    """The row of pictures that show what is `wanted`, by their sides [P, 2, 3, H, W]."""
    pairs, styles = wanted(len(sides))
    verdict = judge(sides.flatten(0, 1))
    s, seen = pair_scores(verdict, pairs)
    style = verdict.style.argmax(1).numpy().reshape(-1, 2) == styles[:, None]
    return Scores(name, seen.size, float(seen.mean()), float(style.mean()), *a_and_c(s))


@torch.inference_mode()
def two_sided(
    m: DiffusionModel,
    judge: Judge,
    kind: str,
    count: int = 40,
    seed: int = SEED,
    on_batch: Callable[[int], None] = lambda n: None,
    **more,
) -> tuple[Scores, Tensor]:
    """Draw and judge `count` anagrams or hybrids. Passes other arguments to `sample.draw`.

    Returns:
        The scores, and the sides [count, 2, 3, H, W].
    """
    pairs, styles = wanted(count)
    batch, images = 5, []
    for i in range(0, count, batch):
        rows = slice(i, i + batch)
        halves = []
        for side in (0, 1):
            prompts = [
                grammar.caption(Scene(int(p), int(k)))
                for p, k in zip(pairs[rows, side], styles[rows], strict=True)
            ]
            halves.append(guided(m, prompts, sample.SCALE))
        estimate = (sample.anagram if kind == "anagram" else sample.hybrid)(*halves)
        images.append(sample.draw(m, estimate, [seed] * len(pairs[rows]), **more))
        on_batch(len(pairs[rows]))
    sides = sides_of(kind, torch.cat(images))
    return judged(f"{kind}s, both sides", judge, sides), sides
