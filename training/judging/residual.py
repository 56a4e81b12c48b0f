"""A small residual network (He et al. 2016) that turns pictures into cells of features."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def normalised(a: int, b: int, side: int, stride: int = 1) -> nn.Sequential:
    """A convolution and its batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(a, b, side, stride, padding=side // 2, bias=False), nn.BatchNorm2d(b)
    )


class Residual(nn.Module):
    """Two convolutions beside a way around them; `stride` 2 halves height and width.

    The way around averages before it strides, so that it skips no pixel (He et al. 2019, ResNet-D).
    """

    def __init__(self, a: int, b: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = normalised(a, b, 3, stride), normalised(b, b, 3)
        pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        around = nn.Identity() if a == b else normalised(a, b, 1)
        self.around = nn.Sequential(pool, around)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(torch.relu(self.first(x))) + self.around(x))


def cells(width: int, blocks: tuple[int, ...]) -> nn.Sequential:
    """[B, 3, H, W] -> [B, C, H/2ⁿ, W/2ⁿ] with C = `width`·2ⁿ⁻¹, for n numbers of `blocks`.

    Height and width are halved by the first convolution and by every level after the first.
    """
    layers: list[nn.Module] = [normalised(3, width, 3, stride=2), nn.ReLU()]
    channels = width
    for level, count in enumerate(blocks):
        for k in range(count):
            wider = width * 2**level
            layers.append(Residual(channels, wider, 2 if level and not k else 1))
            channels = wider
    return nn.Sequential(*layers)
