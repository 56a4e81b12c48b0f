"""The checks of exercises 1.9 and 1.10: visual anagrams, hybrid images."""

import random

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import counted, noised, photograph, random_tokens
from pset.seeded_noise import noise


def two_estimates(rng: random.Random) -> list[StandIn]:
    """Two estimates whose noise and variance depend on position in the image."""
    tokens = [random_tokens(rng, 1)[0, 0].tolist() for _ in range(2)]
    scales = rng.sample([0.15, 0.25, 0.4], k=2)
    return [
        StandIn("coupled estimate", {"token": token, "scale": scale})
        for token, scale in zip(tokens, scales, strict=True)
    ]


# --- 1.9 visual anagrams -------------------------------------------------------------------------


def anagram_cases(rng: random.Random, seed: int) -> list[Case]:
    """A lot of noise and a little; one image, and two that aren't square."""
    cases = []
    for k, (low, high, batch, size) in enumerate(
        [(500, 800, 1, (24, 24)), (100, 300, 2, (20, 28))]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        first, second = two_estimates(rng)
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "estimate_1": first,
            "estimate_2": second,
        }
        cases.append(Case(f"{counted(batch, 'image')} at t = {t}", arguments))
    return cases


ANAGRAM = Check(
    exercise="1.9",
    function="visual_anagram",
    title="visual anagrams",
    make_cases=anagram_cases,
    parts=2,
    read=Reading(
        "what the second estimate looks at, which way up its two outputs come back, and what you "
        "average",
        section="1.9 Two views of one noise",
        paper=Paper(
            "Geng, Park and Owens, Visual Anagrams: Generating Multi-View Optical Illusions with "
            "Diffusion Models",
            "https://arxiv.org/abs/2311.17919",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "not_turned_back",
            "You don't flip the second estimate's outputs back. They belong to the upside-down "
            "image: as they are, they describe the wrong pixels.",
        ),
        Mistake(
            "variance_not_turned_back",
            "The noise is right, but you average the second estimate's variance as it comes. It "
            "belongs to the upside-down image too.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right, but your variance is the first view's alone. By the course's "
            "convention, it's the mean of both views'.",
        ),
        Mistake(
            "variance_of_the_second",
            "The noise is right, but your variance is the second view's alone, and still upside "
            "down. By the course's convention, it's the mean of both, each the right way up.",
        ),
        Mistake(
            "not_turned",
            "Both estimates look at the image the right way up. That mixes two prompts in one "
            "picture; an anagram shows the second one upside down.",
        ),
        Mistake(
            "answers_turned_only",
            "Your second estimate looks at the image the right way up, and you flip its outputs "
            "afterwards. It should look at the upside-down image.",
        ),
        Mistake(
            "left_for_right",
            "Your second view is mirrored left to right. Upside down swaps top and bottom: which "
            "of the four dimensions is that?",
        ),
        Mistake(
            "half_a_turn",
            "Your second view is rotated by 180°. That makes good anagrams too, but this exercise "
            "only swaps top and bottom, as the Berkeley page does.",
        ),
        Mistake(
            "images_averaged",
            "You average the two views of the image before the estimates look at them. Each "
            "estimate should see one whole view; average what they return.",
        ),
        Mistake(
            "sum_for_mean",
            "You add the two outputs instead of averaging them: your noise estimate is twice as "
            "strong as the noise.",
        ),
        Mistake(
            "prompts_swapped",
            "You've swapped the two views: your first estimate looks at the upside-down image, and "
            "your second at the upright one.",
        ),
    ),
)

# --- 1.10 hybrid images --------------------------------------------------------------------------

FRAME = 10
"""Width of the flat border of the test images, in pixels: 5σ of the blur."""


