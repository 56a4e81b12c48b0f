"""Answers to 2.15, a product of densities."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _means(x_t, t, estimates):
    noises, variances = zip(*(estimate(x_t, t) for estimate in estimates))
    return torch.stack(noises).mean(dim=0), torch.stack(variances).mean(dim=0)


@right("2.15")
def through_the_means(x_t, t, estimates, alphas_cumprod, scale):
    # Get μ̄ back from the mean estimate, then write the product's estimate down.
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    offset = noise * (a * scale**2 + 1 - a) / (1 - a).sqrt()  # x_t − √ᾱ·μ̄
    return (1 - a).sqrt() * offset / (a * scale**2 / n + 1 - a), variance


@right("2.15")
def one_fraction(x_t, t, estimates, alphas_cumprod, scale):
    n = len(estimates)
    signal_to_noise = alphas_cumprod[t] / (1 - alphas_cumprod[t]) * scale**2
    ratio = (1 + signal_to_noise) / (1 + signal_to_noise / n)
    noise = variance = 0
    for estimate in estimates:
        eps, v = estimate(x_t, t)
        noise, variance = noise + eps / n, variance + v / n
    return ratio * noise, variance


@wrong("2.15", "The ratio is upside down.")
def upside_down(x_t, t, estimates, alphas_cumprod, scale):
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    r = (a * scale**2 / n + 1 - a) / (a * scale**2 + 1 - a)
    return r * noise, variance


@wrong("2.15", "It's the slide's sum at every t: r_t is n.")
def slides_sum(x_t, t, estimates, alphas_cumprod, scale):
    noises, variances = zip(*[estimate(x_t, t) for estimate in estimates])
    return sum(noises), sum(variances) / len(estimates)


@wrong("2.15", "It's the mean at every t: r_t is 1.")
def mean_of_scores(x_t, t, estimates, alphas_cumprod, scale):
    return _means(x_t, t, estimates)


@wrong("2.15", "Takes the standard deviation s for the variance s².")
def scale_not_squared(x_t, t, estimates, alphas_cumprod, scale):
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    r = (a * scale + 1 - a) / (a * scale / n + 1 - a)
    return r * noise, variance


@wrong("2.15", "ᾱ_t and 1 − ᾱ_t are exchanged in both variances.")
def signal_for_noise(x_t, t, estimates, alphas_cumprod, scale):
    a, n = 1 - alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    return noise * (a * scale**2 + 1 - a) / (a * scale**2 / n + 1 - a), variance


@wrong("2.15", "Multiplies the sum of the estimates instead of their mean.")
def ratio_times_sum(x_t, t, estimates, alphas_cumprod, scale):
    a = alphas_cumprod[t]
    n = len(estimates)
    r = (a * scale**2 + (1 - a)) / (a * scale**2 / n + (1 - a))
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for estimate in estimates:
        eps, v = estimate(x_t, t)
        noise += eps
        variance += v
    return r * noise, variance / n


@wrong("2.15", "Always counts on two densities in the ratio.")
def two_densities(x_t, t, estimates, alphas_cumprod, scale):
    a = alphas_cumprod[t]
    noise, variance = _means(x_t, t, estimates)
    r = (a * scale**2 + 1 - a) / (a * scale**2 / 2 + 1 - a)
    return r * noise, variance


@wrong("2.15", "Takes the root of the ratio: a ratio of standard deviations, not of variances.")
def ratio_of_deviations(x_t, t, estimates, alphas_cumprod, scale):
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    single = (a * scale**2 + 1 - a).sqrt()
    product = (a * scale**2 / n + 1 - a).sqrt()
    return single / product * noise, variance


@wrong("2.15", "Divides s by n before it's squared, so the product's variance is s²/n².")
def n_squared(x_t, t, estimates, alphas_cumprod, scale):
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    return (a * scale**2 + 1 - a) / (a * (scale / n) ** 2 + 1 - a) * noise, variance


@wrong("2.15", "Adds the variance channels up instead of taking their mean.")
def variance_channels_added(x_t, t, estimates, alphas_cumprod, scale):
    a, n = alphas_cumprod[t], len(estimates)
    noise, variance = _means(x_t, t, estimates)
    r = (a * scale**2 + 1 - a) / (a * scale**2 / n + 1 - a)
    return r * noise, n * variance


@wrong("2.15", "Uses t itself for the weight between signal and noise, not the schedule.")
def t_for_the_schedule(x_t, t, estimates, alphas_cumprod, scale):
    a, n = 1 - t / 1000, len(estimates)
    noise, variance = _means(x_t, t, estimates)
    r = (a * scale**2 + 1 - a) / (a * scale**2 / n + 1 - a)
    return r * noise, variance
