"""Answers to 1.7, image to image."""

import math

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


@right("1.7")
def edit_in_two_lines(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@right("1.7")
def edit_with_forward(image, i_start, denoise, alphas_cumprod, noise):
    def forward(im, t):
        return torch.sqrt(alphas_cumprod[t]) * im + torch.sqrt(1 - alphas_cumprod[t]) * noise

    t = pset.STRIDED_TIMESTEPS[i_start]
    x_t = forward(image, t)
    return denoise(x_t, i_start)


@right("1.7")
def edit_with_math(image, i_start, denoise, alphas_cumprod, noise):
    timesteps = list(range(990, -1, -30))
    abar = float(alphas_cumprod[timesteps[i_start]])
    noisy = math.sqrt(abar) * image + math.sqrt(1 - abar) * noise
    return denoise(noisy, i_start=i_start)


@right("1.7")
def edit_with_t_computed(image, i_start, denoise, alphas_cumprod, noise):
    t = 990 - 30 * i_start
    w = torch.stack((alphas_cumprod[t], 1 - alphas_cumprod[t])) ** 0.5
    return denoise(torch.einsum("k,kbchw->bchw", w, torch.stack((image, noise))), i_start)


@right("1.7")
def edit_by_scheduler(image, i_start, denoise, alphas_cumprod, noise):
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    t = torch.tensor([pset.STRIDED_TIMESTEPS[i_start]])
    return denoise(scheduler.add_noise(image, noise, t), i_start)


@right("1.7")
def edit_in_numpy(image, i_start, denoise, alphas_cumprod, noise):
    abar = np.asarray(alphas_cumprod.cpu())[pset.STRIDED_TIMESTEPS[i_start]]
    x = np.sqrt(abar) * image.cpu().numpy() + np.sqrt(1 - abar) * noise.cpu().numpy()
    return denoise(torch.from_numpy(x).to(image), i_start)


@right("1.7")
def edit_noises_one_by_one(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    signal, sigma = alphas_cumprod[t] ** 0.5, (1 - alphas_cumprod[t]) ** 0.5
    x_t = torch.zeros_like(image)
    for b in range(image.shape[0]):
        x_t[b] = signal * image[b] + sigma * noise[b]
    return denoise(x_t, i_start)


@wrong("1.7", "i_start is taken for the timestep")
def edit_index_for_timestep(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[i_start]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "no noise is added")
def edit_without_noise(image, i_start, denoise, alphas_cumprod, noise):
    return denoise(image, i_start)


@wrong("1.7", "the noise belongs to the next timestep, i_start + 1")
def edit_too_little_noise(image, i_start, denoise, alphas_cumprod, noise):
    i = min(i_start + 1, len(pset.STRIDED_TIMESTEPS) - 1)
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "the noise belongs to the timestep before, i_start − 1")
def edit_too_much_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start - 1]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "denoises from 0 whatever i_start is")
def edit_denoises_from_zero(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, 0)


@wrong("1.7", "denoises from i_start + 1")
def edit_denoises_one_late(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start + 1)


@wrong("1.7", "passes the timestep to denoise in place of the index")
def edit_passes_timestep(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    a = alphas_cumprod[t]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, t)


