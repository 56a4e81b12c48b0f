"""How much of what the network is trained on: scene number i of an endless list.

Half of the pictures show more than one thing. Photographs come twice as often as any other style,
because "a high quality photo" has to mean all of them; a few are real ones.
"""

from __future__ import annotations

import numpy as np

from training.data import compositions, textures
from training.data.grammar import STYLES, SUBJECTS, Scene

COMPOSED, REAL = 0.48, 0.05
STYLE_SHARES = np.array([2.0] + [1.0] * (len(STYLES) - 1)) / (len(STYLES) + 1)


def real_photograph(rng: np.random.Generator) -> Scene:
    """A crop of a real photograph, with what it shows where the grammar has the word."""
    which = int(rng.integers(len(textures.NAMES)))
    shows = textures.TEXTURES[textures.NAMES[which]].get("shows")
    named = shows is not None and rng.random() < 0.5
    subject = [s.key for s in SUBJECTS].index(shows) if named else -1
    return Scene(subject, 0, photograph=which)


def random_scene(rng: np.random.Generator) -> Scene:
    """Any scene that is trained on, as often as it is."""
    kind = rng.random()
    if kind < REAL:
        return real_photograph(rng)
    style = int(rng.choice(len(STYLES), p=STYLE_SHARES))
    if kind < REAL + COMPOSED:
        return compositions.random_scene(style, rng)
    return Scene(int(rng.integers(len(SUBJECTS))), style)
