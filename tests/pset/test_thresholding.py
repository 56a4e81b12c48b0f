"""Thresholding, against diffusers' scheduler and against what must hold of any estimate."""

from types import SimpleNamespace

import pytest
import torch
from diffusers import DDPMScheduler

import pset
from pset.sampling import STRIDED_TIMESTEPS

T, T_PREV = STRIDED_TIMESTEPS[4:6]


def world(most: float) -> SimpleNamespace:
    """A model, as far as thresholding asks for one."""
    scheduler = DDPMScheduler(
        beta_schedule="squaredcos_cap_v2",
        variance_type="learned_range",
        thresholding=True,
        dynamic_thresholding_ratio=0.9,
        sample_max_value=most,
    )
    return SimpleNamespace(scheduler=scheduler, alphas_cumprod=scheduler.alphas_cumprod)


def wild(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
    """An estimate that leads far out of range, for each picture by another factor."""
    factors = torch.linspace(0.2, 3, len(x_t)).view(-1, 1, 1, 1)
    return x_t - factors * pset.noise(x_t.shape, 7), pset.noise(x_t.shape, 8).tanh()


@pytest.mark.parametrize("most", [1.0, 1.5])
def test_a_step_is_the_schedulers(most):
    model, x_t = world(most), pset.noise((3, 3, 16, 12))
    model.scheduler.set_timesteps(timesteps=list(STRIDED_TIMESTEPS))
    theirs = model.scheduler.step(
        torch.cat(wild(x_t, T), dim=1), T, x_t, generator=torch.Generator().manual_seed(1)
    )
    noise, variance = pset.thresholded(model, wild)(x_t, T)
    config = {**model.scheduler.config, "thresholding": False, "clip_sample": False}
    plain = DDPMScheduler.from_config(config)
    plain.set_timesteps(timesteps=list(STRIDED_TIMESTEPS))
    ours = plain.step(
        torch.cat([noise, variance], dim=1), T, x_t, generator=torch.Generator().manual_seed(1)
    )
    torch.testing.assert_close(ours.pred_original_sample, theirs.pred_original_sample)
    torch.testing.assert_close(ours.prev_sample, theirs.prev_sample)


def test_x_0_is_in_range_and_the_variance_as_it_was():
    model, x_t = world(1.5), pset.noise((3, 3, 16, 12))
    noise, variance = pset.thresholded(model, wild)(x_t, T)
    a = model.alphas_cumprod[T]
    x_0 = (x_t - (1 - a).sqrt() * noise) / a.sqrt()
    assert x_0.abs().max() <= 1 + 1e-4
    assert torch.equal(variance, wild(x_t, T)[1])


def test_what_is_in_range_stays_as_it_is():
    model, t = world(1.5), 300
    a, clean = model.alphas_cumprod[t], pset.noise((2, 3, 8, 8)).tanh()
    noise = pset.noise(clean.shape, 2)
    x_t = a.sqrt() * clean + (1 - a).sqrt() * noise
    ours, _ = pset.thresholded(model, lambda x, t: (noise, x))(x_t, t)
    torch.testing.assert_close(ours, noise)


def test_each_picture_is_scaled_by_itself():
    model, x_t = world(1.5), pset.noise((3, 3, 8, 8))
    x_t[1] = x_t[0]
    together, _ = pset.thresholded(model, lambda x, t: (-x, x))(x_t, T)
    alone, _ = pset.thresholded(model, lambda x, t: (-x, x))(x_t[:1], T)
    torch.testing.assert_close(together[:2], alone.expand(2, -1, -1, -1))


def test_half_precision_is_kept():
    model, x_t = world(1.5), pset.noise((1, 3, 8, 8)).bfloat16()
    model.alphas_cumprod = model.alphas_cumprod.bfloat16()
    noise, _ = pset.thresholded(model, lambda x, t: (-x, x))(x_t, T)
    assert noise.dtype == torch.bfloat16
    assert noise.isfinite().all()
