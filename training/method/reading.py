"""Have a linear layer read off the UNet's insides which thing is where, while it's trained.

Hardly any of the error of ε depends on what a picture shows: with another subject in its caption,
it grows by about 3 % at high noise. So it takes a network long to learn that. Here it's also asked
directly. From the features in the middle of the UNet and one level up, a linear layer has to tell
for each place what can be seen there (cross-entropy, with the labels of `training.data.labels`). It
can't, unless the UNet has worked out of caption and noise what goes where. REPA (Yu et al. 2025)
does something like it, with the features of a large pretrained network as targets.

These layers are only there for training; the network that's exported is the same without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from training.data import labels
from training.data.pictures import Pictures
from training.data.stream import LabelledChooser, Stream


class Reader(nn.Module):
    """A linear layer for the middle of a UNet, and one for the level above it."""

    def __init__(self, unet: nn.Module) -> None:
        super().__init__()
        width = unet.config.block_out_channels[-1]
        self.layers = nn.ModuleList([nn.Linear(width, labels.COUNT) for _ in range(2)])

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """[B, C, H, W] each -> logits [B, COUNT, H, W] each."""
        return [
            layer(x.float().movedim(1, -1)).movedim(-1, 1)
            for layer, x in zip(self.layers, features, strict=True)
        ]


@contextmanager
def inside(unet: nn.Module) -> Iterator[list[Tensor]]:
    """Within this block, the features that the UNet computes on the way: the last call's."""
    features, hooks = listen(unet)
    try:
        yield features
    finally:
        for hook in hooks:
            hook.remove()


def listen(unet: nn.Module) -> tuple[list[Tensor], list[RemovableHandle]]:
    """A list that from now on holds the features of the UNet's last call, and what fills it."""
    features: list[Tensor] = []

    def forget(module: nn.Module, inputs: object) -> None:
        features.clear()

    def keep(module: nn.Module, inputs: object, output: Tensor) -> None:
        features.append(output)

    hooks = [part.register_forward_hook(keep) for part in (unet.mid_block, unet.up_blocks[0])]
    return features, [unet.conv_in.register_forward_pre_hook(forget), *hooks]


def error(reader: nn.Module, features: list[Tensor], things: Tensor) -> Tensor:
    """The cross-entropy of what's read against `things` [B, S, S], summed over both levels."""
    total = torch.zeros((), device=things.device)
    for logits in reader(features):
        size = tuple(logits.shape[-2:])
        there = F.interpolate(things[:, None].float(), size, mode="nearest")[:, 0].long()
        summed = F.cross_entropy(logits, there, ignore_index=labels.UNKNOWN, reduction="sum")
        total = total + summed / (there != labels.UNKNOWN).sum().clamp(min=1)
    return total


def labelled(pictures: Pictures | Stream, size: int) -> LabelledChooser:
    """The stream's pictures with labels. Pictures in a folder have none."""
    if not isinstance(pictures, Stream):
        raise TypeError("Only pictures from a stream have labels that say what is where.")
    return pictures.labelled_chooser(size)
