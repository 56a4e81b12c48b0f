"""The checks of exercises 2.8 to 2.10: factorized diffusion."""

import random
from typing import Any

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, noised, photograph, random_tokens
from pset.seeded_noise import noise

FACTORIZED_DIFFUSION = Paper(
    "Geng, Park and Owens, Factorized Diffusion: Perceptual Illusions by Noise Decomposition",
    "https://arxiv.org/abs/2404.11615",
)


def tokens_and_scales(rng: random.Random, count: int) -> dict[str, list[Any]]:
    """`count` distributions, for stand-ins that are several estimates."""
    return {
        "tokens": [random_tokens(rng, 1)[0, 0].tolist() for _ in range(count)],
        "scales": [rng.choice([0.15, 0.25, 0.4]) for _ in range(count)],
    }


# --- 2.8 factors ---------------------------------------------------------------------------------


def factorized_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two, three and four parts. In the last case one estimate is asked about two of them."""
    cases = []
    for k, (parts, low, high, batch, size, order) in enumerate(
        [
            (2, 500, 800, 1, (24, 24), [0, 1]),
            (3, 100, 300, 2, (16, 20), [0, 1, 2]),
            (4, 300, 600, 1, (20, 16), [0, 1, 0, 2]),
        ]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        distributions = tokens_and_scales(rng, max(order) + 1)
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "estimates": StandIn("remembering estimates", {**distributions, "order": order}),
            "split": StandIn("split", {"shifts": [rng.randint(1, 5) for _ in range(parts - 1)]}),
        }
        cases.append(Case(f"{parts} parts, {counted(batch, 'image')} at t = {t}", arguments))
    return cases


FACTORIZED = Check(
    exercise="2.8",
    function="factorized",
    title="one noise from many factors",
    make_cases=factorized_cases,
    read=Reading(
        "what each estimate looks at, which part of its answer you keep, and what happens to the "
        "variance",
        section="2.8 One noise from many factors",
        paper=FACTORIZED_DIFFUSION,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "mean_for_sum",
            "You take the mean of the parts. They're parts of one whole, which adds up to it: "
            "your noise estimate is n times too weak.",
        ),
        Mistake(
            "image_split",
            "You take x_t apart before the estimates look at it. Each of them should see all of "
            "x_t: a part of it isn't the kind of picture that the network was trained on. What you "
            "take apart is ε.",
        ),
        Mistake(
            "one_factor_for_all",
            "You keep the same part of every estimate. Each estimate is in charge of another part.",
        ),
        Mistake(
            "factors_reversed",
            "Your parts and your estimates are in opposite orders: estimate i should give part i.",
        ),
        Mistake(
            "not_split",
            "You add up whole estimates. From each of them, keep only its own part.",
        ),
        Mistake(
            "not_split_but_averaged",
            "You average whole estimates. That mixes the prompts everywhere; here each of them "
            "should be in charge of one part.",
        ),
        Mistake(
            "two_only",
            "You're right for two parts, but with three or four you only use the first two.",
        ),
        Mistake(
            "last_gets_the_rest",
            "You give the last estimate everything that the first one's part leaves. With more "
            "than two parts, those in between are then counted twice.",
        ),
        Mistake(
            "one_estimate_for_all",
            "All your parts come from the first estimate. They add up to that estimate, so the "
            "other prompts have no say.",
        ),
        Mistake(
            "written_into_an_estimate",
            "You write into a tensor that an estimate has returned. In the last case, one estimate "
            "is asked about two parts and remembers what it has answered: the second time, you "
            "get back what you've written.",
        ),
        Mistake(
            "variance_split",
            "The noise is right, but you've taken the variance channels apart too. By the course's "
            "convention, they're the mean of all estimates'.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right, but your variance is the first estimate's alone. By the course's "
            "convention, it's the mean of all estimates'.",
        ),
        Mistake(
            "variance_of_the_last",
            "The noise is right, but your variance is the last estimate's alone. By the course's "
            "convention, it's the mean of all estimates'.",
        ),
        Mistake(
            "variance_summed",
            "The noise is right, but you add up the variance channels. They aren't parts of a "
            "whole; by the course's convention, take their mean.",
        ),
    ),
)


def left_over_cases(rng: random.Random, seed: int) -> list[Case]:
    """Splits that lose something: two, three and four parts."""
    cases = []
    for k, (parts, batch, size) in enumerate(
        [(2, 1, (16, 16)), (3, 2, (12, 16)), (4, 1, (16, 12))]
    ):
        shifts = [rng.randint(1, 5) for _ in range(parts - 1)]
        arguments = {
            "x": noise((batch, 3, *size), seed + k),
            "split": StandIn("split", {"shifts": shifts, "lost": rng.uniform(0.2, 0.6)}),
        }
        cases.append(Case(f"{parts} parts of {counted(batch, 'image')}", arguments))
    return cases


LEFT_OVER = Check(
    exercise="2.8b",
    function="left_over",
    title="what a split leaves over",
    make_cases=left_over_cases,
    read=Reading(
        "what the parts of a split have to add up to",
        section="A test for a split",
        paper=FACTORIZED_DIFFUSION,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "sign",
            "You subtract the picture from the sum of its parts. What's *lost* is the picture "
            "minus the parts.",
        ),
        Mistake(
            "mean_for_sum",
            "You compare the picture with the mean of its parts, not with their sum.",
        ),
        Mistake(
            "absolute", "Your answer has lost its sign: too little and too much look the same."
        ),
        Mistake(
            "two_only",
            "You're right for two parts, but with three or four you only subtract the first two.",
        ),
        Mistake("sum", "You return the sum of the parts. What does it lack of the picture?"),
        Mistake(
            "one_after_the_other",
            "You take parts of what's left after the part before. Each part is a part of the whole "
            "picture.",
        ),
    ),
)

# --- 2.9 kinds -----------------------------------------------------------------------------------

FRAME = 12
"""Width of the flat border of the test images, in pixels: at least 5σ of the blurs."""


def framed_noise(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Noise within a flat border, so that every sensible padding gives the same blur."""
    x = noise(shape, seed)
    for channel, level in enumerate((0.5, -0.3, 0.8)):
        x[:, channel, :FRAME] = x[:, channel, -FRAME:] = level
        x[:, channel, :, :FRAME] = x[:, channel, :, -FRAME:] = level
    return x


