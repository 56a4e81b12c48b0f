"""The six styles, as filters, so that every subject can be drawn in every style.

A style has a background and a filter for the finished picture. It's dark on light or, with
`dark`, light on dark: a dark background, chalk instead of pencil, a lithograph with ink and paper
swapped. All lengths are in units of 1/64 of the picture's side, so that a style looks the same at
64×64, 128×128 and 256×256. Pictures are float arrays [H, W, 3] in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter
from scipy.ndimage import uniform_filter

from training.data.colours import hsv

Array = np.ndarray


def gradient(size: int, a: Array, b: Array, rng: np.random.Generator) -> Array:
    """A soft gradient from colour `a` to `b` in a random, mostly vertical direction."""
    angle = rng.normal(np.pi / 2, 0.35)
    y, x = np.mgrid[0:size, 0:size] / (size - 1) - 0.5
    w = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., None]
    return (1 - w) * a + w * b


def to_image(x: Array) -> Image.Image:
    return Image.fromarray((np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8))


def to_array(image: Image.Image) -> Array:
    return np.asarray(image, dtype=np.float32) / 255


def blur(x: Array, sigma: float) -> Array:
    """Gaussian blur, with `sigma` in units of 1/64 of the side; 1 or 3 channels."""
    radius = sigma * x.shape[0] / 64
    flat = x[..., 0] if x.shape[-1] == 1 else x
    out = to_array(to_image(flat).filter(ImageFilter.GaussianBlur(radius)))
    return out[..., None] if x.shape[-1] == 1 else out


def odd(x: float) -> int:
    return max(3, 2 * int(x / 2) + 1)


def luma(x: Array) -> Array:
    """[H, W, 3] -> [H, W, 1]."""
    return (x @ np.array([0.299, 0.587, 0.114], dtype=x.dtype))[..., None]


# backgrounds -------------------------------------------------------------------------------


def oil_ground(size: int, rng: np.random.Generator, dark: bool) -> Array:
    """Earth tones, reds and blues, from nearly black to pale."""
    hue = rng.choice([0.02, 0.05, 0.08, 0.1, 0.13, 0.56, 0.6, 0.97]) + rng.normal(0, 0.01)
    value = rng.uniform(0.1, 0.3) if dark else rng.uniform(0.5, 0.9)
    saturation = rng.uniform(0.2, 0.6)
    return gradient(size, hsv(hue, 0.8 * saturation, 1.15 * value), hsv(hue, saturation, value),
                    rng).clip(0, 1)  # fmt: skip


def paper_ground(size: int, rng: np.random.Generator, dark: bool) -> Array:
    return np.ones((size, size, 3)) * rng.uniform(0.93, 1.0)


def stone_ground(size: int, rng: np.random.Generator, dark: bool) -> Array:
    """Mid-grey, so that both light and dark things stand out."""
    grey = np.ones(3) * rng.uniform(0.62, 0.72)
    return gradient(size, grey + 0.06, grey - 0.04, rng)


def watercolor_ground(size: int, rng: np.random.Generator, dark: bool) -> Array:
    """Paper with a pale or a deep wash."""
    hue = rng.random()
    if dark:
        return gradient(size, hsv(hue, 0.35, 0.55), hsv(hue, 0.55, rng.uniform(0.2, 0.4)), rng)
    return gradient(size, hsv(hue, 0.05, 1.0), hsv(hue, rng.uniform(0.12, 0.4), 0.97), rng)


def pop_ground(size: int, rng: np.random.Generator, dark: bool) -> Array:
    hue = int(rng.integers(8)) / 8 + rng.uniform(-0.015, 0.015)
    value = rng.uniform(0.0, 0.4) if dark else 0.97
    return np.ones((size, size, 3)) * hsv(hue % 1, 0.85, value)


# filters -----------------------------------------------------------------------------------


def photo(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """A slightly soft lens, and an exposure that's slightly off."""
    return np.clip((blur(x, rng.uniform(0.1, 0.3)) - 0.5) * rng.uniform(0.92, 1.08) + 0.5, 0, 1)


