"""A picture that moves to one of its views and back, for visual anagrams."""

import torch
from PIL import Image

from pset.figures import Picture, publish
from pset.images import to_pil
from pset.play.motions import Motion
from pset.play.player import Frame, Player

STEPS = 11


def moving(
    image: torch.Tensor,
    motion: Motion,
    captions: tuple[str, str] = ("the picture", "its view"),
    name: str | None = None,
    scale: int = 3,
) -> Player:
    """Move a picture to its view with a slider; as a still, both and what's between them.

    Args:
        image: `[3, H, H]` or `[1, 3, H, H]` in [-1, 1].
        motion: one of `pset.play.motions`: how it moves.
        captions: of the picture and of its view.
        name: see `publish`.
        scale: by which pixels are enlarged.

    Raises:
        ValueError: it's not one image.
    """
    small = to_pil(image)
    picture = small.resize((scale * small.width, scale * small.height), Image.Resampling.NEAREST)
    drawn = [motion(picture, step / (STEPS - 1)) for step in range(STEPS)]
    words = [captions[0], *["…"] * (STEPS - 2), captions[1]]
    frames = [Frame(one, word, one.width) for one, word in zip(drawn, words, strict=True)]
    few = [0, STEPS // 3, 2 * STEPS // 3, STEPS - 1]
    still = publish(_row([drawn[k] for k in few], [words[k] for k in few]), name)
    return Player(still, frames, "view", milliseconds=100, swing=True)


def _row(pictures: list[Image.Image], captions: list[str]) -> Picture:
    """Pictures of one size with their captions, on white."""
    side = 2.0
    figure = Picture(figsize=(len(pictures) * (side + 0.1), side + 0.25), dpi=110)
    axes = figure.subplots(1, len(pictures))
    for axis, picture, caption in zip(axes, pictures, captions, strict=True):
        axis.axis("off")
        axis.imshow(picture, interpolation="nearest")
        axis.set_title(caption if caption != "…" else "", fontsize=8, pad=3)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=side / (side + 0.25), wspace=0.05)
    return figure
