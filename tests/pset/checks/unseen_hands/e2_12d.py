"""Answers to 2.12d, skew."""

import math

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _rolled(x, shifts):
    """Column j moved down by shifts[j]."""
    columns = [c.roll(s, dims=2) for c, s in zip(x.split(1, dim=3), shifts)]
    return torch.cat(columns, dim=3)


@right("2.12d")
def by_gathering(x, slope, inverse=False):
    height, width = x.shape[2:]
    shift = torch.floor(slope * torch.arange(width, dtype=torch.float64)).long()
    if inverse:
        shift = -shift
    rows = (torch.arange(height)[:, None] - shift) % height
    return torch.gather(x, 2, rows.to(x.device).expand_as(x))


@right("2.12d")
def column_after_column(x, slope, inverse=False):
    result = x.clone()
    for j in range(x.shape[3]):
        down = math.floor(slope * j)
        result[:, :, :, j] = torch.roll(x[:, :, :, j], -down if inverse else down, dims=2)
    return result


@wrong("2.12d", "Rounds to the nearest whole number instead of down.")
def rounded(x, slope, inverse=False):
    sign = -1 if inverse else 1
    return _rolled(x, [sign * round(slope * j) for j in range(x.shape[-1])])


@wrong("2.12d", "Cuts the fraction off, which rounds up if the slope is negative.")
def truncated(x, slope, inverse=False):
    sign = -1 if inverse else 1
    return _rolled(x, [sign * int(slope * j) for j in range(x.shape[-1])])


@wrong("2.12d", "Undoes it with −slope, which rounds down as well instead of up.")
def minus_slope(x, slope, inverse=False):
    if inverse:
        return minus_slope(x, -slope)
    return _rolled(x, [math.floor(slope * j) for j in range(x.shape[-1])])


@wrong("2.12d", "Moves the columns up.")
def upwards(x, slope, inverse=False):
    shifts = [math.floor(slope * j) for j in range(x.shape[-1])]
    if not inverse:
        shifts = [-s for s in shifts]
    return _rolled(x, shifts)


@wrong("2.12d", "Moves rows to the right instead of columns down.")
def rows_to_the_right(x, slope, inverse=False):
    result = torch.zeros_like(x)
    for i in range(x.shape[2]):
        by = math.floor(slope * i)
        result[:, :, i] = torch.roll(x[:, :, i], -by if inverse else by, dims=-1)
    return result


@wrong("2.12d", "What leaves at the bottom is lost, and zeros come in at the top.")
def falls_out(x, slope, inverse=False):
    height = x.shape[2]
    result = torch.zeros_like(x)
    for j in range(x.shape[3]):
        s = math.floor(slope * j)
        s = -s if inverse else s
        for row in range(height):
            if 0 <= row - s < height:
                result[:, :, row, j] = x[:, :, row - s, j]
    return result


@wrong("2.12d", "Moves the columns down again for the inverse.")
def down_again(x, slope, inverse=False):
    return _rolled(x, [math.floor(slope * j) for j in range(x.shape[-1])])


@wrong("2.12d", "Rounds the slope down before it's multiplied by j.")
def slope_rounded(x, slope, inverse=False):
    step = math.floor(slope)
    step = -step if inverse else step
    return _rolled(x, [step * j for j in range(x.shape[-1])])


@wrong("2.12d", "Counts the columns from 1.")
def columns_from_one(x, slope, inverse=False):
    result = torch.empty_like(x)
    for j in range(1, x.shape[3] + 1):
        down = math.floor(slope * j) * (-1 if inverse else 1)
        result[..., j - 1] = x[..., j - 1].roll(down, dims=-1)
    return result


@wrong("2.12d", "Shears the caller's own images.")
def shears_in_place(x, slope, inverse=False):
    for j in range(x.shape[3]):
        down = math.floor(slope * j)
        x[..., j] = torch.roll(x[..., j], -down if inverse else down, dims=-1)
    return x
