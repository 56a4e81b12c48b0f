"""Turn a picture upside down with a slider, for visual anagrams."""

from typing import Literal

import torch

from pset.figures import show
from pset.images import to_pil
from pset.play.player import Frame, Player

HOW = {
    # About the horizontal axis, so top and bottom trade places.
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
    """Turn a picture over with a slider. The still picture shows both views side by side.

    Args:
        image: `[3, H, W]` or `[1, 3, H, W]` in [-1, 1].
        how: "flip" swaps top and bottom; "rotate" turns it by 180°.
        captions: for the two views.
        name: see `publish`.
        width: of the picture on the page, in pixels.

    Raises:
        ValueError: it isn't one image, or `how` is neither of the two.
    """
    if how not in HOW:
        raise ValueError(f"how must be {' or '.join(map(repr, HOW))}, not {how!r}.")
    transform, turned = HOW[how]
    picture = to_pil(image)
    still = show([image, turned(image)], captions, name=name, scale=2.5)
    frames = [
        Frame(picture, f"{angle}°", width, transform.format(angle)) for angle in range(0, 181, 5)
    ]
    frames[0] = Frame(picture, captions[0], width)
    frames[-1] = Frame(picture, captions[1], width, transform.format(180))
    return Player(still, frames, "turn", milliseconds=40, swing=True)
