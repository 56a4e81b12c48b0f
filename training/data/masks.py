"""Where the things in a training picture are: what can be seen of each, from its layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data import pictures
from training.data.compositions import PLACES_OF
from training.data.grammar import ATTRIBUTES, RELATIONS, SUBJECTS, Scene


def with_masks(
    scene: Scene, seed: int, root: Path, size: int = 64
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A picture, uint8 [size, size, 3], and for each thing what share of a pixel shows it.

    The picture is the one that `pictures.picture` makes. A thing goes by its last word in the
    canonical caption: "man", "hat". The shares are [size, size] in [0, 1].
    """
    alphas: list[np.ndarray] = []
    image = pictures.picture(scene, seed, root, size, kept=alphas)
    masks: dict[str, np.ndarray] = {}
    covered = np.zeros_like(alphas[0])
    for word, alpha in zip(reversed(words_of_layers(scene)), reversed(alphas), strict=True):
        masks[word] = masks.get(word, 0) + alpha * (1 - covered)
        covered = covered + alpha * (1 - covered)
    return image, {word: shrunk(mask, size) for word, mask in masks.items()}


def words_of_layers(scene: Scene) -> list[str]:
    """The word for what each layer of a scene shows, from back to front."""
    if scene.relation >= 0:
        pair = (scene.subject, scene.other)
        layout = RELATIONS[scene.relation][1]
        return [last_word(pair[k]) for k, *_ in PLACES_OF[layout]]
    if scene.attribute >= 0:
        return [last_word(scene.subject), ATTRIBUTES[scene.attribute][0].split()[-1]]
    return [last_word(scene.subject)]


def last_word(which: int) -> str:
    """Of a subject's canonical noun phrase."""
    one = SUBJECTS[which]
    return one.phrase.removesuffix(one.tail).split()[-1]


def shrunk(mask: np.ndarray, size: int) -> np.ndarray:
    """To [size, size], by averaging."""
    k = len(mask) // size
    return mask.reshape(size, k, size, k).mean((1, 3))
