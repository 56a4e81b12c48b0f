"""Answers to 2.12e, the negative."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.12e")
def zero_minus(noise, variance):
    return torch.zeros_like(noise) - noise, variance.clone()


@right("2.12e")
def in_one_go(noise, variance):
    signs = torch.tensor([-1.0] * 3 + [1.0] * 3).to(noise)
    both = torch.cat([noise, variance], dim=1) * signs[:, None, None]
    return both[:, :3], both[:, 3:]


@wrong("2.12e", "Changes the sign of the variance channels, too.")
def both_negative(noise, variance):
    return -noise, -variance


@wrong("2.12e", "Changes nothing: the noise's sign stays.")
def as_they_come(noise, variance):
    return noise, variance


@wrong("2.12e", "Changes the sign of the variance channels instead of the noise's.")
def wrong_one(noise, variance):
    return noise, variance.neg()


@wrong("2.12e", "Returns the variance first.")
def variance_first(noise, variance):
    return variance, -noise


@wrong("2.12e", "Squares the −1, and the variance channels with it.")
def squared(noise, variance):
    return -noise, variance**2


@wrong("2.12e", "Takes the negative of values in [0, 1]: one minus the noise.")
def one_minus(noise, variance):
    return 1 - noise, variance


@wrong("2.12e", "Changes the sign in the estimate's own tensor.")
def negates_in_place(noise, variance):
    noise.neg_()
    return noise, variance


@wrong("2.12e", "Returns the noise only.")
def noise_only(noise, variance):
    return -noise


@wrong("2.12e", "Takes the absolute value of the variance channels, since variances are positive.")
def positive_variance(noise, variance):
    return -noise, variance.abs()
