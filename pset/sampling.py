"""A sampling loop to build on, made of diffusers' parts.

Exercise 1.4 is to write this loop from its formula. Whoever has not managed it yet can do all the
later exercises with the one below: same arguments, same result.
"""

from collections.abc import Callable, Sequence

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

    Args:
        image: x_t at `t = timesteps[i_start]`, `[B, 3, H, W]`.
        i_start: where to begin; 0 is pure noise, larger ones are closer to a clean image.
        estimate: gives noise and variance; guidance, anagrams and hybrids are other estimates.
        alphas_cumprod: ᾱ_t, `[1000]`.
        timesteps: falling whole numbers.
        seed: of the noise that steps add; a step that arrives at t' adds
            `step_noise(image.shape, t', seed)`, and the last step adds none. A list of B seeds
            gives each image the noise that it would get by itself.
        after_step: changes the image after each step; inpainting is one of these.

    Returns:
        The image at the last timestep, `[B, 3, H, W]`.

    Raises:
        ValueError: `i_start` is not an index of `timesteps`, or there is not one seed for each
            image.
    """
    from diffusers import DDPMScheduler

    if not 0 <= i_start < len(timesteps):
        raise ValueError(f"i_start = {i_start} is no index: there are {len(timesteps)} timesteps.")
    if not isinstance(seed, int) and len(seed) != len(image):
        raise ValueError(f"There are {len(seed)} seeds for {len(image)} images.")
    scheduler = DDPMScheduler(variance_type="learned_range", clip_sample=False)
    scheduler.alphas_cumprod = alphas_cumprod.cpu()
    scheduler.set_timesteps(timesteps=list(timesteps))
    steps = list(zip(timesteps[i_start:], timesteps[i_start + 1 :], strict=False))
    for t, t_prev in progress(steps, "denoising"):
        noise, variance = estimate(image, t)
        if t_prev == timesteps[-1]:
            variance = torch.full_like(variance, -1e8)  # log σ² → −∞: the last step adds nothing
        image = scheduler.step(
            torch.cat([noise, variance], dim=1),
            t,
            image,
            generator=_generators(seed, t_prev),
        ).prev_sample
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


def _generators(seed: int | Sequence[int], t: int) -> torch.Generator | list[torch.Generator]:
    """For the noise of the step that arrives at t: one for the batch, or one for each image."""
    if isinstance(seed, int):
        return torch.Generator().manual_seed(step_seed(seed, t))
    return [torch.Generator().manual_seed(step_seed(each, t)) for each in seed]
