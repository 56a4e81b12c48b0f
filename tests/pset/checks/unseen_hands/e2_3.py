"""Answers to 2.3, strokes in one place."""

import torch

from pset import STRIDED_TIMESTEPS, iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


def _forward(x, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise


@right("2.3")
def with_where(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    inside = (region == 1).expand_as(image)

    def after_step(x, t):
        known = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return torch.where(inside, x, known)

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@right("2.3")
def exact_at_the_end(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return x + (1 - region) * (a**0.5 * image + (1 - a) ** 0.5 * noise - x)

    start = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    edit = iterative_denoise(start, i_start, estimate, alphas_cumprod, after_step=put_back)
    return region * edit + (1 - region) * image


@wrong("2.3", "Starts from the photograph instead of the painted image.")
def starts_from_photograph(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return region * x + (1 - region) * known

    x = _forward(image, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Puts the painted image back outside the region, not the photograph.")
def puts_strokes_back(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = painted if t == 0 else _forward(painted, t, alphas_cumprod, noise)
        return region * x + (1 - region) * known

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Takes the region the wrong way round: 1 where the photograph stays.")
def region_is_kept(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return (1 - region) * x + region * known

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Puts the photograph back without noise after every step.")
def clean_photograph(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        return region * x + (1 - region) * image

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Never puts the photograph back exactly: at t = 0 it still has a little noise.")
def noise_stays(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        return region * x + (1 - region) * _forward(image, t, alphas_cumprod, noise)

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Runs plain SDEdit and pastes the photograph once, at the end.")
def pastes_once(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    x = iterative_denoise(x, i_start, estimate, alphas_cumprod)
    return region * x + (1 - region) * image


@wrong("2.3", "Puts the photograph back with the noise of the timestep that the step has left.")
def step_before(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t == 0:
            return region * x + (1 - region) * image
        left = STRIDED_TIMESTEPS[STRIDED_TIMESTEPS.index(t) - 1]
        return region * x + (1 - region) * _forward(image, left, alphas_cumprod, noise)

    x = _forward(painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Starts from pure noise, so nothing of the strokes is there.")
def from_pure_noise(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return region * x + (1 - region) * known

    return iterative_denoise(noise, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.3", "Uses i_start as a timestep for the noise at the start.")
def index_is_no_timestep(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        known = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return region * x + (1 - region) * known

    x = _forward(painted, i_start, alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)
