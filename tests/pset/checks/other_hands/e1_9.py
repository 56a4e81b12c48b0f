"""Answers to 1.9, visual anagrams."""

import math

import numpy as np
import torch
from einops import rearrange, reduce

from tests.pset.checks.other_hands import open_question, right, wrong


@right("1.9")
def anagram_by_the_book(x_t, t, estimate_1, estimate_2):
    eps_1, v_1 = estimate_1(x_t, t)
    eps_2, v_2 = estimate_2(torch.flip(x_t, dims=[2]), t)
    eps_2, v_2 = torch.flip(eps_2, dims=[2]), torch.flip(v_2, dims=[2])
    return (eps_1 + eps_2) / 2, (v_1 + v_2) / 2


@right("1.9")
def anagram_with_flipud(x_t, t, estimate_1, estimate_2):
    upright = estimate_1(x_t, t)
    turned = estimate_2(x_t.flip(-2), t)
    return tuple(0.5 * (a + b.flip(-2)) for a, b in zip(upright, turned))


@right("1.9")
def anagram_with_index(x_t, t, estimate_1, estimate_2):
    rows = torch.arange(x_t.shape[2] - 1, -1, -1, device=x_t.device)
    n1, var1 = estimate_1(x_t, t)
    n2, var2 = estimate_2(x_t[:, :, rows, :], t)
    noise = torch.stack([n1, n2[:, :, rows, :]]).mean(dim=0)
    variance = torch.stack([var1, var2[:, :, rows, :]]).mean(dim=0)
    return noise, variance


@right("1.9")
def anagram_with_lerp(x_t, t, estimate_1, estimate_2):
    def flip(x):
        return torch.flip(x, (2,))

    a, b = estimate_1(x_t, t), estimate_2(flip(x_t), t)
    return torch.lerp(a[0], flip(b[0]), 0.5), torch.lerp(a[1], flip(b[1]), 0.5)


@right("1.9")
def anagram_in_numpy(x_t, t, estimate_1, estimate_2):
    flipped = torch.from_numpy(x_t.cpu().numpy()[:, :, ::-1].copy()).to(x_t.device)
    one = [y.cpu().numpy() for y in estimate_1(x_t, t)]
    two = [y.cpu().numpy()[:, :, ::-1] for y in estimate_2(flipped, t)]
    means = [np.mean([a, b], axis=0) for a, b in zip(one, two)]
    return tuple(torch.from_numpy(m).to(x_t) for m in means)


@right("1.9")
def anagram_with_six_channels(x_t, t, estimate_1, estimate_2):
    six_1 = torch.cat(estimate_1(x_t, t), dim=1)
    six_2 = torch.cat(estimate_2(x_t.flip(dims=(2,)), t), dim=1).flip(dims=(2,))
    both = rearrange([six_1, six_2], "n b c h w -> n b c h w")
    noise, variance = reduce(both, "n b c h w -> b c h w", "mean").split(3, dim=1)
    return noise, variance


@right("1.9")
def anagram_over_views(x_t, t, estimate_1, estimate_2):
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for estimate, dims in ((estimate_1, []), (estimate_2, [2])):
        e, v = estimate(torch.flip(x_t, dims), t)
        noise = noise + torch.flip(e, dims) / 2
        variance = variance + torch.flip(v, dims) / 2
    return noise, variance


@right("1.9")
def anagram_with_matrix(x_t, t, estimate_1, estimate_2):
    turn = torch.eye(x_t.shape[2], dtype=x_t.dtype, device=x_t.device).flip(0)
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(turn @ x_t, t)
    return 0.5 * e1 + 0.5 * (turn @ e2), 0.5 * v1 + 0.5 * (turn @ v2)


