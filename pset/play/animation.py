"""Several versions of one video, side by side and in step."""

import io
from collections.abc import Sequence

import torch
from PIL import Image

from pset.figures import publish, published_as, rows
from pset.files import write_whole
from pset.play.player import Frame, Player
from pset.play.tile import tile


def animation(
    videos: Sequence[torch.Tensor],
    captions: Sequence[str],
    name: str | None = None,
    milliseconds: int = 150,
    scale: int = 3,
) -> Player:
    """Play videos side by side; as a still, a row of frames for each.

    Args:
        videos: each `[F, 3, H, W]` in [-1, 1], all with the same number of frames.
        captions: one for each video.
        name: see `publish`. The moving picture goes beside the still one, as an animated PNG.
        milliseconds: for each frame.
        scale: by which pixels are enlarged.

    Raises:
        ValueError: there are not as many captions as videos, or not as many frames in each.
    """
    lengths = {len(video) for video in videos}
    if len(captions) != len(videos) or len(lengths) != 1:
        raise ValueError(
            f"Videos that play in step have the same length and a caption each; there are "
            f"{len(videos)} of {sorted(lengths)} frames, and {len(captions)} captions."
        )
    (length,) = lengths
    still = publish(rows(videos, row_titles=captions, scale=1.1), name)
    pictures = [tile(torch.stack([video[k] for video in videos])) for k in range(length)]
    path = published_as(name and f"{name}_moving")
    if path is not None:
        write_whole(path, animated_png(pictures, milliseconds, scale))
    labels = ", ".join(caption.split("\n")[0] for caption in captions)
    frames = [
        Frame(picture, f"{labels}: frame {k}", scale * picture.width)
        for k, picture in enumerate(pictures)
    ]
    return Player(still, frames, "frame", milliseconds=milliseconds, swing=True)


def animated_png(pictures: Sequence[Image.Image], milliseconds: int, scale: int = 1) -> bytes:
    """Pictures as the bytes of an animated PNG that plays forward and back again, for ever."""
    large = [
        picture.resize((scale * picture.width, scale * picture.height), Image.Resampling.NEAREST)
        for picture in pictures
    ]
    there_and_back = [*large, *large[-2:0:-1]]
    buffer = io.BytesIO()
    there_and_back[0].save(
        buffer,
        format="PNG",
        save_all=True,
        append_images=there_and_back[1:],
        duration=milliseconds,
        loop=0,
    )
    return buffer.getvalue()
