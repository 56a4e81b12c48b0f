"""Answers to 1.7, image to image."""

import torch

import pset
from tests.pset.checks.newest_hands import right, wrong


def forward(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@right("1.7")
def two_lines(image, i_start, denoise, alphas_cumprod, noise):
    x_t = forward(image, pset.STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return denoise(x_t, i_start)


@right("1.7")
def by_trigonometry(image, i_start, denoise, alphas_cumprod, noise):
    angle = torch.acos(alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]].double().sqrt())
    return denoise(float(angle.cos()) * image + float(angle.sin()) * noise, i_start)


@wrong("1.7", "Swaps the weights of the image and the noise.")
def weights_crossed(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise((1 - a).sqrt() * image + a.sqrt() * noise, i_start)


@wrong("1.7", "Adds no noise before it denoises.")
def without_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    return denoise(a.sqrt() * image, i_start)


@wrong("1.7", "Passes the timestep to denoise where the index belongs.")
def denoise_told_t(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    return denoise(forward(image, t, alphas_cumprod, noise), t)


@wrong("1.7", "Adds the noise at full strength.")
def all_the_noise(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * image + noise
    return denoise(noisy, i_start)


@wrong("1.7", "Adds the noise of the next index, one step too little.")
def next_index(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[min(i_start + 1, 33)]
    return denoise(forward(image, t, alphas_cumprod, noise), i_start)


@wrong("1.7", "Changes the image that it's given in place.")
def modifies_image(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    image *= a.sqrt()
    image += (1 - a).sqrt() * noise
    return denoise(image, i_start)


@wrong("1.7", "Clips the result to [-1, 1].")
def clipped_result(image, i_start, denoise, alphas_cumprod, noise):
    x = forward(image, pset.STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return denoise(x, i_start).clamp(min=-1, max=1)


@wrong("1.7", "Calls denoise for every index from i_start on, though each call is the whole loop.")
def denoises_repeatedly(image, i_start, denoise, alphas_cumprod, noise):
    x = forward(image, pset.STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    for i in range(i_start, len(pset.STRIDED_TIMESTEPS)):
        x = denoise(x, i)
    return x


@wrong("1.7", "Computes ᾱ by itself as 1 − t/1000 instead of looking it up.")
def made_up_schedule(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    keep = 1 - t / 1000
    return denoise(keep**0.5 * image + (1 - keep) ** 0.5 * noise, i_start)


@wrong("1.7", "Returns the noisy image: never denoises.")
def only_noised(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    return forward(image, t, alphas_cumprod, noise)


@wrong("1.7", "Adds noise again to the result of the loop.")
def noised_afterwards(image, i_start, denoise, alphas_cumprod, noise):
    t = pset.STRIDED_TIMESTEPS[i_start]
    edited = denoise(forward(image, t, alphas_cumprod, noise), i_start)
    return forward(edited, t, alphas_cumprod, noise)
