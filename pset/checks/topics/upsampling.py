"""The check of exercise 1.11: the second stage."""

import random

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import photograph, random_tokens
from pset.checks.topics.sampling import GUIDED_VARIANCE, HALVES_SWAPPED, UNCONDITIONAL_VARIANCE
from pset.seeded_noise import noise


def upsample_cases(rng: random.Random, seed: int) -> list[Case]:
    """Other noise levels and scales with few timesteps, then the function's defaults."""
    cases = []
    for k, (batch, small, factor, levels, schedule) in enumerate(
        [
            (1, (8, 8), 3, (40, 120), "linear"),
            (2, (6, 8), 4, (300, 500), "cosine"),
            (1, (8, 6), 3, None, "linear"),
        ]
    ):
        image = photograph(rng, *small, batch=batch)
        large = (batch, 3, factor * small[0], factor * small[1])
        arguments = {
            "image_64": image,
            "x_T": noise(large, seed + 2 * k),
            "noise": noise(large, seed + 2 * k + 1),
            "model": StandIn("stage II", {"scale": rng.uniform(0.3, 0.6), "schedule": schedule}),
            # A prompt for each picture.
            "prompt_embeds": torch.cat([random_tokens(rng, 1) for _ in range(batch)]),
            "null_embeds": random_tokens(rng, 1),
        }
        name = "the default noise level, scale and timesteps"
        if levels is not None:
            stride = rng.choice([110, 120, 130])
            arguments |= {
                "noise_level": rng.randint(*levels),
                "scale": rng.uniform(1.5, 3.0),
                "timesteps": list(range(rng.randint(700, 800), 0, -stride)),
            }
            name = f"noise level {arguments['noise_level']}, scale {arguments['scale']:.2g}"
        cases.append(Case(name, arguments))
    return cases


UPSAMPLE = Check(
    exercise="1.11",
    function="upsample",
    title="stage II",
    make_cases=upsample_cases,
    read=Reading(
        "what the second stage takes besides x_t, and what you tell it about each of its inputs",
        section="1.11 Stage II",
        paper=Paper(
            "Ho and others, Cascaded Diffusion Models for High Fidelity Image Generation",
            "https://arxiv.org/abs/2106.15282",
        ),
    ),
    mistakes=(
        Mistake(
            "small_not_noised",
            "Your enlarged image has no noise in it, but the network is told that it has. It will "
            "mistake fine detail for noise.",
        ),
        Mistake(
            "noise_not_scheduled",
            "You add the noise to the enlarged image at full strength. Use the forward process: "
            "there's only as much noise as belongs to the noise level, and the image is scaled "
            "down with it.",
        ),
        Mistake(
            "told_t",
            "You tell the network the timestep of x_t instead of the noise level of the enlarged "
            "image. The two are independent: one falls from step to step, the other stays the "
            "same.",
        ),
        Mistake(
            "told_0",
            "Your enlarged image has noise, but you tell the network that it has none.",
        ),
        Mistake(
            "noised_to_t",
            "Your enlarged image has the noise of t. At every step, it should have the noise "
            "level that you tell the network.",
        ),
        Mistake(
            "fresh_noise_every_step",
            "You give the enlarged image new noise at every step. Prepare it once, before the "
            "loop, with the noise you're given.",
        ),
        Mistake(
            "order_swapped",
            "You've swapped x_t and the enlarged image among the six channels. The network "
            "expects the image that it's denoising to come first.",
        ),
        Mistake(
            "noise_of_x_T",
            "Your enlarged image has the same noise that x_T starts from. That misleads the "
            "network; you're given a second noise for the enlarged image.",
        ),
        Mistake(
            "pixels_repeated",
            "You enlarge the image by repeating pixels. It looks fine, but the network was trained "
            "on smooth enlargements, and would keep the blocks.",
        ),
        Mistake(
            "corners_not_aligned",
            "You enlarge the image smoothly, but with `align_corners=False`, which shifts it by "
            "part of a pixel from what the network was trained on.",
        ),
        GUIDED_VARIANCE,
        UNCONDITIONAL_VARIANCE,
        HALVES_SWAPPED,
        Mistake("not_guided", "There's no guidance: this is the conditional estimate alone."),
        Mistake("scale_ignored", "Your γ is always 4, whatever `scale` says."),
        Mistake("level_ignored", "Your noise level is always 250, whatever `noise_level` says."),
        Mistake(
            "timesteps_ignored",
            "Your loop runs over the course's own timesteps, whatever `timesteps` says.",
        ),
    ),
)

CHECKS = (UPSAMPLE,)
