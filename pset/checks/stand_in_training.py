"""A network small enough to be trained in a check, and the loss for it."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from pset.closed_form import cosine_alphas_cumprod
from pset.images import photo
from pset.seeded_noise import noise

WIDTH = 9
"""Numbers in a token of the small network's prompts."""


class SmallNetwork(nn.Module):
    """Two convolutions with the prompt's mean token in between, frozen as a loaded model is."""

    def __init__(self, seed: int, hidden: int = 6) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, hidden, 3, padding=1)
        self.prompt = nn.Linear(WIDTH, hidden)
        self.last = nn.Conv2d(hidden, 3, 3, padding=1)
        for k, parameter in enumerate(self.parameters()):
            parameter.data = 0.3 * noise(parameter.shape, seed + k)
        self.requires_grad_(False)

    def forward(self, x_t: torch.Tensor, embeds: torch.Tensor) -> torch.Tensor:
        """The noise in x_t, `[B, 3, H, W]`, for a prompt `[1, N, 9]`."""
        told: torch.Tensor = self.prompt(embeds.mean(dim=1))[..., None, None]
        estimate: torch.Tensor = self.last(functional.silu(self.first(x_t) + told))
        return estimate


def denoising_loss(
    name: str, seed: int, size: int = 12, batch: int = 4
) -> Callable[[nn.Module, torch.Tensor, int], torch.Tensor]:
    """`loss(network, embeds, k)`: how well the noise of draw k is found in a noisy photograph.

    Args:
        name: of the course's photograph.
        seed: of the draws; every k has timesteps and noise of its own.
        size: of the photograph, in pixels.
        batch: noisy images in a draw.
    """
    image, alphas_cumprod = photo(name, size), cosine_alphas_cumprod()

    def loss(network: nn.Module, embeds: torch.Tensor, k: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed + k)
        t = torch.randint(100, 900, (batch,), generator=generator)
        alpha_bar = alphas_cumprod[t][:, None, None, None]
        eps = torch.randn((batch, 3, size, size), generator=generator)
        x_t = alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * eps
        off: torch.Tensor = network(x_t, embeds) - eps
        return off.pow(2).mean()

    return loss
