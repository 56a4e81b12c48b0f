"""Answers to 1.1, the forward process."""

import torch
from diffusers import DDPMScheduler

from tests.pset.checks.newest_hands import right, wrong


@right("1.1")
def by_hypot(im, t, alphas_cumprod, noise):
    signal = float(alphas_cumprod[t]) ** 0.5
    sigma = (1.0 - signal**2) ** 0.5
    return signal * im + sigma * noise


@right("1.1")
def stacked(im, t, alphas_cumprod, noise):
    weights = torch.stack([alphas_cumprod[t], 1 - alphas_cumprod[t]]).sqrt()
    return torch.einsum("k,kbchw->bchw", weights, torch.stack([im, noise]))


@wrong("1.1", "Takes the root of ᾱ_t first and then the root of that again.")
def rooted_too_early(im, t, alphas_cumprod, noise):
    a = torch.sqrt(alphas_cumprod[t])
    return torch.sqrt(a) * im + torch.sqrt(1 - a) * noise


@wrong("1.1", "Subtracts the noise.")
def minus_noise(im, t, alphas_cumprod, noise):
    abar = alphas_cumprod[t]
    return abar.sqrt() * im - (1 - abar).sqrt() * noise


@wrong("1.1", "Makes up a linear schedule, 1 − t/1000, instead of using the one it's given.")
def linear_fade(im, t, alphas_cumprod, noise):
    left = 1 - t / len(alphas_cumprod)
    return left**0.5 * im + (1 - left) ** 0.5 * noise


@wrong("1.1", "Forgets the root on the noise's weight.")
def variance_as_weight(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[t]
    x_t = im * alpha_bar.sqrt()
    x_t = x_t + noise * (1 - alpha_bar)
    return x_t


@wrong("1.1", "The bracket is in the wrong place: √ᾱ_t scales the noise too.")
def scales_both(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    return torch.sqrt(a) * (im + torch.sqrt(1 - a) * noise)


@wrong("1.1", "Moves the image to [0, 1] before noising it.")
def image_as_fraction(im, t, alphas_cumprod, noise):
    im = (im + 1) / 2  # a picture is between 0 and 1
    a = alphas_cumprod[t]
    return a.sqrt() * im + (1 - a).sqrt() * noise


@wrong("1.1", "Computes in half precision.")
def in_half(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t].half()
    return (a.sqrt() * im.half() + (1 - a).sqrt() * noise.half()).float()


@wrong("1.1", "Takes ᾱ of the timestep after t.")
def one_further(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[min(t + 1, 999)]
    return a.sqrt() * im + (1 - a).sqrt() * noise


@wrong("1.1", "Uses the noise of one colour channel for all three.")
def grey_noise(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    grain = noise[:, 0:1, :, :]
    return a.sqrt() * im + (1 - a).sqrt() * grain


@wrong("1.1", "Applies every ᾱ_s up to t, one after another, as if each were a single step's α.")
def step_by_step(im, t, alphas_cumprod, noise):
    x = im
    for s in range(t + 1):
        x = alphas_cumprod[s].sqrt() * x + (1 - alphas_cumprod[s]).sqrt() * noise
    return x


@wrong("1.1", "Takes a ready-made scheduler with its own schedule.")
def library_scheduler(im, t, alphas_cumprod, noise):
    scheduler = DDPMScheduler(num_train_timesteps=1000)
    return scheduler.add_noise(im, noise, torch.tensor([t]))
