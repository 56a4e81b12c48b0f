"""Train the classifier whose features the challenge of notebook 16 compares.

It learns from the small data set's training pictures alone: shifted, mirrored, lighter and darker,
and a little noisy. It tells the classes apart, and pictures from blends of several of one class:
these have the same mean and covariance, so features that only know the class wouldn't see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from pset.challenge.features import SIZE, Features
from pset.small_pictures import small_pictures

RATE = 3e-3
BATCH = 100
SHIFT = 2  # pixels, at most


def changed(images: Tensor, g: torch.Generator) -> Tensor:
    """A batch of pictures: shifted, every other one mirrored, lighter or darker, and noisy."""
    count = len(images)
    padded = functional.pad(images, (SHIFT,) * 4, mode="replicate")
    shifts = torch.randint(2 * SHIFT + 1, (count, 2), generator=g).tolist()
    moved = torch.stack(
        [x[:, i : i + SIZE, j : j + SIZE] for x, (i, j) in zip(padded, shifts, strict=True)]
    )
    flip = torch.rand(count, 1, 1, 1, generator=g) < 0.5
    moved = torch.where(flip, moved.flip(-1), moved)
    light = 1 + 0.2 * torch.randn(count, 1, 1, 1, generator=g)
    return moved * light + 0.05 * torch.randn(moved.shape, generator=g)


def blended(images: Tensor, labels: Tensor, g: torch.Generator) -> Tensor:
    """A blend for each picture, `[N, 3, H, W]`: from two others of its class, up to all of them.

    With weights that add up to 1 and whose squares do too, a blend keeps the class's mean and
    covariance; halfway, it keeps the mean.
    """
    blends = torch.empty_like(images)
    for label in labels.unique():
        rows = labels == label
        own = images[rows].flatten(1)
        mean, count = own.mean(dim=0), len(own)
        some = torch.rand(count, count, generator=g) < torch.rand(count, 1, generator=g) ** 3
        weights = torch.randn(count, count, generator=g) * some.logical_or(torch.eye(count) > 0)
        weights = weights / weights.norm(dim=1, keepdim=True)
        weights = weights * torch.empty(count, 1).uniform_(0.5, 1, generator=g)
        blends[rows] = (mean + weights @ (own - mean)).view(-1, *images.shape[1:])
    return blends


def train(net: Features, epochs: int, seed: int = 7) -> Iterator[float]:
    """Train, yielding the loss after each step; the learning rate falls to zero."""
    images, labels, _ = small_pictures("train", SIZE)
    g = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.05)
    steps = epochs * (len(images) // BATCH)
    falling = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=g).split(BATCH):
            blends = blended(images[rows], labels[rows], g)
            logits = net.logits(changed(torch.cat([images[rows], blends]), g))
            known = torch.arange(2 * len(rows)) < len(rows)
            loss = functional.cross_entropy(
                logits[known, :-1], labels[rows], label_smoothing=0.05
            ) + functional.binary_cross_entropy_with_logits(logits[:, -1], known.float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            falling.step()
            yield float(loss.detach())


@torch.no_grad()
def standardize(net: Features) -> None:
    """Give each feature mean 0 and variance 1 over the training pictures."""
    images, _, _ = small_pictures("train", SIZE)
    found = net.body(images)
    net.mean.copy_(found.mean(dim=0))
    net.spread.copy_(found.std(dim=0))


@torch.no_grad()
def accuracy(net: Features) -> float:
    """The share of held-out pictures whose class is the likeliest."""
    images, labels, _ = small_pictures("test", SIZE)
    return float((net.logits(images)[:, :-1].argmax(dim=1) == labels).float().mean())


def save(net: Features, path: Path) -> None:
    """Save the weights in float16."""
    state = {name: x.half().contiguous() for name, x in net.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path)
