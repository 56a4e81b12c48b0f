"""Answers to 1.5, sampling."""

import math

import numpy as np
import torch
from einops import rearrange

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_cumprod = pset.ClosedFormModel().alphas_cumprod


@right("1.5")
def sample_in_one_line(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 0)


@right("1.5")
def sample_with_names(count, denoise, size, seed):
    shape = (count, 3, size, size)
    x_T = pset.noise(shape, seed=seed)
    images = denoise(image=x_T, i_start=0)
    return images


@right("1.5")
def sample_with_shape_from_tensor(count, denoise, size, seed):
    canvas = torch.empty(count, 3, size, size)
    start = pset.noise(canvas.shape, seed, device=canvas.device)
    return denoise(start, 0)


@right("1.5")
def sample_checks_shape(count, denoise, size, seed):
    start = pset.noise([count, 3, size, size], seed)
    with torch.no_grad():
        result = denoise(start, 0)
    assert tuple(result.shape) == (count, 3, size, size)
    return result


@right("1.5")
def sample_index_from_timesteps(count, denoise, size, seed):
    i_start = pset.STRIDED_TIMESTEPS.index(990)
    return denoise(pset.noise((count, 3, size, size), seed), i_start)


@right("1.5")
def sample_with_inner_function(count, denoise, size, seed):
    def starting_noise():
        return pset.noise(torch.Size((count, 3, size, size)), seed)

    return denoise(starting_noise(), 0)


@wrong("1.5", "ignores the seed")
def sample_default_seed(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size)), 0)


@wrong("1.5", "draws with torch.randn, without any seed")
def sample_unseeded(count, denoise, size, seed):
    return denoise(torch.randn(count, 3, size, size), 0)


@open_question("1.5", "whether torch's own generator, with the seed, may stand in for pset.noise")
def sample_torch_generator(count, denoise, size, seed):
    torch.manual_seed(seed)
    return denoise(torch.randn((count, 3, size, size)), 0)


@wrong("1.5", "draws with numpy in place of pset.noise")
def sample_numpy_generator(count, denoise, size, seed):
    z = np.random.default_rng(seed).standard_normal((count, 3, size, size))
    return denoise(torch.from_numpy(z.astype(np.float32)), 0)


@wrong("1.5", "all samples start from the same noise")
def sample_same_noise(count, denoise, size, seed):
    x = pset.noise((1, 3, size, size), seed)
    return denoise(x.repeat(count, 1, 1, 1), 0)


@wrong("1.5", "draws afresh for each sample with the same seed, so that all are alike")
def sample_loop_same_seed(count, denoise, size, seed):
    samples = []
    for _ in range(count):
        samples.append(denoise(pset.noise((1, 3, size, size), seed), 0))
    return torch.cat(samples)


@wrong("1.5", "makes a single image whatever the count")
def sample_only_one(count, denoise, size, seed):
    return denoise(pset.noise((1, 3, size, size), seed), 0)


@wrong("1.5", "the side is always 64")
def sample_size_64(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, 64, 64), seed), 0)


@wrong("1.5", "the count is always 5")
def sample_count_five(count, denoise, size, seed):
    return denoise(pset.noise((5, 3, size, size), seed), 0)


@wrong("1.5", "begins at the wrong end: the last index")
def sample_from_last_index(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), len(pset.STRIDED_TIMESTEPS) - 1)


@wrong("1.5", "begins at index 1, one step too late")
def sample_from_one(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 1)


@wrong("1.5", "passes the timestep 990 for the index")
def sample_timestep_for_index(count, denoise, size, seed):
    start = pset.noise((count, 3, size, size), seed)
    return denoise(start, 990)


@wrong("1.5", "begins at i_start 14, as the cell before did")
def sample_from_fourteen(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), i_start=14)


@wrong("1.5", "returns the noise and forgets to denoise")
def sample_returns_noise(count, denoise, size, seed):
    return pset.noise((count, 3, size, size), seed)


@wrong("1.5", "starts from uniform noise in [-1, 1]")
def sample_uniform(count, denoise, size, seed):
    g = torch.Generator().manual_seed(seed)
    return denoise(torch.rand(count, 3, size, size, generator=g) * 2 - 1, 0)


