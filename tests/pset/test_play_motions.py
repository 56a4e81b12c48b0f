"""Motions begin with the picture, and end with its view."""

import pytest
import torch
from PIL import Image

import pset
from pset.images import to_pil
from pset.play.motions import (
    fading_to_negative,
    hinged_squares,
    sliding_columns,
    sliding_patches,
    turning_pieces,
)
from pset.play.moving import moving

SIDE = 16


def picture():
    return to_pil(pset.resize(pset.photo("cat"), SIDE))


def pixels(image: Image.Image) -> torch.Tensor:
    """The middle `SIDE` × `SIDE` pixels, `[3, H, W]`; the canvas may be larger."""
    margin = (image.width - SIDE) // 2
    middle = image.crop((margin, margin, margin + SIDE, margin + SIDE)).convert("RGB")
    return (
        torch.frombuffer(bytearray(middle.tobytes()), dtype=torch.uint8)
        .view(SIDE, SIDE, 3)
        .permute(2, 0, 1)
    )


def hinge(x: torch.Tensor) -> torch.Tensor:
    result = x.clone()
    for i in range(4):
        for j in range(4):
            square = (..., slice(4 * i, 4 * i + 4), slice(4 * j, 4 * j + 4))
            result[square] = x[square].rot90(1 if (i + j) % 2 == 0 else -1, (1, 2))
    return result


def patches(x: torch.Tensor) -> torch.Tensor:
    quarters = [quarter for half in x.chunk(2, 1) for quarter in half.chunk(2, 2)]
    moved = [quarters[k] for k in ORDER]
    return torch.cat([torch.cat(moved[:2], 2), torch.cat(moved[2:], 2)], 1)


ORDER = [2, 0, 3, 1]
D = torch.arange(SIDE) - (SIDE - 1) / 2
DISC = D[:, None] ** 2 + D**2 < 36
MOTIONS = {
    "whole": (turning_pieces(torch.zeros(SIDE, SIDE), [3]), lambda x: x.rot90(3, (1, 2))),
    "half a turn": (turning_pieces(torch.zeros(SIDE, SIDE), [2]), lambda x: x.flip(1, 2)),
    "circle": (
        turning_pieces(DISC.long(), [0, 1]),
        lambda x: torch.where(DISC, x.rot90(1, (1, 2)), x),
    ),
    "hinge": (hinged_squares(4), hinge),
    "patches": (sliding_patches(ORDER), patches),
    "columns": (
        sliding_columns(list(range(SIDE))),
        lambda x: torch.stack([x[..., j].roll(j, 1) for j in range(SIDE)], 2),
    ),
    "negative": (fading_to_negative, lambda x: 255 - x),
}


@pytest.mark.parametrize("name", MOTIONS)
def test_a_motion_begins_with_the_picture_and_ends_with_its_view(name):
    motion, view = MOTIONS[name]
    before = pixels(picture())
    assert pixels(motion(picture(), 0.0)).equal(before)
    after = pixels(motion(picture(), 1.0))
    assert after.equal(view(before))
    assert not after.equal(before)
    assert not pixels(motion(picture(), 0.5)).equal(after)


def test_a_moving_picture_has_both_ends_and_a_still_of_four():
    player = moving(pset.photo("cat"), hinged_squares(4), ("a cat", "squares"))
    assert [player.frames[0].caption, player.frames[-1].caption] == ["a cat", "squares"]
    sizes = {frame.picture.size for frame in player.frames}
    assert len(sizes) == 1
    assert len(player.still.axes) == 4
    with pytest.raises(ValueError, match="one image"):
        moving(torch.zeros(2, 3, 8, 8), hinged_squares(4))
