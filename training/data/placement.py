"""Where a thing is in a picture: its size, position, rotation, and whether it's mirrored.

A model that has only seen things upright and in the middle can't draw illusions, in which one thing
has to look like another one upside down or from far away. So nearly half of the things are put
anywhere, at any size from a third of the picture to beyond its frame, rotated by up to 30°. The
others are placed as in a portrait.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

Array = np.ndarray
FREE = 0.45  # share of things that are put anywhere
STEEPEST = np.pi / 6
SMALLEST, LARGEST = 0.36, 1.3


class Pose(NamedTuple):
    """A thing's size and centre, in units of the picture's side; its rotation in radians."""

    scale: float
    x: float
    y: float
    turn: float = 0.0
    mirror: bool = False

    def within(self, outer: Pose) -> Pose:
        """Convert this pose from the coordinates of `outer` to those that `outer` is in."""
        x, y = self.x - 0.5, self.y - 0.5
        if outer.mirror:
            x = -x
        c, s = np.cos(outer.turn), np.sin(outer.turn)
        sign = -1 if outer.mirror else 1
        return Pose(
            self.scale * outer.scale,
            outer.x + outer.scale * (c * x - s * y),
            outer.y + outer.scale * (s * x + c * y),
            outer.turn + sign * self.turn,
            self.mirror != outer.mirror,
        )


def portrait(rng: np.random.Generator, upright: bool = False) -> Pose:
    """A pose in the middle, nearly upright, that nearly fills the picture."""
    return Pose(
        rng.uniform(0.74, 0.96),
        0.5 + rng.normal(0, 0.025),
        0.5 + rng.normal(0, 0.025),
        rng.normal(0, 0.05 if upright else 0.09),
        rng.random() < 0.5,
    )


def anywhere(rng: np.random.Generator, upright: bool = False) -> Pose:
    """A pose of any size and rotation, anywhere at least half of the thing can be seen."""
    scale = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    room = max(0.5 - scale / 2, 0.12)  # how far its centre may be from the picture's
    x, y = 0.5 + rng.uniform(-room, room, 2)
    turn = rng.uniform(-STEEPEST, STEEPEST)
    return Pose(scale, x, y, 0.3 * turn if upright else turn, rng.random() < 0.5)


def of_one(rng: np.random.Generator, upright: bool = False, free: float = FREE) -> Pose:
    """A pose for a thing that's alone in its picture."""
    return (anywhere if rng.random() < free else portrait)(rng, upright)


def of_group(rng: np.random.Generator) -> Pose:
    """A pose for a group of things."""
    return Pose(
        rng.uniform(0.82, 1.12), 0.5 + rng.normal(0, 0.035), 0.5 + rng.normal(0, 0.03),
        rng.normal(0, 0.06),
    )  # fmt: skip


def placed(image: Image.Image, size: int, pose: Pose) -> Array:
    """RGBA `image` in its pose, premultiplied float [size, size, 4] in [0, 1].

    Colours are premultiplied by alpha before resampling, so that edges keep their colour.
    """
    rgba = np.asarray(image, dtype=np.float32) / 255
    if pose.mirror:
        rgba = rgba[:, ::-1]
    rgba = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=-1)
    small = max(8, round(size * pose.scale))
    c, s = np.cos(pose.turn), np.sin(pose.turn)
    cx, cy = pose.x * size, pose.y * size
    # Output pixel (u, v) comes from input pixel R(−turn)·((u, v) − centre) + small/2.
    coeffs = (c, s, small / 2 - c * cx - s * cy, -s, c, small / 2 + s * cx - c * cy)
    way = Image.Resampling.BOX if small < 128 else Image.Resampling.LANCZOS
    planes = []
    for k in range(4):
        plane = Image.fromarray(np.ascontiguousarray(rgba[..., k])).resize((small, small), way)
        turned = plane.transform(
            (size, size), Image.Transform.AFFINE, coeffs, Image.Resampling.BICUBIC
        )
        planes.append(np.asarray(turned))
    return np.clip(np.stack(planes, axis=-1), 0, 1)
