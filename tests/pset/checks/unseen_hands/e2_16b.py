"""Answers to 2.16b, the first steps."""

import math

import torch

import pset
from pset import iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


@right("2.16b")
def looks_up_the_step(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    steps = len(timesteps) - 1
    chosen = {t: edited if k < tau * steps else plain for k, t in enumerate(timesteps)}

    def estimate(x_t, t):
        return chosen[int(t)](x_t, t)

    batch = x_T.expand(count, -1, -1, -1)
    return iterative_denoise(batch, 0, estimate, alphas_cumprod, timesteps, seed=[seed] * count)


@right("2.16b")
def counts_calls(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    to_edit = math.ceil(tau * (len(timesteps) - 1))
    calls = 0

    def estimate(x_t, t):
        nonlocal calls
        calls += 1
        return edited(x_t, t) if calls <= to_edit else plain(x_t, t)

    images = torch.cat([x_T for _ in range(count)])
    return iterative_denoise(
        images, 0, estimate, alphas_cumprod, timesteps=timesteps, seed=[seed] * count
    )


@wrong("2.16b", "Runs the loop twice: the first one's last step adds no noise.")
def two_loops(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    cut = math.ceil(tau * (len(timesteps) - 1))
    x = x_T.repeat(count, 1, 1, 1)
    seeds = [seed] * count
    first, second = timesteps[: cut + 1], timesteps[cut:]
    x = iterative_denoise(x, 0, edited, alphas_cumprod, first, seed=seeds)
    return iterative_denoise(x, 0, plain, alphas_cumprod, second, seed=seeds)


@wrong("2.16b", "One seed for the batch gives each picture its own noise in the steps.")
def one_seed(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    last = tau * (len(timesteps) - 1)

    def estimate(x_t, t):
        return edited(x_t, t) if timesteps.index(t) < last else plain(x_t, t)

    x = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, seed)


@wrong("2.16b", "Edits the last steps instead of the first.")
def last_steps(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    steps = len(timesteps) - 1

    def estimate(x_t, t):
        k = timesteps.index(t)
        if k < tau * steps:
            return plain(x_t, t)
        return edited(x_t, t)

    x = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)


@wrong("2.16b", "Takes the number of timesteps for the number of steps, which is one too many.")
def one_step_more(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    def estimate(x_t, t):
        if timesteps.index(t) < tau * len(timesteps):
            return edited(x_t, t)
        return plain(x_t, t)

    x = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)


@wrong("2.16b", "Edits step k = τK as well, so that even τ = 0 edits one step.")
def up_to_and_including(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    steps = len(timesteps) - 1

    def estimate(x_t, t):
        return (edited if timesteps.index(t) <= tau * steps else plain)(x_t, t)

    x = x_T.expand(count, -1, -1, -1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)


@wrong("2.16b", "Compares the timestep, as if timesteps were evenly spaced, instead of counting.")
def by_the_timestep(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    first, last = timesteps[0], timesteps[-1]

    def estimate(x_t, t):
        if first - t < tau * (first - last):
            return edited(x_t, t)
        return plain(x_t, t)

    x = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)


@wrong("2.16b", "Walks along the course's timesteps, not those that it's given.")
def courses_timesteps(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    steps = pset.STRIDED_TIMESTEPS

    def estimate(x_t, t):
        if steps.index(t) < tau * (len(steps) - 1):
            return edited(x_t, t)
        return plain(x_t, t)

    x = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, seed=[seed] * count)


@wrong("2.16b", "Draws other starting noise for each picture.")
def own_starts(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    last = tau * (len(timesteps) - 1)

    def estimate(x_t, t):
        return edited(x_t, t) if list(timesteps).index(t) < last else plain(x_t, t)

    x = pset.noise((count, *x_T.shape[1:]), seed, x_T.device)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)


@wrong("2.16b", "Edits every step, whatever τ is.")
def edits_every_step(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    x = x_T.repeat(count, 1, 1, 1)
    estimate = edited if tau > 0 else plain
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, [seed] * count)
