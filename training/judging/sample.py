"""Sample from networks in training, the way students will.

Loop, guidance and thresholding come from `pset`; anagrams, hybrids and stage II come from the
solutions. So the judge sees what a notebook shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from pset import guided, iterative_denoise, noise, thresholded
from pset._model.denoiser import Denoiser
from pset._model.prompts import PromptEncoder
from pset.model import DiffusionModel
from pset.sampling import Estimate
from pset.seeded_noise import SEED
from training.data import tokenizer
from training.method import model, stage2

SCALE = 7.0
NOISE_LEVEL = 20  # of the noise on stage II's conditioning
ENLARGING_TIMESTEPS = (300, 200, 120, 60, 25, 0)


def as_model(nets: nn.ModuleDict, device: str = "cpu") -> DiffusionModel:
    """The networks `text` and `unet` as a model like `pset.load_model`'s."""
    schedule = model.scheduler()
    return DiffusionModel(
        name="in training",
        unet=Denoiser(nets["unet"]),
        scheduler=schedule,
        alphas_cumprod=schedule.alphas_cumprod.to(device),
        prompts=PromptEncoder(
            tokenizer.build, lambda: nets["text"], device=torch.device(device), dtype=torch.float32
        ),
        image_noising_scheduler=model.noising_scheduler(),
    )


@cache
def solution(assignment: str, function: str) -> Callable[..., Any]:
    """A function that students write, from the solution of its assignment."""
    # Imported here: a machine that only trains doesn't need what reads notebooks.
    from autograder.course.solution import read_solutions

    return read_solutions()[assignment].function(function)


def anagram(one: Estimate, other: Estimate) -> Estimate:
    """Exercise 1.9: `one` upright, `other` upside down."""
    return partial(
        solution("06_visual_anagrams", "visual_anagram"), estimate_1=one, estimate_2=other
    )


def hybrid(far: Estimate, near: Estimate) -> Estimate:
    """Exercise 1.10: `far` in the low frequencies, `near` in the high ones."""
    return partial(solution("07_hybrid_images", "hybrid"), estimate_low=far, estimate_high=near)


@torch.inference_mode()
def draw(
    m: DiffusionModel,
    estimate: Estimate,
    seeds: Sequence[int],
    size: int = 64,
    thresholding: bool = True,
) -> Tensor:
    """Draw one sample for each seed; it doesn't depend on the others in the batch.

    Args:
        m: the model, for its schedule.
        estimate: returns noise and variance, for all samples at once.
        seeds: for the starting noise and the noise of the steps.
        size: height and width of the samples.
        thresholding: threshold x̂_0 with the settings of the model's scheduler.

    Returns:
        [B, 3, size, size] on the CPU.
    """
    x_T = torch.cat([noise((1, 3, size, size), seed) for seed in seeds]).to(m.device)
    if thresholding:
        estimate = thresholded(m, estimate)
    return iterative_denoise(x_T, 0, estimate, m.alphas_cumprod, seed=list(seeds)).cpu()


def prompted(
    m: DiffusionModel, prompts: Sequence[str], seeds: Sequence[int], scale: float = SCALE, **more
) -> Tensor:
    """Draw one guided sample for each prompt and seed. Passes other arguments to `draw`."""
    return draw(m, guided(m, prompts, scale), seeds, **more)


@torch.inference_mode()
def enlarge(
    m: DiffusionModel,
    small: Tensor,
    prompts: Sequence[str],
    level: int = NOISE_LEVEL,
    seed: int = SEED,
    timesteps: Sequence[int] = ENLARGING_TIMESTEPS,
) -> Tensor:
    """Upsample with exercise 1.11's function: [B, 3, 64, 64] -> [B, 3, 256, 256] in [-1, 1].

    It doesn't start from pure noise but from the enlarged picture, noised to `timesteps[0]`. Near
    t = 1000, a small error in ε is a large error in x̂_0 (by a factor of √((1−ᾱ)/ᾱ), about 30 at
    t = 980), and it becomes a colour cast that later steps keep.
    """
    small = small.to(m.device)
    large = stage2.enlarge(small)
    first, second = (noise(large.shape, s, m.device) for s in (seed, seed + 1))
    x_t = m.scheduler.add_noise(large, first, torch.tensor([timesteps[0]]))
    upsample = solution("08_upsampling", "upsample")
    made = upsample(
        small, x_t, second, m, m.prompt_embeds(prompts), m.prompt_embeds(""), level, 1, timesteps
    )
    return made.clamp(-1, 1).cpu()
