"""The solutions of notebook 1 against diffusers' scheduler and against closed forms."""

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler
from scipy.ndimage import gaussian_filter

import pset
from autograder.course.solution import read_solutions
from pset.closed_form import cosine_alphas_cumprod, mean_image

TIMESTEPS = [0, 1, 250, 500, 750, 998, 999]
MEANS = [[0.2, -0.1, 0.3, 0.1, 0, -0.2, 0.3, 0.1, 0], [-0.3, 0.2, 0, 0, 0.2, 0.1, 0, 0, 0.3]]


@pytest.fixture(scope="module")
def solution():
    return read_solutions()["01_denoising"].namespace


@pytest.fixture(scope="module")
def scheduler():
    """diffusers', set as DeepFloyd IF sets it, but for thresholding, which is not in the course."""
    return DDPMScheduler(
        beta_schedule="squaredcos_cap_v2", variance_type="learned_range", clip_sample=False
    )


def test_the_closed_forms_schedule_is_diffusers_own(scheduler):
    assert torch.allclose(cosine_alphas_cumprod(), scheduler.alphas_cumprod, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("t", TIMESTEPS)
def test_forward_is_the_schedulers_add_noise(solution, scheduler, t):
    cat, eps = pset.photo("cat"), pset.noise((1, 3, 64, 64))
    ours = solution["forward"](cat, t, scheduler.alphas_cumprod, eps)
    assert torch.allclose(ours, scheduler.add_noise(cat, eps, torch.tensor([t])), atol=1e-6)


def test_forward_keeps_the_variance_of_unit_variance_images(solution):
    image, eps = pset.noise((1, 3, 256, 256), seed=1), pset.noise((1, 3, 256, 256), seed=2)
    for t in TIMESTEPS:
        x_t = solution["forward"](image, t, cosine_alphas_cumprod(), eps)
        assert float(x_t.var()) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("t", [100, 500, 900])
def test_the_blur_is_scipys_gaussian_filter(solution, t):
    x_t = pset.noise((2, 3, 40, 56), seed=3)
    expected = gaussian_filter(
        x_t.numpy(), sigma=1.0 + t / 500, radius=6, mode="nearest", axes=(2, 3)
    )
    ours = solution["gaussian_denoise"](x_t, t).numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-5)


@pytest.mark.parametrize("t", [1, 250, 500, 750, 990])
def test_one_step_is_the_schedulers_estimate_on_the_pocket_model(solution, scheduler, t):
    model = pset.load_model("pocket")
    embeds = model.prompt_embeds("a high quality photo")
    x_t = scheduler.add_noise(pset.photo("cat"), pset.noise((1, 3, 64, 64)), torch.tensor([t]))
    output = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
    theirs = scheduler.step(output, t, x_t, generator=torch.Generator()).pred_original_sample
    ours = solution["one_step_denoise"](x_t, t, model, embeds)
    assert float((ours - theirs).abs().max() / theirs.abs().max()) < 1e-4


@pytest.mark.parametrize("t", [0, 30, 400, 800])
def test_one_step_is_the_posterior_mean_of_a_gaussian(solution, t):
    """E[x_0 | x_t] = μ + √ᾱ s²/(ᾱ s² + 1 − ᾱ)·(x_t − √ᾱ μ), from the textbook, in float64."""
    model = pset.ClosedFormModel(scale=0.3)
    embeds = model.prompt_embeds(MEANS[:1])
    x_t = pset.noise((2, 3, 12, 16), seed=4)
    mu = mean_image(embeds[:, 0].double(), 12, 16)
    a = model.alphas_cumprod[t].double()
    expected = mu + a.sqrt() * 0.09 / (a * 0.09 + 1 - a) * (x_t - a.sqrt() * mu)
    ours = solution["one_step_denoise"](x_t, t, model, embeds)
    assert torch.allclose(ours.double(), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("t", [5, 100, 500, 900])
@pytest.mark.parametrize("components", [1, 2])
def test_the_score_is_the_gradient_of_the_log_density(solution, components, t):
    model = pset.ClosedFormModel(scale=0.3)
    embeds = model.prompt_embeds(MEANS[:components])
    x_t = pset.noise((2, 3, 6, 8), seed=5).double().requires_grad_()
    model.log_density(x_t, t, embeds).sum().backward()
    ours = solution["score"](x_t.detach().float(), t, model, embeds)
    assert torch.allclose(ours.double(), x_t.grad, rtol=1e-3, atol=1e-4)


def test_a_mixture_of_one_component_twice_is_that_component():
    model = pset.ClosedFormModel()
    x_t = pset.noise((1, 3, 6, 8))
    once, twice = model.prompt_embeds(MEANS[:1]), model.prompt_embeds([MEANS[0], MEANS[0]])
    a = model.unet(x_t, 400, encoder_hidden_states=once)[0][:, :3]
    b = model.unet(x_t, 400, encoder_hidden_states=twice)[0][:, :3]
    assert torch.allclose(a, b, atol=1e-6)
