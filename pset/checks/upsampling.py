"""The check of exercise 1.11: the second stage."""

import random

from pset.checks.definition import Case, Check, Given, Mistake
from pset.checks.denoising import photograph, random_tokens
from pset.checks.sampling import GUIDED_VARIANCE, HALVES_SWAPPED, UNCONDITIONAL_VARIANCE
from pset.seeded_noise import noise


def upsample_cases(rng: random.Random, seed: int) -> list[Case]:
    """Other noise levels, scales and few timesteps, then everything as the function has it."""
    cases = []
    for k, (batch, small, factor, levels) in enumerate(
        [(1, (8, 8), 3, (40, 120)), (2, (6, 8), 4, (300, 500)), (1, (8, 6), 3, None)]
    ):
        image = photograph(rng, *small, batch=batch)
        large = (batch, 3, factor * small[0], factor * small[1])
        arguments = {
            "image_64": image,
            "x_T": noise(large, seed + 2 * k),
            "noise": noise(large, seed + 2 * k + 1),
            "model": Given("stage II", {"scale": rng.uniform(0.3, 0.6)}),
            "prompt_embeds": random_tokens(rng, 1),
            "null_embeds": random_tokens(rng, 1),
        }
        name = "noise level, scale and timesteps as they are"
        if levels is not None:
            stride = rng.choice([110, 120, 130])
            arguments |= {
                "noise_level": rng.randint(*levels),
                "scale": rng.uniform(1.5, 3.0),
                "timesteps": list(range(rng.randint(900, 980), 0, -stride)),
            }
            name = f"noise level {arguments['noise_level']}, scale {arguments['scale']:.2g}"
        cases.append(Case(name, arguments))
    return cases


UPSAMPLE = Check(
    exercise="1.11",
    function="upsample",
    title="stage II",
    make_cases=upsample_cases,
    read="what the second stage is given besides x_t, and what each of its inputs is told about "
    "the other",
    mistakes=(
        Mistake(
            "small_not_noised",
            "The enlarged picture has no noise in it, but the network is told that it has. It will "
            "take fine detail for noise.",
        ),
        Mistake(
            "noise_not_scheduled",
            "The noise is added to the enlarged picture in full strength. As much as belongs to "
            "the noise level, and the picture shrinks with it: the forward process.",
        ),
        Mistake(
            "told_t",
            "The network is told the timestep of x_t in the place of the noise level of the "
            "enlarged picture. The two are independent: one falls from step to step, the other "
            "stays.",
        ),
        Mistake(
            "told_0",
            "The enlarged picture has noise, and the network is told that it has none.",
        ),
        Mistake(
            "noised_to_t",
            "The enlarged picture has the noise of t. It should have that of the noise level which "
            "the network is told, at every step.",
        ),
        Mistake(
            "fresh_noise_every_step",
            "The enlarged picture gets new noise at every step. It is prepared once, before the "
            "loop, with the noise that the function is given.",
        ),
        Mistake(
            "order_swapped",
            "x_t and the enlarged picture have changed places among the six channels. The network "
            "expects the picture that it denoises first.",
        ),
        Mistake(
            "noise_of_x_T",
            "The enlarged picture has the noise that x_T starts from. Two pictures with the same "
            "noise tell the network something untrue; there is a second noise for it.",
        ),
        Mistake(
            "pixels_repeated",
            "The small picture is enlarged by repeating its pixels. It looks fine, but the network "
            "was trained on smooth enlargements, and would keep the blocks.",
        ),
        Mistake(
            "corners_not_aligned",
            "The picture is enlarged smoothly, but with `align_corners=False`, which moves it by "
            "part of a pixel against what the network was trained on.",
        ),
        GUIDED_VARIANCE,
        UNCONDITIONAL_VARIANCE,
        HALVES_SWAPPED,
        Mistake("not_guided", "There is no guidance: this is the conditional estimate alone."),
        Mistake("scale_ignored", "γ is always 4, whatever `scale` says."),
        Mistake("level_ignored", "The noise level is always 250, whatever `noise_level` says."),
        Mistake(
            "timesteps_ignored",
            "The loop runs over the course's own timesteps, whatever `timesteps` says.",
        ),
    ),
)

CHECKS = (UPSAMPLE,)
