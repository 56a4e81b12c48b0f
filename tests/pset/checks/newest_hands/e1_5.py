"""Answers to 1.5, sampling."""

import torch

import pset
from tests.pset.checks.newest_hands import right, wrong


@right("1.5")
def in_one_line(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 0)


@right("1.5")
def with_keywords(count, denoise, size, seed):
    shape = (count, 3) + (size,) * 2
    x_T = pset.noise(shape, seed=seed)
    images = denoise(x_T, i_start=0)
    return images


@wrong("1.5", "Passes the timestep 990 where the index 0 belongs.")
def timestep_as_index(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    return denoise(x, 990)


@wrong("1.5", "Gives each image its own seed instead of drawing all noise in one call.")
def seed_for_each(count, denoise, size, seed):
    x = torch.cat([pset.noise((1, 3, size, size), seed + k) for k in range(count)])
    return denoise(x, 0)


@wrong("1.5", "Draws the noise of one image and repeats it for all.")
def repeated(count, denoise, size, seed):
    one = pset.noise((1, 3, size, size), seed)
    return denoise(one.repeat(count, 1, 1, 1), 0)


@right("1.5")
def torch_noise(count, denoise, size, seed):
    """Was meant to be wrong, but it's what `pset.noise` does: on the CPU, the same numbers."""
    torch.manual_seed(seed)
    return denoise(torch.randn(count, 3, size, size), 0)


@wrong("1.5", "Doesn't use the seed.")
def default_seed(count, denoise, size, seed):
    x_T = pset.noise((count, 3, size, size))
    return denoise(x_T, 0)


@wrong("1.5", "Clips the images to [-1, 1].")
def clipped_samples(count, denoise, size, seed):
    out = denoise(pset.noise((count, 3, size, size), seed), 0)
    return torch.clip(out, -1.0, 1.0)


@wrong("1.5", "Returns a list of images instead of one tensor.")
def as_list(count, denoise, size, seed):
    noise = pset.noise((count, 3, size, size), seed)
    return [denoise(x[None], 0) for x in noise]


@wrong("1.5", "Starts at the last index, where there's nothing left to do.")
def starts_at_the_end(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    return denoise(x, len(pset.STRIDED_TIMESTEPS) - 1)


@wrong("1.5", "Always makes pictures of 64 × 64 pixels.")
def always_64(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, 64, 64), seed), 0)


@wrong("1.5", "Calls denoise once for each index, though each call runs the whole loop.")
def loop_in_loop(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    for i in range(len(pset.STRIDED_TIMESTEPS) - 1):
        x = denoise(x, i)
    return x


@wrong("1.5", "Rescales the noise to [-1, 1], like an image.")
def noise_like_an_image(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    x = x / x.abs().max()
    return denoise(x, 0)
