"""Answers to 1.9, visual anagrams."""

import torch

from tests.pset.checks.newest_hands import right, wrong


def flip(x):
    return torch.flip(x, dims=[2])


@right("1.9")
def with_flipud(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = (y.flip(-2) for y in estimate_2(x_t.flip(-2), t))
    return torch.lerp(e1, e2, 0.5), torch.lerp(v1, v2, 0.5)


@right("1.9")
def stacked_mean(x_t, t, estimate_1, estimate_2):
    upright = torch.cat(estimate_1(x_t, t), dim=1)
    turned = flip(torch.cat(estimate_2(flip(x_t), t), dim=1))
    noise, variance = torch.stack([upright, turned]).mean(dim=0).split(3, dim=1)
    return noise, variance


@wrong("1.9", "Flips left and right instead of top and bottom.")
def left_right(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t.flip(3), t)
    return (e1 + e2.flip(3)) / 2, (v1 + v2.flip(3)) / 2


@wrong("1.9", "Turns the picture by 180°, which also swaps left and right.")
def rotated(x_t, t, estimate_1, estimate_2):
    def turn(x):
        return torch.rot90(x, 2, dims=(2, 3))

    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(turn(x_t), t)
    return (e1 + turn(e2)) / 2, (v1 + turn(v2)) / 2


@wrong("1.9", "Doesn't turn the second answer back.")
def still_upside_down(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    return (e1 + e2) / 2, (v1 + v2) / 2


@wrong("1.9", "Asks the second estimate about the upright picture, but turns its answer.")
def asks_upright(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(x_t, t)
    return 0.5 * (e1 + flip(e2)), 0.5 * (v1 + flip(v2))


@wrong("1.9", "Takes the variance of the first estimate alone.")
def variance_one(x_t, t, estimate_1, estimate_2):
    eps_1, variance = estimate_1(x_t, t)
    eps_2, _ = estimate_2(flip(x_t), t)
    return (eps_1 + flip(eps_2)) / 2, variance


@wrong("1.9", "Turns the noise back but not the variance.")
def variance_upside_down(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    return 0.5 * (e1 + flip(e2)), 0.5 * (v1 + v2)


@wrong("1.9", "Adds the two noises without dividing by two.")
def not_halved(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    return e1 + flip(e2), (v1 + flip(v2)) / 2


@wrong("1.9", "Uses the first estimate for both views.")
def first_twice(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_1(flip(x_t), t)
    return (e1 + flip(e2)) / 2, (v1 + flip(v2)) / 2


@wrong("1.9", "Divides by √2 so that the noise keeps variance one.")
def root_two(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    return (e1 + flip(e2)) / 2**0.5, (v1 + flip(v2)) / 2


@wrong("1.9", "Returns the variance before the noise.")
def wrong_order(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    noise, variance = (e1 + flip(e2)) / 2, (v1 + flip(v2)) / 2
    return variance, noise


@wrong("1.9", "Brackets: only the second noise is divided by two.")
def half_of_second(x_t, t, estimate_1, estimate_2):
    e1, v1 = estimate_1(x_t, t)
    e2, v2 = estimate_2(flip(x_t), t)
    return e1 + flip(e2) / 2, (v1 + flip(v2)) / 2
