"""Random inputs for checks: crops of photographs, noisy images, distributions."""

import random

import torch

from pset.closed_form import cosine_alphas_cumprod, linear_alphas_cumprod
from pset.images import photo, photo_names

ALPHAS_CUMPROD = cosine_alphas_cumprod()

SCHEDULES = {"cosine": cosine_alphas_cumprod, "linear": linear_alphas_cumprod}
"""The course's schedule, and another one: an answer should use the one that it's given."""


def photograph(rng: random.Random, height: int, width: int, batch: int = 1) -> torch.Tensor:
    """A batch of random crops from the course's photographs, `[B, 3, H, W]` in [-1, 1]."""
    cuts = []
    for _ in range(batch):
        image = photo(rng.choice(photo_names()), size=128)
        top, left = rng.randint(0, 128 - height), rng.randint(0, 128 - width)
        cut = image[..., top : top + height, left : left + width]
        cuts.append(cut.flip(-1) if rng.random() < 0.5 else cut)
    return torch.cat(cuts)


def noised(
    im: torch.Tensor, t: int, eps: torch.Tensor, alphas_cumprod: torch.Tensor = ALPHAS_CUMPROD
) -> torch.Tensor:
    """A noisy image at timestep t: the input for a denoiser."""
    alpha_bar = alphas_cumprod[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * eps


def random_tokens(rng: random.Random, components: int, reach: float = 0.4) -> torch.Tensor:
    """A random closed-form distribution, as a prompt embedding `[1, components, 9]`.

    Its mean images are within ±3 × reach. With more than 0.4 they leave [-1, 1], so that an answer
    which clamps shows it.
    """
    values = [[rng.uniform(-reach, reach) for _ in range(9)] for _ in range(components)]
    return torch.tensor(values)[None]


def counted(number: int, noun: str) -> str:
    """ "1 image", "2 images"."""
    return f"{number} {noun}{'s' if number != 1 else ''}"
