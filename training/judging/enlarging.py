"""Compare stage II with bicubic interpolation, on held-out pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import IFSuperResolutionPipeline
from torch import Tensor, nn

from pset.model import DiffusionModel
from pset.seeded_noise import SEED
from training.data import grammar, resident
from training.data.pictures import Pictures
from training.judging import sample
from training.method import stage2

WAYS = ("bicubic", "stage II", "stage II, from pure noise")


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
def from_noise(
    pipeline: IFSuperResolutionPipeline,
    small: Tensor,
    prompts: list[str],
    level: int = sample.NOISE_LEVEL,
    steps: int = 15,
    seed: int = SEED,
) -> Tensor:
    """[B, 3, 64, 64] -> [B, 3, 256, 256], from pure noise, as the card says to call it."""
    pipeline.set_progress_bar_config(disable=True)
    embeds, _ = pipeline.encode_prompt(prompts, do_classifier_free_guidance=False)
    made = pipeline(
        image=small.to(pipeline.device),
        prompt_embeds=embeds,
        num_inference_steps=steps,
        guidance_scale=1,
        noise_level=level,
        generator=[torch.Generator().manual_seed(seed + i) for i in range(len(small))],
        output_type="pt",
    ).images
    return made.float().cpu()


@torch.inference_mode()
def batches(
    m: DiffusionModel,
    pipeline: IFSuperResolutionPipeline,
    pictures: Pictures,
    count: int,
    batch: int = 4,
    level: int = sample.NOISE_LEVEL,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Yields originals and the three `WAYS`, each [B, 3, 256, 256], for `count` pictures.

    They are spread evenly; "stage II" starts from the enlarged picture noised to t = 300.
    """
    rows = np.linspace(0, len(pictures) - 1, count).round().astype(int)
    for i in range(0, count, batch):
        part = rows[i : i + batch]
        truth = resident.floats(torch.from_numpy(pictures.pixels[part]))
        small = stage2.shrink(truth)
        bicubic = nn.functional.interpolate(
            small, truth.shape[-2:], mode="bicubic", align_corners=True
        ).clamp(-1, 1)
        prompts = [grammar.caption(pictures.scenes[k]) for k in part]
        made = sample.enlarge(m, small, prompts, level=level)
        yield truth, bicubic, made, from_noise(pipeline, small, prompts, level)
