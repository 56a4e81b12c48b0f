"""Backgrounds for photographs: a backdrop, a room, a texture, a blurred view.

They have any colour and brightness, and are [size, size, 3] in [0, 1].
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from training.data import styles, textures
from training.data.colours import hsv
from training.data.lighting import Light

Array = np.ndarray


def any_colour(rng: np.random.Generator, dark: bool) -> Array:
    """A muted colour, [3]."""
    value = rng.uniform(0.08, 0.35) if dark else rng.uniform(0.55, 0.97)
    return hsv(rng.random(), rng.uniform(0.05, 0.6) if rng.random() < 0.8 else 0.0, value)


def backdrop(size: int, rng: np.random.Generator, dark: bool) -> Array:
    """A studio's paper backdrop: one colour, lighter at the top."""
    colour = any_colour(rng, dark)
    return styles.gradient(size, np.clip(colour * 1.12, 0, 1), colour * 0.82, rng)


def plaster(size: int, rng: np.random.Generator) -> Array:
    """The slow unevenness of a painted wall, as a factor [size, size, 1] close to 1."""
    coarse = rng.normal(size=(7, 7)).astype(np.float32)
    field = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
    return 1 + 0.035 * np.asarray(field)[..., None]


def planks(size: int, rng: np.random.Generator) -> Array:
    """A wooden floor's boards in perspective, as a factor [size, size, 1] close to 1."""
    y, x = np.mgrid[0:size, 0:size] / size
    across = (x - 0.5) / (0.35 + 0.65 * y) * rng.uniform(4, 7) + rng.random()
    shade = rng.uniform(0.86, 1.06, 32)[np.floor(across).astype(int) % 32]
    seam = np.abs(across - np.round(across)) < 0.04
    return np.where(seam, 0.72, shade)[..., None]


def room(size: int, rng: np.random.Generator, dark: bool) -> Array:
    """A wall and a floor (or a table), with a slightly soft edge between them."""
    wall = any_colour(rng, dark) * plaster(size, rng)
    wooden = rng.random() < 0.4
    colour = hsv(rng.uniform(0.05, 0.1), rng.uniform(0.35, 0.6), rng.uniform(0.3, 0.7))
    floor = colour * planks(size, rng) if wooden else any_colour(rng, dark) * np.ones((size, 1, 1))
    y = (np.mgrid[0:size, 0:size][0] / size)[..., None]
    below = np.clip((y - rng.uniform(0.58, 0.8)) * 40 + 0.5, 0, 1)
    return wall * (1 - below) + floor * (0.85 + 0.2 * y) * below


def texture(size: int, rng: np.random.Generator, root: Path, dark: bool) -> Array:
    """Bricks, grass or gravel."""
    which = textures.SURFACES[int(rng.integers(len(textures.SURFACES)))]
    x = textures.crop(which, size, root, rng)
    return 0.12 + 0.45 * x if dark else 0.25 + 0.7 * x


def view(size: int, rng: np.random.Generator, root: Path, dark: bool) -> Array:
    """A photograph that's far out of focus."""
    which = int(rng.integers(len(textures.NAMES)))
    x = styles.blur(textures.crop(which, size, root, rng), rng.uniform(1.5, 4.0))
    return 0.6 * x if dark else np.clip(0.15 + x, 0, 1)


def lit(x: Array, light: Light) -> Array:
    """Make a picture brighter on the side the light comes from, and darker in the corners."""
    size = x.shape[0]
    v, u = np.mgrid[0:size, 0:size] / (size - 1) * 2 - 1
    fall = 1 + 0.12 * light.hard * (light.x * u - 0.5 * v) - 0.06 * (u**2 + v**2)
    return np.clip(x * fall[..., None], 0, 1)


def behind(
    size: int, rng: np.random.Generator, root: Path, light: Light, dark: bool
) -> tuple[Array, bool]:
    """A random background, and whether it has a floor for things to stand on."""
    kind = rng.random()
    if kind < 0.35:
        x, floor = backdrop(size, rng, dark), rng.random() < 0.5
    elif kind < 0.65:
        x, floor = room(size, rng, dark), True
    elif kind < 0.8:
        x, floor = texture(size, rng, root, dark), False
    else:
        x, floor = view(size, rng, root, dark), False
    return lit(x, light), floor
