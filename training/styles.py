"""The six styles, as filters, so that every subject can be had in every style.

A style is a pair: the ground it is made on, and the filter that the finished picture goes
through. All lengths are in units of 1/64 of the picture's side, so that a style looks the same at
64×64, 128×128 and 256×256. Pictures are float arrays [H, W, 3] in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

Array = np.ndarray


def hsv(h: float, s: float, v: float) -> Array:
    """One colour, [3] in [0, 1]."""
    k = (np.array([5.0, 3.0, 1.0]) + h * 6) % 6
    return v - v * s * np.clip(np.minimum(k, 4 - k), 0, 1)


def gradient(size: int, a: Array, b: Array, rng: np.random.Generator) -> Array:
    """A soft gradient from colour ``a`` to ``b`` in a random, mostly vertical direction."""
    angle = rng.normal(np.pi / 2, 0.35)
    y, x = np.mgrid[0:size, 0:size] / (size - 1) - 0.5
    w = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., None]
    return (1 - w) * a + w * b


def to_image(x: Array) -> Image.Image:
    return Image.fromarray((np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8))


def to_array(image: Image.Image) -> Array:
    return np.asarray(image, dtype=np.float32) / 255


def blur(x: Array, sigma: float) -> Array:
    """Gaussian blur, ``sigma`` in 1/64 of the side; any number of channels in {1, 3}."""
    radius = sigma * x.shape[0] / 64
    flat = x[..., 0] if x.shape[-1] == 1 else x
    out = to_array(to_image(flat).filter(ImageFilter.GaussianBlur(radius)))
    return out[..., None] if x.shape[-1] == 1 else out


def odd(x: float) -> int:
    return max(3, 2 * int(x / 2) + 1)


def luma(x: Array) -> Array:
    """[H, W, 3] -> [H, W, 1]."""
    return (x @ np.array([0.299, 0.587, 0.114], dtype=x.dtype))[..., None]


# grounds -----------------------------------------------------------------------------------


def photo_ground(size: int, rng: np.random.Generator) -> Array:
    hue, light = rng.random(), rng.uniform(0.72, 0.95)
    sat = rng.uniform(0.12, 0.45)
    top, bottom = hsv(hue, sat * 0.5, min(1, light + 0.05)), hsv(hue, sat, light - 0.1)
    return gradient(size, top, bottom, rng)


def oil_ground(size: int, rng: np.random.Generator) -> Array:
    hue = rng.choice([0.04, 0.07, 0.09, 0.11, 0.4, 0.58])
    low = rng.uniform(0.3, 0.55)
    return gradient(size, hsv(hue, 0.5, low + 0.2), hsv(hue, 0.6, low), rng)


def paper_ground(size: int, rng: np.random.Generator) -> Array:
    return np.ones((size, size, 3)) * rng.uniform(0.93, 1.0)


def stone_ground(size: int, rng: np.random.Generator) -> Array:
    """Middle grey, so that light things stand out from it as well as dark ones."""
    grey = np.ones(3) * rng.uniform(0.62, 0.72)
    return gradient(size, grey + 0.06, grey - 0.04, rng)


def watercolor_ground(size: int, rng: np.random.Generator) -> Array:
    hue = rng.random()
    return gradient(size, hsv(hue, 0.05, 1.0), hsv(hue, rng.uniform(0.12, 0.3), 0.97), rng)


def pop_ground(size: int, rng: np.random.Generator) -> Array:
    hue = int(rng.integers(8)) / 8 + rng.uniform(-0.015, 0.015)
    return np.ones((size, size, 3)) * hsv(hue % 1, 0.85, 0.97)


# filters -----------------------------------------------------------------------------------


def photo(x: Array, rng: np.random.Generator) -> Array:
    return np.clip((x - 0.5) * rng.uniform(0.95, 1.05) + 0.5, 0, 1)


def oil_painting(x: Array, rng: np.random.Generator) -> Array:
    size = x.shape[0]
    k = odd(size / 64 * 3)
    warm = np.array([1.04, 0.98, 0.84])
    y = to_array(to_image(blur(x, 0.35)).filter(ImageFilter.ModeFilter(k)))
    y = (0.88 * y + 0.12 * luma(y)) * warm
    grain = rng.normal(size=(16, 16, 1)).astype(np.float32)
    strokes = np.asarray(
        Image.fromarray(grain[..., 0]).resize((size, size), Image.BICUBIC), dtype=np.float32
    )
    return np.clip(y * 0.92 + 0.025 * strokes[..., None], 0, 1)


def lithograph(x: Array, rng: np.random.Generator) -> Array:
    g = luma(x)
    detail = g - blur(g, 3.0)
    g = np.clip(0.5 + (g - 0.52) * 1.5 + detail * 0.9, 0, 1)
    levels = 4
    g = 0.35 * g + 0.65 * np.round(g * levels) / levels
    ink, paper = np.array([0.1, 0.09, 0.09]), np.array([0.95, 0.91, 0.82])
    return ink + g * (paper - ink)


def pencil_sketch(x: Array, rng: np.random.Generator) -> Array:
    g = luma(x)
    soft = blur(1 - g, 1.3)
    dodge = np.clip(g / np.maximum(1 - soft, 0.04), 0, 1)
    tone = np.clip(0.72 + 0.28 * g, 0, 1)
    return np.repeat(np.clip(dodge**1.6 * tone, 0, 1) * 0.92 + 0.06, 3, axis=-1)


def watercolor(x: Array, rng: np.random.Generator) -> Array:
    size = x.shape[0]
    k = odd(size / 64 * 3)
    y = to_array(to_image(blur(x, 0.5)).filter(ImageFilter.MedianFilter(k)))
    y = luma(y) + (y - luma(y)) * 1.1
    pale = 1 - (1 - y) * 0.62
    edge = np.abs(luma(y) - blur(luma(y), 1.0))
    return np.clip(pale - 0.5 * edge, 0, 1)


def pop_art(x: Array, rng: np.random.Generator) -> Array:
    y = blur(x, 0.3)
    y = np.clip(luma(y) + (y - luma(y)) * 1.6, 0, 1)
    y = np.clip((y - 0.5) * 1.25 + 0.5, 0, 1)
    levels = 3
    return np.round(y * levels) / levels


GROUNDS: tuple[Callable[[int, np.random.Generator], Array], ...] = (
    photo_ground,
    oil_ground,
    stone_ground,
    paper_ground,
    watercolor_ground,
    pop_ground,
)
FILTERS: tuple[Callable[[Array, np.random.Generator], Array], ...] = (
    photo,
    oil_painting,
    lithograph,
    pencil_sketch,
    watercolor,
    pop_art,
)
SHADOWED = (True, True, False, False, False, False)
