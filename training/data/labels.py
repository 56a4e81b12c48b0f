"""Which thing can be seen where in a training picture: one number for each place.

They're what a network that knows what it's drawing should be able to say, see
`training.method.reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.data import pictures
from training.data.grammar import ATTRIBUTES, SUBJECTS, Scene
from training.data.masks import shrunk, things_of_layers, visible

NOTHING, UNKNOWN = 0, 255
COUNT = 1 + len(SUBJECTS) + len(ATTRIBUTES)  # nothing, each subject, each thing that's worn
SIZE = 16


def labels(scene: Scene, seed: int, root: Path, size: int = SIZE) -> np.ndarray:
    """What can mostly be seen at each place of `pictures.picture(scene, seed, root)`.

    Returns:
        uint8 [size, size], from `NOTHING` to `COUNT` - 1. A crop of a real photograph that shows
        a subject is `UNKNOWN` everywhere: nobody has said where in it.
    """
    alphas: list[np.ndarray] = []
    pictures.picture(scene, seed, root, kept=alphas)
    return of_layers(scene, alphas, size)


def of_layers(scene: Scene, alphas: Sequence[np.ndarray], size: int = SIZE) -> np.ndarray:
    """The same from the layers' alpha that `pictures.picture` appends to `kept`.

    Args:
        scene: what the picture shows.
        alphas: [S, S] each, from back to front; none if it's a real photograph.
        size: of what's returned.
    """
    if scene.photograph >= 0:
        return np.full((size, size), NOTHING if scene.subject < 0 else UNKNOWN, np.uint8)
    shares = visible([1 + thing for thing in things_of_layers(scene)], alphas)
    of_each = np.stack([shrunk(1 - sum(shares.values()), size)]
                       + [shrunk(share, size) for share in shares.values()])  # fmt: skip
    return np.array([NOTHING, *shares], np.uint8)[of_each.argmax(0)]
