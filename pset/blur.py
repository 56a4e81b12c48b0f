"""Gaussian blur: the classical denoiser, and the low-pass filter for hybrid images."""

import torch
from torch.nn import functional


def gaussian_blur(x: torch.Tensor, kernel_size: int, sigma: float) -> torch.Tensor:
    """Replace each pixel with a weighted mean of its neighbourhood, w(d) ∝ exp(−|d|²/2σ²).

    Blurs each channel separately and pads by reflection, so a flat image comes out unchanged. Does
    the same as torchvision's `gaussian_blur`.

    Args:
        x: images, `[B, C, H, W]`.
        kernel_size: an odd number of pixels, less than twice the image's smaller side.
        sigma: σ in pixels. A kernel of at least 6σ contains nearly all of the Gaussian.

    Returns:
        Blurred images, `[B, C, H, W]`.

    Raises:
        ValueError: `kernel_size` is even or too large for the image, or `sigma` isn't positive.
    """
    if kernel_size % 2 != 1 or kernel_size < 1:
        raise ValueError(f"kernel_size must be odd and positive; it's {kernel_size}.")
    if sigma <= 0:
        raise ValueError(f"sigma must be positive; it's {sigma}.")
    radius = kernel_size // 2
    height, width = x.shape[-2:]
    if radius >= min(height, width):
        raise ValueError(
            f"kernel_size {kernel_size} is too large for an image of {height} × {width} pixels. "
            f"Use at most {2 * min(height, width) - 1}."
        )
    d = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    weights = torch.exp(-(d**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(x.shape[1], 1, 1, -1)
    padded = functional.pad(x, (radius,) * 4, mode="reflect")
    rows = functional.conv2d(padded, weights, groups=x.shape[1])
    return functional.conv2d(rows, weights.transpose(2, 3), groups=x.shape[1])
