"""Answers to 1.8, inpainting."""

import torch

import pset
from tests.pset.checks.newest_hands import right, wrong


def forward(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@right("1.8")
def with_where(original, mask, estimate, alphas_cumprod, noise):
    new = mask.bool()

    def paste(x, t):
        known = original if t == 0 else forward(original, t, alphas_cumprod, noise)
        return torch.where(new, x, known)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@right("1.8")
def exact_afterwards(original, mask, estimate, alphas_cumprod, noise):
    def keep_known(x, t):
        return mask * x + (1 - mask) * forward(original, t, alphas_cumprod, noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=keep_known)
    return mask * x + (1 - mask) * original


@wrong("1.8", "Has the mask the wrong way round.")
def keeps_the_hole(original, mask, estimate, alphas_cumprod, noise):
    def paste(x, t):
        known = original if t == 0 else forward(original, t, alphas_cumprod, noise)
        return (1 - mask) * x + mask * known

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Ends with forward(x, 0), which still has a trace of noise.")
def trace_of_noise(original, mask, estimate, alphas_cumprod, noise):
    def paste(x, t):
        return mask * x + (1 - mask) * forward(original, t, alphas_cumprod, noise)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Pastes the known pixels with the noise of t, which the step has left.")
def noise_of_departure(original, mask, estimate, alphas_cumprod, noise):
    before = dict(zip(pset.STRIDED_TIMESTEPS[1:], pset.STRIDED_TIMESTEPS[:-1], strict=True))

    def paste(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        return mask * x + (1 - mask) * forward(original, before[t], alphas_cumprod, noise)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Pastes the clean original at every step, without noise.")
def clean_surroundings(original, mask, estimate, alphas_cumprod, noise):
    return pset.iterative_denoise(
        noise, 0, estimate, alphas_cumprod, after_step=lambda x, t: x * mask + original * (1 - mask)
    )


@wrong("1.8", "Pastes the original only once, after the loop.")
def pasted_once(original, mask, estimate, alphas_cumprod, noise):
    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod)
    return torch.where(mask > 0.5, x, original)


@wrong("1.8", "Starts from the noised original instead of from the noise.")
def starts_from_original(original, mask, estimate, alphas_cumprod, noise):
    def paste(x, t):
        known = original if t == 0 else forward(original, t, alphas_cumprod, noise)
        return mask * x + (1 - mask) * known

    i = 10
    start = forward(original, pset.STRIDED_TIMESTEPS[i], alphas_cumprod, noise)
    return pset.iterative_denoise(start, i, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Draws new noise for the known pixels at every step.")
def new_noise_each_time(original, mask, estimate, alphas_cumprod, noise):
    def paste(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        grain = pset.step_noise(original.shape, t, pset.SEED).to(original)
        return mask * x + (1 - mask) * forward(original, t, alphas_cumprod, grain)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Forgets the mask on the new content: the known pixels are added on top of it.")
def added_on_top(original, mask, estimate, alphas_cumprod, noise):
    def paste(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        return x + (1 - mask) * forward(original, t, alphas_cumprod, noise)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Softens the edge of the mask with a blur.")
def feathered(original, mask, estimate, alphas_cumprod, noise):
    soft = pset.gaussian_blur(mask.float(), 7, 1.0)

    def paste(x, t):
        known = original if t == 0 else forward(original, t, alphas_cumprod, noise)
        return soft * x + (1 - soft) * known

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Uses the first image's mask for all images.")
def first_mask(original, mask, estimate, alphas_cumprod, noise):
    m = mask[0]

    def paste(x, t):
        known = original if t == 0 else forward(original, t, alphas_cumprod, noise)
        return m * x + (1 - m) * known

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)


@wrong("1.8", "Zeroes the estimated noise at the known pixels; pastes only at the end.")
def masked_estimate(original, mask, estimate, alphas_cumprod, noise):
    def only_in_hole(x, t):
        eps, v = estimate(x, t)
        return mask * eps, v

    x = pset.iterative_denoise(noise, 0, only_in_hole, alphas_cumprod)
    return mask * x + (1 - mask) * original
