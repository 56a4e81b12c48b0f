"""Functions and models that checks hand to a student's function, made by name.

A case holds only a name and plain numbers, so that the same case can be made in the notebook, in
the grader, and in the process that runs a student's code.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import torch

from pset.closed_form import ClosedFormModel, cosine_alphas_cumprod
from pset.sampling import AfterStep, Estimate, iterative_denoise


@cache
def pocket() -> Any:
    """The pocket model, on the CPU, loaded once."""
    # Imported here: a check on a closed form should not wait for diffusers.
    from pset.model import load_model

    return load_model("pocket", device="cpu")


def closed_form(scale: float = 0.25) -> ClosedFormModel:
    """A model whose denoiser is exact."""
    return ClosedFormModel(scale=scale)


def estimate(tokens: list[list[float]], scale: float = 0.25) -> Estimate:
    """`estimate(x_t, t)` → noise and variance of a closed-form denoiser, for the loop."""
    unet = ClosedFormModel(scale=scale).unet
    embeds = torch.tensor(tokens)[None]

    def of(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        noise, variance = unet(x_t, t, encoder_hidden_states=embeds)[0].split(3, dim=1)
        return noise, variance

    return of


def denoise(tokens: list[list[float]], scale: float = 0.25) -> Callable[..., torch.Tensor]:
    """`denoise(image, i_start, after_step=None)`: the loop, with a closed-form estimate in it."""
    return partial(
        iterative_denoise,
        estimate=estimate(tokens, scale),
        alphas_cumprod=cosine_alphas_cumprod(),
    )


def echo() -> Callable[..., torch.Tensor]:
    """A stand-in for the loop that forgets nothing: what it was given shows in what it returns."""
    return lambda image, i_start, after_step=None: 0.5 * image + 0.05 * i_start


def after_step(strength: float) -> AfterStep:
    """A change after each step that depends on the timestep: a slow fade to grey, and a shade."""
    return lambda x, t: (1 - strength) * x + strength * t / 1000


BUILDERS: dict[str, Callable[..., Any]] = {
    "pocket": pocket,
    "closed form": closed_form,
    "estimate": estimate,
    "denoise": denoise,
    "echo": echo,
    "after_step": after_step,
}
"""What a case can ask for."""
