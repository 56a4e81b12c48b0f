"""A guided noise estimate to build on.

Exercise 1.6 is to write it from its formula. Whoever has not managed it yet can do all the later
exercises with the one below.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from pset.sampling import Estimate

if TYPE_CHECKING:
    from pset.model import DiffusionModel


def guided(model: "DiffusionModel", prompt: str | Sequence[str], scale: float = 7.0) -> Estimate:
    """An `estimate(x_t, t)` with classifier-free guidance (Ho & Salimans 2022).

    Args:
        model: as `load_model` gives it.
        prompt: one for all images, or a list with one for each.
        scale: the guidance scale γ; 1 is the prompt alone, and takes half the time.

    Returns:
        A function that gives noise and variance, each `[B, 3, H, W]`; the variance is the prompt's.
    """
    embeds, null_embeds = model.prompt_embeds(prompt), model.prompt_embeds("")

    def estimate(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        batch = len(x_t)
        # A graph only for an x_t that asks for one: nobody wants one for the network's weights.
        with torch.set_grad_enabled(torch.is_grad_enabled() and x_t.requires_grad):
            if scale == 1:
                output = model.unet(x_t, t, embeds, return_dict=False)[0]
                return output[:, :3], output[:, 3:]
            both = torch.cat([e.expand(batch, -1, -1) for e in (null_embeds, embeds)])
            output = model.unet(x_t.repeat(2, 1, 1, 1), t, both, return_dict=False)[0]
            without, given = output.chunk(2)
            return without[:, :3].lerp(given[:, :3], scale), given[:, 3:]

    return estimate
