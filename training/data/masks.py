"""Where the things in a training picture are: what can be seen of each, from its layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from training.data import pictures
from training.data.compositions import PLACES_OF
from training.data.grammar import ATTRIBUTES, RELATIONS, SUBJECTS, Scene

Name = TypeVar("Name", str, int)


def with_masks(
    scene: Scene, seed: int, root: Path, size: int = 64
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A picture, uint8 [size, size, 3], and for each thing what share of a pixel shows it.

    The picture is the one that `pictures.picture` makes. A thing goes by its last word in the
    canonical caption: "man", "hat". The shares are [size, size] in [0, 1].
    """
    alphas: list[np.ndarray] = []
    image = pictures.picture(scene, seed, root, size, kept=alphas)
    masks = visible(words_of_layers(scene), alphas)
    return image, {word: shrunk(mask, size) for word, mask in masks.items()}


def visible(names: Sequence[Name], alphas: Sequence[np.ndarray]) -> dict[Name, np.ndarray]:
    """For each thing, what share of each pixel shows it.

    Args:
        names: what each layer shows, from back to front. Several can show the same thing.
        alphas: the layers' alpha, [S, S] in [0, 1].
    """
    shares: dict[Name, np.ndarray] = {}
    covered = np.zeros_like(alphas[0])
    for name, alpha in zip(reversed(names), reversed(alphas), strict=True):
        seen = alpha * (1 - covered)
        shares[name] = shares.get(name, 0) + seen
        covered = covered + seen
    return shares


def things_of_layers(scene: Scene) -> list[int]:
    """What each layer of a scene shows, from back to front: subjects, then things that are worn."""
    if scene.relation >= 0:
        pair = (scene.subject, scene.other)
        return [pair[k] for k, *_ in PLACES_OF[RELATIONS[scene.relation][1]]]
    if scene.attribute >= 0:
        return [scene.subject, len(SUBJECTS) + scene.attribute]
    return [scene.subject]


def words_of_layers(scene: Scene) -> list[str]:
    """The word for what each layer of a scene shows, from back to front."""
    worn = len(SUBJECTS)
    return [
        last_word(thing) if thing < worn else ATTRIBUTES[thing - worn][0].split()[-1]
        for thing in things_of_layers(scene)
    ]


def last_word(which: int) -> str:
    """Of a subject's canonical noun phrase."""
    one = SUBJECTS[which]
    return one.phrase.removesuffix(one.tail).split()[-1]


def shrunk(mask: np.ndarray, size: int) -> np.ndarray:
    """To [size, size], by averaging."""
    k = len(mask) // size
    return mask.reshape(size, k, size, k).mean((1, 3))
