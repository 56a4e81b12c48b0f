"""Contact sheets: a grid of pictures with captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor


def to_uint8(x: Tensor) -> np.ndarray:
    """[B, 3, H, W] in [-1, 1] -> uint8 [B, H, W, 3]."""
    x = ((x.detach().float().cpu().clamp(-1, 1) + 1) * 127.5).round()
    return x.permute(0, 2, 3, 1).numpy().astype(np.uint8)


def sheet(
    pictures: np.ndarray, columns: int, captions: Sequence[str] = (), zoom: int = 1
) -> Image.Image:
    """Arrange pictures uint8 [N, H, W, 3] in a grid, row by row, with captions below them."""
    n, h, w, _ = pictures.shape
    h, w = h * zoom, w * zoom
    below = 12 if captions else 0
    rows = -(-n // columns)
    out = Image.new("RGB", (columns * (w + 2), rows * (h + below + 2)), "white")
    pen = ImageDraw.Draw(out)
    for i, pixels in enumerate(pictures):
        x, y = i % columns * (w + 2), i // columns * (h + below + 2)
        out.paste(Image.fromarray(pixels).resize((w, h), Image.NEAREST), (x, y))
        if captions:
            pen.text((x, y + h), captions[i][: w // 6], fill="black")
    return out


def save(image: Image.Image, path: Path) -> None:
    """Save a sheet as PNG or JPEG, as its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_jpeg = path.suffix.lower() in (".jpg", ".jpeg")
    image.save(path, **({"quality": 88} if is_jpeg else {}))
