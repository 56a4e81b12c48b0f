"""Answers to 1.5, sampling."""
# ruff: noqa: B007, E501 (as they were written)

import torch

import pset
from tests.pset.checks.unseen_hands import open_question, right, wrong


@right("1.5")
def with_generator(count, denoise, size, seed):
    g = torch.Generator().manual_seed(seed)
    start = torch.randn(count, 3, size, size, generator=g)
    return denoise(start, 0)


@right("1.5")
def with_keywords(count, denoise, size, seed):
    shape = torch.Size([count, 3] + 2 * [size])
    return denoise(image=pset.noise(shape=shape, seed=seed), i_start=0)


@wrong("1.5", "Draws one noise and repeats it, so all samples start alike.")
def same_start(count, denoise, size, seed):
    x_T = pset.noise((1, 3, size, size), seed)
    return denoise(x_T.repeat(count, 1, 1, 1), 0)


@wrong("1.5", "Starts the loop at i_start = 1 instead of 0.")
def starts_at_one(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 1)


@wrong(
    "1.5",
    "Starts at the last index of the timesteps, where the loop has nothing left to do, so it returns noise.",
)
def starts_at_the_end(count, denoise, size, seed):
    i_start = len(pset.STRIDED_TIMESTEPS) - 1  # the noisiest one
    return denoise(pset.noise((count, 3, size, size), seed), i_start)


@wrong("1.5", "Ignores the seed; the noise always comes from the default one.")
def default_seed(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size))
    return denoise(x, 0)


@wrong("1.5", "Starts from uniform noise between 0 and 1, not from standard normal noise.")
def uniform(count, denoise, size, seed):
    g = torch.Generator().manual_seed(seed)
    return denoise(torch.rand((count, 3, size, size), generator=g), 0)


@wrong(
    "1.5",
    "Draws every image in a loop with the same seed, so all of them start from the same noise.",
)
def same_seed_in_loop(count, denoise, size, seed):
    samples = []
    for k in range(count):
        x_T = pset.noise((1, 3, size, size), seed)
        samples.append(denoise(x_T, 0))
    return torch.cat(samples)


@wrong(
    "1.5",
    "Maps the noise with 2x − 1, as if it lay in [0, 1], so it's twice too strong and off centre.",
)
def maps_noise(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    x = 2 * x - 1  # images are in [-1, 1]
    return denoise(x, 0)


@wrong("1.5", "Clips the starting noise to [-1, 1].")
def clips_start(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed).clamp(-1, 1), 0)


@wrong("1.5", "Always makes pictures of 64 × 64 pixels, whatever size it's asked for.")
def fixed_size(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, 64, 64), seed=seed), 0)


@wrong("1.5", "The loop starts at 1, so there's one image too few.")
def one_too_few(count, denoise, size, seed):
    noises = pset.noise((count, 3, size, size), seed)
    return denoise(torch.stack([noises[k] for k in range(1, count)]), 0)


@wrong("1.5", "Uses half the strength for the starting noise, copied from the question below.")
def half_strength(count, denoise, size, seed):
    x_T = 0.5 * pset.noise((count, 3, size, size), seed)
    return denoise(x_T, i_start=0)


@wrong(
    "1.5",
    "Keeps only one image: the variable is overwritten in every round and the last one returned.",
)
def only_the_last(count, denoise, size, seed):
    noises = pset.noise((count, 3, size, size), seed)
    for k in range(count):
        pictures = denoise(noises[k][None], 0)
    return pictures


@wrong(
    "1.5", "Two mistakes: the noise ignores the seed, and every image starts from the same draw."
)
def same_start_default_seed(count, denoise, size, seed):
    return denoise(pset.noise((1, 3, size, size)).expand(count, -1, -1, -1), 0)


@open_question(
    "1.5", "May image k start from the noise of seed + k instead of one draw for the batch?"
)
def seed_plus_k(count, denoise, size, seed):
    return denoise(torch.cat([pset.noise((1, 3, size, size), seed + k) for k in range(count)]), 0)


@open_question(
    "1.5",
    "May the images be denoised one by one? In the notebook's loop each then gets the same step noise.",
)
def one_by_one(count, denoise, size, seed):
    x_T = pset.noise((count, 3, size, size), seed)
    return torch.cat([denoise(x_T[k : k + 1], 0) for k in range(count)])
