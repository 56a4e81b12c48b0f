"""Answers to 1.7, image to image."""
# ruff: noqa: RUF005 (as they were written)

import torch

import pset
from tests.pset.checks.unseen_hands import right, wrong


@right("1.7")
def with_arithmetic(image, i_start, denoise, alphas_cumprod, noise):
    keep = alphas_cumprod[990 - 30 * i_start]
    return denoise(torch.sqrt(keep) * image + torch.sqrt(1 - keep) * noise, i_start)


@right("1.7")
def with_lookup(image, i_start, denoise, alphas_cumprod, noise):
    schedule = alphas_cumprod[list(pset.STRIDED_TIMESTEPS)]
    signal, grain = schedule.sqrt().tolist(), (1 - schedule).sqrt().tolist()
    x_t = torch.zeros_like(image).add(image, alpha=signal[i_start]).add(noise, alpha=grain[i_start])
    return denoise(x_t, i_start)


@wrong("1.7", "Uses the index i_start as a timestep, so almost no noise is added.")
def index_as_timestep(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[i_start]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "Denoises from i_start + 1, so the loop believes in less noise than there is.")
def denoises_one_later(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    x = alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise
    return denoise(x, min(i_start + 1, len(pset.STRIDED_TIMESTEPS) - 1))


@wrong("1.7", "Takes no roots of ᾱ_t and 1 − ᾱ_t.")
def no_roots(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    return denoise(alphas_cumprod[t] * image + (1 - alphas_cumprod[t]) * noise, i_start)


@wrong("1.7", "Doesn't scale the image by √ᾱ_t before it adds the noise.")
def unscaled(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    noisy = image + (1 - a) ** 0.5 * noise
    return denoise(noisy, i_start)


@wrong("1.7", "Denoises from the start of the list instead of from i_start.")
def denoises_from_zero(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a**0.5 * image + (1 - a) ** 0.5 * noise, 0)


@wrong("1.7", "Ignores the noise that it's given and draws its own.")
def own_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a**0.5 * image + (1 - a) ** 0.5 * torch.randn_like(noise), i_start)


@wrong("1.7", "Uses the first image's noise for all images.")
def first_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a**0.5 * image + (1 - a) ** 0.5 * noise[:1], i_start)


@wrong("1.7", "Counts the timesteps from the clean end, so a small i_start means little noise.")
def list_backwards(image, i_start, denoise, alphas_cumprod, noise):
    t = sorted(pset.STRIDED_TIMESTEPS)[i_start]
    a = alphas_cumprod[t]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)


@wrong("1.7", "Clips the noisy image to [-1, 1] before it's denoised.")
def clipped(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * image + (1 - a).sqrt() * noise
    noisy = noisy.clamp(-1, 1)  # it has to be an image
    return denoise(noisy, i_start)


@wrong("1.7", "Fades the result into the original: returns the mean of the two.")
def faded(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    edited = denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)
    return 0.5 * image + 0.5 * edited


@wrong("1.7", "Noises the image a second time: the forward process is applied to its own result.")
def noised_twice(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    for _ in range(2):
        image = alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise
    return denoise(image, i_start)


@wrong(
    "1.7", "Takes the noise of index i_start − 1, one place too noisy for where the loop starts."
)
def one_place_too_noisy(image, i_start, denoise, alphas_cumprod, noise):
    t = ([990] + list(pset.STRIDED_TIMESTEPS))[i_start]
    a = alphas_cumprod[t]
    return denoise(a.sqrt() * image + (1 - a).sqrt() * noise, i_start)
