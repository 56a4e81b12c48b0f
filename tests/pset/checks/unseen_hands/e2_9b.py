"""Answers to 2.9b, grey and colour."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.9b")
def by_a_matrix(x):
    mixing = torch.full((3, 3), 1 / 3, dtype=x.dtype, device=x.device)
    grey = torch.einsum("ij,bjhw->bihw", mixing, x)
    return grey, x - grey


@right("2.9b")
def channel_by_channel(x):
    r, g, b = x.unbind(dim=1)
    mean = (r + g + b) / 3
    return torch.stack([mean] * 3, 1), torch.stack([r - mean, g - mean, b - mean], 1)


@wrong("2.9b", "Weights the channels like an eye does, instead of taking their mean.")
def luma(x):
    grey = 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]
    grey = grey.repeat(1, 3, 1, 1)
    return grey, x - grey


@wrong("2.9b", "The grey part has one channel instead of three.")
def one_channel(x):
    grey = x.mean(dim=1, keepdim=True)
    return grey, x - grey


@wrong("2.9b", "Takes the mean over the pixels, not over the channels.")
def mean_over_pixels(x):
    grey = x.mean(dim=(2, 3), keepdim=True).expand_as(x)
    return grey, x - grey


@wrong("2.9b", "Takes the middle between the largest and the smallest channel, not their mean.")
def lightness(x):
    grey = (x.amax(dim=1, keepdim=True) + x.amin(dim=1, keepdim=True)) / 2
    grey = grey.expand(-1, 3, -1, -1)
    return grey, x - grey


@wrong("2.9b", "Returns colour first and grey second.")
def colour_first(x):
    grey = x.mean(dim=1, keepdim=True).expand_as(x)
    colour = x - grey
    return colour, grey


@wrong("2.9b", "Adds the channels up and forgets to divide by three.")
def not_divided(x):
    grey = x.sum(dim=1, keepdim=True).repeat(1, 3, 1, 1)
    return grey, x - grey


@wrong("2.9b", "Takes the green channel for the grey part.")
def green_is_grey(x):
    grey = x[:, [1, 1, 1]]
    return grey, x - grey


@wrong("2.9b", "Subtracts the grey part from the caller's own picture.")
def subtracts_in_place(x):
    grey = x.mean(dim=1, keepdim=True).repeat(1, 3, 1, 1)
    x -= grey
    return grey, x
