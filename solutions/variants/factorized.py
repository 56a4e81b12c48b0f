"""Other right answers to 2.8 to 2.10."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter, uniform_filter1d

import pset
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from solutions.variants import variant

# --- 2.8 -----------------------------------------------------------------------------------------


@variant("2.8")
def one_after_the_other(x_t, t, estimates, split):
    """Added up in a loop, in double precision."""
    noise = torch.zeros_like(x_t, dtype=torch.float64)
    variance = torch.zeros_like(noise)
    for i in range(len(estimates)):
        e, v = estimates[i](x_t, t)
        noise += split(e.double())[i]
        variance += v.double() / len(estimates)
    return noise, variance


@variant("2.8")
def all_parts_of_all_estimates(x_t, t, estimates, split):
    """A table of parts, whose diagonal counts."""
    answers = [torch.cat(estimate(x_t, t), dim=1) for estimate in estimates]
    table = torch.stack([torch.stack(split(answer[:, :3])) for answer in answers])
    diagonal = table.diagonal(dim1=0, dim2=1).sum(-1)
    return diagonal, torch.stack(answers)[:, :, 3:].mean(0)


@variant("2.8")
def last_and_corrections(x_t, t, estimates, split):
    """The last estimate, corrected part by part: right because the parts add up."""
    *others, (noise, last_variance) = [estimate(x_t, t) for estimate in estimates]
    corrections = [split(e - noise)[i] for i, (e, _) in enumerate(others)]
    variances = [*(v for _, v in others), last_variance]
    return noise + sum(corrections), torch.stack(variances).mean(dim=0)


@variant("2.8")
def image_by_image(x_t, t, estimates, split):
    """A loop over the batch, in numpy in between."""
    noises, variances = np.zeros(x_t.shape), np.zeros(x_t.shape)
    for b in range(len(x_t)):
        for i, estimate in enumerate(estimates):
            noise, variance = (y.numpy() for y in estimate(x_t, t))
            noises[b] += split(torch.from_numpy(noise[b : b + 1].copy()))[i].numpy()[0]
            variances[b] += variance[b] / len(estimates)
    return noises, variances


# --- 2.8b ----------------------------------------------------------------------------------------


@variant("2.8b")
def parts_taken_away(x, split):
    rest = x.clone()
    for part in split(x):
        rest -= part
    return rest


@variant("2.8b")
def stacked_parts(x, split):
    return x - torch.stack(list(split(x))).sum(dim=0)


@variant("2.8b")
def parts_in_numpy(x, split):
    return x.numpy() - np.sum([part.numpy() for part in split(x)], axis=0)


@variant("2.8b")
def parts_in_double(x, split):
    first, *others = split(x.double())
    return x.double() - first - sum(others)


# --- 2.9 -----------------------------------------------------------------------------------------


def scipy_blur(x, sigma):
    return torch.from_numpy(
        gaussian_filter(x.double().numpy(), (0, 0, sigma, sigma), mode="nearest", truncate=7)
    )


def one_kernel(x, sigma):
    """A full kernel of 33 × 33, weights renormalised at the border."""
    d = torch.arange(33) - 16.0
    kernel = torch.exp(-(d[:, None] ** 2 + d[None] ** 2) / (2 * sigma**2))[None, None]
    flat = x.reshape(-1, 1, *x.shape[2:])
    weight = F.conv2d(torch.ones_like(flat), kernel, padding=16)
    return (F.conv2d(flat, kernel, padding=16) / weight).view_as(x)


@variant("2.9")
def by_scipy(x, sigma_middle, sigma_far):
    narrow, wide = scipy_blur(x, sigma_middle), scipy_blur(x, sigma_far)
    return x - narrow, narrow - wide, wide


@variant("2.9")
def by_one_kernel(x, sigma_middle, sigma_far):
    blurs = [one_kernel(x, sigma) for sigma in (sigma_middle, sigma_far)]
    return [x - blurs[0], blurs[0] - blurs[1], blurs[1]]


@variant("2.9")
def what_is_left(x, sigma_middle, sigma_far):
    """The middle is what near and far leave of the picture."""
    far = pset.gaussian_blur(x, kernel_size=31, sigma=sigma_far)
    near = x - pset.gaussian_blur(x, kernel_size=15, sigma=sigma_middle)
    return near, x - near - far, far


@variant("2.9")
def stacked(x, sigma_middle, sigma_far):
    """One tensor [3, B, 3, H, W], from differences of a list of blurs."""
    levels = [x, *(pset.gaussian_blur(x, 33, s) for s in (sigma_middle, sigma_far))]
    levels.append(torch.zeros_like(x))
    return -torch.stack(levels).diff(dim=0)


# --- 2.9b ----------------------------------------------------------------------------------------


@variant("2.9b")
def by_matrices(x):
    """Two 3 × 3 matrices for the channels."""
    grey = torch.full((3, 3), 1 / 3)
    return tuple(torch.einsum("cd,bdhw->bchw", m, x) for m in (grey, torch.eye(3) - grey))


@variant("2.9b")
def channel_by_channel(x):
    r, g, b = x.unbind(1)
    grey = (r + g + b) / 3
    return torch.stack([grey] * 3, 1), torch.stack([r - grey, g - grey, b - grey], 1)


@variant("2.9b")
def in_numpy(x):
    images = x.numpy().astype(np.float64)
    grey = np.repeat(images.mean(axis=1, keepdims=True), 3, axis=1)
    return grey, images - grey


@variant("2.9b")
def by_convolution(x):
    grey = F.conv2d(x, torch.full((3, 3, 1, 1), 1 / 3))
    return [grey, x - grey]


# --- 2.9c ----------------------------------------------------------------------------------------


@variant("2.9c")
def motion_by_scipy(x, length):
    moving = torch.from_numpy(uniform_filter1d(x.double().numpy(), length, axis=3, mode="reflect"))
    return moving, x - moving


@variant("2.9c")
def motion_by_pooling(x, length):
    moving = F.avg_pool2d(
        x, (1, length), stride=1, padding=(0, length // 2), count_include_pad=False
    )
    return moving, x - moving


@variant("2.9c")
def motion_by_rolling(x, length):
    """Shifted copies; what comes in at the other side is the flat border."""
    shifts = range(-(length // 2), length // 2 + 1)
    moving = torch.stack([x.roll(s, dims=3) for s in shifts]).mean(0)
    return moving, x - moving


@variant("2.9c")
def motion_by_convolution(x, length):
    kernel = torch.ones(3, 1, 1, length) / length
    half = (length - 1) // 2
    moving = F.conv2d(F.pad(x, (half, half, 0, 0), mode="replicate"), kernel, groups=3)
    return moving, x - moving


# --- 2.10 ----------------------------------------------------------------------------------------


def step(x, t, t_prev, estimate, alphas_cumprod):
    """One step of DDPM, written out."""
    a_t, a_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
    noise, variance = estimate(x, t)
    x_0 = (x - (1 - a_t).sqrt() * noise) / a_t.sqrt()
    alpha = a_t / a_prev
    mean = a_prev.sqrt() * (1 - alpha) / (1 - a_t) * x_0
    mean = mean + alpha.sqrt() * (1 - a_prev) / (1 - a_t) * x
    if t_prev == 0:
        return mean
    return mean + step_variance(variance, a_t, a_prev).sqrt() * pset.step_noise(x.shape, t_prev)


@variant("2.10")
def after_each_step(photo, low, estimate, alphas_cumprod, noise):
    """A loop of its own, with the difference of the coarse parts added."""
    x = noise.clone()
    for t, t_prev in pairwise(STRIDED_TIMESTEPS):
        x = step(x, t, t_prev, estimate, alphas_cumprod)
        a = alphas_cumprod[t_prev]
        noisy = a.sqrt() * photo + (1 - a).sqrt() * noise if t_prev else photo
        x = x + low(noisy - x)
    return x


@variant("2.10")
def before_each_step(photo, low, estimate, alphas_cumprod, noise):
    """The coarse part goes in before each step instead, and once more at the end."""
    x = noise
    for t, t_prev in pairwise(STRIDED_TIMESTEPS):
        if t < STRIDED_TIMESTEPS[0]:
            noisy = alphas_cumprod[t].sqrt() * photo + (1 - alphas_cumprod[t]).sqrt() * noise
            x = low(noisy) + (x - low(x))
        x = step(x, t, t_prev, estimate, alphas_cumprod)
    return low(photo) + (x - low(x))


@variant("2.10")
def coarse_parts_first(photo, low, estimate, alphas_cumprod, noise):
    """`low` is linear, so photograph and noise can be low-passed once, before the loop."""
    low_photo, low_noise = low(photo), low(noise)

    def put_in(x, t):
        a = alphas_cumprod[t]
        weight = (1 - a).sqrt() if t > 0 else 0
        return x - low(x) + (a.sqrt() if t > 0 else 1) * low_photo + weight * low_noise

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_in)


@variant("2.10")
def with_an_exact_end(photo, low, estimate, alphas_cumprod, noise):
    """A schedule whose last value is 1, so that the forward process itself ends on the photograph."""
    ours = alphas_cumprod.double().clone()
    ours[0] = 1

    def put_in(x, t):
        noisy = ours[t] ** 0.5 * photo + (1 - ours[t]) ** 0.5 * noise
        return (low(noisy) + (x - low(x))).float()

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_in)


@variant("2.10")
def in_the_estimate_too(photo, low, estimate, alphas_cumprod, noise):
    """Put in before the first step as well: at t = 990 there's next to nothing of the photograph."""

    def noisy(t):
        return alphas_cumprod[t].sqrt() * photo + (1 - alphas_cumprod[t]).sqrt() * noise

    def put_in(x, t):
        return low(photo if t == 0 else noisy(t)) + (x - low(x))

    start = put_in(noise, STRIDED_TIMESTEPS[0])
    return iterative_denoise(start, 0, estimate, alphas_cumprod, after_step=put_in)
