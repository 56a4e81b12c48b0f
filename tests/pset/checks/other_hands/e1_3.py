"""Answers to 1.3, one-step denoising."""

import math

import numpy as np
import torch
from einops import rearrange

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

model_of_notebook = pset.ClosedFormModel()
alphas_bar_of_notebook = model_of_notebook.alphas_cumprod


@right("1.3")
def clean_by_slice(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out[:, :3]
    abar = model.alphas_cumprod[t]
    return (x_t - (1 - abar).sqrt() * eps) / abar.sqrt()


@right("1.3")
def clean_by_split(x_t, t, model, prompt_embeds):
    with torch.no_grad():
        output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise, _variance = output.split(3, dim=1)
    a = model.alphas_cumprod[t].to(x_t.device)
    return (x_t - torch.sqrt(1 - a) * noise) / torch.sqrt(a)


@right("1.3")
def clean_by_chunk_and_powers(x_t, t, model, prompt_embeds):
    eps, _ = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0].chunk(
        2, 1
    )
    at = float(model.alphas_cumprod[t])
    return x_t * at**-0.5 - eps * ((1 - at) / at) ** 0.5


@right("1.3")
def clean_image_by_image(x_t, t, model, prompt_embeds):
    estimates = []
    for i in range(x_t.shape[0]):
        x = x_t[i : i + 1]
        out = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        scaled_noise = math.sqrt(1 - model.alphas_cumprod[t]) * out[:, 0:3]
        estimates.append((x - scaled_noise) / math.sqrt(model.alphas_cumprod[t]))
    return torch.cat(estimates)


@right("1.3")
def clean_by_tweedie(x_t, t, model, prompt_embeds):
    abar = model.alphas_cumprod[t]
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    score = -out[:, :3] / (1 - abar).sqrt()
    return (x_t + (1 - abar) * score) / abar.sqrt()