def near_middle_far_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two pairs of blurs; one image, and two that aren't square."""
    cases = []
    for k, (batch, size) in enumerate([(1, (36, 36)), (2, (34, 38))]):
        narrow, wide = rng.uniform(0.8, 1.1), rng.uniform(1.9, 2.3)
        arguments = {
            "x": framed_noise((batch, 3, *size), seed + k),
            "sigma_middle": narrow,
            "sigma_far": wide,
        }
        cases.append(Case(f"{counted(batch, 'image')}, σ = {narrow:.2f} and {wide:.2f}", arguments))
    return cases


NEAR_MIDDLE_FAR = Check(
    exercise="2.9",
    function="near_middle_far",
    title="near, middle and far",
    make_cases=near_middle_far_cases,
    parts=3,
    read=Reading(
        "the three lines of equation (3): which blur is subtracted from what, and that each blurs "
        "the picture itself",
        section="2.9 Three ways to take a picture apart",
        paper=Paper(
            "Burt and Adelson, The Laplacian Pyramid as a Compact Image Code",
            "https://doi.org/10.1109/TCOM.1983.1095851",
        ),
    ),
    mistakes=(
        Mistake(
            "overlap",
            "Your middle band still contains what's far: the parts overlap there, and their sum "
            "counts it twice.",
        ),
        Mistake(
            "near_overlaps",
            "Your near part also contains the middle band, so the sum counts that band twice.",
        ),
        Mistake(
            "gap",
            "You've filtered the near part twice. Between it and the middle band there's now a "
            "gap: frequencies that are in no part.",
        ),
        Mistake(
            "reversed",
            "Your three parts are right, but in the opposite order: near comes first.",
        ),
        Mistake(
            "sigmas_swapped",
            "You've swapped the two blurs: the wide one leaves what's far.",
        ),
        Mistake(
            "middle_negative",
            "Your middle band has the wrong sign: the narrow blur keeps more than the wide one.",
        ),
        Mistake(
            "blurred_twice",
            "Your wide blur is applied to what the narrow one has already blurred. Your parts do "
            "add up, but in (3) both blurs start from the picture.",
        ),
        Mistake(
            "middle_of_the_rest",
            "You get the middle band by blurring what's left without the far part. Your parts do "
            "add up, but (3) takes the difference of two blurs of the same picture.",
        ),
        Mistake(
            "kernel_too_small",
            "Your kernel is too small for the wide blur: it cuts off the Gaussian's tails. About "
            "6σ are needed.",
        ),
        Mistake(
            "border_darkened",
            "Your blur treats everything beyond the border as 0, so it's too weak there.",
        ),
    ),
)


