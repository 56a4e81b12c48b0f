"""Keep the picture that an estimate stands for within the range of pictures.

Guidance with γ > 1 goes beyond what the network says, and x̂_0 with it: blacker than black. Nothing
in the loop takes that back. What is in range in each step ends in range.
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
        x_0: pictures, `[B, 3, H, W]`, of any range.
        dynamic_thresholding_ratio: s is this quantile of |x_0|, for each picture by itself.
        sample_max_value: the largest s; with 1, this is clipping to [-1, 1].

    Returns:
        x_0 clipped to [-s, s] and divided by s, where 1 ≤ s ≤ `sample_max_value`: in [-1, 1].
    """
    s = torch.quantile(x_0.float().abs().flatten(1), dynamic_thresholding_ratio, dim=1)
    s = s.clamp(1, sample_max_value).view(-1, 1, 1, 1).to(x_0.dtype)
    return x_0.clamp(-s, s) / s


def thresholded(model: "DiffusionModel", estimate: Estimate) -> Estimate:
    """The estimate whose x̂_0 is `estimate`'s, thresholded as the model's scheduler would do it.

    ε' = (x_t − √ᾱ_t·x̂_0') / √(1 − ᾱ_t) with x̂_0' = threshold((x_t − √(1 − ᾱ_t)·ε) / √ᾱ_t):
    a function to hand to the sampling loop, which stays as it is.

    Args:
        model: as `load_model` gives it; its scheduler's settings say how.
        estimate: a function that gives noise and variance, such as `guided` makes.

    Returns:
        A function that gives noise and variance, each `[B, 3, H, W]`; the variance is unchanged.
    """
    config = model.scheduler.config
    ratio, most = config.dynamic_thresholding_ratio, config.sample_max_value

    def within_range(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        alpha_bar = model.alphas_cumprod[t]
        noise, variance = estimate(x_t, t)
        x_0 = threshold((x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt(), ratio, most)
        return (x_t - alpha_bar.sqrt() * x_0) / (1 - alpha_bar).sqrt(), variance

    return within_range
