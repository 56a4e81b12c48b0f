"""Answers to 1.1, the forward process."""

import math

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("1.1")
def forward_as_rotation(im, t, alphas_cumprod, noise):
    # the two weights are cosine and sine of one angle
    angle = math.acos(math.sqrt(float(alphas_cumprod[t])))
    return math.cos(angle) * im + math.sin(angle) * noise


@right("1.1")
def forward_einsum(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t].to(im)
    weights = torch.stack([a, 1 - a]).sqrt()
    return torch.einsum("k,kbchw->bchw", weights, torch.stack([im, noise.to(im)]))


@right("1.1")
def forward_one_by_one(im, t, alphas_cumprod, noise):
    out = torch.empty_like(im)
    for b in range(im.shape[0]):
        for c in range(im.shape[1]):
            out[b, c] = torch.add(
                im[b, c] * alphas_cumprod[t] ** 0.5, noise[b, c] * (1 - alphas_cumprod[t]) ** 0.5
            )
    return out


@wrong("1.1", "Takes no square roots: weighs the image with ᾱ_t and the noise with 1 − ᾱ_t.")
def no_roots(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    return a * im + (1 - a) * noise


@wrong("1.1", "The noise's weight is 1 − √ᾱ_t; the root should be taken of 1 − ᾱ_t.")
def root_inside_difference(im, t, alphas_cumprod, noise):
    w = torch.sqrt(alphas_cumprod[t])
    x_t = w * im + (1 - w) * noise
    return x_t


@wrong("1.1", "The two weights are exchanged: √ᾱ_t multiplies the noise and √(1 − ᾱ_t) the image.")
def weights_exchanged(im, t, alphas_cumprod, noise):
    signal = alphas_cumprod[t]
    rest = 1 - signal
    return torch.sqrt(rest) * im + torch.sqrt(signal) * noise


@wrong("1.1", "Takes ᾱ from index t − 1 instead of t, as if timesteps were counted from 1.")
def one_based(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[t - 1]  # t counts from 1, lists from 0
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise


@wrong(
    "1.1", "Takes the cumulative product again of a schedule that's a cumulative product already."
)
def product_of_products(im, t, alphas_cumprod, noise):
    alpha_bar = torch.cumprod(alphas_cumprod, dim=0)[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise


@wrong("1.1", "Draws noise of its own and ignores the noise it was given.")
def fresh_noise(im, t, alphas_cumprod, noise):
    noise = torch.randn_like(im)
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@wrong("1.1", "Clips the noisy image to [-1, 1].")
def clipped(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    x_t = a.sqrt() * im + (1 - a).sqrt() * noise
    return x_t.clamp(-1, 1)


@wrong("1.1", "Gives every image of a batch the noise of the first one.")
def first_noise_for_all(im, t, alphas_cumprod, noise):
    eps = noise[0]
    return torch.stack(
        [x * alphas_cumprod[t] ** 0.5 + eps * (1 - alphas_cumprod[t]) ** 0.5 for x in im]
    )


@wrong("1.1", "Works in place: it overwrites the caller's clean image with the noisy one.")
def overwrites_image(im, t, alphas_cumprod, noise):
    im *= alphas_cumprod[t].sqrt()
    im += (1 - alphas_cumprod[t]).sqrt() * noise
    return im


@wrong("1.1", "Doesn't scale the image down: adds the weighted noise to the full-strength image.")
def full_strength(im, t, alphas_cumprod, noise):
    noise_level = math.sqrt(1 - alphas_cumprod[t].item())
    return im + noise_level * noise


@wrong("1.1", "Reads the schedule backwards: index 999 − t instead of t.")
def backwards(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod.flip(0)[t]
    return torch.sqrt(alpha_bar) * im + torch.sqrt(1 - alpha_bar) * noise


@wrong("1.1", "Two mistakes: the image isn't scaled down, and the noise's weight has no root.")
def two_slips(im, t, alphas_cumprod, noise):
    return im + (1 - alphas_cumprod[t]) * noise
