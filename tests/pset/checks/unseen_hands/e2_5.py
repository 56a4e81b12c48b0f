"""Answers to 2.5, the way back up."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.5")
def step_by_step_product(x_t, t, t_next, alphas_cumprod, noise):
    kept = 1.0
    for s in range(t + 1, t_next + 1):
        kept = kept * (alphas_cumprod[s] / alphas_cumprod[s - 1])
    return kept**0.5 * x_t + (1 - kept) ** 0.5 * noise


@right("2.5")
def with_variance(x_t, t, t_next, alphas_cumprod, noise):
    a_t, a_s = alphas_cumprod[t], alphas_cumprod[t_next]
    variance = (a_t - a_s) / a_t
    return torch.addcmul(x_t * (a_s / a_t).sqrt(), variance.sqrt(), noise)


@wrong("2.5", "Treats x_t as a clean image: the ratio's denominator ᾱ_t is missing.")
def as_if_clean(x_t, t, t_next, alphas_cumprod, noise):
    a = alphas_cumprod[t_next]
    return a.sqrt() * x_t + (1 - a).sqrt() * noise


@wrong("2.5", "Takes no roots.")
def no_roots(x_t, t, t_next, alphas_cumprod, noise):
    ratio = alphas_cumprod[t_next] / alphas_cumprod[t]
    return ratio * x_t + (1 - ratio) * noise


@wrong("2.5", "Goes one single step up only, with the α of the last timestep.")
def one_alpha(x_t, t, t_next, alphas_cumprod, noise):
    alpha = alphas_cumprod[t_next] / alphas_cumprod[t_next - 1]
    return alpha.sqrt() * x_t + (1 - alpha).sqrt() * noise


@wrong("2.5", "Weights the noise with √(1 − ᾱ_s), as if there were none in x_t yet.")
def full_noise(x_t, t, t_next, alphas_cumprod, noise):
    a_t, a_s = alphas_cumprod[t], alphas_cumprod[t_next]
    return (a_s / a_t).sqrt() * x_t + (1 - a_s).sqrt() * noise


@wrong("2.5", "Adds the difference of the two standard deviations; variances add up, not roots.")
def difference_of_roots(x_t, t, t_next, alphas_cumprod, noise):
    sigma_t = (1 - alphas_cumprod[t]).sqrt()
    sigma_s = (1 - alphas_cumprod[t_next]).sqrt()
    scale = (alphas_cumprod[t_next] / alphas_cumprod[t]).sqrt()
    return scale * x_t + (sigma_s - sigma_t) * noise


@wrong("2.5", "The product of the alphas runs from t to s − 1 instead of from t + 1 to s.")
def product_one_early(x_t, t, t_next, alphas_cumprod, noise):
    alphas = alphas_cumprod.clone()
    alphas[1:] = alphas_cumprod[1:] / alphas_cumprod[:-1]
    kept = torch.prod(alphas[t:t_next])
    return kept.sqrt() * x_t + (1 - kept).sqrt() * noise


@wrong("2.5", "Weights the noise with the variance: its root is missing.")
def variance_as_weight(x_t, t, t_next, alphas_cumprod, noise):
    ratio = alphas_cumprod[t_next] / alphas_cumprod[t]
    return ratio.sqrt() * x_t + (1 - ratio) * noise


@wrong("2.5", "Doesn't scale x_t down, it only adds noise.")
def only_adds(x_t, t, t_next, alphas_cumprod, noise):
    ratio = alphas_cumprod[t_next] / alphas_cumprod[t]
    return x_t + torch.sqrt(1 - ratio) * noise


@wrong("2.5", "Draws its own noise.")
def draws_noise(x_t, t, t_next, alphas_cumprod, noise):
    ratio = alphas_cumprod[t_next] / alphas_cumprod[t]
    return ratio.sqrt() * x_t + (1 - ratio).sqrt() * torch.randn_like(x_t)
