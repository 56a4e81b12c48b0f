"""Training pictures changed at random, so that the judge is forgiving where samples differ.

A sample may be a little larger, turned, paler, grainy or soft, and of 32×32; a hybrid is looked at
through a low and a high pass. None of it changes what there is to be seen.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from pset import gaussian_blur

SOFT, SHARP = 0.15, 0.06  # shares of batches seen through a low and a high pass
SMALL = 0.4  # of batches halved in size


def uniform(low: float, high: float, shape: tuple[int, ...], g: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=g)


def moved(x: Tensor, flip: Tensor, g: torch.Generator) -> Tensor:
    """Each of `x` [B, 3, H, W] in a scale, turn and place of its own, mirrored where `flip`."""
    n = (len(x),)
    scale, turn = uniform(0.87, 1.15, n, g), uniform(-0.14, 0.14, n, g)
    mirror = 1.0 - 2.0 * flip
    c, s = scale * turn.cos(), scale * turn.sin()
    dx, dy = uniform(-0.12, 0.12, n, g), uniform(-0.12, 0.12, n, g)
    to_input = torch.stack(
        [torch.stack([mirror * c, -mirror * s, dx], 1), torch.stack([s, c, dy], 1)], 1
    )
    grid = nn.functional.affine_grid(to_input, list(x.shape), align_corners=False)
    return nn.functional.grid_sample(x, grid, padding_mode="border", align_corners=False)


def augmented(x: Tensor, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures [B, 3, H, W] in [-1, 1] changed at random, and which are mirrored, [B] bool."""
    flip = torch.rand(len(x), generator=g) < 0.5
    x = moved(x, flip, g)
    each = (len(x), 1, 1, 1)
    x = uniform(0.85, 1.1, each, g) * x + uniform(-0.08, 0.08, each, g)
    way, small = torch.rand(2, generator=g).tolist()
    if way < SOFT + SHARP:
        sigma = math.exp(float(uniform(math.log(0.5), math.log(2), (), g)))
        low = gaussian_blur(x, kernel_size=13, sigma=sigma)
        x = low if way < SOFT else ((x - low) * 2).clamp(-1, 1)
    elif small < SMALL:
        x = nn.functional.avg_pool2d(x, 2)
    return x + uniform(0, 0.12, each, g) * torch.randn(x.shape, generator=g), flip
