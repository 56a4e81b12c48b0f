"""A picture that turns upside down, for visual anagrams."""

from typing import Literal

import torch

from pset.figures import show
from pset.images import to_pil
from pset.play.player import Frame, Player

HOW = {
    # About the axis from left to right, as one turns a page: top and bottom change places.
    "flip": ("perspective(700px) rotateX({}deg)", lambda image: image.flip(-2)),
    "rotate": ("rotate({}deg)", lambda image: image.flip(-2, -1)),
}


def turning(
    image: torch.Tensor,
    how: Literal["flip", "rotate"] = "flip",
    captions: tuple[str, str] = ("upright", "upside down"),
    name: str | None = None,
    width: int = 256,
) -> Player:
    """Turn a picture over with a slider; as a still, its two views side by side.

    Args:
        image: `[3, H, W]` or `[1, 3, H, W]` in [-1, 1].
        how: "flip" swaps top and bottom, "rotate" is half a turn.
        captions: of the two views.
        name: see `publish`.
        width: on the page, in pixels.

    Raises:
        ValueError: it is not one image, or there is no such way to turn it.
    """
    if how not in HOW:
        raise ValueError(f"A picture turns by {' or '.join(map(repr, HOW))}, not by {how!r}.")
    transform, turned = HOW[how]
    picture = to_pil(image)
    still = show([image, turned(image)], captions, name=name, scale=2.5)
    frames = [
        Frame(picture, f"{angle}°", width, transform.format(angle)) for angle in range(0, 181, 5)
    ]
    frames[0] = Frame(picture, captions[0], width)
    frames[-1] = Frame(picture, captions[1], width, transform.format(180))
    return Player(still, frames, "turn", milliseconds=40, swing=True)
