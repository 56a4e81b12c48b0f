"""Answers to 1.4, iterative denoising."""

import torch

import pset
from tests.pset.checks.newest_hands import right, wrong


def strided():
    return list(range(990, -1, -30))


def from_999():
    return [999 - 30 * k for k in range(34)]


def coefficients(a, a_next):
    """The weights of x̂_0 and x_t."""
    alpha = a / a_next
    return a_next.sqrt() * (1 - alpha) / (1 - a), alpha.sqrt() * (1 - a_next) / (1 - a)


def clean(x, eps, a):
    return (x - (1 - a).sqrt() * eps) / a.sqrt()


@right("1.4", strided)
def with_zip(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else list(timesteps)
    for t, t_next in zip(timesteps[i_start:], timesteps[i_start + 1 :], strict=False):
        eps, v = estimate(image, t)
        a, a_next = alphas_cumprod[t], alphas_cumprod[t_next]
        c0, ct = coefficients(a, a_next)
        image = c0 * clean(image, eps, a) + ct * image
        if t_next != timesteps[-1]:
            sigma = pset.step_variance(v, a, a_next).sqrt()
            image = image + sigma * pset.step_noise(image.shape, t_next, seed).to(image.device)
        image = image if after_step is None else after_step(image, t_next)
    return image


@right("1.4", strided)
def with_while(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    if timesteps is None:
        timesteps = strided()
    i, x = i_start, image
    while i + 1 < len(timesteps):
        t, s = timesteps[i], timesteps[i + 1]
        noise, variance = estimate(x, t)
        c0, ct = coefficients(alphas_cumprod[t], alphas_cumprod[s])
        mean = c0 * clean(x, noise, alphas_cumprod[t]) + ct * x
        sigma2 = pset.step_variance(variance, alphas_cumprod[t], alphas_cumprod[s])
        last = i + 2 == len(timesteps)
        z = 0 if last else pset.step_noise(tuple(x.shape), s, seed).to(x)
        x = mean + sigma2**0.5 * z
        if after_step:
            x = after_step(x, s)
        i += 1
    return x


@wrong("1.4", "Takes β_t as 1 − ᾱ_t instead of 1 − α_t.", strided)
def cumulative_beta(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, s = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        beta = 1 - a
        x0 = clean(image, eps, a)
        image = b.sqrt() * beta / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, s, seed).to(image.device)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Takes α_t of a single step, from t to t − 1, though the loop steps by 30.", strided)
def alpha_of_one_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, s = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        alpha = alphas_cumprod[t] / alphas_cumprod[t - 1]
        x0 = clean(image, eps, a)
        image = (b.sqrt() * (1 - alpha) * x0 + alpha.sqrt() * (1 - b) * image) / (1 - a)
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, s, seed).to(image.device)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Multiplies the step's noise with σ² instead of σ.", strided)
def variance_times_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            sigma = pset.step_variance(v, a, a_prev)
            image = image + sigma * pset.step_noise(image.shape, t_prev, seed).to(image.device)
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@wrong("1.4", "Adds the same noise in each step: it's drawn once, before the loop.", strided)
def noise_drawn_once(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    z = pset.step_noise(image.shape, timesteps[i_start], seed).to(image.device)
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@wrong("1.4", "Tells after_step the timestep that the step left.", strided)
def after_step_told_t(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, seed).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t)
    return image


@wrong("1.4", "Calls after_step and throws its result away.", strided)
def after_step_lost(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, seed).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            after_step(image, t_prev)
    return image


@wrong("1.4", "Exchanges the weights of the clean estimate and of x_t.", strided)
def terms_exchanged(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        ct, c0 = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, seed).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@wrong("1.4", "Always uses its own list, whatever timesteps it's given.", strided)
def own_timesteps(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided()
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, seed).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@wrong("1.4", "Doesn't pass the seed on to step_noise.", strided)
def seed_forgotten(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, pset.SEED).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@wrong("1.4", "Asks for the estimate of the image that it started from, in every step.", strided)
def always_the_first_image(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    x = image
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        x = c0 * clean(x, eps, a) + ct * x
        if i + 2 < len(timesteps):
            z = pset.step_noise(x.shape, t_prev, seed).to(x.device)
            x = x + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            x = after_step(x, t_prev)
    return x


@wrong("1.4", "Has 1 − ᾱ_t' in the denominators instead of 1 − ᾱ_t.", strided)
def wrong_denominators(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, s = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        alpha = a / b
        x0 = clean(image, eps, a)
        image = torch.sqrt(b) * (1 - alpha) / (1 - b) * x0 + torch.sqrt(alpha) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, s, seed).to(image.device)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "The list starts at 999 and ends at 9.", from_999)
def list_from_999(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = from_999() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        a, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        eps, v = estimate(image, t)
        c0, ct = coefficients(a, a_prev)
        image = c0 * clean(image, eps, a) + ct * image
        if i + 2 < len(timesteps):
            z = pset.step_noise(image.shape, t_prev, seed).to(image.device)
            image = image + pset.step_variance(v, a, a_prev).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_prev)
    return image
