"""Build the models and functions that checks pass to a student's function.

A case contains only a name and plain numbers, so that it can be built in the notebook, in the
grader, and in the process that runs a student's code.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import torch
from torch.nn import functional

from pset import measurements
from pset.blur import gaussian_blur
from pset.checks.inputs import SCHEDULES
from pset.checks.stand_in_flows import flow_network, gaussian_velocity
from pset.checks.stand_in_training import SmallNetwork, denoising_loss
from pset.checks.stand_in_views import view, view_pairs
from pset.checks.witness import witness
from pset.closed_form import (
    ClosedFormModel,
    MixtureDenoiser,
    cosine_alphas_cumprod,
    mean_image,
)
from pset.sampling import AfterStep, Estimate, iterative_denoise

Answer = tuple[torch.Tensor, torch.Tensor]


@cache
def pocket() -> Any:
    """The pocket model, on the CPU, loaded once."""
    # Imported here: a check on a closed form should not wait for diffusers.
    from pset.model import load_model

    return load_model("pocket", device="cpu")


def closed_form(scale: float = 0.25, schedule: str = "cosine", claims: str = "") -> ClosedFormModel:
    """A model with an exact denoiser. `claims`: it claims to have another schedule than it has."""
    model = ClosedFormModel(scale=scale, alphas_cumprod=SCHEDULES[schedule]())
    if claims:
        model.alphas_cumprod = SCHEDULES[claims]()
    return model


def estimate(tokens: list[list[float]], scale: float = 0.25, schedule: str = "cosine") -> Estimate:
    """`estimate(x_t, t)` → noise and variance of a closed-form denoiser, for the loop."""
    unet = MixtureDenoiser(scale, SCHEDULES[schedule]())
    embeds = torch.tensor(tokens)[None]

    def of(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        noise, variance = unet(x_t, t, encoder_hidden_states=embeds)[0].split(3, dim=1)
        return noise, variance

    return of


def batch_estimate(
    tokens: list[list[float]], batch: int, scale: float = 0.25, schedule: str = "cosine"
) -> Estimate:
    """`estimate(x_t, t)` for a batch of `batch` images, each with a distribution of its own."""
    unet = MixtureDenoiser(scale, SCHEDULES[schedule]())
    embeds = torch.tensor(tokens)[:, None]

    def of(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        if len(x_t) != batch:
            raise ValueError(f"This estimate is for {batch} images together, not for {len(x_t)}.")
        noise, variance = unet(x_t, t, encoder_hidden_states=embeds)[0].split(3, dim=1)
        return noise, variance

    return of


def gaussian_estimates(
    tokens: list[list[float]], scale: float, schedule: str = "cosine"
) -> list[Estimate]:
    """Several estimates, each exact for one Gaussian; their standard deviations are the same."""
    return [estimate([token], scale, schedule) for token in tokens]


def denoise(tokens: list[list[float]], scale: float = 0.25) -> Callable[..., torch.Tensor]:
    """`denoise(image, i_start, after_step=None)`: the loop, with a closed-form estimate in it."""
    return partial(
        iterative_denoise,
        estimate=estimate(tokens, scale),
        alphas_cumprod=cosine_alphas_cumprod(),
    )


def denoise_embeds(timesteps: list[int], scale: float = 0.25) -> Callable[..., torch.Tensor]:
    """`denoise(x_T, prompt_embeds, seed)`: the loop, with the distribution that is embedded."""
    model = ClosedFormModel(scale=scale)

    def of(x_T: torch.Tensor, prompt_embeds: torch.Tensor, seed: Any) -> torch.Tensor:
        if len(prompt_embeds) not in (1, len(x_T)):
            raise ValueError(f"There are {len(prompt_embeds)} embeddings for {len(x_T)} images.")

        def estimate(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
            noise, variance = model.unet(x_t, t, prompt_embeds)[0].split(3, dim=1)
            return noise, variance

        return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps, seed)

    return of


def echo() -> Callable[..., torch.Tensor]:
    """A stand-in for the loop whose result shows everything it was given, and how often."""
    return lambda image, i_start, after_step=None: 0.5 * image + 0.05 * (i_start + 1)


def after_step(strength: float) -> AfterStep:
    """An `after_step` that depends on the timestep: fades to grey and adds a shade."""
    return lambda x, t: (1 - strength) * x + strength * t / 1000


def coupled_estimate(
    token: list[float],
    scale: float = 0.25,
    cast: float = 0.5,
    stripes: float = 0.0,
    schedule: str = "cosine",
    uneven: float = 0.0,
) -> Estimate:
    """`estimate(x_t, t)`, exact for images with an unknown colour cast.

    x_0 = μ + c·p + s·n, with one c ~ N(0, cast²) for each channel of the whole image, and a
    pattern p: 1, and with `stripes` more and less in turn from column to column. So one part of
    an image carries information about the others, as in a real one: one place about another,
    and with stripes what is coarse about what is fine. s is `scale`, and with `uneven` it's larger
    in the upper half of the image and smaller in the lower, but for the quarters at the border; so
    an image that's upside down gets another estimate. The variance channels differ from pixel to
    pixel.
    """
    alphas_cumprod = SCHEDULES[schedule]().double()
    mu = torch.tensor(token, dtype=torch.float64)[None]

    def of(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        alpha_bar = alphas_cumprod[t]
        height, width = x_t.shape[-2:]
        offset = x_t.double() - alpha_bar.sqrt() * mean_image(mu, height, width)
        pattern = (1 + stripes * (-1.0) ** torch.arange(width).double()).expand(height, width)
        row = torch.arange(height).double()[:, None] / max(height - 1, 1) - 0.5
        lean = 1 - uneven * torch.where(row.abs() < 0.25, torch.sin(4 * torch.pi * row), 0.0)
        v_pixel = alpha_bar * (scale * lean) ** 2 + 1 - alpha_bar
        v_cast = alpha_bar * cast**2
        # (V + w p pᵀ)⁻¹ by Sherman and Morrison.
        along = (pattern / v_pixel * offset).sum(dim=(2, 3), keepdim=True)
        shared = v_cast / (1 + v_cast * (pattern.square() / v_pixel).sum()) * along * pattern
        noise = (1 - alpha_bar).sqrt() / v_pixel * (offset - shared)
        channel = torch.arange(3, dtype=torch.float64)[:, None, None]
        variance = 0.8 * torch.sin(0.02 * t + channel + offset)
        return noise.float(), variance.float()

    return of


def remembering_estimates(
    tokens: list[list[float]], scales: list[float], order: list[int]
) -> list[Estimate]:
    """Several coupled estimates; `order` says which, and may name one of them twice."""
    estimates = [
        Remembering(coupled_estimate(token, scale))
        for token, scale in zip(tokens, scales, strict=True)
    ]
    return [estimates[k] for k in order]


def remembering_estimate(token: list[float], scale: float = 0.25) -> Estimate:
    """One of them."""
    return Remembering(coupled_estimate(token, scale))


class Remembering:
    """An estimate that keeps its answers: asked again about an image, it returns the same tensors.

    Whoever has written into them gets that back.
    """

    def __init__(self, estimate: Estimate) -> None:
        self._estimate = estimate
        self._known: list[tuple[torch.Tensor, int, Answer, Answer]] = []

    def __call__(self, x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        for before, t_before, answer, _ in self._known:
            if t == t_before and torch.equal(x_t, before):
                return answer
        noise, variance = self._estimate(x_t, t)
        self._known.append((x_t.clone(), t, (noise, variance), (noise.clone(), variance.clone())))
        return noise, variance

    @property
    def overwritten(self) -> bool:
        """Whether somebody has written into an answer."""
        return any(
            not torch.equal(now, then)
            for *_, answer, copy in self._known
            for now, then in zip(answer, copy, strict=True)
        )


def split(shifts: list[int], lost: float = 0.0) -> Callable[..., tuple[torch.Tensor, ...]]:
    """`split(x)`: linear parts that add up to (1 − lost)·x, one for each shift and one more."""

    def of(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        parts = [0.4 * x.roll(shift, 2 + k % 2) for k, shift in enumerate(shifts)]
        return (*parts, (1 - lost) * x - torch.stack(parts).sum(0))

    return of


def block_means(side: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """A low pass that is a projection: the mean over blocks of `side` pixels, in each of them."""
    return lambda x: functional.interpolate(
        functional.avg_pool2d(x, side), scale_factor=side, mode="nearest"
    )


def blur(sigma: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """A low pass that isn't a projection: a Gaussian blur."""
    return partial(gaussian_blur, kernel_size=13, sigma=sigma)


