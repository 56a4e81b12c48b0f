"""How a picture moves on the way to its view: pieces that turn, patches that slide, a negative.

Each function makes a motion: `motion(picture, share)` draws the square `picture` when it has done
`share` of its way, from 0 to 1. It is drawn on a larger canvas if anything sticks out on the way.
"""

import math
from collections.abc import Callable, Sequence

import torch
from PIL import Image, ImageChops

Motion = Callable[[Image.Image, float], Image.Image]


def turning_pieces(pieces: torch.Tensor, turns: Sequence[int]) -> Motion:
    """Pieces that turn about the centre of the picture.

    Args:
        pieces: `[H, H]`, the piece that each pixel belongs to.
        turns: of each piece, in quarter turns, as `torch.rot90` counts. It takes the short way.
    """
    masks = [Image.fromarray((pieces == k).numpy()) for k in range(len(turns))]
    angles = [90 * ((turn + 1) % 4 - 1) for turn in turns]

    def motion(picture: Image.Image, share: float) -> Image.Image:
        canvas = _canvas(picture)
        corner = ((canvas.width - picture.width) // 2,) * 2
        for mask, angle in zip(masks, angles, strict=True):
            piece = _canvas(picture)
            piece.paste(picture, corner, mask.resize(picture.size, Image.Resampling.NEAREST))
            canvas.alpha_composite(piece.rotate(share * angle))
        return canvas

    return motion


def hinged_squares(count: int) -> Motion:
    """`count` × `count` squares on hinges, turning left and right like the squares of a chessboard.

    While they turn by θ, each pushes its neighbours away: their distance grows by cos θ + sin θ.
    """

    def motion(picture: Image.Image, share: float) -> Image.Image:
        canvas = _canvas(picture)
        side = picture.width // count
        theta = share * math.pi / 2
        distance = side * (math.cos(theta) + math.sin(theta))
        for i in range(count):
            for j in range(count):
                box = (j * side, i * side, (j + 1) * side, (i + 1) * side)
                angle = 90 * share * (1 if (i + j) % 2 == 0 else -1)
                square = picture.crop(box).convert("RGBA").rotate(angle, expand=True)
                x, y = (canvas.width / 2 + distance * (k - (count - 1) / 2) for k in (j, i))
                place = (round(x - square.width / 2), round(y - square.height / 2))
                canvas.alpha_composite(square, place)
        return canvas

    return motion


def sliding_patches(order: Sequence[int]) -> Motion:
    """n × n patches that slide to their new places: patch `order[k]` to place k."""
    n = math.isqrt(len(order))

    def motion(picture: Image.Image, share: float) -> Image.Image:
        canvas = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        side = picture.width // n
        for place, patch in enumerate(int(k) for k in order):
            (i, j), (to_i, to_j) = divmod(patch, n), divmod(place, n)
            box = (j * side, i * side, (j + 1) * side, (i + 1) * side)
            x, y = (round(side * (a + share * (b - a))) for a, b in ((j, to_j), (i, to_i)))
            canvas.alpha_composite(picture.crop(box).convert("RGBA"), (x, y))
        return canvas

    return motion


def sliding_columns(shifts: Sequence[int]) -> Motion:
    """Columns that slide down by `shifts` pixels; what leaves at the bottom comes in at the top."""

    def motion(picture: Image.Image, share: float) -> Image.Image:
        canvas = picture.copy()
        scale = picture.width // len(shifts)
        for j, shift in enumerate(shifts):
            column = picture.crop((j * scale, 0, (j + 1) * scale, picture.height))
            canvas.paste(ImageChops.offset(column, 0, round(share * scale * shift)), (j * scale, 0))
        return canvas

    return motion


def fading_to_negative(picture: Image.Image, share: float) -> Image.Image:
    """A picture that fades to its negative, through plain grey."""
    return Image.blend(picture, ImageChops.invert(picture), share)


def _canvas(picture: Image.Image) -> Image.Image:
    """Transparent, and large enough for the picture to turn in it."""
    margin = math.ceil((math.sqrt(2) - 1) / 2 * picture.width)
    return Image.new("RGBA", (picture.width + 2 * margin,) * 2, (0, 0, 0, 0))
