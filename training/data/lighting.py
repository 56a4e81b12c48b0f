"""Light in photographs: shading, and soft shadows.

There's one light per picture, in front of it, above and to one side. A flat drawing is shaded like
a cushion with its outline: the height is the blurred alpha channel, the normal comes from the
height's gradient, and the brightness is the product of normal and light (Lambert).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from training.data import styles

Array = np.ndarray


class Light(NamedTuple):
    """`x` from -1 (the left) to 1; `hard` from 0 (an overcast sky) to 1 (the sun)."""

    x: float
    hard: float


def random_light(rng: np.random.Generator) -> Light:
    return Light(rng.uniform(-0.9, 0.9), rng.uniform(0.1, 0.8))


def shaded(layer: Array, light: Light, amount: float) -> Array:
    """A premultiplied layer [H, W, 4] with the light on its cushion; `amount` in [0, 1]."""
    alpha = layer[..., 3:]
    height = 0.5 * styles.blur(alpha, 2.0) + 0.5 * styles.blur(alpha, 5.0)
    steep = 9.0 * alpha.shape[0] / 64  # of the cushion, per 1/64 of the side
    dy, dx = (steep * g for g in np.gradient(height[..., 0]))
    towards = np.array([light.x, -0.7, 0.9])
    towards /= np.linalg.norm(towards)
    # the normal of z = height(x, y) is (−dx, −dy, 1)
    lambert = (-dx * towards[0] - dy * towards[1] + towards[2]) / np.sqrt(1 + dx**2 + dy**2)
    gain = 1 + amount * (lambert - towards[2])
    shine = amount * 0.25 * np.clip(lambert - 0.93, 0, 1) / 0.07
    rgb = layer[..., :3] * gain[..., None] + shine[..., None] * alpha
    return np.concatenate([np.clip(rgb, 0, alpha), alpha], axis=-1)


def base_of(alpha: Array) -> int:
    """The lowest row [H, W, 1] in which a thing is, which is where it stands."""
    rows = np.flatnonzero(alpha[..., 0].max(axis=1) > 0.3)
    return int(rows[-1]) if len(rows) else alpha.shape[0] - 1


def shadow_on_floor(layer: Array, light: Light) -> Array:
    """The shadow of a standing thing on the floor behind it, [H, W, 1] in [0, 1].

    The outline is laid down: `k` of its height, leaning away from the light; where it touches
    the floor, a narrow darker band.
    """
    alpha, size = layer[..., 3:], layer.shape[0]
    base = base_of(alpha)
    k, lean = 0.34, -1.1 * light.x
    # output (u, v), v above the base, reads x = u − lean·(base − v)/k·k, y = base − (base − v)/k
    coeffs = (1, lean, -lean * base, 0, 1 / k, base - base / k)
    flat = Image.fromarray((alpha[..., 0] * 255).astype(np.uint8)).transform(
        (size, size), Image.Transform.AFFINE, coeffs, Image.Resampling.BILINEAR
    )
    cast = styles.to_array(flat)[..., None]
    cast[base + 1 :] = 0
    touching = np.zeros_like(alpha)
    low, high = max(0, base - size // 16), min(size, base + 1)
    touching[low:high] = alpha[low:high].max(axis=0)
    soft = styles.blur(cast, 1.2 + 1.5 * (1 - light.hard))
    return np.clip((0.35 + 0.4 * light.hard) * soft + 0.5 * styles.blur(touching, 1.1), 0, 0.75)


def shadow_on_wall(layer: Array, light: Light) -> Array:
    """The shadow of a thing on a wall close behind it, [H, W, 1] in [0, 1]."""
    size = layer.shape[0]
    soft = styles.blur(layer[..., 3:], 1.4 + 1.2 * (1 - light.hard))
    down, aside = round(size * 1.8 / 64), round(-size * 2.2 / 64 * light.x)
    moved = np.zeros_like(soft)
    to_x, from_x = max(0, aside), max(0, -aside)
    wide, tall = size - abs(aside), size - down
    moved[down:, to_x : to_x + wide] = soft[:tall, from_x : from_x + wide]
    return (0.25 + 0.25 * light.hard) * moved