@wrong("1.5", "clips the starting noise to [-1, 1]")
def sample_clipped_start(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed).clamp(-1, 1), 0)


@wrong("1.5", "scales the starting noise by √(1 − ᾱ) of a middle timestep")
def sample_scaled_start(count, denoise, size, seed):
    sigma = math.sqrt(1 - alphas_cumprod[500])
    return denoise(sigma * pset.noise((count, 3, size, size), seed), 0)


@wrong("1.5", "halves the starting noise")
def sample_half_strength(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed) / 2, 0)


@wrong("1.5", "starts from an empty picture, without noise")
def sample_from_zeros(count, denoise, size, seed):
    return denoise(torch.zeros(count, 3, size, size), 0)


@wrong("1.5", "adds noise to a grey picture at half the way")
def sample_from_grey(count, denoise, size, seed):
    grey = torch.full((count, 3, size, size), 0.5)
    a = alphas_cumprod[pset.STRIDED_TIMESTEPS[10]]
    x = a.sqrt() * grey + (1 - a).sqrt() * pset.noise(grey.shape, seed)
    return denoise(x, 0)


@wrong("1.5", "channels last: [count, size, size, 3]")
def sample_channels_last(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    return rearrange(denoise(x, 0), "b c h w -> b h w c")


@wrong("1.5", "one-channel noise, repeated for the three colours")
def sample_grey_noise(count, denoise, size, seed):
    return denoise(pset.noise((count, 1, size, size), seed).repeat(1, 3, 1, 1), 0)


@wrong("1.5", "noise of shape [3, count, …] with the axes swapped back afterwards")
def sample_axes_swapped(count, denoise, size, seed):
    x = pset.noise((3, count, size, size), seed).transpose(0, 1)
    return denoise(x, 0)


@wrong("1.5", "returns the samples as a list")
def sample_returns_list(count, denoise, size, seed):
    images = denoise(pset.noise((count, 3, size, size), seed), 0)
    return list(images)


@wrong("1.5", "denoises the result a second time")
def sample_denoises_twice(count, denoise, size, seed):
    x = denoise(pset.noise((count, 3, size, size), seed), 0)
    return denoise(x, 0)


@wrong("1.5", "calls denoise once for each index, down the list")
def sample_loops_over_indices(count, denoise, size, seed):
    x = pset.noise((count, 3, size, size), seed)
    for i in range(0, len(pset.STRIDED_TIMESTEPS), 11):
        x = denoise(x, i)
    return x


@wrong("1.5", "the seed is off: seed + 1")
def sample_next_seed(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed + 1), 0)


@wrong("1.5", "uses the step noise of t = 990 for the start")
def sample_from_step_noise(count, denoise, size, seed):
    return denoise(pset.step_noise((count, 3, size, size), 990, seed), 0)


@wrong("1.5", "size and count are mistaken for each other")
def sample_arguments_swapped(count, denoise, size, seed):
    return denoise(pset.noise((size, 3, count, count), seed), 0)


@wrong("1.5", "maps the samples to [0, 1]")
def sample_zero_to_one(count, denoise, size, seed):
    return (denoise(pset.noise((count, 3, size, size), seed), 0) + 1) / 2


@open_question("1.5", "whether each sample may have a seed of its own: seed, seed + 1, …")
def sample_seed_for_each(count, denoise, size, seed):
    noise = torch.cat([pset.noise((1, 3, size, size), seed + k) for k in range(count)])
    return denoise(noise, 0)


@open_question("1.5", "whether the samples may be denoised one by one")
def sample_one_by_one(count, denoise, size, seed):
    noise = pset.noise((count, 3, size, size), seed)
    return torch.cat([denoise(noise[k : k + 1], 0) for k in range(count)])


@open_question("1.5", "whether the samples may be clipped to [-1, 1]")
def sample_clipped(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 0).clamp(-1, 1)


@open_question("1.5", "whether the start is scaled by √(1 − ᾱ) of t = 990, which is nearly 1")
def sample_exact_start(count, denoise, size, seed):
    sigma = (1 - alphas_cumprod[990]).sqrt()
    return denoise(sigma * pset.noise((count, 3, size, size), seed), 0)
