"""Answers to the score."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _noise(x_t, t, model, prompt_embeds):
    return model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]


@right("score")
def by_way_of_clean_image(x_t, t, model, prompt_embeds):
    # Tweedie: the posterior mean of x_0 tells how far x_t has to move
    a = model.alphas_cumprod[t]
    x_0 = (x_t - (1 - a).sqrt() * _noise(x_t, t, model, prompt_embeds)) / a.sqrt()
    return (a.sqrt() * x_0 - x_t) / (1 - a)


@right("score")
def with_rsqrt(x_t, t, model, prompt_embeds):
    return _noise(x_t, t, model, prompt_embeds).mul(-torch.rsqrt(1 - model.alphas_cumprod[t]))


@wrong("score", "The sign is missing: it points away from likely images.")
def downhill(x_t, t, model, prompt_embeds):
    return _noise(x_t, t, model, prompt_embeds) / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "Divides by the variance 1 − ᾱ_t instead of its root.")
def divides_by_variance(x_t, t, model, prompt_embeds):
    sigma_t = 1 - model.alphas_cumprod[t]
    return -_noise(x_t, t, model, prompt_embeds) / sigma_t


@wrong("score", "Multiplies by σ_t instead of dividing by it.")
def multiplies(x_t, t, model, prompt_embeds):
    sigma_t = torch.sqrt(1 - model.alphas_cumprod[t])
    eps = _noise(x_t, t, model, prompt_embeds)
    return -sigma_t * eps


@wrong("score", "Takes √ᾱ_t for σ_t.")
def wrong_sigma(x_t, t, model, prompt_embeds):
    sigma_t = model.alphas_cumprod[t] ** 0.5
    return -_noise(x_t, t, model, prompt_embeds) / sigma_t


@wrong("score", "Forgets to divide by σ_t: returns minus the noise estimate.")
def only_sign(x_t, t, model, prompt_embeds):
    return -_noise(x_t, t, model, prompt_embeds)


@wrong("score", "Returns x̂_0 − x_t over the noise's variance, without the weight √ᾱ_t of x̂_0.")
def weight_of_clean_image_missing(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    x_0 = (x_t - (1 - a).sqrt() * _noise(x_t, t, model, prompt_embeds)) / a.sqrt()
    return (x_0 - x_t) / (1 - a)


@wrong(
    "score",
    "Returns the one-step estimate of the clean image, copied from 1.3, instead of the score.",
)
def copied_from_one_step(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    noise = _noise(x_t, t, model, prompt_embeds)
    return (x_t - (1 - a).sqrt() * noise) / a.sqrt()


@wrong("score", "Scales every arrow to length 1, so only the direction is left of the score.")
def unit_length(x_t, t, model, prompt_embeds):
    s = -_noise(x_t, t, model, prompt_embeds) / (1 - model.alphas_cumprod[t]).sqrt()
    length = s.flatten(1).norm(dim=1).clamp_min(1e-8)
    return s / length[:, None, None, None]


@wrong("score", "Uses the variance channels of the network's output in place of the noise.")
def variance_channels(x_t, t, model, prompt_embeds):
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = output[:, 3:6]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "The noise's strength is √(1 − ᾱ) of the timestep 30 further on, not of t.")
def neighbouring_timestep(x_t, t, model, prompt_embeds):
    t_next = min(t + 30, 999)
    return -_noise(x_t, t, model, prompt_embeds) / (1 - model.alphas_cumprod[t_next]).sqrt()


@wrong(
    "score", "Averages the score over the three colour channels and gives each of them the mean."
)
def mean_over_channels(x_t, t, model, prompt_embeds):
    s = -_noise(x_t, t, model, prompt_embeds) / torch.sqrt(1 - model.alphas_cumprod[t])
    return s.mean(dim=1, keepdim=True).expand_as(x_t)
