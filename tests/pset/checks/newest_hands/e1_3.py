"""Answers to 1.3, one-step denoising."""

import torch

from tests.pset.checks.newest_hands import right, wrong


@right("1.3")
def with_split(x_t, t, model, prompt_embeds):
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    epsilon, _ = torch.split(output, 3, dim=1)
    abar = model.alphas_cumprod[t]
    return (x_t - (1 - abar).sqrt() * epsilon) / abar.sqrt()


@right("1.3")
def signal_to_noise(x_t, t, model, prompt_embeds):
    with torch.no_grad():
        eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = float(model.alphas_cumprod[t])
    return x_t / a**0.5 - ((1 - a) / a) ** 0.5 * eps


@wrong("1.3", "Forgets the root of 1 − ᾱ_t, the weight of the noise.")
def noise_rootless(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a) * eps) / a.sqrt()


@wrong("1.3", "Adds the estimated noise instead of subtracting it.")
def plus(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, 0:3]
    a = model.alphas_cumprod[t]
    return (x_t + torch.sqrt(1 - a) * eps) / torch.sqrt(a)


@wrong("1.3", "Takes ᾱ of the timestep before t.")
def counted_from_one(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[max(t - 1, 0)]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "Returns the noise along with the clean image.")
def returns_both(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    x_0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return x_0, eps


@wrong("1.3", "Keeps all six channels: doesn't separate the noise from the variance.")
def six(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (torch.cat([x_t, x_t], dim=1) - (1 - a).sqrt() * out) / a.sqrt()


@wrong("1.3", "Gives the network an embedding of zeros instead of the prompt's.")
def no_prompt(x_t, t, model, prompt_embeds):
    nothing = torch.zeros_like(prompt_embeds)
    eps = model.unet(x_t, t, encoder_hidden_states=nothing, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "Divides by √(1 − ᾱ_t) instead of √ᾱ_t.")
def wrong_divisor(x_t, t, model, prompt_embeds):
    noise = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    sigma = torch.sqrt(1 - model.alphas_cumprod[t])
    return (x_t - sigma * noise) / sigma


@wrong("1.3", "Computes its own linear schedule of β instead of using the model's.")
def own_betas(x_t, t, model, prompt_embeds):
    betas = torch.linspace(1e-4, 0.02, 1000, device=x_t.device)
    abar = torch.cumprod(1 - betas, dim=0)[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - abar).sqrt() * eps) / abar.sqrt()


@wrong("1.3", "Clips the network's noise to [-1, 1].")
def clips_noise(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out[:, :3].clip(-1, 1)
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a) ** 0.5 * eps) / a**0.5


@wrong("1.3", "Scales the estimated noise to standard deviation one before it's subtracted.")
def unit_noise(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    eps = eps / eps.std()  # epsilon has variance one
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "The weight of the noise is 1 − √ᾱ_t instead of √(1 − ᾱ_t).")
def one_minus_root(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    s = model.alphas_cumprod[t].sqrt()
    return (x_t - (1 - s) * eps) / s
