"""Randomness in parts, so that a picture can be drawn twice with one thing changed.

Training pictures are drawn with one generator from beginning to end. What one thing takes from it
shifts all that comes after: another animal stands in another place. With `Parts`, each part of a
picture has a generator of its own.
"""

from __future__ import annotations

import zlib

import numpy as np


class Parts(np.random.Generator):
    """A generator that also has others, each with a name: the same seed gives the same ones."""

    def __init__(self, *seed: int) -> None:
        super().__init__(np.random.PCG64(seed))
        self._seed = seed

    def of(self, name: str) -> np.random.Generator:
        """The generator of a part, from its beginning."""
        return np.random.default_rng([*self._seed, zlib.crc32(name.encode())])


def part(rng: np.random.Generator, name: str) -> np.random.Generator:
    """The generator of a part; a generator that has no parts is used for all of them."""
    return rng.of(name) if isinstance(rng, Parts) else rng
