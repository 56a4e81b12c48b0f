"""Noise that everybody draws alike: seeded, from a CPU generator, whatever the device.

A figure made on a GPU and a check run on a laptop start from the same numbers, because the
numbers are drawn on the CPU and moved. Nothing here touches torch's global generator.
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
        seed: any whole number.
        device: where the result should live; the drawing always happens on the CPU.

    Returns:
        float32 tensor of the given shape.
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
    """The noise that the sampling step arriving at timestep `t` adds: one draw per (seed, t).

    Because it depends on the timestep and not on how many draws came before, two correct loops
    that draw in a different order, or that skip a draw they do not need, still agree.

    Args:
        shape: shape of the image being denoised, `[B, 3, H, W]`.
        t: the timestep that the step arrives at, 0 … 999.
        seed: the run's seed; another seed gives another sample.
        device: where the result should live.
        visit: how often the run has been at `t` before; 0 unless its timesteps rise again.
    """
    return noise(shape, seed=step_seed(seed, t, visit), device=device)


def step_seed(seed: int, t: int, visit: int = 0) -> int:
    """The seed of the one draw that belongs to a run's seed and a visit to a timestep."""
    # The multiplier keeps the streams of neighbouring seeds apart: (180, 30) is not (181, 29).
    # A run has room for a thousand visits to each of its thousand timesteps.
    return seed * 1_000_003 + 1 + int(t) + 1000 * visit