def flat_frame(x: torch.Tensor) -> torch.Tensor:
    """Make the border of an image one flat colour.

    A blur needs some padding beyond the border. With a flat border, reflecting, replicating and
    leaving out the outside all give the same result, so every sensible blur is right.
    """
    framed = x.mean(dim=(2, 3), keepdim=True).expand_as(x).clone() + 0.3
    inside = (..., slice(FRAME, -FRAME), slice(FRAME, -FRAME))
    framed[inside] = x[inside]
    return framed


def hybrid_cases(rng: random.Random, seed: int) -> list[Case]:
    """A lot of noise and a little; one image, and two that aren't square."""
    cases = []
    for k, (low, high, batch, size) in enumerate(
        [(500, 800, 1, (48, 48)), (100, 300, 2, (40, 56))]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        estimates = two_estimates(rng)
        for estimate in estimates:
            estimate.arguments["token"][3:] = [0.0] * 6  # no gradients: a flat border stays flat
            estimate.arguments["uneven"] = 0.3
        arguments = {
            "x_t": flat_frame(noised(im, t, noise(im.shape, seed + k))),
            "t": t,
            "estimate_low": estimates[0],
            "estimate_high": estimates[1],
        }
        cases.append(Case(f"{counted(batch, 'image')} at t = {t}", arguments))
    return cases


HYBRID = Check(
    exercise="1.10",
    function="hybrid",
    title="hybrid images",
    make_cases=hybrid_cases,
    parts=2,
    read=Reading(
        "which part of which noise estimate you keep, what you blur, and with which σ",
        section="1.10 Coarse from one, fine from the other",
        paper=Paper(
            "Geng, Park and Owens, Factorized Diffusion: Perceptual Illusions by Noise "
            "Decomposition",
            "https://arxiv.org/abs/2404.11615",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "low_and_high_swapped",
            "You've swapped the two prompts: the coarse part comes from the one that should give "
            "the fine part.",
        ),
        Mistake(
            "image_blurred",
            "You blur the image before the estimates look at it. Both should see x_t as it is: a "
            "blurred one doesn't have the noise that belongs to t. What you split into coarse and "
            "fine is ε.",
        ),
        Mistake(
            "both_low",
            "You low-pass both estimates, so the fine part of the noise is in neither of them.",
        ),
        Mistake("both_high", "You high-pass both estimates, so the coarse part is missing."),
        Mistake(
            "high_not_subtracted",
            "Your second estimate goes in whole, coarse part included. What's left of it when you "
            "take away its low frequencies?",
        ),
        Mistake(
            "second_alone",
            "Your noise is the second estimate as it is: your second estimate goes in whole, and "
            "nothing of the first one is left. Of which one is the coarse part that you take away?",
        ),
        Mistake(
            "coarse_alone",
            "Your noise is the coarse part of the first estimate. The fine part is missing.",
        ),
        Mistake(
            "averaged",
            "You average the two estimates. A hybrid splits them by scale: coarse from one, fine "
            "from the other.",
        ),
        Mistake(
            "sigma_of_the_kernel",
            "Your blur is wider than σ = 2. It looks like the σ (about 5) that libraries pick for "
            "a kernel of 33 pixels when you don't give one.",
        ),
        Mistake("sigma_1", "Your blur looks like one with σ = 1. Here, σ = 2."),
        Mistake(
            "kernel_for_sigma",
            "Your blur is nearly a plain mean over the whole kernel, as if you'd used the kernel's "
            "33 pixels as σ.",
        ),
        Mistake(
            "border_darkened",
            "Your blur treats everything beyond the border as 0, so it's too weak there.",
        ),
        Mistake(
            "variance_hybrid",
            "The noise is right, but you split the variance by scale too. By the course's "
            "convention, it's the mean of the two.",
        ),
        Mistake(
            "variance_of_low",
            "The noise is right, but your variance is the first estimate's alone. By the course's "
            "convention, it's the mean of the two.",
        ),
        Mistake(
            "variance_of_high",
            "The noise is right, but your variance is the second estimate's alone. By the course's "
            "convention, it's the mean of the two.",
        ),
    ),
)

CHECKS = (ANAGRAM, HYBRID)
