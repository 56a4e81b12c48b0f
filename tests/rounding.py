"""Two ways of computing the same numbers: how far apart they may be.

The order of a sum, and with it the rounding, is up to the kernel that PyTorch picks: by processor,
memory layout and batch size, and even by whether a network is frozen. So tests ask for equal bits
only where the very same computation is done twice, or where numbers are only moved.
"""

import torch

from pset.checks.difference import difference

LAYERS = 68
"""The convolutions and linear layers in one network of the small cascade."""

TERMS = 9 * 64
"""The longest sum in one of them: a 3 × 3 convolution of 64 channels."""


def rounding(dtype: torch.dtype) -> float:
    """What two ways through that network may differ by: root mean square, as a share.

    Each rounding is off by up to ε/2, as often up as down, so that n of them are a random walk that
    ends within √n · ε. float16 layers add up in float32 and round once, their result; in float32
    every term of a sum counts.

    Args:
        dtype: of the network. ε is 1e-3 for float16 and 1e-7 for float32, the bounds 8e-3 and 2e-5.
    """
    roundings = LAYERS if dtype == torch.float16 else LAYERS * TERMS
    return torch.finfo(dtype).eps * roundings**0.5


def assert_same_numbers(
    ours: torch.Tensor, theirs: torch.Tensor, dtype: torch.dtype = torch.float32
) -> None:
    """Both came through the same layers in `dtype`, and only the last digits differ."""
    assert ours.shape == theirs.shape
    apart, allowed = difference(ours, theirs), rounding(dtype)
    assert apart < allowed, f"they are {apart:.1e} apart; rounding explains {allowed:.1e}"
