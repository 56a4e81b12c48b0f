"""Answers to the score."""

import torch

from tests.pset.checks.newest_hands import right, wrong


def network(model, x_t, t, prompt_embeds):
    """All six channels."""
    return model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]


@right("score")
def by_rsqrt(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t, prompt_embeds)[:, :3]
    return -eps * torch.rsqrt(1 - model.alphas_cumprod[t])


@right("score")
def through_clean_estimate(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t, prompt_embeds)[:, :3]
    a = model.alphas_cumprod[t]
    x_0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return (a.sqrt() * x_0 - x_t) / (1 - a)


@wrong("score", "Returns −ε: doesn't divide by σ_t.")
def undivided(x_t, t, model, prompt_embeds):
    return -network(model, x_t, t, prompt_embeds)[:, :3]


@wrong("score", "Takes σ_t as 1 − √ᾱ_t.")
def sigma_by_subtraction(x_t, t, model, prompt_embeds):
    sigma = 1 - torch.sqrt(model.alphas_cumprod[t])
    return -network(model, x_t, t, prompt_embeds)[:, :3] / sigma


@wrong("score", "Takes the root of the noise's variance twice.")
def fourth_root(x_t, t, model, prompt_embeds):
    sigma = (1 - model.alphas_cumprod[t]).sqrt()
    return -network(model, x_t, t, prompt_embeds)[:, :3] / sigma.sqrt()


@wrong("score", "Returns six channels: the variance is divided along with the noise.")
def all_channels(x_t, t, model, prompt_embeds):
    sigma_t = (1 - model.alphas_cumprod[t]) ** 0.5
    return -network(model, x_t, t, prompt_embeds) / sigma_t


@wrong("score", "Takes σ of the timestep before t.")
def sigma_before(x_t, t, model, prompt_embeds):
    sigma = (1 - model.alphas_cumprod[t - 1]).sqrt()
    return -network(model, x_t, t, prompt_embeds)[:, :3] / sigma


@wrong("score", "Returns the way from the noisy image to the clean estimate.")
def way_to_clean(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t, prompt_embeds)[:, :3]
    a = model.alphas_cumprod[t]
    x_0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return x_0 - x_t


@wrong("score", "Takes σ from the variance channels instead of from the schedule.")
def predicted_sigma(x_t, t, model, prompt_embeds):
    eps, log_variance = network(model, x_t, t, prompt_embeds).chunk(2, dim=1)
    return -eps / torch.exp(0.5 * log_variance)


@wrong("score", "Returns the score of a standard Gaussian; the network isn't asked.")
def of_a_gaussian(x_t, t, model, prompt_embeds):
    return -x_t / (1 - model.alphas_cumprod[t])


@wrong("score", "Takes the last three channels, the variance, for the noise.")
def last_three(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t, prompt_embeds)[:, -3:]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "Tells the network t / 1000.")
def fraction_of_time(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t / 1000, prompt_embeds)[:, :3]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "Clips the result to [-1, 1].")
def kept_small(x_t, t, model, prompt_embeds):
    eps = network(model, x_t, t, prompt_embeds)[:, :3]
    return torch.clamp(-eps / (1 - model.alphas_cumprod[t]).sqrt(), -1, 1)
