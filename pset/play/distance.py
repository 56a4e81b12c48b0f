"""Show a picture from further and further away, for hybrid images."""

import torch
from PIL import Image

from pset.figures import Picture, publish
from pset.images import to_pil
from pset.play.player import Frame, Player

STEPS = 13
SMALLEST = 16  # pixels; in anything smaller you can't recognise much


def growing_distance(image: torch.Tensor, name: str | None = None, width: int = 256) -> Player:
    """Show a picture from further and further away. The still picture shows some of its sizes.

    Args:
        image: `[3, H, W]` or `[1, 3, H, W]` in [-1, 1].
        name: see `publish`.
        width: of the picture close up, in pixels.

    Raises:
        ValueError: it isn't one image.
    """
    close = to_pil(image)
    ratio = (SMALLEST / width) ** (1 / (STEPS - 1))
    frames = []
    for step in range(STEPS):
        side = round(width * ratio**step)
        # Resized here, not by the page: a browser may skip pixels, but an eye averages them.
        picture = close.resize((side, side), Image.Resampling.BICUBIC)
        distance = width / side
        frames.append(Frame(picture, f"{distance:.1f}× as far away", side, smooth=True))
    frames[0] = Frame(frames[0].picture, "close up", width, smooth=True)
    still = publish(_in_a_row([frame.picture for frame in frames[::3]]), name)
    return Player(still, frames, "distance", milliseconds=250, swing=True)


def _in_a_row(pictures: list[Image.Image], gap: int = 16) -> Picture:
    """Put pictures of different sizes in a row, one image pixel per screen pixel."""
    dpi = 110
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    height = max(picture.height for picture in pictures)
    figure = Picture(figsize=(width / dpi, height / dpi), dpi=dpi)
    left = 0
    for picture in pictures:
        box = (left / width, (height - picture.height) / 2 / height)
        size = (picture.width / width, picture.height / height)
        axis = figure.add_axes((*box, *size))
        axis.axis("off")
        axis.imshow(picture, interpolation="nearest", aspect="auto")
        left += picture.width + gap
    return figure