def kuwahara(x: Array, radius: int) -> Array:
    """Of the four windows that meet at a pixel, take the mean of the one with the least variance.

    Edges stay sharp, and surfaces become patches of one colour, like brush marks (Kuwahara et al.
    1976).
    """
    width = radius + 1
    mean = uniform_filter(x, (width, width, 1), mode="nearest")
    variance = uniform_filter(x * x, (width, width, 1), mode="nearest") - mean**2
    h, w, _ = x.shape
    pad = ((radius, radius), (radius, radius))
    spread = np.pad(variance.sum(-1), pad, mode="edge")
    mean = np.pad(mean, (*pad, (0, 0)), mode="edge")
    before, after = radius - radius // 2, radius + radius - radius // 2
    corners = [(i, j) for i in (before, after) for j in (before, after)]
    spreads = np.stack([spread[i : i + h, j : j + w] for i, j in corners])
    means = np.stack([mean[i : i + h, j : j + w] for i, j in corners])
    best = spreads.argmin(0)
    return np.take_along_axis(means, best[None, ..., None], 0)[0]


def oil_painting(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """Patches of paint on a warm, slightly uneven canvas."""
    size = x.shape[0]
    warm = np.array([1.03, 0.98, 0.88])
    y = kuwahara(x, max(2, round(size / 64 * 1.6)))
    y = (luma(y) + 1.15 * (y - luma(y))) * warm
    grain = rng.normal(size=(20, 20)).astype(np.float32)
    strokes = np.asarray(Image.fromarray(grain).resize((size, size), Image.Resampling.BICUBIC))
    return np.clip(y * (0.95 + 0.02 * strokes[..., None]), 0, 1)


def lithograph(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """A few shades of ink on cream paper; if dark, ink and paper are swapped."""
    g = luma(x)
    detail = g - blur(g, 3.0)
    g = np.clip(0.5 + (g - 0.52) * 1.5 + detail * 0.9, 0, 1)
    levels = 4
    g = 0.35 * g + 0.65 * np.round(g * levels) / levels
    if dark:
        g = 1 - g
    ink, paper = np.array([0.1, 0.09, 0.09]), np.array([0.95, 0.91, 0.82])
    return ink + g * (paper - ink)


def pencil_sketch(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """Edges from dodging with the blurred negative; if dark, chalk on a blackboard."""
    g = luma(x)
    soft = blur(1 - g, 1.3)
    dodge = np.clip(g / np.maximum(1 - soft, 0.04), 0, 1)
    tone = np.clip(0.72 + 0.28 * g, 0, 1)
    drawn = np.repeat(np.clip(dodge**1.6 * tone, 0, 1) * 0.92 + 0.06, 3, axis=-1)
    return np.clip(0.1 + 1.5 * (0.98 - drawn), 0, 0.96) if dark else drawn


def watercolor(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """Soft, pale patches with the paper showing through, and darker paint along the edges."""
    size = x.shape[0]
    k = odd(size / 64 * 3)
    y = to_array(to_image(blur(x, 0.5)).filter(ImageFilter.MedianFilter(k)))
    y = luma(y) + (y - luma(y)) * 1.1
    pale = 1 - (1 - y) * (0.85 if dark else 0.62)
    edge = np.abs(luma(y) - blur(luma(y), 1.0))
    return np.clip(pale - 0.5 * edge, 0, 1)


def pop_art(x: Array, rng: np.random.Generator, dark: bool) -> Array:
    """Loud colours, with only a few levels."""
    y = blur(x, 0.3)
    y = np.clip(luma(y) + (y - luma(y)) * 1.6, 0, 1)
    y = np.clip((y - 0.5) * 1.25 + 0.5, 0, 1)
    levels = 3
    return np.round(y * levels) / levels


# By style; the backgrounds of photographs are in `surfaces`.
GROUNDS: tuple[Callable[[int, np.random.Generator, bool], Array] | None, ...] = (
    None,
    oil_ground,
    stone_ground,
    paper_ground,
    watercolor_ground,
    pop_ground,
)
FILTERS: tuple[Callable[[Array, np.random.Generator, bool], Array], ...] = (
    photo,
    oil_painting,
    lithograph,
    pencil_sketch,
    watercolor,
    pop_art,
)
PHOTO, OIL, LITHOGRAPH, PENCIL, WATERCOLOR, POP = range(6)
