"""A sampling loop to build on, made of diffusers' parts.

Exercise 1.4 is to write this loop from its formula. Whoever has not managed it yet can do all the
later exercises with the one below: same arguments, same result.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from pset._notebook.progress_bar import progress
from pset.seeded_noise import SEED, step_seed

STRIDED_TIMESTEPS: tuple[int, ...] = tuple(range(990, -1, -30))
"""990, 960, …, 0: 34 values, 33 steps between them."""

Estimate = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]
"""`estimate(x_t, t)` gives the noise ε and the variance v, each `[B, 3, H, W]`."""

AfterStep = Callable[[torch.Tensor, int], torch.Tensor]
"""`after_step(x, t)` may change the image that a step has just brought to timestep t."""


def step_variance(
    variance: torch.Tensor, alpha_bar: torch.Tensor, alpha_bar_prev: torch.Tensor
) -> torch.Tensor:
    """σ² of the step from ᾱ_t to ᾱ_t', from the variance channels (Nichol & Dhariwal 2021, eq. 15).

    log σ² = f·log β_t + (1 − f)·log β̃_t with f = (v + 1)/2, between the two extremes that a step
    can have: β_t = 1 − ᾱ_t/ᾱ_t' and β̃_t = (1 − ᾱ_t')/(1 − ᾱ_t)·β_t.

    Args:
        variance: v, the last three channels of the network's output, `[B, 3, H, W]`.
        alpha_bar: ᾱ of the timestep that the step leaves.
        alpha_bar_prev: ᾱ of the one that it arrives at: the next of the *strided* timesteps.

    Returns:
        σ², `[B, 3, H, W]`.
    """
    beta = 1 - alpha_bar / alpha_bar_prev
    beta_tilde = (1 - alpha_bar_prev) / (1 - alpha_bar) * beta
    f = (variance + 1) / 2
    return (f * beta.log() + (1 - f) * beta_tilde.clamp_min(1e-20).log()).exp()


def iterative_denoise(
    image: torch.Tensor,
    i_start: int,
    estimate: Estimate,
    alphas_cumprod: torch.Tensor,
    timesteps: Sequence[int] = STRIDED_TIMESTEPS,
    seed: int | Sequence[int] = SEED,
    after_step: AfterStep | None = None,
) -> torch.Tensor:
    """Denoise step by step, from `timesteps[i_start]` to the last of them (DDPM, Ho et al. 2020).

    Where the timesteps fall, a step denoises; where they rise, it is the forward process that takes
    the image there, see `renoise`. A list that falls, rises and falls again is RePaint's.

    Args:
        image: x_t at `t = timesteps[i_start]`, `[B, 3, H, W]`.
        i_start: where to begin; 0 is pure noise, larger ones are closer to a clean image.
        estimate: gives noise and variance; guidance, anagrams and hybrids are other estimates.
        alphas_cumprod: ᾱ_t, `[1000]`.
        timesteps: whole numbers, falling but for the way back up.
        seed: of the noise that steps add; a step that arrives at t' adds
            `step_noise(image.shape, t', seed)`, at its second visit that of `visit=1`, and so on;
            a last step that denoises adds none. A list of B seeds gives each image the noise that
            it would get by itself.
        after_step: changes the image after each step, up or down; inpainting is one of these.

    Returns:
        The image at the last timestep, `[B, 3, H, W]`.

    Raises:
        ValueError: `i_start` is not an index of `timesteps`, or there is not one seed for each
            image.
    """
    from diffusers import DDPMScheduler
    from diffusers.utils.torch_utils import randn_tensor

    if not 0 <= i_start < len(timesteps):
        raise ValueError(f"i_start = {i_start} is no index: there are {len(timesteps)} timesteps.")
    if not isinstance(seed, int) and len(seed) != len(image):
        raise ValueError(f"There are {len(seed)} seeds for {len(image)} images.")
    scheduler = DDPMScheduler(variance_type="learned_range", clip_sample=False)
    scheduler.alphas_cumprod = alphas_cumprod.cpu()
    steps = list(pairwise(timesteps[i_start:]))
    visits: Counter[int] = Counter()
    for k, (t, t_next) in enumerate(progress(steps, "denoising")):
        generators = _generators(seed, t_next, visits[t_next])
        visits[t_next] += 1
        if t_next > t:
            noise = randn_tensor(image.shape, generators, image.device, image.dtype)
            image = renoise(image, t, t_next, alphas_cumprod, noise)
        else:
            noise, variance = estimate(image, t)
            if k == len(steps) - 1:
                variance = torch.full_like(variance, -1e8)  # log σ² → −∞: the last adds nothing
            scheduler.set_timesteps(timesteps=[t, t_next])  # for a step, it only knows falling ones
            output = torch.cat([noise, variance], dim=1)
            image = scheduler.step(output, t, image, generator=generators).prev_sample
        if after_step is not None:
            image = after_step(image, t_next)
    return image


def renoise(
    x_t: torch.Tensor, t: int, t_next: int, alphas_cumprod: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """The forward process from one timestep to a later one, with no detour by the clean image.

    x_s = √(ᾱ_s/ᾱ_t)·x_t + √(1 − ᾱ_s/ᾱ_t)·ε for s > t: the single steps of Ho et al. 2020, eq. 2,
    taken at once, since ᾱ_s/ᾱ_t is the product of their α.

    Args:
        x_t: noisy images at timestep t, `[B, 3, H, W]`.
        t: where they are.
        t_next: s, where they go.
        alphas_cumprod: ᾱ_t, `[1000]`.
        noise: standard normal, `[B, 3, H, W]`.

    Returns:
        The images at timestep s, `[B, 3, H, W]`.
    """
    kept = alphas_cumprod[t_next] / alphas_cumprod[t]
    return kept.sqrt() * x_t + (1 - kept).sqrt() * noise


def _generators(
    seed: int | Sequence[int], t: int, visit: int
) -> torch.Generator | list[torch.Generator]:
    """For the noise of a step that arrives at t: one for the batch, or one for each image."""
    if isinstance(seed, int):
        return torch.Generator().manual_seed(step_seed(seed, t, visit))
    return [torch.Generator().manual_seed(step_seed(each, t, visit)) for each in seed]