def colour_cases(rng: random.Random, seed: int) -> list[Case]:
    """Noise with a colour cast, and photographs."""
    cast = torch.tensor([rng.uniform(-1, 1) for _ in range(3)])[:, None, None]
    photographs = photograph(rng, 16, 24, batch=2)
    return [
        Case("noise with a colour cast", {"x": noise((1, 3, 20, 16), seed) + cast}),
        Case("2 photographs", {"x": photographs}),
    ]


GREY_AND_COLOUR = Check(
    exercise="2.9b",
    function="grey_and_colour",
    title="grey and colour",
    make_cases=colour_cases,
    read=Reading(
        "which mean the grey part is, and that colour is exactly what it leaves",
        section="2.9 Three ways to take a picture apart",
        paper=FACTORIZED_DIFFUSION,
        at="section 3.3",
    ),
    mistakes=(
        Mistake(
            "luminance",
            "You weigh red, green and blue by how bright they look. That split adds up too, but "
            "the noise is equally strong in each channel, so here each counts the same.",
        ),
        Mistake(
            "weights_do_not_fit",
            "You take the grey part with one set of weights, and subtract another grey to get the "
            "colour. Your two parts don't add up.",
        ),
        Mistake("swapped", "You've swapped the two parts: grey comes first."),
        Mistake(
            "colour_keeps_grey",
            "Your colour part is the whole picture, grey included. The sum counts the grey twice.",
        ),
        Mistake(
            "sum_for_mean",
            "Your grey part is the sum of the channels, three times their mean.",
        ),
        Mistake(
            "mean_over_the_picture",
            "You average over all pixels of a channel, so your grey part is one flat colour. "
            "Average over the channels of a pixel instead: which dimension is that?",
        ),
        Mistake(
            "first_channel",
            "Your grey part is one of the channels. It's the mean of all three.",
        ),
        Mistake(
            "halfway",
            "Your grey part lies halfway between the largest and the smallest channel. That isn't "
            "linear; take the mean.",
        ),
    ),
)


def motion_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two lengths; one image, and two that aren't square."""
    cases = []
    for k, (batch, size, lengths) in enumerate([(1, (24, 40), (5, 7, 9)), (2, (28, 36), (3, 11))]):
        length = rng.choice(lengths)
        x = framed_noise((batch, 3, *size), seed + k)
        cases.append(
            Case(f"{counted(batch, 'image')}, length {length}", {"x": x, "length": length})
        )
    return cases


MOTION = Check(
    exercise="2.9c",
    function="motion",
    title="what survives motion",
    make_cases=motion_cases,
    read=Reading(
        "a plain mean along a row, centred on its pixel, and the rest",
        section="2.9 Three ways to take a picture apart",
        paper=FACTORIZED_DIFFUSION,
        at="section 3.3",
    ),
    mistakes=(
        Mistake(
            "not_normalised",
            "You add up the pixels without dividing by how many there are. A flat picture should "
            "stay the same when it moves.",
        ),
        Mistake(
            "vertical",
            "Your picture moves up and down. Sideways means along a row: which dimension is that?",
        ),
        Mistake(
            "both_ways",
            "You blur along rows and along columns. A picture that moves sideways only smears "
            "along its rows.",
        ),
        Mistake(
            "not_centred",
            "Your blur isn't centred: each pixel becomes the mean of those on one side of it, so "
            "the picture shifts.",
        ),
        Mistake(
            "length_for_radius",
            "Your blur is about twice as long: you seem to take `length` pixels on either side.",
        ),
        Mistake("swapped", "You've swapped the two parts: the blurred one comes first."),
        Mistake(
            "still_is_everything",
            "Your still part is the whole picture. It's what the blur leaves over.",
        ),
        Mistake(
            "gaussian",
            "Your weights fall off like a Gaussian's. In a motion blur every pixel on the line "
            "counts the same.",
        ),
        Mistake(
            "border_darkened",
            "Your blur treats everything beyond the border as 0, so it's too weak there.",
        ),
    ),
)

