"""Answers to 2.15b, Langevin steps."""

import math

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.15b")
def with_step_noise(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    spread = (1 - alphas_cumprod[t]).sqrt()
    for z in noises:
        x_t = x_t + spread * (math.sqrt(2 * step_size) * z - step_size * estimate(x_t, t)[0])
    return x_t


@right("2.15b")
def in_numbers(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    variance = float(1 - alphas_cumprod[t])
    eta = step_size * variance
    x = x_t.clone()
    for k in range(noises.shape[0]):
        score = -estimate(x, t)[0] / variance**0.5
        x = x.add(score, alpha=eta).add(noises[k], alpha=(2 * eta) ** 0.5)
    return x


@wrong("2.15b", "Walks downhill: the score's minus sign is missing.")
def downhill(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    for z in noises:
        score = estimate(x_t, t)[0] / (1 - a).sqrt()
        x_t = x_t + eta * score + (2 * eta).sqrt() * z
    return x_t


@wrong("2.15b", "Takes minus the noise estimate for the score, without dividing by √(1 − ᾱ_t).")
def noise_is_score(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    eta = step_size * (1 - alphas_cumprod[t])
    for z in noises:
        x_t = x_t - eta * estimate(x_t, t)[0] + (2 * eta).sqrt() * z
    return x_t


@wrong("2.15b", "Divides the noise estimate by 1 − ᾱ_t: the root is missing.")
def by_the_variance(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    x = x_t
    for z in noises:
        score = -estimate(x, t)[0] / (1 - a)
        x = x + eta * score + (2 * eta).sqrt() * z
    return x


@wrong("2.15b", "Weights the noise with 2η instead of its root.")
def noise_without_root(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    for z in noises:
        score = -estimate(x_t, t)[0] / (1 - a).sqrt()
        x_t = x_t + eta * score + 2 * eta * z
    return x_t


@wrong("2.15b", "The factor 2 is missing under the root, so the noise is too weak.")
def without_two(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    for k in range(len(noises)):
        score = -estimate(x_t, t)[0] / torch.sqrt(1 - a)
        x_t = x_t + eta * score + torch.sqrt(eta) * noises[k]
    return x_t


@wrong("2.15b", "Takes the step size for η at every t: the factor 1 − ᾱ_t is missing.")
def same_step_everywhere(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    eta = step_size
    for z in noises:
        score = -estimate(x_t, t)[0] / (1 - alphas_cumprod[t]).sqrt()
        x_t = x_t + eta * score + (2 * eta) ** 0.5 * z
    return x_t


@wrong("2.15b", "Asks for the estimate once, before the first step.")
def asks_once(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    score = -estimate(x_t, t)[0] / (1 - a).sqrt()
    for z in noises:
        x_t = x_t + eta * score + (2 * eta).sqrt() * z
    return x_t


@wrong("2.15b", "Changes the caller's own x_t.")
def moves_the_callers(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    for z in noises:
        score = -estimate(x_t, t)[0] / (1 - a).sqrt()
        x_t += eta * score + (2 * eta).sqrt() * z
    return x_t


@wrong("2.15b", "Adds the first noise in every step.")
def first_noise_again(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = step_size * (1 - a)
    for _ in range(len(noises)):
        score = -estimate(x_t, t)[0] / (1 - a).sqrt()
        x_t = x_t + eta * score + (2 * eta).sqrt() * noises[0]
    return x_t


@wrong("2.15b", "Uses a step size of 0.2, whatever it's given.")
def always_a_fifth(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    a = alphas_cumprod[t]
    eta = 0.2 * (1 - a)
    for z in noises:
        score = -estimate(x_t, t)[0] / (1 - a).sqrt()
        x_t = x_t + eta * score + (2 * eta).sqrt() * z
    return x_t
