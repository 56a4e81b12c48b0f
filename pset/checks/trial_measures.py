"""Measure what a network has answered in a trial (`trials`), outside the student's process."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from pset.checks.trials import BLOCK_BATCH, BLOCK_TOKENS, MOST_RANK, UNET_SIZE, block_inputs


class UNet(NamedTuple):
    """What a U-Net does.

    Args:
        unused: the share of parameters that get no gradient, as its process says.
        by_time, by_label: how much its output changes with them, as a share of its size.
        no_class: the same between no label and the nearest label.
        by_batch: how much an image's output depends on the batch it's in.
        rank: the number of independent directions in which the image can move the output, as a
            share of the image's numbers, up to `MOST_RANK`.
    """

    unused: float
    by_time: float
    by_label: float
    no_class: float
    by_batch: float
    rank: float


class Block(NamedTuple):
    """What a transformer's block does.

    Args:
        identity: how far the new block is from the identity.
        by_token: how much of what it adds after one step of training differs from token to token.
        unused: the share of parameters that get no gradient, as its process says.
        turned: how far it is from being equivariant to a permutation of the tokens.
        by_others, by_condition, by_batch: how much a token's output depends on another token, on
            the condition, and on another image.
    """

    identity: float
    by_token: float
    unused: float
    turned: float
    by_others: float
    by_condition: float
    by_batch: float


def unet_shapes(channels: int, classes: int) -> list[tuple[int, ...]]:
    """Of what `trials.unet` returns, in order."""
    batch = (classes + 1, channels, UNET_SIZE, UNET_SIZE)
    values = channels * UNET_SIZE**2
    return [(1,), batch, batch, batch, batch, (int(MOST_RANK * values), values)]


def block_shapes(width: int) -> list[tuple[int, ...]]:
    """Of what `trials.block` returns, in order."""
    batch = (BLOCK_BATCH, BLOCK_TOKENS, width)
    return [(1,), *[batch] * 6, (1, *batch[1:])]


def length(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many numbers there are in all of them."""
    return sum(torch.Size(shape).numel() for shape in shapes)


def unet(answer: torch.Tensor, arguments: Mapping[str, Any]) -> UNet:
    """Measure what `trials.unet` has returned for these arguments."""
    shapes = unet_shapes(arguments["channels"], arguments["classes"])
    unused, by_time, by_label, together, alone, slopes = _apart(answer, shapes)
    return UNet(
        float(unused),
        _spread(by_time),
        _spread(by_label[:-1]),
        min(_off(by_label[-1], other) for other in by_label[:-1]),
        _off(together, alone),
        _rank(slopes),
    )


def block(answer: torch.Tensor, arguments: Mapping[str, Any]) -> Block:
    """Measure what `trials.block` has returned for these arguments."""
    width, _, condition, seed = arguments.values()
    tokens, _, _, order, _ = block_inputs(seed, width, condition)
    unused, new, trained, shaken, turned, changed, elsewhere, alone = _apart(
        answer, block_shapes(width)
    )
    return Block(
        _off(new, tokens),
        _spread((trained - tokens).transpose(0, 1)),
        float(unused),
        _off(turned, shaken[:, order]),
        _off(changed[:, 1:], shaken[:, 1:]),
        _off(elsewhere, shaken),
        _off(alone, shaken[:1]),
    )


def _apart(answer: torch.Tensor, shapes: Sequence[tuple[int, ...]]) -> list[torch.Tensor]:
    """One row of numbers as tensors of these shapes."""
    parts = answer.split([length([shape]) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _off(one: torch.Tensor, other: torch.Tensor) -> float:
    """Root mean square of a difference, as a share of the larger one's."""
    size = max(one.square().mean(), other.square().mean()).sqrt().clamp_min(1e-12)
    return float((one - other).square().mean().sqrt() / size)


def _spread(answers: torch.Tensor) -> float:
    """How much answers differ along the first dimension, as a share of their size."""
    size = answers.square().mean().sqrt().clamp_min(1e-12)
    return float(answers.std(0).square().mean().sqrt() / size)


def _rank(slopes: torch.Tensor) -> float:
    """The rank of `[N, values]`, as a share of the values."""
    sizes = torch.linalg.svdvals(slopes.double())
    return float((sizes > 1e-5 * sizes[0]).sum()) / slopes.shape[1]
