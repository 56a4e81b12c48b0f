"""Seeded noise that's the same on every machine and device.

It's drawn on the CPU and then moved, so a figure made on a GPU and a check on a laptop start from
the same numbers. Nothing here touches torch's global generator.
"""

from collections.abc import Sequence

import torch

SEED = 180
"""The course's seed."""


def noise(
    shape: Sequence[int], seed: int = SEED, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Standard normal noise ε ~ N(0, I), the same for the same seed on every device.

    Args:
        shape: for example `(1, 3, 64, 64)` or `image.shape`.
        seed: any integer.
        device: of the result; the numbers are always drawn on the CPU.

    Returns:
        A float32 tensor of that shape.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn(tuple(shape), generator=generator).to(device)


def step_noise(
    shape: Sequence[int],
    t: int,
    seed: int = SEED,
    device: torch.device | str = "cpu",
    visit: int = 0,
) -> torch.Tensor:
    """The noise added by the sampling step that arrives at timestep `t`.

    It depends only on the seed and `t`, not on how much noise has been drawn before. So two correct
    loops agree even if they draw in a different order, or skip a draw they don't need.

    Args:
        shape: of the image that's being denoised, `[B, 3, H, W]`.
        t: the timestep that the step arrives at, 0 … 999.
        seed: the loop's seed; another seed gives another sample.
        device: of the result.
        visit: how often the loop has been at `t` before; 0 unless its timesteps rise again.

    Returns:
        Standard normal noise, a float32 tensor of that shape.
    """
    return noise(shape, seed=step_seed(seed, t, visit), device=device)


def step_seed(seed: int, t: int, visit: int = 0) -> int:
    """The seed for the noise of one step, from the loop's seed, the timestep and the visit."""
    # The multiplier keeps neighbouring seeds apart: (180, 30) mustn't be the same as (181, 29).
    # It leaves room for a thousand visits to each of a thousand timesteps.
    return seed * 1_000_003 + 1 + int(t) + 1000 * visit
