"""The course's sampling loop, built on diffusers' scheduler.

In exercise 1.4 you write this loop from its formula. If yours doesn't work yet, use this one for
the later exercises: it takes the same arguments and gives the same result.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from pset._notebook.progress_bar import progress
from pset.seeded_noise import SEED, step_seed

STRIDED_TIMESTEPS: tuple[int, ...] = tuple(range(990, -1, -30))
"""990, 960, …, 0: 34 timesteps, and 33 steps between them."""

Estimate = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]
"""`estimate(x_t, t)` returns the noise ε and the variance v, each `[B, 3, H, W]`."""

AfterStep = Callable[[torch.Tensor, int], torch.Tensor]
"""`after_step(x, t)` returns what to replace the image with when it has arrived at timestep t."""


def step_variance(
    variance: torch.Tensor, alpha_bar: torch.Tensor, alpha_bar_prev: torch.Tensor
) -> torch.Tensor:
    """σ² of the step from ᾱ_t to ᾱ_t', from the variance channels (Nichol & Dhariwal 2021, eq. 15).

    log σ² = f·log β_t + (1 − f)·log β̃_t with f = (v + 1)/2. It's between the largest and the
    smallest variance of a step, β_t = 1 − ᾱ_t/ᾱ_t' and β̃_t = (1 − ᾱ_t')/(1 − ᾱ_t)·β_t.

    Args:
        variance: v, the last three channels of the network's output, `[B, 3, H, W]`.
        alpha_bar: ᾱ at the timestep that the step leaves.
        alpha_bar_prev: ᾱ at the one it arrives at, which is the next *strided* timestep.

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
    """Denoise step by step, from `timesteps[i_start]` to the last one (DDPM, Ho et al. 2020).

    Where the timesteps fall, a step denoises. Where they rise, the forward process takes the image
    back up, see `renoise`. RePaint's list falls, rises and falls again.

    Args:
        image: x_t at `t = timesteps[i_start]`, `[B, 3, H, W]`.
        i_start: where to start. 0 is pure noise; larger indices are closer to a clean image.
        estimate: returns noise and variance. For guidance, anagrams and hybrids, pass another one.
        alphas_cumprod: ᾱ_t, `[1000]`.
        timesteps: integers, in decreasing order except where the image goes back up.
        seed: for the noise that the steps add. The step that arrives at t' adds
            `step_noise(image.shape, t', seed)`, on its second visit the noise of `visit=1`, and so
            on; if the last step denoises, it adds none. With a list of B seeds, each image gets the
            noise that it would get on its own.
        after_step: replaces the image after each step, up or down. Inpainting works that way.

    Returns:
        The image at the last timestep, `[B, 3, H, W]`.

    Raises:
        ValueError: `i_start` isn't an index into `timesteps`, or the number of seeds isn't the
            number of images.
    """
    from diffusers import DDPMScheduler
    from diffusers.utils.torch_utils import randn_tensor

    if not 0 <= i_start < len(timesteps):
        raise ValueError(
            f"i_start must be an index from 0 to {len(timesteps) - 1}, since there are "
            f"{len(timesteps)} timesteps; it's {i_start}."
        )
    if not isinstance(seed, int) and len(seed) != len(image):
        raise ValueError(
            f"You passed {len(seed)} seeds for {len(image)} images. Pass one seed for each image, "
            "or one for all of them."
        )
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
                variance = torch.full_like(variance, -1e8)  # log σ² → −∞: the last step adds none
            scheduler.set_timesteps(timesteps=[t, t_next])  # a whole list would have to fall
            output = torch.cat([noise, variance], dim=1)
            image = scheduler.step(output, t, image, generator=generators).prev_sample
        if after_step is not None:
            image = after_step(image, t_next)
    return image


def renoise(
    x_t: torch.Tensor, t: int, t_next: int, alphas_cumprod: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """The forward process from one timestep to a later one (RePaint, Lugmayr et al. 2022).

    x_s = √(ᾱ_s/ᾱ_t)·x_t + √(1 − ᾱ_s/ᾱ_t)·ε for s > t: the single steps of Ho et al. 2020, eq. 2,
    taken at once, since ᾱ_s/ᾱ_t is the product of their α.

    Args:
        x_t: noisy images at timestep t, `[B, 3, H, W]`.
        t: the timestep they're at.
        t_next: s, the one they should go to.
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
    """Generators for a step that arrives at t: one for the batch, or one for each image."""
    if isinstance(seed, int):
        return torch.Generator().manual_seed(step_seed(seed, t, visit))
    return [torch.Generator().manual_seed(step_seed(each, t, visit)) for each in seed]