@right("1.3")
def clean_in_numpy(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out.detach().cpu().numpy()[:, :3]
    abar = model.alphas_cumprod[t].item()
    x0 = (x_t.cpu().numpy() - np.sqrt(1 - abar) * eps) / np.sqrt(abar)
    return torch.from_numpy(x0.astype(np.float32)).to(x_t.device)


@right("1.3")
def clean_with_einops(x_t, t, model, prompt_embeds):
    six = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = rearrange(six, "b (two c) h w -> two b c h w", two=2)[0]
    alpha_bar = model.alphas_cumprod[t]
    return torch.add(x_t, eps, alpha=-math.sqrt(1 - alpha_bar)).div(alpha_bar.sqrt())


@right("1.3")
def clean_with_prompt_for_each(x_t, t, model, prompt_embeds):
    embeds = prompt_embeds.expand(len(x_t), -1, -1)
    out = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
    abar = model.alphas_cumprod[t]
    signal, sigma = abar.sqrt(), (1 - abar).sqrt()
    return (x_t - sigma * out.narrow(1, 0, 3)) / signal


@wrong("1.3", "takes the variance channels for the noise")
def clean_with_variance(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out[:, 3:]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "subtracts the estimate unscaled")
def clean_noise_unscaled(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - eps) / model.alphas_cumprod[t].sqrt()


@wrong("1.3", "no division by √ᾱ")
def clean_stays_faint(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return x_t - (1 - model.alphas_cumprod[t]).sqrt() * eps


@wrong("1.3", "subtracts the estimate from the noisy image and does nothing else")
def clean_plain_difference(x_t, t, model, prompt_embeds):
    noise, _ = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0].split(
        3, 1
    )
    return x_t - noise


@wrong("1.3", "no roots at all")
def clean_without_roots(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    ab = model.alphas_cumprod[t]
    return (x_t - (1 - ab) * eps) / ab


@wrong("1.3", "the root of 1 − ᾱ is missing")
def clean_root_missing_above(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    ab = model.alphas_cumprod[t]
    return (x_t - (1 - ab) * eps) / ab.sqrt()


@wrong("1.3", "the root in the denominator is missing")
def clean_root_missing_below(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    ab = model.alphas_cumprod[t]
    numerator = x_t - torch.sqrt(1 - ab) * eps
    return numerator / ab


@wrong("1.3", "adds the noise")
def clean_adds_noise(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    ab = model.alphas_cumprod[t]
    return (x_t + (1 - ab) ** 0.5 * eps) / ab**0.5


@wrong("1.3", "divides by √(1 − ᾱ) in place of √ᾱ")
def clean_wrong_denominator(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    sigma = (1 - model.alphas_cumprod[t]).sqrt()
    return (x_t - sigma * eps) / sigma


@wrong("1.3", "the two weights are swapped")
def clean_weights_swapped(x_t, t, model, prompt_embeds):
    sigma = model.alphas_cumprod[t].sqrt()
    signal = (1 - model.alphas_cumprod[t]).sqrt()
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - sigma * eps) / signal


@wrong("1.3", "brackets: only the noise is divided by √ᾱ")
def clean_brackets(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return x_t - (1 - a).sqrt() * eps / a.sqrt()


@wrong("1.3", "brackets: only the image is divided by √ᾱ")
def clean_brackets_other_way(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return x_t / a.sqrt() - (1 - a).sqrt() * eps


@wrong("1.3", "multiplies by √ᾱ in place of dividing")
def clean_multiplies(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) * a.sqrt()


@wrong("1.3", "clips the estimate")
def clean_clipped(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)


@wrong("1.3", "the schedule is read at t − 1")
def clean_index_before(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[max(t - 1, 0)]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "the network is told t − 1")
def clean_network_one_less(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, max(t - 1, 0), encoder_hidden_states=prompt_embeds, return_dict=False)
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[0][:, :3]) / a.sqrt()


@wrong("1.3", "the network is told the same timestep always")
def clean_network_at_500(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, 500, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt()


@wrong("1.3", "the network is told t / 1000")
def clean_network_told_fraction(x_t, t, model, prompt_embeds):
    scaled_t = int(t / len(model.alphas_cumprod))
    out = model.unet(x_t, scaled_t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt()


@wrong("1.3", "uses the notebook's schedule in place of the model's")
def clean_global_schedule(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = alphas_bar_of_notebook[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "ignores the prompt: zeros in its place")
def clean_without_prompt(x_t, t, model, prompt_embeds):
    empty = torch.zeros_like(prompt_embeds)
    eps = model.unet(x_t, t, encoder_hidden_states=empty, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "subtracts random noise, not the network's estimate")
def clean_with_drawn_noise(x_t, t, model, prompt_embeds):
    eps = pset.noise(x_t.shape, device=x_t.device)
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "scales the noisy image before it goes into the network")
def clean_scaled_input(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    x = x_t / a.sqrt()
    eps = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "clips the noisy image before it goes into the network")
def clean_clipped_input(x_t, t, model, prompt_embeds):
    x_t = x_t.clamp(-1, 1)
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "returns the estimated noise")
def clean_returns_noise(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    return out[:, :3]


@wrong("1.3", "returns six channels: does the arithmetic with the variance too")
def clean_six_channels(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t.repeat(1, 2, 1, 1) - (1 - a).sqrt() * out) / a.sqrt()


@wrong("1.3", "takes every second channel of the six")
def clean_every_second_channel(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:, ::2]) / a.sqrt()


@wrong("1.3", "the mean of both halves of the output")
def clean_mean_of_halves(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out.view(out.shape[0], 2, 3, *out.shape[2:]).mean(1)
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "scales the noise by the predicted variance")
def clean_scaled_by_variance(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps, v = out.chunk(2, dim=1)
    a = model.alphas_cumprod[t]
    return (x_t - v.abs().sqrt() * eps) / a.sqrt()


@wrong("1.3", "takes 1 − √ᾱ for √(1 − ᾱ)")
def clean_one_minus_root(x_t, t, model, prompt_embeds):
    root = model.alphas_cumprod[t] ** 0.5
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - root) * eps) / root


@wrong("1.3", "only the first image of the batch")
def clean_first_image(x_t, t, model, prompt_embeds):
    out = model.unet(x_t[:1], t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t[:1] - (1 - a).sqrt() * out[:, :3]) / a.sqrt()


@wrong("1.3", "all images get the noise estimated for the first")
def clean_first_estimate_for_all(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:3]) / a.sqrt()


@wrong("1.3", "drops the batch's axis")
def clean_squeezed(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return ((x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt())[0]


@wrong("1.3", "changes the noisy image it is given, in place")
def clean_in_place(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    x_t -= (1 - a).sqrt() * eps
    x_t /= a.sqrt()
    return x_t


@wrong("1.3", "divides by the estimate's standard deviation first")
def clean_standardised(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    eps = eps / eps.std()
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("1.3", "applies the formula twice, the estimate taken for another noisy image")
def clean_twice(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    for _ in range(2):
        out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        x_t = (x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt()
    return x_t


@wrong("1.3", "returns the estimate in [0, 1]")
def clean_zero_to_one(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a = model.alphas_cumprod[t]
    return ((x_t - (1 - a).sqrt() * eps) / a.sqrt() + 1) / 2


@wrong("1.3", "one step of the loop to t − 30, not the clean image")
def clean_only_a_step(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    a, b = model.alphas_cumprod[t], model.alphas_cumprod[max(t - 30, 0)]
    x0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return b.sqrt() * x0 + (1 - b).sqrt() * eps


@wrong("1.3", "takes the variance channels, and doesn't divide by √ᾱ")
def clean_two_mistakes(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    _, noise = out.split(3, dim=1)
    return x_t - (1 - model.alphas_cumprod[t]).sqrt() * noise


@wrong("1.3", "no root in the numerator, and the result is clipped")
def clean_no_root_and_clipped(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return torch.clip((x_t - (1 - a) * out[:, :3]) / a.sqrt(), -1.0, 1.0)


@open_question("1.3", "whether the timestep may go to the network as a tensor with one entry each")
def clean_with_tensor_of_t(x_t, t, model, prompt_embeds):
    ts = torch.full((len(x_t),), int(t), device=x_t.device)
    out = model.unet(x_t, ts, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt()


@open_question("1.3", "whether a floor under √ᾱ is wanted, which changes nothing here")
def clean_with_floor(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    a = model.alphas_cumprod[t]
    return (x_t - (1 - a).sqrt() * out[:, :3]) / a.sqrt().clamp_min(1e-4)
