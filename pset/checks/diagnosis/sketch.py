"""A short sketch of a tensor, to recognise its values without keeping them all.

A count sketch (Charikar, Chen and Farach-Colton 2002): every value gets a random sign and is added
to one of a few buckets. The map is linear and keeps lengths on average,

    E‖S(a) − S(b)‖² = ‖a − b‖²,

so two tensors whose sketches agree to within a tolerance agree themselves, but for an accident that
is less likely than a broken memory chip. A mistake then takes 128 bytes for each case, not 50 KB.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch

BUCKETS = 32
ALIKE = 1.5
"""Tolerances between the sketches of two answers that are within one tolerance of each other: what
is true of lengths on average may be off by half for a single one."""


@lru_cache(maxsize=64)
def _plan(count: int, buckets: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Bucket and sign of each of `count` values, the same on every machine."""
    g = torch.Generator().manual_seed(count)
    bucket = torch.randint(buckets, (count,), generator=g)
    sign = 2 * torch.randint(2, (count,), generator=g).double() - 1
    return bucket, sign


def sketch(values: torch.Tensor, buckets: int = BUCKETS) -> torch.Tensor:
    """The sketch of a tensor of any shape, float32 `[buckets]`."""
    flat = values.detach().double().flatten()
    bucket, sign = _plan(len(flat), buckets)
    return torch.zeros(buckets, dtype=torch.float64).index_add_(0, bucket, sign * flat).float()


def distance(one: torch.Tensor, other: torch.Tensor, length: float) -> float:
    """‖S(a) − S(b)‖ as a share of `length`, the norm of the expected answer."""
    return float((one.double() - other.double()).norm()) / max(length, 1e-12)


def furthest(
    ones: Sequence[torch.Tensor], others: Sequence[torch.Tensor], lengths: Sequence[float]
) -> float:
    """The largest distance over the cases."""
    return max(distance(a, b, n) for a, b, n in zip(ones, others, lengths, strict=True))
