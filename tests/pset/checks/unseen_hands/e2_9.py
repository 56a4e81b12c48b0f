"""Answers to 2.9, near, middle and far."""

from itertools import pairwise

import torch

from pset import gaussian_blur
from tests.pset.checks.unseen_hands import right, wrong


@right("2.9")
def from_a_list(x, sigma_middle, sigma_far):
    levels = [x] + [gaussian_blur(x, 33, s) for s in (sigma_middle, sigma_far)]
    bands = [a - b for a, b in pairwise(levels)]
    return (*bands, levels[-1])


@right("2.9")
def rest_is_near(x, sigma_middle, sigma_far):
    far = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    middle = gaussian_blur(x, kernel_size=33, sigma=sigma_middle) - far
    near = x - (middle + far)
    return near, middle, far


@wrong("2.9", "Blurs the blurred picture for the far part, which makes it wider still.")
def blurs_the_blurred(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    f = gaussian_blur(m, kernel_size=33, sigma=sigma_far)
    return x - m, m - f, f


@wrong("2.9", "Returns the parts the other way round: far, middle, near.")
def far_first(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    f = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    return f, m - f, x - m


@wrong("2.9", "The middle band has the wrong sign.")
def middle_negative(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    f = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    return x - m, f - m, f


@wrong("2.9", "The near part is what the wide blur leaves, so it contains the middle one.")
def near_from_wide(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    f = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    return x - f, m - f, f


@wrong("2.9", "The kernel is much too small for these blurs.")
def small_kernel(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=5, sigma=sigma_middle)
    f = gaussian_blur(x, kernel_size=5, sigma=sigma_far)
    return x - m, m - f, f


@wrong("2.9", "The middle part is the whole narrow blur: the far part isn't subtracted from it.")
def middle_with_far(x, sigma_middle, sigma_far):
    middle = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    far = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    near = x - middle
    return near, middle, far


@wrong("2.9", "The two σ are exchanged.")
def sigmas_exchanged(x, sigma_middle, sigma_far):
    blur = {s: gaussian_blur(x, kernel_size=33, sigma=s) for s in (sigma_far, sigma_middle)}
    narrow, wide = blur[sigma_far], blur[sigma_middle]
    return x - narrow, narrow - wide, wide


@wrong("2.9", "Uses the notebook's σ, 1 and 2.5, instead of those that it's given.")
def fixed_sigmas(x, sigma_middle=1.0, sigma_far=2.5):
    m = gaussian_blur(x, kernel_size=33, sigma=1.0)
    f = gaussian_blur(x, kernel_size=33, sigma=2.5)
    return x - m, m - f, f


@wrong("2.9", "Returns one tensor with the parts side by side in the channels.")
def in_channels(x, sigma_middle, sigma_far):
    m = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    f = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    return torch.cat([x - m, m - f, f], dim=1)
