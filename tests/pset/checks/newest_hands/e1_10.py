"""Answers to 1.10, hybrid images."""

import torch

from pset import gaussian_blur
from tests.pset.checks.newest_hands import right, wrong


def low(x):
    return gaussian_blur(x, kernel_size=33, sigma=2)


@right("1.10")
def blurred_difference(x_t, t, estimate_low, estimate_high):
    (e1, v1), (e2, v2) = estimate_low(x_t, t), estimate_high(x_t, t)
    return e2 + low(e1 - e2), (v1 + v2) / 2


@right("1.10")
def smaller_kernel(x_t, t, estimate_low, estimate_high):
    coarse, v_1 = estimate_low(x_t, t)
    fine, v_2 = estimate_high(x_t, t)
    coarse = gaussian_blur(coarse, 17, 2.0)
    fine = fine - gaussian_blur(fine, 17, 2.0)
    return coarse + fine, torch.stack((v_1, v_2)).mean(0)


@wrong("1.10", "Coarse and fine are exchanged.")
def exchanged(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_high(x_t, t)
    e2, v2 = estimate_low(x_t, t)
    return low(e1) + (e2 - low(e2)), (v1 + v2) / 2


@wrong("1.10", "Adds the second estimate whole: its coarse part isn't taken away.")
def fine_not_filtered(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2, (v1 + v2) / 2


@wrong("1.10", "Splits the image before the networks see it, instead of their outputs.")
def image_split(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(low(x_t), t)
    e2, v2 = estimate_high(x_t - low(x_t), t)
    return e1 + e2, (v1 + v2) / 2


@wrong("1.10", "Takes the variance of the first estimate alone.")
def first_variance(x_t, t, estimate_low, estimate_high):
    e1, v = estimate_low(x_t, t)
    e2, _ = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), v


@wrong("1.10", "Splits the variance by scale too.")
def variance_split_too(x_t, t, estimate_low, estimate_high):
    def mix(a, b):
        return low(a) + b - low(b)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return mix(e1, e2), mix(v1, v2)


@wrong("1.10", "The kernel has 5 pixels, far fewer than σ = 2 needs.")
def five_pixels(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    coarse, fine = gaussian_blur(e1, 5, 2), e2 - gaussian_blur(e2, 5, 2)
    return coarse + fine, (v1 + v2) / 2


@wrong("1.10", "Halves the sum of coarse and fine, as in the anagram.")
def averaged_like_anagram(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return 0.5 * (low(e1) + (e2 - low(e2))), 0.5 * (v1 + v2)


@wrong("1.10", "Uses a blur with another σ for the fine part.")
def two_cutoffs(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + (e2 - gaussian_blur(e2, 33, 1)), (v1 + v2) / 2


@wrong("1.10", "Subtracts the first estimate's coarse part from the second, not the second's own.")
def wrong_blur_subtracted(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    coarse = low(e1)
    return coarse + (e2 - coarse), (v1 + v2) / 2


@wrong("1.10", "The fine part has the wrong sign: blur minus noise.")
def fine_negated(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + (low(e2) - e2), (v1 + v2) / 2


@wrong("1.10", "Computes σ from the kernel, 33 / 6, instead of using σ = 2.")
def sigma_from_kernel(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    s = 33 / 6
    return gaussian_blur(e1, 33, s) + e2 - gaussian_blur(e2, 33, s), (v1 + v2) / 2