@wrong("1.9", "flips left and right")
def anagram_mirrored(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(torch.flip(x_t, dims=[3]), t)
    return (e1 + torch.flip(e2, dims=[3])) / 2, (v1 + torch.flip(v2, dims=[3])) / 2


@wrong("1.9", "rotates by 180°: flips both axes")
def anagram_rotated(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(torch.rot90(x_t, 2, (2, 3)), t)
    back = [torch.rot90(y, 2, (2, 3)) for y in (e2, v2)]
    return (e1 + back[0]) / 2, (v1 + back[1]) / 2


@wrong("1.9", "the second answer isn't turned back")
def anagram_not_turned_back(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 + e2) / 2, (v1 + v2) / 2


@wrong("1.9", "the second estimate is asked about the upright picture, its answer is flipped")
def anagram_asks_upright(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t, t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "no flip at all: the mean of two prompts")
def anagram_without_flip(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t, t)
    return (e1 + e2) / 2, (v1 + v2) / 2


@wrong("1.9", "the variance isn't turned back")
def anagram_variance_not_turned(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2) / 2


@wrong("1.9", "the noise isn't turned back, the variance is")
def anagram_only_variance_turned(x_t, t, estimate_1, estimate_2):
    noise_1, var_1 = estimate_1(x_t, t)
    noise_2, var_2 = estimate_2(torch.flip(x_t, [2]), t)
    return 0.5 * (noise_1 + noise_2), 0.5 * (var_1 + torch.flip(var_2, [2]))


@wrong("1.9", "the variance is the first estimate's")
def anagram_first_variance(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, _ = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2, v1


@wrong("1.9", "the variance is the second estimate's")
def anagram_second_variance(x_t, t, estimate_1, estimate_2):
    e1, _ = estimate_1(x_t, t)
    e2, v = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2, v.flip(2)


@wrong("1.9", "the sum in place of the mean, of noise and variance")
def anagram_sum(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return e1 + e2.flip(2), v1 + v2.flip(2)


@wrong("1.9", "the noise is a sum, the variance a mean")
def anagram_noise_sum(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return torch.add(e1, e2.flip(2)), (v1 + v2.flip(2)) / 2


@wrong("1.9", "the variance is a sum, the noise a mean")
def anagram_variance_sum(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return torch.add(e1, e2.flip(2)) / 2, v1 + v2.flip(2)


@wrong("1.9", "divides by √2, to keep the noise's variance")
def anagram_root_two(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / math.sqrt(2), (v1 + v2.flip(2)) / 2


@wrong("1.9", "the two estimates are mixed up: the first one gets the flipped picture")
def anagram_estimates_swapped(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t.flip(2), t)
    e2, v2 = estimate_2(x_t, t)
    return (e1.flip(2) + e2) / 2, (v1.flip(2) + v2) / 2


@wrong("1.9", "both views are asked of the first estimate")
def anagram_first_estimate_twice(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_1(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "the result as a whole is flipped once more")
def anagram_upside_down_result(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1.flip(2) + e2) / 2, (v1.flip(2) + v2) / 2


@wrong("1.9", "flips axis 1: the colour channels")
def anagram_flips_channels(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(torch.flip(x_t, dims=[1]), t)
    return (e1 + torch.flip(e2, dims=[1])) / 2, (v1 + torch.flip(v2, dims=[1])) / 2


@wrong("1.9", "torch.flipud on the whole tensor flips the batch")
def anagram_flips_batch(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(torch.flipud(x_t), t)
    return (e1 + torch.flipud(e2)) / 2, (v1 + torch.flipud(v2)) / 2


@wrong("1.9", "transposes the picture in place of flipping it")
def anagram_transposed(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.transpose(2, 3), t)
    return (e1 + e2.transpose(2, 3)) / 2, (v1 + v2.transpose(2, 3)) / 2


@wrong("1.9", "turns by 90° and back")
def anagram_quarter_turn(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(torch.rot90(x_t, 1, (2, 3)), t)
    e2, v2 = (torch.rot90(y, -1, (2, 3)) for y in (e2, v2))
    return (e1 + e2) / 2, (v1 + v2) / 2


@wrong("1.9", "takes the negative for the flipped picture")
def anagram_negative(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(-x_t, t)
    return (e1 - e2) / 2, (v1 + v2) / 2


@wrong("1.9", "flips up and down on the way in, left and right on the way back")
def anagram_back_by_other_axis(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(3)) / 2, (v1 + v2.flip(3)) / 2


@wrong("1.9", "asks both estimates about the mean of both views")
def anagram_mean_of_inputs(x_t, t, estimate_1, estimate_2):
    x = (x_t + x_t.flip(2)) / 2
    e1, v1 = estimate_1(x, t)
    e2, v2 = estimate_2(x, t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "alternates between the views from step to step")
def anagram_alternating(x_t, t, estimate_1, estimate_2):
    if (t // 30) % 2 == 0:
        return estimate_1(x_t, t)
    e, v = estimate_2(x_t.flip(2), t)
    return e.flip(2), v.flip(2)


@wrong("1.9", "the upper half is the first estimate's, the lower half the second's")
def anagram_halves(x_t, t, estimate_1, estimate_2):
    half = x_t.shape[2] // 2
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = (y.flip(2) for y in estimate_2(x_t.flip(2), t))
    noise = torch.cat([e1[:, :, :half], e2[:, :, half:]], dim=2)
    return noise, (v1 + v2) / 2


@wrong("1.9", "returns only the noise")
def anagram_noise_only(x_t, t, estimate_1, estimate_2):
    e1, _ = estimate_1(x_t, t)
    e2, _ = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2


@wrong("1.9", "returns one tensor of six channels")
def anagram_six_channels(x_t, t, estimate_1, estimate_2):
    one = torch.cat(estimate_1(x_t, t), dim=1)
    two = torch.cat(estimate_2(x_t.flip(2), t), dim=1).flip(2)
    return (one + two) / 2


@wrong("1.9", "returns variance and noise in the wrong order")
def anagram_wrong_order(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (v1 + v2.flip(2)) / 2, (e1 + e2.flip(2)) / 2


@wrong("1.9", "a minus between the two estimates")
def anagram_minus(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 - e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "brackets: only the second estimate is halved")
def anagram_brackets(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return e1 + e2.flip(2) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "the second estimate is told t = 0")
def anagram_second_at_zero(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), 0)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "the first estimate gets twice the second one's weight")
def anagram_unequal_weights(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (2 * e1 + e2.flip(2)) / 3, (v1 + v2.flip(2)) / 2


@wrong("1.9", "takes the larger variance of the two")
def anagram_larger_variance(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    return (e1 + e2.flip(2)) / 2, torch.maximum(v1, v2.flip(2))


@wrong("1.9", "takes the mean of each estimate over its pixels")
def anagram_mean_over_pixels(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    noise = (e1.mean((2, 3), keepdim=True) + e2.mean((2, 3), keepdim=True)) / 2
    return noise.expand_as(x_t), (v1 + v2.flip(2)) / 2


@wrong("1.9", "flips the picture that it is given in place")
def anagram_in_place(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t.clone(), t)
    x_t.copy_(x_t.flip(2))
    e2, v2 = estimate_2(x_t, t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "chains the two: the second estimate is asked about the first one's noise")
def anagram_chained(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(e1.flip(2), t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "guides away from one view with γ = 7 in place of averaging")
def anagram_as_guidance(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(2), t)
    e2 = e2.flip(2)
    return e1 + 7 * (e2 - e1), (v1 + v2.flip(2)) / 2


@wrong("1.9", "flips left and right, and takes the sum")
def anagram_mirrored_sum(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = (torch.fliplr(y.transpose(1, 3)).transpose(1, 3) for y in estimate_2(x_t.flip(3), t))
    return e1 + e2, (v1 + v2) / 2


@wrong("1.9", "nothing is turned back, and the variance is the first one's")
def anagram_two_mistakes(x_t, t, estimate_1, estimate_2):
    noise, variance = estimate_1(x_t, t)
    return (noise + estimate_2(torch.flip(x_t, dims=[2]), t)[0]) / 2, variance


@open_question("1.9", "whether noise and variance may come as a list")
def anagram_list(x_t, t, estimate_1, estimate_2):
    one, two = estimate_1(x_t, t), estimate_2(x_t.flip(2), t)
    return [(a + b.flip(2)) / 2 for a, b in zip(one, two)]


@open_question("1.9", "in which order the two estimates are asked")
def anagram_second_first(x_t, t, estimate_1, estimate_2):
    e2, v2 = estimate_2(x_t.flip(2), t)
    e1, v1 = estimate_1(x_t, t)
    return (e1 + e2.flip(2)) / 2, (v1 + v2.flip(2)) / 2
