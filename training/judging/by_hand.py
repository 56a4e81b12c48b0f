"""What the judge finds in anagrams and hybrids that are put together from two held-out pictures.

A sampler looks for a picture that is likely from both sides. Here, two pictures are joined that
know nothing of each other: their mean, one of them upside down, or the low frequencies of one and
the high ones of the other. The judge knows each of them well on its own, so what it misses in the
two together says how hard its question is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data import pictures, resident, stream
from training.data.grammar import Scene
from training.judging.evaluate import Scores, judged, low_pass, sides_of, wanted
from training.judging.judge import Judge


def joined(kind: str, one: Tensor, other: Tensor) -> Tensor:
    """An anagram or a hybrid of two pictures [.., 3, H, W]: `one` upright, or from afar."""
    if kind == "anagram":
        return (one + other.flip(-2)) / 2
    return (low_pass(one) + other - low_pass(other)).clamp(-1, 1)


def drawn(count: int, root: Path) -> tuple[Tensor, Tensor]:
    """The two pictures of each of what is `wanted`, [count, 3, 64, 64] twice."""
    pairs, styles = wanted(count)
    both = [
        [
            pictures.picture(Scene(int(subject), int(style)), stream.HELD_OUT + i, root)
            for i, (subject, style) in enumerate(zip(column, styles, strict=True))
        ]
        for column in pairs.T
    ]
    one, other = resident.floats(torch.from_numpy(np.array(both))).movedim(-1, 2)
    return one, other


@torch.inference_mode()
def rows(judge: Judge, count: int, root: Path) -> list[Scores]:
    """The rows of anagrams and of hybrids that are joined by hand."""
    two = drawn(count, root)
    return [
        judged(f"two pictures joined to {kind}s", judge, sides_of(kind, joined(kind, *two)))
        for kind in ("anagram", "hybrid")
    ]
