"""Exact denoisers in closed form, with the interface of DeepFloyd IF's UNet.

If images come from a distribution we can write down, there's a formula for the best possible noise
estimate. So you can check code on such a denoiser without trusting a network, and in milliseconds.

For x_0 ~ Σ_k w_k N(μ_k, s²I) and x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε:

    x_t ~ Σ_k w_k N(√ᾱ_t μ_k, v_t I)        with v_t = ᾱ_t s² + 1 − ᾱ_t
    E[ε | x_t] = √(1−ᾱ_t)/v_t · Σ_k r_k(x_t) (x_t − √ᾱ_t μ_k) = −√(1−ᾱ_t) ∇ log p_t(x_t)

where r_k is the probability that x_t came from component k.
"""

import math
from dataclasses import dataclass, field

import torch


def cosine_alphas_cumprod(steps: int = 1000) -> torch.Tensor:
    """ᾱ_t of the cosine schedule (Nichol & Dhariwal 2021, eq. 17), with β_t clipped to 0.999.

    Returns:
        float32 `[steps]`, computed in double precision.
    """
    time = torch.arange(steps + 1, dtype=torch.float64) / steps
    f = torch.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = (1 - f[1:] / f[:-1]).clamp(max=0.999)
    return torch.cumprod(1 - betas, dim=0).float()


def linear_alphas_cumprod(steps: int = 1000) -> torch.Tensor:
    """ᾱ_t of the linear schedule (Ho et al. 2020, section 4), β from 1e-4 to 0.02.

    Returns:
        float32 `[steps]`, computed in double precision.
    """
    betas = torch.linspace(1e-4, 0.02, steps, dtype=torch.float64)
    return torch.cumprod(1 - betas, dim=0).float()


def mean_image(token: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """The mean image μ, `[B, 3, H, W]`, that one token `[B, 9]` encodes.

    Its first three numbers are a colour, the next three a gradient from top to bottom, and the last
    three a gradient from left to right. So you can tell if the image has been flipped or rotated.
    """
    flat, vertical, horizontal = token[:, :, None, None].split(3, dim=1)
    y = torch.linspace(-1, 1, height, dtype=token.dtype)[None, None, :, None]
    x = torch.linspace(-1, 1, width, dtype=token.dtype)[None, None, None, :]
    return flat + vertical * y + horizontal * x


class MixtureDenoiser:
    """The exact noise estimate for images from a mixture of Gaussians; one component per token.

    Call it like the UNet: `denoiser(x_t, t, encoder_hidden_states=prompt_embeds,
    return_dict=False)[0]` is `[B, 6, H, W]`. The "prompt embedding" is the distribution: each of
    its tokens `[9]` encodes the mean image of one component, and all are equally likely.

    Args:
        scale: the standard deviation s of each component.
        alphas_cumprod: the schedule.
    """

    def __init__(self, scale: float, alphas_cumprod: torch.Tensor) -> None:
        self.scale = scale
        self.alphas_cumprod = alphas_cumprod

    def __call__(
        self,
        sample: torch.Tensor,
        timestep: int | torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        return_dict: bool = False,
    ) -> tuple[torch.Tensor]:
        x_t = sample.double().cpu()
        batch, _, height, width = x_t.shape
        t = torch.as_tensor(timestep).cpu().long().expand(batch)
        alpha_bar = self.alphas_cumprod.double().cpu()[t][:, None, None, None]
        tokens = encoder_hidden_states.double().cpu().expand(batch, -1, -1)

        v_t = alpha_bar * self.scale**2 + 1 - alpha_bar
        offsets = torch.stack(
            [x_t - alpha_bar.sqrt() * mean_image(mu, height, width) for mu in tokens.unbind(1)]
        )
        log_likelihood = -(offsets**2).sum(dim=(2, 3, 4)) / (2 * v_t.flatten())
        responsibility = log_likelihood.softmax(dim=0)[:, :, None, None, None]
        noise = (1 - alpha_bar).sqrt() / v_t * (responsibility * offsets).sum(dim=0)

        # The formulas work with any variance. This one depends on channel, timestep and prompt, so
        # a check can tell if somebody mistakes it for noise, or uses another timestep's.
        channel = torch.arange(3, dtype=torch.float64)[None, :, None, None]
        shade = tokens.mean(dim=(1, 2))[:, None, None, None]
        variance = 0.8 * torch.sin(0.02 * t[:, None, None, None] + channel + 3 * shade)
        output = torch.cat([noise, variance.expand_as(noise)], dim=1)
        return (output.to(sample.device, torch.float32),)


@dataclass
class ClosedFormModel:
    """A model as `load_model` returns it, with a closed-form denoiser instead of a network.

    Args:
        scale: the standard deviation of the images around their mean.
        alphas_cumprod: the schedule, `[1000]`; the course's by default.
    """

    scale: float = 0.25
    name: str = "closed form"
    image_size: int = 64
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    alphas_cumprod: torch.Tensor = field(default_factory=cosine_alphas_cumprod)

    def __post_init__(self) -> None:
        self.unet = MixtureDenoiser(self.scale, self.alphas_cumprod)

    def prompt_embeds(self, means: list[list[float]]) -> torch.Tensor:
        """Mean images, nine numbers each (see `mean_image`), as `[1, components, 9]`."""
        return torch.tensor(means, dtype=torch.float32)[None]

    def log_density(self, x_t: torch.Tensor, t: int, prompt_embeds: torch.Tensor) -> torch.Tensor:
        """log p_t(x_t) up to a constant, `[B]`. Its gradient is the score."""
        alpha_bar = self.alphas_cumprod[t].to(x_t.dtype)
        v_t = alpha_bar * self.scale**2 + 1 - alpha_bar
        height, width = x_t.shape[-2:]
        tokens = prompt_embeds.to(x_t.dtype)
        return torch.stack(
            [
                -((x_t - alpha_bar.sqrt() * mean_image(mu, height, width)) ** 2).sum((1, 2, 3))
                / (2 * v_t)
                for mu in tokens.unbind(1)
            ]
        ).logsumexp(0)
