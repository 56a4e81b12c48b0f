"""Thresholding: keep the clean image that an estimate implies, x̂_0, within the range of images.

Guidance with γ > 1 extrapolates, so x̂_0 can get blacker than black, and nothing in the loop brings
it back. If it's in range after each step, it's in range at the end.
"""

from typing import TYPE_CHECKING

import torch

from pset.sampling import Estimate

if TYPE_CHECKING:
    from pset.model import DiffusionModel


def threshold(
    x_0: torch.Tensor, dynamic_thresholding_ratio: float = 0.95, sample_max_value: float = 1.0
) -> torch.Tensor:
    """Dynamic thresholding (Saharia et al. 2022, Imagen, section 2.3).

    Args:
        x_0: images, `[B, 3, H, W]`, of any range.
        dynamic_thresholding_ratio: s is this quantile of |x_0|, computed for each image separately.
        sample_max_value: the largest s allowed. With 1, this simply clips to [-1, 1].

    Returns:
        x_0 clipped to [-s, s] and divided by s, where 1 ≤ s ≤ `sample_max_value`: in [-1, 1].
    """
    s = torch.quantile(x_0.float().abs().flatten(1), dynamic_thresholding_ratio, dim=1)
    s = s.clamp(1, sample_max_value).view(-1, 1, 1, 1).to(x_0.dtype)
    return x_0.clamp(-s, s) / s


def thresholded(model: "DiffusionModel", estimate: Estimate) -> Estimate:
    """Threshold the x̂_0 of an estimate, as the model's scheduler would.

    ε' = (x_t − √ᾱ_t·x̂_0') / √(1 − ᾱ_t) with x̂_0' = threshold((x_t − √(1 − ᾱ_t)·ε) / √ᾱ_t).
    Pass the result to the sampling loop in place of `estimate`.

    Args:
        model: from `load_model`; its scheduler's settings determine the threshold.
        estimate: a function that returns noise and variance, for example from `guided`.

    Returns:
        A function that returns noise and variance, each `[B, 3, H, W]`. The variance is unchanged.
    """
    config = model.scheduler.config
    ratio, most = config.dynamic_thresholding_ratio, config.sample_max_value

    def in_range(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        alpha_bar = model.alphas_cumprod[t]
        noise, variance = estimate(x_t, t)
        x_0 = threshold((x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt(), ratio, most)
        return (x_t - alpha_bar.sqrt() * x_0) / (1 - alpha_bar).sqrt(), variance

    return in_range
