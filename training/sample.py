"""Sampling: the strided, guided, ancestral loop (DDPM with DDPMScheduler.step's arithmetic).

One loop serves plain samples, anagrams and hybrids: what differs is how the noise is estimated,
and that is an argument.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pset.thresholding import threshold

SEED = 180
SCALE = 7.0
TIMESTEPS = tuple(range(990, -1, -30))  # 990, 960, …, 0: 33 steps between them

# x_t [B, 3, H, W], t -> ε [B, 3, H, W] and the variance channels v of the same shape
Estimate = Callable[[Tensor, int], tuple[Tensor, Tensor]]


def noise(shape: tuple[int, ...], seed: int = SEED) -> Tensor:
    """N(0, I) from a CPU generator."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def step_noise(shape: tuple[int, ...], t: int, seed: int = SEED) -> Tensor:
    """What the step that arrives at ``t`` adds: one draw per (seed, t), whatever came before."""
    return noise(shape, seed * 1_000_003 + 1 + t)


def guided(unet: nn.Module, text: Tensor, null: Tensor, scale: float = SCALE) -> Estimate:
    """Classifier-free guidance (Ho & Salimans 2022): ε = ε_u + γ(ε_c − ε_u), v from ε_c's half.

    ``text`` [B, 77, D] or [1, 77, D]; ``null`` [1, 77, D]. Both halves run in one batch.
    """

    def estimate(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        n = len(x)
        context = torch.cat([null.expand(n, -1, -1), text.expand(n, -1, -1)])
        out = unet(torch.cat([x, x]), t, encoder_hidden_states=context, return_dict=False)[0]
        uncond, cond = out.float().chunk(2)
        e_u, e_c, v = uncond[:, :3], cond[:, :3], cond[:, 3:]
        return e_u + scale * (e_c - e_u), v

    return estimate


def guided_enlarging(
    unet: nn.Module, text: Tensor, null: Tensor, low: Tensor, level: int, scale: float
) -> Estimate:
    """Guidance for stage II: ``low`` [B, 3, 256, 256] is the enlarged, noised small picture.

    With ``scale`` 1 only the conditional half runs.
    """

    def estimate(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        n, halves = len(x), 2 if scale != 1 else 1
        context = text.expand(n, -1, -1)
        if halves == 2:
            context = torch.cat([null.expand(n, -1, -1), context])
        out = unet(
            torch.cat([x, low], dim=1).repeat(halves, 1, 1, 1),
            t,
            class_labels=torch.full((halves * n,), level, device=x.device),
            encoder_hidden_states=context,
            return_dict=False,
        )[0].float()
        cond, v = out[-n:, :3], out[-n:, 3:]
        return (out[:n, :3] + scale * (cond - out[:n, :3]) if halves == 2 else cond), v

    return estimate


def anagram(one: Estimate, other: Estimate, view: Callable, back: Callable) -> Estimate:
    """Visual anagrams (Geng et al. 2024): ε = ½(ε_1(x) + view⁻¹ ε_2(view x)), v likewise."""

    def estimate(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        (e1, v1), (e2, v2) = one(x, t), other(view(x), t)
        return (e1 + back(e2)) / 2, (v1 + back(v2)) / 2

    return estimate


def low_pass(x: Tensor, size: int = 33, sigma: float = 2.0) -> Tensor:
    """Gaussian blur, kernel 33 and σ = 2 at 64×64, borders reflected."""
    k = torch.arange(size, dtype=x.dtype) - size // 2
    k = torch.exp(-k.square() / (2 * sigma**2))
    k = (k / k.sum()).to(x.device)
    c, p = x.shape[1], size // 2
    x = nn.functional.pad(x, (p, p, p, p), mode="reflect")
    x = nn.functional.conv2d(x, k.view(1, 1, -1, 1).expand(c, 1, -1, 1), groups=c)
    return nn.functional.conv2d(x, k.view(1, 1, 1, -1).expand(c, 1, 1, -1), groups=c)


def hybrid(far: Estimate, near: Estimate) -> Estimate:
    """Factorized diffusion (Geng et al. 2024): ε = low(ε_far) + ε_near − low(ε_near)."""

    def estimate(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        (e1, v1), (e2, v2) = far(x, t), near(x, t)
        return low_pass(e1) + e2 - low_pass(e2), (v1 + v2) / 2

    return estimate


class Step(NamedTuple):
    """What is known after a step: the timestep arrived at, x there, and the x̂_0 it came by."""

    t: int
    x: Tensor
    x0: Tensor


@torch.inference_mode()
def steps(
    estimate: Estimate,
    x: Tensor,
    abar: Tensor,
    timesteps: tuple[int, ...] = TIMESTEPS,
    draw: Callable[[tuple[int, ...], int], Tensor] = step_noise,
    thresholding: bool = True,
) -> Iterator[Step]:
    """Denoise ``x`` [B, 3, H, W] from ``timesteps[0]`` to ``timesteps[-1]``, step by step.

    x_t' = √ᾱ_t'·β_t/(1−ᾱ_t)·x̂_0 + √α_t·(1−ᾱ_t')/(1−ᾱ_t)·x_t + σ·z, with α_t = ᾱ_t/ᾱ_t',
    β_t = 1−α_t and log σ² = f·log β_t + (1−f)·log β̃_t, f = (v+1)/2. ``abar`` is [1000] float32.
    """
    for t, t2 in itertools.pairwise(timesteps):
        eps, v = estimate(x, t)
        a, a2 = abar[t], abar[t2]
        alpha = a / a2
        beta = 1 - alpha
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        if thresholding:
            x0 = threshold(x0)
        mean = a2.sqrt() * beta / (1 - a) * x0 + alpha.sqrt() * (1 - a2) / (1 - a) * x
        f = (v + 1) / 2
        posterior = ((1 - a2) / (1 - a) * beta).clamp(min=1e-20)
        sigma = (0.5 * (f * beta.log() + (1 - f) * posterior.log())).exp()
        x = mean + sigma * draw(tuple(x.shape), t2).to(x)
        yield Step(t2, x, x0)


@torch.inference_mode()
def last(estimate: Estimate, x: Tensor, abar: Tensor, thresholding: bool = True) -> Tensor:
    """The final step at t = 0, which IFPipeline takes besides the 33: x ← x̂_0."""
    eps, _ = estimate(x, 0)
    x0 = (x - (1 - abar[0]).sqrt() * eps) / abar[0].sqrt()
    return threshold(x0) if thresholding else x0


def sample(estimate: Estimate, x: Tensor, abar: Tensor, **more) -> Tensor:
    """``x`` at the last timestep, [B, 3, H, W]."""
    for step in steps(estimate, x, abar, **more):
        x = step.x
    return x


NOISE_LEVEL = 20  # of the noise on stage II's conditioning
ENLARGING_TIMESTEPS = (300, 200, 120, 60, 25, 0)


@torch.inference_mode()
def enlarge(
    unet: nn.Module,
    small: Tensor,
    text: Tensor,
    null: Tensor,
    abar: Tensor,
    noising_abar: Tensor,
    level: int = NOISE_LEVEL,
    scale: float = 1.0,
    seed: int = SEED,
    timesteps: tuple[int, ...] = ENLARGING_TIMESTEPS,
) -> Tensor:
    """Stage II: [B, 3, 64, 64] -> [B, 3, 256, 256] in [-1, 1].

    It starts from the enlarged picture noised to ``timesteps[0]`` rather than from pure noise:
    near t = 1000 a small error of ε is a large one of x̂_0 (by √((1−ᾱ)/ᾱ), about 30 at t = 980)
    and becomes a colour cast that later steps keep. Steps add the least noise, β̃.
    """
    large = nn.functional.interpolate(small, (256, 256), mode="bilinear", align_corners=True)
    shape, a, first = tuple(large.shape), noising_abar[level], abar[timesteps[0]]
    low = a.sqrt() * large + (1 - a).sqrt() * noise(shape, seed + 1).to(large)
    both = guided_enlarging(unet, text, null, low, level, scale)

    def estimate(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        eps, v = both(x, t)
        return eps, -torch.ones_like(v)

    x = first.sqrt() * large + (1 - first).sqrt() * noise(shape, seed).to(large)
    for step in steps(estimate, x, abar, timesteps, draw=lambda s, t: step_noise(s, t, seed)):
        x0 = step.x0
    return x0.clamp(-1, 1)