def prompted(
    means: dict[str, list[float]], scale: float = 0.25
) -> Callable[[str, float], Estimate]:
    """`prompted(prompt, scale)`: a guided estimate for one of a few prompts, in closed form.

    Args:
        means: prompt → the nine numbers of its mean image; `""` is the null prompt.
        scale: the standard deviation of the images around it.
    """

    def of(prompt: str, guidance: float) -> Estimate:
        with_prompt, without = (coupled_estimate(means[text], scale) for text in (prompt, ""))

        def guided(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
            conditional, variance = with_prompt(x_t, t)
            return without(x_t, t)[0].lerp(conditional, guidance), variance

        return guided

    return of


def drift() -> Callable[..., torch.Tensor]:
    """`walk(x, estimate, timesteps)`: a stand-in that shows all it was given, in their order."""

    def walk(x: torch.Tensor, estimate: Estimate, timesteps: Any) -> torch.Tensor:
        for t, t_next in pairwise(timesteps):
            x = 0.97 * x + (t_next - t) / 500 * estimate(x, t)[0]
        return x

    return walk


def move_a_thing(
    box: list[int], thing: int, background: int
) -> Callable[[torch.Tensor], torch.Tensor]:
    """`move(image)`: what's in the box moves to the right, and all else behind it.

    Args:
        box: top, left, bottom and right of the thing, before it moves.
        thing: how far it moves, in pixels; negative to the left.
        background: how far everything else moves.
    """
    top, left, bottom, right = box

    def shifted(x: torch.Tensor, by: int) -> torch.Tensor:
        moved = x.roll(by, -1)
        moved[..., : max(by, 0)] = 0
        moved[..., x.shape[-1] + min(by, 0) :] = 0
        return moved

    def move(image: torch.Tensor) -> torch.Tensor:
        inside = torch.zeros_like(image[:1, :1])
        inside[..., top:bottom, left:right] = 1
        return torch.where(
            shifted(inside, thing) > 0,
            shifted(image, thing),
            shifted((1 - inside) * image, background),
        )

    return move


def known_pixels(mask: list[list[int]]) -> measurements.KnownPixels:
    """A measurement of the pixels at which the mask, `[H][W]`, is 1."""
    return measurements.KnownPixels(torch.tensor(mask, dtype=torch.float32)[None, None])


def closed_form_stage_2(
    scale: float = 0.3, schedule: str = "cosine", claims: str = "", noises: str = ""
) -> SimpleNamespace:
    """A second stage with an exact denoiser, given a prompt's mean image and a noisy image.

    x_0 ~ N(μ, scale²) for each pixel; the last three of its six input channels are read as
    √ᾱ_L x_0 + √(1−ᾱ_L) n, with L the noise level in `class_labels` and ᾱ_L of the noising
    scheduler, which is always the course's. The posterior is Gaussian. `claims`: the model claims
    to have another schedule than it has; `noises`: the noising scheduler does.
    """
    from diffusers import DDPMScheduler

    alphas_cumprod = SCHEDULES[schedule]()
    of_levels = cosine_alphas_cumprod()

    noising = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    if noises:
        noising.alphas_cumprod = SCHEDULES[noises]()

    def level(value: Any, batch: int, schedule: torch.Tensor) -> torch.Tensor:
        t = torch.as_tensor(value).long().expand(batch)
        return schedule.double()[t][:, None, None, None]

    def unet(
        sample: torch.Tensor,
        timestep: Any,
        encoder_hidden_states: torch.Tensor,
        class_labels: Any,
        return_dict: bool = False,
    ) -> tuple[torch.Tensor]:
        if sample.shape[1] != 6:
            count = sample.shape[1]
            raise ValueError(
                f"Stage II takes six channels, x_t and the small picture, not {count}."
            )
        x_t, guess = sample.double().split(3, dim=1)
        batch, _, height, width = x_t.shape
        token = encoder_hidden_states.double()[:, 0].expand(batch, -1)
        alpha_bar = level(timestep, batch, alphas_cumprod)
        alpha_bar_level = level(class_labels, batch, of_levels)
        precision = 1 / scale**2 + alpha_bar_level / (1 - alpha_bar_level)
        mean = (
            mean_image(token, height, width) / scale**2
            + alpha_bar_level.sqrt() / (1 - alpha_bar_level) * guess
        ) / precision
        offset = x_t - alpha_bar.sqrt() * mean
        noise = (1 - alpha_bar).sqrt() / (alpha_bar / precision + 1 - alpha_bar) * offset
        variance = 0.8 * torch.sin(3 * mean + 3 * alpha_bar)
        return (torch.cat([noise, variance], dim=1).float(),)

    return SimpleNamespace(
        unet=unet,
        alphas_cumprod=SCHEDULES[claims]() if claims else alphas_cumprod,
        image_noising_scheduler=noising,
        device=torch.device("cpu"),
    )


BUILDERS: dict[str, Callable[..., Any]] = {
    "pocket": pocket,
    "closed form": closed_form,
    "estimate": estimate,
    "batch estimate": batch_estimate,
    "gaussian estimates": gaussian_estimates,
    "coupled estimate": coupled_estimate,
    "remembering estimates": remembering_estimates,
    "remembering estimate": remembering_estimate,
    "split": split,
    "block means": block_means,
    "blur": blur,
    "view": view,
    "view pairs": view_pairs,
    "stage II": closed_form_stage_2,
    "denoise": denoise,
    "denoise embeds": denoise_embeds,
    "echo": echo,
    "after_step": after_step,
    "witness": witness,
    "move a thing": move_a_thing,
    "prompted": prompted,
    "drift": drift,
    "small network": SmallNetwork,
    "denoising loss": denoising_loss,
    "known pixels": known_pixels,
    "flow network": flow_network,
    "gaussian velocity": gaussian_velocity,
    "shrinking": measurements.shrinking,
    "blurring": measurements.blurring,
    "greyscale": measurements.greyscale,
}
"""Name → builder, for `StandIn`."""
