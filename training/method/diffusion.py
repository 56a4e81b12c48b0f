"""The forward process and the loss, independent of any network.

Notation as in the papers: ᾱ_t is `abar[t]`, ε the noise, x_t = √ᾱ_t·x_0 + √(1−ᾱ_t)·ε
(Ho et al. 2020, equation 4). The network's six output channels are ε and the variance's v.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from training.method import model

WEIGHT_CUT = 6.0


class Schedule(NamedTuple):
    """Per-timestep constants, each [1000] float32."""

    abar: Tensor  # ᾱ_t
    abar_prev: Tensor  # ᾱ_{t−1}, 1 at t = 0
    beta: Tensor  # β_t
    log_beta: Tensor
    log_posterior: Tensor  # log β̃_t; at t = 0, its value at t = 1

    def to(self, device: str | torch.device) -> Schedule:
        return Schedule(*(x.to(device) for x in self))


@lru_cache(maxsize=1)
def schedule() -> Schedule:
    abar = model.scheduler().alphas_cumprod.double()
    prev = torch.cat([torch.ones(1, dtype=abar.dtype), abar[:-1]])
    beta = 1 - abar / prev
    posterior = beta * (1 - prev) / (1 - abar)
    posterior[0] = posterior[1]
    return Schedule(*(x.float() for x in (abar, prev, beta, beta.log(), posterior.log())))


def at(values: Tensor, t: Tensor) -> Tensor:
    """`values[t]` shaped [B, 1, 1, 1]."""
    return values[t].view(-1, 1, 1, 1)


def forward(x0: Tensor, t: Tensor, noise: Tensor, s: Schedule) -> Tensor:
    """x_t ~ q(x_t | x_0), equation 4 of DDPM; x0 [B, 3, H, W] in [-1, 1]."""
    return at(s.abar, t).sqrt() * x0 + (1 - at(s.abar, t)).sqrt() * noise


def timesteps(batch: int, generator: torch.Generator, power: float = 1.0) -> Tensor:
    """Stratified timesteps [B]: t = 1000·u^power, with u spread evenly over [0, 1).

    `power` < 1 samples high noise more often, where the subject of a picture is decided.
    """
    on = {"generator": generator, "device": generator.device}
    stratum = torch.randperm(batch, **on)
    u = (stratum + torch.rand(batch, **on)) / batch
    return (1000 * u**power).long().clamp(max=999)


Weight = Callable[[Tensor, Schedule], Tensor]  # timesteps [B] -> factors of their ε errors [B]


def weight(t: Tensor, s: Schedule, cut: float = WEIGHT_CUT) -> Tensor:
    """min(1/ᾱ_t, cut). Without a weight, the network spends itself on fine grain at low noise."""
    return (1 / s.abar[t]).clamp(max=cut)


def min_snr(t: Tensor, s: Schedule, cut: float = 5.0) -> Tensor:
    """min(SNR_t, cut)/SNR_t with SNR = ᾱ/(1−ᾱ), for ε-prediction (Hang et al. 2023, section 3.4).

    Another way to spend less on low noise: high noise keeps weight 1, and low noise gets less.
    """
    snr = s.abar[t] / (1 - s.abar[t])
    return snr.clamp(max=cut) / snr


class Loss(NamedTuple):
    total: Tensor  # scalar, to minimise
    mse: Tensor  # [B], unweighted ε error
    kl: Tensor  # [B], nats per pixel


def losses(
    out: Tensor,
    x0: Tensor,
    x_t: Tensor,
    t: Tensor,
    noise: Tensor,
    s: Schedule,
    weight_of: Weight = weight,
) -> Loss:
    """Weighted ε loss, plus the variational bound for the variance (Improved DDPM, section 3.1).

    `out` is the network's output [B, 6, H, W] in float32. The log-variance is
    log σ² = f·log β_t + (1−f)·log β̃_t with f = (v+1)/2. The mean is detached, so the bound trains
    only the variance. Its factor is 1e-3 times the number of timesteps.
    """
    eps, v = out.float().chunk(2, dim=1)
    mse = (eps - noise).square().mean(dim=(1, 2, 3))

    abar, prev, beta = at(s.abar, t), at(s.abar_prev, t), at(s.beta, t)
    f = (v + 1) / 2
    low = at(s.log_posterior, t)
    log_var = f * at(s.log_beta, t) + (1 - f) * low
    # the two means differ by c·(x_0 − x̂_0) with x_0 − x̂_0 = √(1−ᾱ)/√ᾱ·(ε̂ − ε)
    c = prev.sqrt() * beta / (1 - abar)
    gap = c * ((1 - abar) / abar).sqrt() * (eps.detach() - noise)
    kl = 0.5 * (log_var - low + (low - log_var).exp() + gap.square() * (-log_var).exp() - 1)
    kl = kl.mean(dim=(1, 2, 3))
    total = (weight_of(t, s) * mse).mean() + kl.clamp(max=2.0).mean()
    return Loss(total, mse.detach(), kl.detach())