# --- 2.10 from a photograph ----------------------------------------------------------------------


def inverse_hybrid_cases(rng: random.Random, seed: int) -> list[Case]:
    """Means over blocks and a blur as low pass; the course's schedule, and another one."""
    cases = []
    for k, (batch, size, low, schedule) in enumerate(
        [
            (1, (16, 24), StandIn("block means", {"side": 2}), "cosine"),
            (2, (16, 16), StandIn("block means", {"side": 4}), "linear"),
            (1, (24, 16), StandIn("blur", {"sigma": rng.uniform(1.0, 1.5)}), "linear"),
        ]
    ):
        photo = photograph(rng, *size, batch=batch)
        token = random_tokens(rng, 1)[0, 0].tolist()
        arguments = {
            "photo": photo,
            "low": low,
            # Stripes, so that the coarse part says something about the fine part.
            "estimate": StandIn(
                "coupled estimate", {"token": token, "stripes": 0.7, "schedule": schedule}
            ),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(photo.shape, seed + k),
        }
        cases.append(Case(f"{counted(batch, 'photograph')}, {schedule} schedule", arguments))
    return cases


INVERSE_HYBRID = Check(
    exercise="2.10",
    function="inverse_hybrid",
    title="a photograph's coarse part",
    tolerance=4e-4,
    make_cases=inverse_hybrid_cases,
    read=Reading(
        "what equation (4) puts in place of the coarse part after each step, with how much noise, "
        "and at the end",
        section="2.10 One part from a photograph",
        paper=FACTORIZED_DIFFUSION,
        at="section 3.4",
    ),
    mistakes=(
        Mistake(
            "noise_of_t",
            "You give the photograph the noise of t. When (4) is applied, the image has already "
            "arrived at t′.",
        ),
        Mistake(
            "clean_photograph",
            "You put in the photograph's coarse part without noise. The network is told to expect "
            "the noise of t′ at every scale, and finds none in the coarse part.",
        ),
        Mistake(
            "noisy_at_the_end",
            "Everything is right up to the last step. After it, the coarse part should be the "
            "photograph's own: even t = 0 has a little noise in it.",
        ),
        Mistake(
            "fine_part_too",
            "You keep the photograph's fine part too. Only its coarse part is known; the fine part "
            "is for the prompt.",
        ),
        Mistake(
            "coarse_part_added",
            "You add the photograph's coarse part, but the image keeps its own as well: there are "
            "two of them now.",
        ),
        Mistake(
            "parts_swapped",
            "You've swapped the two parts: yours has the photograph's fine part, and the coarse "
            "part comes from the estimate.",
        ),
        Mistake(
            "only_at_the_end",
            "You put the photograph's coarse part in only once, at the end. While the fine part "
            "was being drawn, nothing told it what it belongs to.",
        ),
        Mistake(
            "never",
            "There's nothing of the photograph in your result: that's plain sampling.",
        ),
        Mistake(
            "photograph_not_scaled",
            "You add noise to the photograph, but it keeps its full strength. The forward process "
            "also scales the image down.",
        ),
        Mistake(
            "no_square_root",
            "Your two weights in the forward process look like ᾱ and 1 − ᾱ themselves.",
        ),
        Mistake(
            "own_schedule",
            "You're right on the course's schedule, but not on another one. Use the "
            "`alphas_cumprod` that you're given.",
        ),
        Mistake(
            "other_noise",
            "Your photograph has fresh noise. Use the noise you're given, for the start and for "
            "the photograph, so that everyone gets the same picture.",
        ),
    ),
)

CHECKS = (FACTORIZED, LEFT_OVER, NEAR_MIDDLE_FAR, GREY_AND_COLOUR, MOTION, INVERSE_HYBRID)
