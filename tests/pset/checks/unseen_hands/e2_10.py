"""Answers to 2.10, one part from a photograph."""

import torch

from pset import STRIDED_TIMESTEPS, gaussian_blur, iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


def _forward(x, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise


@right("2.10")
def by_linearity(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t > 0:
            return x + low(_forward(photo, t, alphas_cumprod, noise) - x)
        return x + low(photo - x)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@right("2.10")
def last_step_apart(photo, low, estimate, alphas_cumprod, noise):
    coarse_photo, coarse_noise = low(photo), low(noise)

    def after_step(x, t):
        if t == STRIDED_TIMESTEPS[-1]:
            return coarse_photo + (x - low(x))
        a = alphas_cumprod[t]
        return a.sqrt() * coarse_photo + (1 - a).sqrt() * coarse_noise + (x - low(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Puts the clean photograph's coarse part back after every step.")
def clean_coarse_part(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        return low(photo) + x - low(x)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "The coarse part still has the noise of t = 0 after the last step.")
def noise_at_zero(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        return low(_forward(photo, t, alphas_cumprod, noise)) + (x - low(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Adds the noise after the low pass, so that fine noise comes in as well.")
def noise_after_low(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t == 0:
            return low(photo) + (x - low(x))
        return _forward(low(photo), t, alphas_cumprod, noise) + (x - low(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Uses the noise of the timestep that the step came from.")
def noise_of_departure(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t == 0:
            return low(photo) + (x - low(x))
        return low(_forward(photo, t + 30, alphas_cumprod, noise)) + (x - low(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Puts the photograph's coarse part in once, at the end.")
def once_at_the_end(photo, low, estimate, alphas_cumprod, noise):
    x = iterative_denoise(noise, 0, estimate, alphas_cumprod)
    return low(photo) + (x - low(x))


@wrong("2.10", "Starts from the noisy photograph, some way down the list.")
def starts_from_photo(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = photo if t == 0 else _forward(photo, t, alphas_cumprod, noise)
        return low(known) + (x - low(x))

    start = _forward(photo, STRIDED_TIMESTEPS[10], alphas_cumprod, noise)
    return iterative_denoise(start, 10, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "The parts are exchanged: the photograph's fine part and the loop's coarse one.")
def parts_exchanged(photo, low, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = photo if t == 0 else _forward(photo, t, alphas_cumprod, noise)
        return low(x) + (known - low(known))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Draws other noise for the photograph at each step.")
def draws_other_noise(photo, low, estimate, alphas_cumprod, noise):
    generator = torch.Generator().manual_seed(0)

    def after_step(x, t):
        eps = torch.randn(photo.shape, generator=generator)
        known = photo if t == 0 else _forward(photo, t, alphas_cumprod, eps)
        return low(known) + (x - low(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.10", "Uses the notebook's blur, not the low pass that it's given.")
def fixed_blur(photo, low, estimate, alphas_cumprod, noise):
    def coarse(x):
        return gaussian_blur(x, 33, 3.0)

    def after_step(x, t):
        known = photo if t == 0 else _forward(photo, t, alphas_cumprod, noise)
        return coarse(known) + (x - coarse(x))

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
