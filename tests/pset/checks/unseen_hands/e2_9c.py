"""Answers to 2.9c, motion."""

import torch
from torch.nn import functional

from tests.pset.checks.unseen_hands import open_question, right, wrong


@right("2.9c")
def by_pooling(x, length):
    side = length // 2
    moving = functional.avg_pool2d(
        functional.pad(x, (side, side, 0, 0), mode="replicate"), (1, length), stride=1
    )
    return moving, x - moving


@right("2.9c")
def by_looking_up(x, length):
    width = x.shape[-1]
    total = torch.zeros_like(x)
    for shift in range(-(length // 2), length // 2 + 1):
        columns = (torch.arange(width) + shift).clamp(0, width - 1)
        total = total + x[..., columns]
    moving = total / length
    return moving, x - moving


@open_question("2.9c", "Beyond the border the picture goes on as on its other side.")
def circular(x, length):
    side = length // 2
    padded = functional.pad(x, (side, side, 0, 0), mode="circular")
    moving = padded.unfold(3, length, 1).mean(dim=-1)
    return moving, x - moving


@wrong("2.9c", "There are zeros beyond the border, which darken it.")
def zeros_outside(x, length):
    padded = functional.pad(x, (length // 2, length // 2, 0, 0))
    moving = padded.unfold(3, length, 1).mean(dim=-1)
    return moving, x - moving


@wrong("2.9c", "Blurs up and down instead of sideways.")
def up_and_down(x, length):
    side = length // 2
    padded = functional.pad(x, (0, 0, side, side), mode="reflect")
    moving = padded.unfold(2, length, 1).mean(dim=-1)
    return moving, x - moving


@wrong("2.9c", "Takes each pixel with the ones to its left: the mean isn't centred.")
def trailing(x, length):
    padded = functional.pad(x, (length - 1, 0, 0, 0), mode="replicate")
    moving = functional.avg_pool2d(padded, (1, length), stride=1)
    return moving, x - moving


@wrong("2.9c", "Adds the pixels up and doesn't divide by their number.")
def not_divided(x, length):
    side = length // 2
    kernel = torch.ones(3, 1, 1, length).to(x)
    padded = functional.pad(x, (side, side, 0, 0), mode="reflect")
    moving = functional.conv2d(padded, kernel, groups=3)
    return moving, x - moving


@wrong("2.9c", "Weights the neighbours like a Gaussian instead of equally.")
def gaussian_weights(x, length):
    d = torch.arange(length) - length // 2
    kernel = torch.exp(-(d**2) / (2 * (length / 4) ** 2))
    kernel = (kernel / kernel.sum()).to(x).expand(3, 1, 1, -1)
    padded = functional.pad(x, (length // 2, length // 2, 0, 0), mode="reflect")
    moving = functional.conv2d(padded, kernel, groups=3)
    return moving, x - moving


@wrong("2.9c", "Blurs in both directions, over a square.")
def square(x, length):
    padded = functional.pad(x, (length // 2,) * 4, mode="reflect")
    moving = functional.avg_pool2d(padded, length, stride=1)
    return moving, x - moving


@wrong("2.9c", "Blurs over 15 pixels, whatever `length` is.")
def always_fifteen(x, length=15):
    padded = functional.pad(x, (7, 7, 0, 0), mode="replicate")
    moving = functional.avg_pool2d(padded, kernel_size=(1, 15), stride=1)
    return moving, x - moving


@wrong("2.9c", "Takes `length` for the reach to each side, so it blurs twice as wide.")
def length_is_reach(x, length):
    padded = functional.pad(x, (length, length, 0, 0), mode="replicate")
    moving = padded.unfold(3, 2 * length + 1, 1).mean(dim=-1)
    return moving, x - moving


@wrong("2.9c", "Returns the still part first.")
def still_first(x, length):
    padded = functional.pad(x, (length // 2, length // 2, 0, 0), mode="replicate")
    moving = functional.avg_pool2d(padded, (1, length), stride=1)
    return x - moving, moving
