"""Gaussian blur: the classical denoiser, and the low pass of hybrid images."""

import torch
from torch.nn import functional


def gaussian_blur(x: torch.Tensor, kernel_size: int, sigma: float) -> torch.Tensor:
    """Replace every pixel by a weighted mean of those around it, w(d) ∝ exp(−|d|²/2σ²).

    Each channel by itself; beyond its border the image goes on as in a mirror, so that a flat one
    stays as it is. As torchvision's `gaussian_blur`.

    Args:
        x: `[B, C, H, W]`.
        kernel_size: an odd number of pixels, less than twice the image's smaller side.
        sigma: σ in pixels. A kernel of 6σ and more holds nearly all of the Gaussian.

    Returns:
        `[B, C, H, W]`.

    Raises:
        ValueError: the kernel has no middle, or is too large for the image; σ is not positive.
    """
    if kernel_size % 2 != 1 or kernel_size < 1:
        raise ValueError(f"kernel_size must be odd, so that it has a middle; it is {kernel_size}.")
    if sigma <= 0:
        raise ValueError(f"sigma must be positive; it is {sigma}.")
    radius = kernel_size // 2
    height, width = x.shape[-2:]
    if radius >= min(height, width):
        raise ValueError(
            f"A kernel of {kernel_size} pixels reaches {radius} beyond the border, and an image of "
            f"{height} × {width} has not as much to mirror there."
        )
    d = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    weights = torch.exp(-(d**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(x.shape[1], 1, 1, -1)
    padded = functional.pad(x, (radius,) * 4, mode="reflect")
    rows = functional.conv2d(padded, weights, groups=x.shape[1])
    return functional.conv2d(rows, weights.transpose(2, 3), groups=x.shape[1])
