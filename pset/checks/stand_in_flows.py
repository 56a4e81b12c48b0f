"""Stand-ins for networks that estimate a velocity. Time runs from 0, noise, to 1, data."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from pset.closed_form import mean_image

Velocity = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""`net(x, t, label)`, with images `[B, C, H, W]`, times `[B]` and labels `[B]`."""


class FlowNetwork(nn.Module):
    """A tiny network with given weights: a hidden layer for each pixel, moved by time and label."""

    def __init__(self, classes: int, seed: int, width: int = 8) -> None:
        super().__init__()
        self.classes = classes
        generator = torch.Generator().manual_seed(seed)

        def weight(*shape: int) -> nn.Parameter:
            return nn.Parameter(0.5 * torch.randn(shape, generator=generator))

        self.inward, self.outward = weight(width, 3), weight(3, width)
        self.of_time, self.of_label = weight(width), weight(classes + 1, width)

    def forward(self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """The velocity, like the image."""
        _one_each(x, t, label)
        moved = t[:, None] * self.of_time + self.of_label[label]
        hidden = torch.einsum("wc,bcyx->bwyx", self.inward, x) + moved[:, :, None, None]
        return torch.einsum("cw,bwyx->bcyx", self.outward, torch.tanh(hidden))


def flow_network(classes: int, seed: int) -> Any:
    """A fresh network; the label `classes` means "no class"."""
    return FlowNetwork(classes, seed)


def gaussian_velocity(tokens: list[list[float]], scale: float) -> Velocity:
    """The exact velocity where the images of each label are N(μ, scale²), μ the token's mean image.

    The last token is for no class. v = μ + (t·s² − (1−t)) / ((1−t)² + t²·s²) · (x − t·μ).
    """
    table = torch.tensor(tokens)

    def of(x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        _one_each(x, t, label)
        mu, t = mean_image(table[label], *x.shape[-2:]), t[:, None, None, None]
        slope = (t * scale**2 - (1 - t)) / ((1 - t) ** 2 + t**2 * scale**2)
        return mu + slope * (x - t * mu)

    return of


def _one_each(x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> None:
    for name, value in (("time", t), ("label", label)):
        if not isinstance(value, torch.Tensor) or value.shape != (len(x),):
            found = list(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
            raise ValueError(
                f"The network needs one {name} for each image, a tensor [{len(x)}]; got {found}."
            )
