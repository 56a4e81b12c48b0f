"""Answers to 1.3, one-step denoising."""
# ruff: noqa: E501 (as they were written)

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("1.3")
def least_code(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    (out,) = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)
    eps, _ = torch.tensor_split(out, 2, dim=1)
    return x_t / a**0.5 - ((1 - a) / a) ** 0.5 * eps


@right("1.3")
def image_by_image(x_t, t, model, prompt_embeds):
    a = float(model.alphas_cumprod[t])
    results = []
    for k in range(len(x_t)):
        one = x_t[k : k + 1]
        eps = model.unet(one, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][
            :, [0, 1, 2]
        ]
        results.append((one - (1 - a) ** 0.5 * eps) / a**0.5)
    return torch.cat(results)


@wrong("1.3", "Takes the last three channels, the variance, for the noise.")
def variance_for_noise(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise = out[:, -3:]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * noise) / a.sqrt()


@wrong("1.3", "Forgets to divide by √ᾱ_t, so the picture stays faint.")
def no_division(x_t, t, model, prompt_embeds):
    alpha_bar = model.alphas_cumprod[t]
    noise = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return x_t - torch.sqrt(1 - alpha_bar) * noise


@wrong(
    "1.3",
    "Subtracts the estimate without its weight √(1 − ᾱ_t), as if the network returned the scaled noise.",
)
def noise_not_weighted(x_t, t, model, prompt_embeds):
    noise = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - noise) / model.alphas_cumprod[t].sqrt()


@wrong("1.3", "Exchanges √ᾱ_t and √(1 − ᾱ_t) in equation (3).")
def weights_exchanged(x_t, t, model, prompt_embeds):
    ac = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, 0:3]
    numerator = x_t - ac.sqrt() * eps
    return numerator / (1 - ac).sqrt()


@wrong("1.3", "Clips the estimate to [-1, 1], although it shouldn't be clipped.")
def clipped(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return torch.clip((x_t - (1 - a) ** 0.5 * eps) / a**0.5, -1.0, 1.0)


@wrong("1.3", "Tells the network t = 0 instead of the image's timestep.")
def tells_zero(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, 0, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "Averages noise and variance channels and takes that for the noise.")
def mean_of_halves(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    six = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = torch.stack(six.chunk(2, dim=1)).mean(dim=0)
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "A bracket is missing: only the noise term is divided by √ᾱ_t, and x_t isn't.")
def bracket_slip(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return x_t - (1 - a).sqrt() * eps / a.sqrt()


@wrong("1.3", "Divides by ᾱ_t instead of its root.")
def divides_by_alpha_bar(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise, _variance = output.split([3, 3], dim=1)
    return (x_t - (1 - a).sqrt() * noise) / a


@wrong("1.3", "Undoes the scaling before it asks: the network gets x_t/√ᾱ_t instead of x_t.")
def rescales_input(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    bright = x_t / a.sqrt()  # so that the network sees the image at full strength
    eps = model.unet(bright, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "Uses the first image's noise estimate for the whole batch.")
def first_estimate_for_all(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][0, :3]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong(
    "1.3",
    "Takes every other channel for the noise; noise and variance are stacked, not interleaved.",
)
def interleaved(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, ::2]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong(
    "1.3",
    "Two mistakes: the noise is subtracted without its weight, and nothing is divided by √ᾱ_t.",
)
def just_subtracts(x_t, t, model, prompt_embeds):
    noise = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return x_t - noise
