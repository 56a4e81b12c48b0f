"""The cut-out layers of a picture: which drawing of a subject, in which colours and pose."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from training.data import artwork, colours, placement, scenes, styles
from training.data.grammar import SUBJECTS
from training.data.parts import part
from training.data.placement import Pose

Array = np.ndarray

# Artists whose drawings are already shaded.
SHADED = frozenset({"fluent-3d", "fluent"})


class Drawing(NamedTuple):
    """One artist's drawing of a thing, RGBA [256, 256]."""

    image: Image.Image
    flat: bool = False  # has no shading
    full: bool = False  # covers the whole picture


class Layer(NamedTuple):
    """Premultiplied RGBA [size, size, 4], and the drawing it was made from."""

    rgba: Array
    drawing: Drawing


@lru_cache(maxsize=512)
def hands(emoji: str, root: Path) -> tuple[Drawing, ...]:
    """All drawings of a character."""
    found = artwork.drawings(emoji, root).items()
    return tuple(Drawing(image, flat=hand not in SHADED) for hand, image in found)


@lru_cache(maxsize=128)
def _scene_drawing(name: str, seed: int) -> Drawing:
    image = artwork.render_svg(scenes.SCENES[name](np.random.default_rng(seed)))
    if name in scenes.FULL:
        return Drawing(image, full=True)
    return Drawing(artwork.centred(image), flat=True)


def by_some_hand(emoji: str, root: Path, style: int, rng: np.random.Generator) -> Drawing:
    """A random drawing of a character; for a photograph, more often a shaded one."""
    found = hands(emoji, root)
    shaded = [one for one in found if not one.flat]
    if style == styles.PHOTO and shaded and rng.random() < 0.65:
        return shaded[int(rng.integers(len(shaded)))]
    return found[int(rng.integers(len(found)))]


def drawing(which: int, root: Path, style: int, rng: np.random.Generator) -> Drawing:
    """A drawing of a subject by a random artist, in one of the colours that it comes in."""
    one = SUBJECTS[which]
    if one.scene:
        found = _scene_drawing(one.scene, int(rng.integers(64)))
    else:
        emoji = one.emoji[int(rng.integers(len(one.emoji)))]
        found = by_some_hand(emoji, root, style, rng)
    # In pop art, anything can have any colour.
    if rng.random() < (0.45 if one.hues else 0.35 if style == styles.POP else 0.0):
        found = found._replace(image=colours.turned(found.image, rng.random()))
    return found


def layer(found: Drawing, size: int, pose: Pose) -> Layer:
    return Layer(placement.placed(found.image, size, pose), found)


def alone(which: int, size: int, root: Path, style: int, rng: np.random.Generator) -> Layer:
    """A subject that has the picture to itself."""
    found, places = drawing(which, root, style, part(rng, "first")), part(rng, "places")
    if found.full:
        return layer(found, size, covering(places))
    return layer(found, size, placement.of_one(places, SUBJECTS[which].upright))


def covering(rng: np.random.Generator) -> Pose:
    """A pose for a drawing that covers the picture: all of it, or only a part."""
    scale = 1.12 + 0.6 * rng.random() ** 2
    room = (scale - 1.1) / 2
    x, y = 0.5 + rng.uniform(-room, room, 2)
    return Pose(scale, x, y, rng.normal(0, 0.02), rng.random() < 0.5)
