"""The checks of exercises 1.9 and 1.10: visual anagrams, hybrid images."""

import random

import torch

from pset.checks.definition import Case, Check, Given, Mistake
from pset.checks.denoising import noised, photograph, random_tokens
from pset.seeded_noise import noise


def two_estimates(rng: random.Random) -> list[Given]:
    """Two estimates whose noise and whose variance depend on what is where in the image."""
    tokens = [random_tokens(rng, 1)[0, 0].tolist() for _ in range(2)]
    scales = rng.sample([0.15, 0.25, 0.4], k=2)
    return [
        Given("coupled estimate", {"token": token, "scale": scale})
        for token, scale in zip(tokens, scales, strict=True)
    ]


# --- 1.9 visual anagrams -------------------------------------------------------------------------


def anagram_cases(rng: random.Random, seed: int) -> list[Case]:
    """Much and little noise; one image, and two that are not square."""
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
        cases.append(Case(f"{batch} image{'s'[: batch > 1]} at t = {t}", arguments))
    return cases


ANAGRAM = Check(
    exercise="1.9",
    function="visual_anagram",
    title="visual anagrams",
    make_cases=anagram_cases,
    read="what the second estimate looks at, in which orientation its two answers come back, and "
    "what is averaged",
    mistakes=(
        Mistake(
            "not_turned_back",
            "The second estimate's answers are not turned back. They belong to the upside-down "
            "image: as they are, they point at the wrong pixels.",
        ),
        Mistake(
            "variance_not_turned_back",
            "The noise is right. The second estimate's variance, however, is averaged as it comes: "
            "it too was made for the upside-down image.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right. The variance is the first view's alone; by the course's "
            "convention it is the mean of both views'.",
        ),
        Mistake(
            "variance_of_the_second",
            "The noise is right. The variance is the second view's alone, and still upside down; "
            "by the course's convention it is the mean of both, each the right way up.",
        ),
        Mistake(
            "not_turned",
            "Both estimates look at the image the right way up. That mixes two prompts in one "
            "picture; an anagram shows the second one upside down.",
        ),
        Mistake(
            "answers_turned_only",
            "The second estimate looks at the image the right way up, and its answers are turned "
            "afterwards. It should look at the upside-down image.",
        ),
        Mistake(
            "left_for_right",
            "The second view is mirrored from left to right. Upside down swaps top and bottom: "
            "which of the four dimensions is that?",
        ),
        Mistake(
            "half_a_turn",
            "The second view is turned by 180°. That makes good anagrams too, but this exercise "
            "swaps only top and bottom, as the Berkeley page does.",
        ),
        Mistake(
            "images_averaged",
            "The two views of the image are averaged before the estimates look at them. Each "
            "estimate should see one view, whole; the average is taken of what they answer.",
        ),
        Mistake(
            "sum_for_mean",
            "The two answers are added up, not averaged: the noise estimate is twice as strong as "
            "the noise.",
        ),
        Mistake(
            "prompts_swapped",
            "The first estimate looks at the upside-down image and the second at the upright one: "
            "the other way round.",
        ),
    ),
)

# --- 1.10 hybrid images --------------------------------------------------------------------------

FRAME = 10
"""Width of the flat border of the test images, in pixels: 5σ of the blur."""


def flat_frame(x: torch.Tensor) -> torch.Tensor:
    """Make the border of an image one flat colour.

    A blur has to continue the image beyond its border somehow. Where the border is flat, mirroring,
    repeating and leaving the outside out all give the same, so every sensible blur is right.
    """
    framed = x.mean(dim=(2, 3), keepdim=True).expand_as(x).clone() + 0.3
    inside = (..., slice(FRAME, -FRAME), slice(FRAME, -FRAME))
    framed[inside] = x[inside]
    return framed


def hybrid_cases(rng: random.Random, seed: int) -> list[Case]:
    """Much and little noise; one image, and two that are not square."""
    cases = []
    for k, (low, high, batch, size) in enumerate(
        [(500, 800, 1, (48, 48)), (100, 300, 2, (40, 56))]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        estimates = two_estimates(rng)
        for estimate in estimates:
            estimate.arguments["token"][3:] = [0.0] * 6  # no gradients: a flat border stays flat
        arguments = {
            "x_t": flat_frame(noised(im, t, noise(im.shape, seed + k))),
            "t": t,
            "estimate_low": estimates[0],
            "estimate_high": estimates[1],
        }
        cases.append(Case(f"{batch} image{'s'[: batch > 1]} at t = {t}", arguments))
    return cases


HYBRID = Check(
    exercise="1.10",
    function="hybrid",
    title="hybrid images",
    make_cases=hybrid_cases,
    read="which part of which noise estimate is kept, what the blur is applied to, and its σ",
    mistakes=(
        Mistake(
            "low_and_high_swapped",
            "The two prompts have changed places: the coarse part is taken from the one that "
            "should give the fine part.",
        ),
        Mistake(
            "image_blurred",
            "The blur is applied to the image before the estimates look at it. Both estimates "
            "should see x_t as it is: a blurred one has not the noise that belongs to t. What is "
            "divided into coarse and fine is ε.",
        ),
        Mistake(
            "both_low",
            "Both estimates are low-passed, so the fine part of the noise is in neither of them.",
        ),
        Mistake("both_high", "Both estimates are high-passed: the coarse part is missing."),
        Mistake(
            "high_not_subtracted",
            "The second estimate enters whole, with its coarse part. What is left of it when its "
            "low pass is taken away?",
        ),
        Mistake(
            "averaged",
            "This is the mean of the two estimates. A hybrid divides them by scale: coarse from "
            "one, fine from the other.",
        ),
        Mistake(
            "sigma_of_the_kernel",
            "The blur is wider than σ = 2: it looks like the σ that libraries choose for a kernel "
            "of 33 pixels when they are told none (about 5).",
        ),
        Mistake("sigma_1", "The blur looks like one with σ = 1. Here σ = 2."),
        Mistake(
            "kernel_for_sigma",
            "The blur is nearly a plain mean over the whole kernel, as if the kernel's 33 pixels "
            "were taken for σ.",
        ),
        Mistake(
            "border_darkened",
            "The blur takes everything beyond the border for 0, so that it is too weak there.",
        ),
        Mistake(
            "variance_hybrid",
            "The noise is right. The variance is divided by scale like the noise; by the course's "
            "convention it is the mean of the two.",
        ),
        Mistake(
            "variance_of_low",
            "The noise is right. The variance is the first estimate's alone; by the course's "
            "convention it is the mean of the two.",
        ),
        Mistake(
            "variance_of_high",
            "The noise is right. The variance is the second estimate's alone; by the course's "
            "convention it is the mean of the two.",
        ),
    ),
)

CHECKS = (ANAGRAM, HYBRID)
