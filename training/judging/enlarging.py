"""Compare stage II with bicubic interpolation, on held-out pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pset.model import DiffusionModel
from training.data import grammar
from training.data.pictures import Pictures
from training.judging import sample
from training.method import stage2


@dataclass
class Measures:
    """Means over pictures. `edges` is the mean gradient, as a share of the original's."""

    psnr: float
    ssim: float
    edges: float


def gradients(x: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, [B]."""
    dx, dy = x.diff(dim=-1).abs(), x.diff(dim=-2).abs()
    return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))


def measure(made: Tensor, truth: Tensor) -> Measures:
    """Compare pictures with the originals, both [B, 3, H, W] in [-1, 1]."""
    from skimage.metrics import structural_similarity

    mse = (made - truth).square().mean((1, 2, 3)) / 4
    ssim = [
        structural_similarity(
            a.permute(1, 2, 0).numpy(), b.permute(1, 2, 0).numpy(), channel_axis=-1, data_range=2
        )
        for a, b in zip(made, truth, strict=True)
    ]
    edges = gradients(made).mean() / gradients(truth).mean()
    return Measures(float((-10 * mse.log10()).mean()), float(np.mean(ssim)), float(edges))


@torch.inference_mode()
def batches(
    m: DiffusionModel,
    pictures: Pictures,
    count: int,
    batch: int = 4,
    level: int = sample.NOISE_LEVEL,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yields originals, bicubic and stage II, each [B, 3, 256, 256], for `count` pictures."""
    rows = np.linspace(0, len(pictures) - 1, count).round().astype(int)
    for i in range(0, count, batch):
        part = rows[i : i + batch]
        truth = torch.from_numpy(pictures.pixels[part].astype(np.float32)) / 127.5 - 1
        small = stage2.shrink(truth)
        bicubic = nn.functional.interpolate(
            small, truth.shape[-2:], mode="bicubic", align_corners=True
        ).clamp(-1, 1)
        prompts = [grammar.caption(pictures.scenes[k]) for k in part]
        yield truth, bicubic, sample.enlarge(m, small, prompts, level=level)
