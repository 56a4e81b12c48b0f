"""Tile several images into one picture."""

import torch
from PIL import Image

from pset.images import to_pil


def tile(images: torch.Tensor, columns: int | None = None, gap: int = 2) -> Image.Image:
    """Put the images of a batch into one picture, line by line.

    Args:
        images: `[B, 3, H, W]` in [-1, 1].
        columns: images per line; None puts all of them on one line.
        gap: space between two images, in pixels.
    """
    columns = min(columns or len(images), len(images))
    lines = -(-len(images) // columns)
    height, width = images.shape[-2:]
    size = (columns * (width + gap) - gap, lines * (height + gap) - gap)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))  # the page shows through the gaps
    for number, image in enumerate(images):
        line, column = divmod(number, columns)
        picture.paste(to_pil(image), (column * (width + gap), line * (height + gap)))
    return picture
