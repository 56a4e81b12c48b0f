"""Find samples that are copies of the small data set's pictures, by their nearest neighbours."""

from functools import cache

import torch

from pset.challenge.features import SIZE
from pset.small_pictures import small_pictures

NEIGHBOURS = 5
QUANTILE = 0.1
"""A copy is nearer to one picture than to the next ones by more than all but this share of held-out
pictures are."""


def distances(images: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """How far images are from pictures, which may be moved by a pixel and mirrored.

    Args:
        images: `[N, 3, H, W]`.
        pictures: `[M, 3, H, W]`.

    Returns:
        The root mean square difference, `[N, M]`.
    """
    flat = images.flatten(1)
    nearest = torch.full((len(images), len(pictures)), torch.inf)
    padded = torch.nn.functional.pad(pictures, (1, 1, 1, 1), mode="replicate")
    height, width = pictures.shape[-2:]
    for i in range(3):
        for j in range(3):
            moved = padded[..., i : i + height, j : j + width]
            for other in (moved.flatten(1), moved.flip(-1).flatten(1)):
                nearest = torch.minimum(nearest, other.square().sum(dim=1) - 2 * flat @ other.T)
    sizes = flat.square().sum(dim=1, keepdim=True)
    return ((sizes + nearest) / flat.shape[1]).clamp_min(0).sqrt()


def nearness(images: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """The distance to the nearest picture as a share of that to the next ones, `[N]`.

    It's 0 for a copy. A share tells a copy with noise from a picture that has many like it.
    """
    nearest = distances(images, pictures).topk(NEIGHBOURS, dim=1, largest=False).values
    return nearest[:, 0] / nearest[:, 1:].mean(dim=1).clamp_min(1e-12)


@cache
def _bounds() -> list[tuple[torch.Tensor, float]]:
    """Training and held-out pictures, each with the share below which an image is a copy."""
    train, held_out = (small_pictures(split, SIZE)[0] for split in ("train", "test"))
    pairs = ((train, held_out), (held_out, train))
    return [(one, float(nearness(other, one).quantile(QUANTILE))) for one, other in pairs]


def copied(images: torch.Tensor) -> torch.Tensor:
    """Which images are copies of training or held-out pictures, bool `[N]`.

    Args:
        images: `[N, 3, 16, 16]` in [-1, 1].
    """
    found = torch.zeros(len(images), dtype=torch.bool)
    for pictures, share in _bounds():
        found |= nearness(images, pictures) < share
    return found
