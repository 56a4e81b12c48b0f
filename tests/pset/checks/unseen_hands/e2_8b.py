"""Answers to 2.8b, what a split leaves over."""

from functools import reduce

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.8b")
def takes_away_one_by_one(x, split):
    return reduce(torch.sub, split(x), x)


@right("2.8b")
def through_a_stack(x, split):
    parts = torch.stack(list(split(x)), dim=-1)
    return x - parts.sum(-1)


@wrong("2.8b", "The sign is wrong: the parts minus the picture.")
def parts_minus_picture(x, split):
    return sum(split(x)) - x


@wrong("2.8b", "Looks at the first two parts only.")
def first_two(x, split):
    parts = split(x)
    return x - parts[0] - parts[1]


@wrong("2.8b", "Returns the absolute value, which doesn't say in which direction something's lost.")
def absolute(x, split):
    rest = x.clone()
    for part in split(x):
        rest = rest - part
    return rest.abs()


@wrong("2.8b", "Returns one number, the largest remainder, instead of one for each pixel.")
def one_number(x, split):
    rest = x - sum(split(x))
    return rest.abs().max()


@wrong("2.8b", "Subtracts the parts from the caller's own picture.")
def eats_the_picture(x, split):
    parts = split(x)
    for part in parts:
        x -= part
    return x


@wrong("2.8b", "Subtracts the mean of the parts instead of their sum.")
def mean_of_parts(x, split):
    return x - torch.stack(split(x)).mean(dim=0)


@wrong("2.8b", "Splits what's left again each time, instead of the picture once.")
def splits_the_rest(x, split):
    rest = x
    for i in range(len(split(x))):
        rest = rest - split(rest)[i]
    return rest


@wrong("2.8b", "Sets what's smaller than a hundredth to zero.")
def small_is_nothing(x, split):
    rest = x - sum(split(x))
    rest[rest.abs() < 0.01] = 0
    return rest
