"""Colours: convert from HSV, and change the hue of artwork."""

from __future__ import annotations

import numpy as np
from PIL import Image

Array = np.ndarray


def hsv(h: float, s: float, v: float) -> Array:
    """A colour from hue, saturation and value, RGB [3] in [0, 1]."""
    k = (np.array([5.0, 3.0, 1.0]) + h * 6) % 6
    return v - v * s * np.clip(np.minimum(k, 4 - k), 0, 1)


def turned(image: Image.Image, by: float) -> Image.Image:
    """RGBA artwork with all hues rotated by `by` of the colour circle; greys don't change."""
    hue, saturation, value = image.convert("RGB").convert("HSV").split()
    step = round(by * 256) % 256
    hue = hue.point([(i + step) % 256 for i in range(256)])
    out = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    out.putalpha(image.getchannel("A"))
    return out


def coloured(image: Image.Image, hue: float, amount: float) -> Image.Image:
    """RGBA artwork blended towards one hue by `amount` in [0, 1], with its brightness kept."""
    rgb = np.asarray(image.convert("RGB"), dtype=np.float32) / 255
    value = rgb.max(axis=-1, keepdims=True)
    mixed = (1 - amount) * rgb + amount * value * hsv(hue, 0.65, 1.0)
    out = Image.fromarray((np.clip(mixed, 0, 1) * 255).astype(np.uint8))
    out.putalpha(image.getchannel("A"))
    return out
