"""A slider over precomputed pictures, for example over `i_start`."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from pset.play.player import Frame, Player
from pset.play.tile import tile


def slider(
    positions: Sequence[torch.Tensor],
    captions: Sequence[str],
    label: str,
    still: Figure,
    columns: int | None = None,
    scale: int = 2,
) -> Player:
    """Step through pictures with a slider, below a still picture.

    Args:
        positions: for each position, one or several images, `[B, 3, H, W]` in [-1, 1].
        captions: one for each position.
        label: what the slider changes, such as "i_start".
        still: the same images as a figure, from `show` or `rows`.
        columns: images per line; None puts all of them on one line.
        scale: the size of an image pixel, in screen pixels.

    Raises:
        ValueError: there are fewer than two positions, or a different number of captions.
    """
    if len(positions) != len(captions):
        raise ValueError(
            f"Each position of the slider needs a caption. There are {len(positions)} positions "
            f"and {len(captions)} captions."
        )
    frames = []
    for images, caption in zip(positions, captions, strict=True):
        picture = tile(images, columns)
        frames.append(Frame(picture, caption, scale * picture.width))
    return Player(still, frames, label, milliseconds=600)