@wrong("1.7", "the list of timesteps is read backwards")
def edit_reversed_list(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[sorted(pset.STRIDED_TIMESTEPS)[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "t = 30 · i_start: counts from the clean end")
def edit_counts_from_clean(image, i_start, denoise, alphas_cumprod, noise):
    t = 30 * i_start
    x_t = image * alphas_cumprod[t] ** 0.5 + noise * (1 - alphas_cumprod[t]) ** 0.5
    return denoise(x_t, i_start)


@wrong("1.7", "the index is made to fit the reversed list: denoises from 33 − i_start")
def edit_mirrored_index(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    x_t = a.sqrt() * image + (1 - a).sqrt() * noise
    return denoise(x_t, len(pset.STRIDED_TIMESTEPS) - 1 - i_start)


@wrong("1.7", "no roots in the forward process")
def edit_without_roots(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a * image + (1 - a) * noise, i_start)


@wrong("1.7", "the weights of image and noise are swapped")
def edit_weights_swapped(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    noisy = (1 - alphas_cumprod[t]).sqrt() * image + alphas_cumprod[t].sqrt() * noise
    return denoise(noisy, i_start)


@wrong("1.7", "the image isn't scaled down")
def edit_full_strength(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    return denoise(image + (1 - alphas_cumprod[t]).sqrt() * noise, i_start)


@wrong("1.7", "adds the noise unscaled")
def edit_noise_unscaled(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    return denoise(alphas_cumprod[t].sqrt() * image + noise, i_start)


@wrong("1.7", "draws its own noise")
def edit_draws_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * torch.randn_like(image), i_start)


@wrong("1.7", "takes the course's noise in place of the argument")
def edit_course_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    z = pset.noise(image.shape, pset.SEED, image.device)
    return denoise(a.sqrt() * image + (1 - a).sqrt() * z, i_start)


@wrong("1.7", "uses the notebook's schedule in place of the argument")
def edit_global_schedule(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_bar_of_notebook[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "starts from the noise alone: the image is ignored")
def edit_ignores_image(image, i_start, denoise, alphas_cumprod, noise):
    return denoise(noise, i_start)


@wrong("1.7", "clips the noisy image to [-1, 1]")
def edit_clips_noisy(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    x_t = torch.clamp(a.sqrt() * image + (1 - a).sqrt() * noise, -1, 1)
    return denoise(x_t, i_start)


@wrong("1.7", "returns the noisy image")
def edit_returns_noisy(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    x_t = a.sqrt() * image + (1 - a).sqrt() * noise
    denoise(x_t, i_start)
    return x_t


@wrong("1.7", "returns noisy image and result as a tuple")
def edit_returns_pair(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    x_t = a.sqrt() * image + (1 - a).sqrt() * noise
    return x_t, denoise(x_t, i_start)


@wrong("1.7", "changes the image it is given, in place")
def edit_in_place(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    image.mul_(a.sqrt()).add_((1 - a).sqrt() * noise)
    return denoise(image, i_start)


@wrong("1.7", "only the first image's noise, for the whole batch")
def edit_shares_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise[:1], i_start)


@wrong("1.7", "edits only the first image")
def edit_first_image(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image[:1] + (1 - a).sqrt() * noise[:1], i_start)


@wrong("1.7", "blends the result with the original")
def edit_blends(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    edited = denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)
    return 0.5 * (edited + image)


@wrong("1.7", "noises and denoises at every index from i_start on")
def edit_again_and_again(image, i_start, denoise, alphas_cumprod, noise):
    x = image
    for i in range(i_start, len(pset.STRIDED_TIMESTEPS), 8):
        a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i]]
        x = denoise(a.sqrt() * x + (1 - a).sqrt() * noise, i)
    return x


@wrong("1.7", "adds noise step by step over all strided timesteps, always the same")
def edit_noise_accumulates(image, i_start, denoise, alphas_cumprod, noise):
    x = image
    for t in pset.STRIDED_TIMESTEPS[: i_start - 1 if i_start else None : -1]:
        x = alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise
    return denoise(x, i_start)


@wrong("1.7", "the noise is subtracted")
def edit_minus(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image - (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "the noise's weight is 1 − √ᾱ")
def edit_one_minus_root(image, i_start, denoise, alphas_cumprod, noise):
    root = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]].sqrt()
    return denoise(root * image + (1 - root) * noise, i_start)


@wrong("1.7", "maps the image to [0, 1] before")
def edit_zero_to_one(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * (image / 2 + 0.5) + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "the strength is i_start / 34: mixes image and noise in proportion")
def edit_by_proportion(image, i_start, denoise, alphas_cumprod, noise):
    keep = i_start / len(pset.STRIDED_TIMESTEPS)
    return denoise(keep * image + (1 - keep) * noise, i_start)


@wrong("1.7", "the timesteps begin at 999: t = 999 − 30 · i_start")
def edit_from_999(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[999 - 30 * i_start]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "i_start is taken for the timestep, and the loop begins at 0")
def edit_two_mistakes(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[i_start]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, 0)


@wrong("1.7", "no roots, and noise of its own")
def edit_no_roots_own_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a * image + (1 - a) * torch.randn(image.shape), i_start)


@open_question("1.7", "whether the edited images may be clipped to [-1, 1]")
def edit_clips_result(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start).clamp(-1, 1)


@open_question("1.7", "whether the images may be denoised one by one")
def edit_one_by_one(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    x_t = a.sqrt() * image + (1 - a).sqrt() * noise
    return torch.cat([denoise(x, i_start) for x in x_t.split(1)])


@open_question("1.7", "whether i_start at the end of the list may return the image untouched")
def edit_nothing_to_do(image, i_start, denoise, alphas_cumprod, noise):
    if i_start == len(pset.STRIDED_TIMESTEPS) - 1:
        return image
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)
