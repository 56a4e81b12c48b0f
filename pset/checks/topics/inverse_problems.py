"""The checks of exercises 2.5 to 2.7: RePaint, ILVR, guidance by a measurement."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, photograph, random_tokens
from pset.checks.stand_ins import BUILDERS
from pset.checks.witness import STRIDE, new_half
from pset.sampling import renoise
from pset.seeded_noise import noise

REPAINT_PAPER = Paper(
    "Lugmayr and others, RePaint: Inpainting using Denoising Diffusion Probabilistic Models",
    "https://arxiv.org/abs/2201.09865",
)

# --- 2.5 the way back up -------------------------------------------------------------------------


def renoise_cases(rng: random.Random, seed: int) -> list[Case]:
    """From nearly clean to a little noise, a long way, and from a lot to more."""
    cases = []
    for k, (low, high, least, most, batch, schedule) in enumerate(
        [
            (0, 40, 60, 150, 1, "cosine"),
            (100, 300, 250, 500, 2, "linear"),
            (500, 700, 60, 200, 1, "cosine"),
        ]
    ):
        t = rng.randint(low, high)
        t_next = t + rng.randint(least, most)
        alphas_cumprod = SCHEDULES[schedule]()
        image = photograph(rng, 20, 24, batch=batch)
        alpha_bar = alphas_cumprod[t]
        already = noise(image.shape, seed + 2 * k)
        arguments = {
            "x_t": alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * already,
            "t": t,
            "t_next": t_next,
            "alphas_cumprod": alphas_cumprod,
            "noise": noise(image.shape, seed + 2 * k + 1),
        }
        cases.append(Case(f"from t = {t} to {t_next}, {schedule} schedule", arguments))
    return cases


RENOISE = Check(
    exercise="2.5",
    function="renoise",
    title="the way back up",
    make_cases=renoise_cases,
    answers={"pset.sampling.renoise": renoise},
    read=Reading(
        "what's left of x_t after all the steps from t to s, and how much noise they add together",
        section="2.5 The way back up",
        paper=REPAINT_PAPER,
        at="section 4.2",
    ),
    mistakes=(
        Mistake(
            "from_the_clean_image",
            "Your weights are right for the way from the clean image, not from x_t. It already has "
            "the noise of t; only the steps from t to s are still to come.",
        ),
        Mistake(
            "no_square_root",
            "Your two weights look like ᾱ_s/ᾱ_t and 1 − ᾱ_s/ᾱ_t themselves, not their square "
            "roots.",
        ),
        Mistake(
            "one_step_only",
            "You add the noise of a single step, with the α of one timestep, for the whole way "
            "from t to s.",
        ),
        Mistake(
            "no_noise",
            "You scale the image down as the forward process does, but you don't add the noise.",
        ),
        Mistake(
            "image_not_scaled",
            "You add the right amount of noise, but x_t keeps its full strength. Every forward "
            "step scales the image down, too.",
        ),
        Mistake(
            "missing_variance_only",
            "You add just the noise that the variance at s has more than the one at t. But the "
            "noise that's already there is scaled down on the way, so that isn't enough.",
        ),
        Mistake(
            "weights_swapped",
            "You've swapped the two weights. If s is hardly larger than t, which of them should be "
            "close to 1?",
        ),
        Mistake(
            "other_noise",
            "You draw your own noise. Use the noise you're given, so that everyone gets the same "
            "picture.",
        ),
    ),
)

# --- 2.5b RePaint --------------------------------------------------------------------------------

MEAN, SCALE = 0.2, 0.5
"""Of the images that the witness expects."""

SIGMAS = 5.2
"""Bounds of a statistic, in standard deviations: less than one false alarm in 10,000 for a hundred
chi-squares of 480 degrees, whose upper tail is fatter than a normal one."""


def repaint_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two schedules, two lengths of a jump; two walks for each stretch, and three."""
    cases = []
    for k, (schedule, lengths, jump_n) in enumerate(
        [("cosine", (9, 12), 2), ("linear", (6, 8), 3)]
    ):
        jump_length = rng.randint(*lengths)
        stretches = -(-(34 - jump_length) // jump_length)
        calls = 33 + stretches * (jump_n - 1) * jump_length
        side = rng.choice(["left", "right"])
        # Everywhere on the way, and the last three, where a wrong timestep shows most.
        moments = sorted({*range(2, calls - 3, calls // 9), calls - 3, calls - 2, calls - 1})
        batch = 2 * len(moments) + 2
        original = photograph(rng, 16, 20).expand(batch, -1, -1, -1).clone()
        mask = torch.zeros(1, 1, 16, 20)
        new_half(mask, side).fill_(1)
        told = {"mean": MEAN, "scale": SCALE, "moments": moments, "known_side": side}
        arguments = {
            "original": original,
            "mask": mask,
            "estimate": StandIn("witness", {**told, "schedule": schedule}),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(original.shape, seed + k),
            "jump_length": jump_length,
            "jump_n": jump_n,
        }
        name = f"jump_length = {jump_length}, jump_n = {jump_n}, {schedule} schedule"
        cases.append(Case(name, arguments, about={"side": side, "moments": moments}))
    return cases


def repaint_properties(cases: Sequence[Case], answers: Answers) -> str | None:
    """What the witness saw: the walk, the known pixels, the new ones; and the known ones at last.

    Whether the known pixels' noise is fixed or fresh makes no difference to any of these.
    """
    for property_of in (finished, walked, known_pixels_seen, new_pixels_seen, known_pixels_at_last):
        for case, answer in zip(cases, answers, strict=True):
            found = property_of(case, answer)
            if found is not None:
                return found
    return None


def halves(case: Case, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The known half and the new half of images."""
    side = case.about["side"]
    other = "right" if side == "left" else "left"
    return new_half(images, other), new_half(images, side)


def calls_seen(case: Case, answer: torch.Tensor) -> list[int]:
    """The timestep of every call, as the last image of the batch has them."""
    _, new = halves(case, answer[-1])
    called = (new.mean(0).flatten() * 1000 / STRIDE).round().long().tolist()
    while called and called[-1] <= 0:
        called.pop()
    return [STRIDE * place for place in called]


def finished(case: Case, answer: torch.Tensor) -> str | None:
    """Whether new content is in the new half, and the noise is gone from it."""
    _, new = halves(case, answer)
    _, original = halves(case, case.arguments["original"])
    if float((new - original).pow(2).mean()) < 1e-3:
        return "mask_inverted"
    # Beyond the last call, nothing is written: what there is in those pixels is noise.
    if float(new[-1].flatten(1)[:, -5:].std()) > 0.05:
        return "last_jump_unfinished"
    return None


def walked(case: Case, answer: torch.Tensor) -> str | None:
    """Whether every stretch has been walked `jump_n` times."""
    length, times = case.arguments["jump_length"], case.arguments["jump_n"]
    top = 33
    places = [t // STRIDE for t in calls_seen(case, answer)]
    if not places or places[0] != top or places[-1] != 1:
        return (
            f"Your walk begins at t = {STRIDE * places[0] if places else '?'} and its last step "
            f"leaves t = {STRIDE * places[-1] if places else '?'}. It should begin at 990 and "
            "leave 30 in its last step, to 0."
        )
    # A step leaves a place for the next one down. If the next call is elsewhere, that was a jump.
    jumps = [(left - 1, next_left) for left, next_left in pairwise(places) if next_left != left - 1]
    if not jumps:
        return "no_jumps"
    count = Counter(start for start, _ in jumps)
    for start, end in jumps:
        if end - start != length:
            return (
                f"From t = {STRIDE * start} you go to t = {STRIDE * end}, which is "
                f"{end - start} places up. jump_length is {length}."
            )
    if any(start % length for start, _ in jumps):
        return "jumps_from_other_places"
    wanted = {start for start in range(0, top, length) if start + length <= top}
    if set(count) != wanted:
        missing = sorted(STRIDE * start for start in wanted - set(count))
        return f"You never go back up from t = {missing[0]}, {case.name}."
    if all(seen == times for seen in count.values()):
        return "one_jump_too_many"
    for start, seen in count.items():
        if seen != times - 1:
            return (
                f"You walk the stretch down to t = {STRIDE * start} {seen + 1} times in all; "
                f"jump_n is {times}."
            )
    return None


def known_pixels_seen(case: Case, answer: torch.Tensor) -> str | None:
    """Whether the known pixels had the mean and variance of their timestep at every moment."""
    alphas_cumprod = case.arguments["alphas_cumprod"].double()
    x_0, _ = halves(case, case.arguments["original"][0].double())
    seen = [
        (t, halves(case, answer[1 + m].double().flip(-1))[0], after_a_step)
        for m, (t, after_a_step) in enumerate(moments_seen(case, answer))
    ]
    right = [
        is_noise((x - a.sqrt() * x_0) / (1 - a).sqrt(), x_0)
        for t, x, _ in seen
        for a in [alphas_cumprod[t]]
    ]
    if all(right):
        return None
    # A jump's arrival has another timestep before it; the mistakes below are about a step's.
    steps = [(t, x) for t, x, after_a_step in seen if after_a_step]
    steps_at = [call for call, one in zip(case.about["moments"], seen, strict=True) if one[2]]
    before = [(alphas_cumprod[t + STRIDE], x) for t, x in steps]
    here = [(alphas_cumprod[t], x) for t, x in steps]
    if all(float((x - x_0).abs().max()) < 0.05 for _, x in steps):
        return "clean_pasted"
    if all(is_noise((x - a.sqrt() * x_0) / (1 - a).sqrt(), x_0) for a, x in before):
        return "as_printed"
    if all(is_noise((x - a.sqrt() * x_0) / (1 - a), x_0) for a, x in here):
        return "noise_without_root"
    if all(is_noise((x - x_0) / (1 - a).sqrt(), x_0) for a, x in here):
        return "image_not_scaled"
    # Before the walk is at t = 0 for the first time, and the original may have been pasted there.
    early = calls_seen(case, answer).index(STRIDE)
    first = [pair for pair, call in zip(here, steps_at, strict=True) if call < early]
    if all(is_noise((x - a.sqrt() * MEAN) / (a * SCALE**2 + 1 - a).sqrt()) for a, x in first):
        return "pasted_only_at_the_end"
    t = seen[right.index(False)][0]
    return (
        f"When your walk is at t = {t}, the known pixels don't have the mean and the variance that "
        f"the forward process gives them at this timestep ({case.name})."
    )


def moments_seen(case: Case, answer: torch.Tensor) -> list[tuple[int, bool]]:
    """For every moment, the timestep, and whether a step arrived there (and not a jump)."""
    called = calls_seen(case, answer)
    return [
        (called[call], called[call - 1] == called[call] + STRIDE) for call in case.about["moments"]
    ]


def new_pixels_seen(case: Case, answer: torch.Tensor) -> str | None:
    """Whether the new pixels were spread as those of noisy images, also after a jump."""
    alphas_cumprod = case.arguments["alphas_cumprod"].double()
    moments = moments_seen(case, answer)
    off = []
    for m, (t, _) in enumerate(moments):
        a = alphas_cumprod[t]
        _, seen = halves(case, answer[1 + len(moments) + m].double())
        standard = (seen - a.sqrt() * MEAN) / (a * SCALE**2 + 1 - a).sqrt()
        if not is_noise(standard):
            off.append((t, float(standard.pow(2).mean())))
    if not off:
        return None
    if all(variance < 1 for _, variance in off):
        return "climbs_without_noise"
    t, variance = max(off, key=lambda one: one[1])
    return (
        f"When your walk is at t = {t}, the new pixels have {variance:.2f} times the variance that "
        f"belongs to this timestep ({case.name}). Look at what happens on the way back up."
    )


def is_noise(x: torch.Tensor, pattern: torch.Tensor | None = None) -> bool:
    """Whether x has mean 0 and variance 1, and no trace of a pattern, within statistical bounds."""
    count = x.numel()
    right = abs(float(x.mean())) < SIGMAS / count**0.5
    right = right and abs(float(x.pow(2).mean()) - 1) < SIGMAS * (2 / count) ** 0.5
    if right and pattern is not None:
        size = float(pattern.pow(2).sum().sqrt())
        right = abs(float((x * pattern).sum())) / size < SIGMAS
    return bool(right)


def known_pixels_at_last(case: Case, answer: torch.Tensor) -> str | None:
    """Whether the known pixels are exactly the original's."""
    known, _ = halves(case, answer)
    original, _ = halves(case, case.arguments["original"])
    return None if float((known - original).abs().max()) < 1e-4 else "not_exact_at_the_end"


REPAINT = Check(
    exercise="2.5b",
    function="repaint",
    title="RePaint",
    make_cases=repaint_cases,
    properties=repaint_properties,
    read=Reading(
        "from which timesteps the walk goes back up, how often, and which noise the known pixels "
        "need wherever it arrives",
        section="2.5b RePaint: a walk that goes back",
        paper=REPAINT_PAPER,
        at="sections 4.1 and 4.2 and appendix B",
    ),
    mistakes=(
        Mistake(
            "as_printed",
            "You give the known pixels the noise of the timestep that the step has left. That's "
            "how equation 8a of the paper prints it, and the lecture's pseudocode; but by then the "
            "rest of the image is already at the next one.",
        ),
        Mistake(
            "noise_without_root",
            "Your known pixels get (1 − ᾱ)·ε. That's how line 5 of the paper's Algorithm 1 prints "
            "it, but 1 − ᾱ is the *variance* of the noise.",
        ),
        Mistake(
            "no_jumps",
            "Your timesteps only fall. That's plain inpainting, as in 1.8: there's no way back up.",
        ),
        Mistake(
            "one_jump_too_many",
            "You go back up once too often everywhere. jump_n counts how often a stretch is walked "
            "in all, the first time included.",
        ),
        Mistake(
            "jumps_from_other_places",
            "You go back up from the wrong timesteps. Count the places from the clean end: place 0 "
            "is t = 0, and the jumps go up from multiples of jump_length.",
        ),
        Mistake(
            "last_jump_unfinished",
            "Your result is still noisy: the walk ends before it's down at t = 0 again.",
        ),
        Mistake(
            "climbs_without_noise",
            "After a way back up, the new pixels have less noise than the timestep says. Going up "
            "isn't just another label for the same image: it takes the noise of all those steps.",
        ),
        Mistake(
            "mask_inverted",
            "Your mask is the wrong way round: 1 is where new content goes, 0 is what stays.",
        ),
        Mistake(
            "clean_pasted",
            "You paste the original without noise at every step. The network is told to expect the "
            "noise of t′, and finds pixels without any.",
        ),
        Mistake(
            "image_not_scaled",
            "You add noise to the known pixels, but they keep their full strength. The forward "
            "process also scales the image down.",
        ),
        Mistake(
            "pasted_only_at_the_end",
            "On the way, your known pixels aren't the original's. While the new part was taking "
            "shape, nothing told it what's around it.",
        ),
        Mistake(
            "not_exact_at_the_end",
            "Your known pixels are almost the original's, but not exactly. After the last step, "
            "they should be the original's own.",
        ),
    ),
)

# --- 2.6 ILVR ------------------------------------------------------------------------------------


def ilvr_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two projections and a low pass that isn't one; little noise and a lot."""
    cases = []
    for k, (low, high, batch, schedule, phi) in enumerate(
        [
            (60, 250, 1, "cosine", StandIn("block means", {"side": 4})),
            (250, 500, 2, "linear", StandIn("block means", {"side": 8})),
            (500, 750, 1, "cosine", StandIn("blur", {"sigma": rng.uniform(1.2, 2.2)})),
        ]
    ):
        t = rng.randint(low, high)
        alphas_cumprod = SCHEDULES[schedule]()
        reference = photograph(rng, 24, 32, batch=batch)
        other = photograph(rng, 24, 32, batch=batch)
        already = noise(other.shape, seed + 2 * k)
        arguments = {
            "x": alphas_cumprod[t].sqrt() * other + (1 - alphas_cumprod[t]).sqrt() * already,
            "t": t,
            "reference": reference,
            "phi": phi,
            "alphas_cumprod": alphas_cumprod,
            "noise": noise(reference.shape, seed + 2 * k + 1),
        }
        filter_name = "a blur" if phi.name == "blur" else "means over blocks"
        cases.append(Case(f"{filter_name} at t = {t}, {schedule} schedule", arguments))
    return cases


ILVR = Check(
    exercise="2.6",
    function="ilvr_step",
    title="ILVR",
    make_cases=ilvr_cases,
    read=Reading(
        "which part of the image is replaced, what it's replaced by, and which timestep's noise "
        "that needs",
        section="2.6 Coarse from a reference: ILVR",
        paper=Paper(
            "Choi and others, ILVR: Conditioning Method for Denoising Diffusion Probabilistic "
            "Models",
            "https://arxiv.org/abs/2108.02938",
        ),
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "reference_clean",
            "Your reference has no noise. The coarse part of a *noisy* image is what you replace; "
            "what takes its place needs the noise of the same timestep.",
        ),
        Mistake(
            "noise_of_the_step_before",
            "Your reference has the noise of the timestep that the step has left, 30 more. By now "
            "the image is at t. (The code that the paper's authors published does that; the "
            "paper's equation doesn't.)",
        ),
        Mistake(
            "noise_not_filtered",
            "You add noise to the *filtered* reference, at all frequencies, as the lecture's slide "
            "may be read. But the image's own fine noise is still there: now there's too much of "
            "it. Noise first, then the filter.",
        ),
        Mistake(
            "reference_not_filtered",
            "You add the whole reference, its fine part included. Only its coarse part should go "
            "in.",
        ),
        Mistake(
            "coarse_not_removed",
            "You add the reference's coarse part, but the image's own is still there.",
        ),
        Mistake(
            "coarse_added",
            "You add the image's coarse part once more, when it should be taken away.",
        ),
        Mistake(
            "fine_from_the_reference",
            "You keep the image's coarse part and take the fine part from the reference: the wrong "
            "way round.",
        ),
        Mistake(
            "signs_exchanged",
            "The signs of the two coarse parts are the wrong way round: you add the image's own, "
            "and subtract the reference's.",
        ),
        Mistake("unchanged", "The image comes back as it was."),
        Mistake(
            "no_square_root",
            "Your two weights in the forward process look like ᾱ_t and 1 − ᾱ_t themselves.",
        ),
        Mistake(
            "other_noise",
            "You draw your own noise. Use the noise you're given, so that everyone gets the same "
            "picture.",
        ),
    ),
)

# --- 2.7 a measurement ---------------------------------------------------------------------------


def measured_cases(rng: random.Random, seed: int) -> list[Case]:
    """Four measurements; estimates whose pixels depend on each other, and a mixture of two."""
    cases = []
    height, width = 16, 20
    hole = [[int(not (4 <= y < 11 and 5 <= x < 14)) for x in range(width)] for y in range(height)]
    size = {"height": height, "width": width}
    kinds: list[tuple[int, int, int, str, str, dict[str, Any]]] = [
        (350, 600, 1, "cosine", "known pixels", {"mask": hole}),
        (200, 450, 2, "linear", "shrinking", {"factor": 4, **size}),
        (500, 750, 1, "cosine", "blurring", {"sigma": rng.uniform(1.2, 1.8), **size}),
        (150, 350, 1, "linear", "greyscale", size),
    ]
    for k, (low, high, batch, schedule, kind, options) in enumerate(kinds):
        t = rng.randint(low, high)
        alphas_cumprod = SCHEDULES[schedule]()
        image = photograph(rng, height, width, batch=batch)
        already = noise(image.shape, seed + 2 * k)
        sigma = round(rng.uniform(0.05, 0.3), 3)
        measure = BUILDERS[kind](**options)
        clean = measure(image)
        y = clean + sigma * noise(clean.shape, seed + 2 * k + 1)
        s = round(rng.uniform(0.2, 0.6), 3)
        mixture = k == 0
        tokens = random_tokens(rng, 2)[0].tolist()
        estimate = (
            StandIn("estimate", {"tokens": tokens, "scale": 0.9, "schedule": schedule})
            if mixture
            else StandIn("coupled estimate", {"token": tokens[0], "schedule": schedule})
        )
        arguments = {
            "x_t": alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * already,
            "t": t,
            "estimate": estimate,
            "alphas_cumprod": alphas_cumprod,
            "measurement": StandIn(kind, options),
            "y": y,
            "sigma": sigma,
            "s": s,
        }
        cases.append(Case(f"{kind} at t = {t}, {schedule} schedule", arguments))
    return cases


MEASURED = Check(
    exercise="2.7",
    function="measured",
    title="guidance by a measurement",
    make_cases=measured_cases,
    read=Reading(
        "what the measurement is compared with, how certain x̂_0 is, and through what the gradient "
        "has to go",
        section="2.7 Any measurement",
        paper=Paper(
            "Song and others, Pseudoinverse-Guided Diffusion Models for Inverse Problems",
            "https://openreview.net/forum?id=9_gsMA8MRKQ",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "not_through_the_denoiser",
            "Your gradient doesn't go through the estimate: you treat ε as a constant. But x̂_0 "
            "depends on x_t through the network, too.",
        ),
        Mistake(
            "without_transpose",
            "You use what's left of the measurement as if it were an image. The way back from "
            "measurements to images is the transpose of A.",
        ),
        Mistake(
            "measures_x_t",
            "You compare y with A·x_t. y is a measurement of the *clean* image: compare it with "
            "that of x̂_0.",
        ),
        Mistake(
            "wrong_sign",
            "Your guidance leads away from the measurement. Check the sign: the score is "
            "−ε/√(1−ᾱ_t).",
        ),
        Mistake(
            "score_for_noise",
            "You add the gradient to ε as it is. It's a score: ε is −√(1−ᾱ_t) times the score.",
        ),
        Mistake(
            "certain_estimate",
            "You've left out r², as if x̂_0 were the true image. It's uncertain, by r², and that "
            "uncertainty counts in the measurement: r²AAᵀ + σ²I.",
        ),
        Mistake(
            "noise_free",
            "You've left out σ²: the measurement is noisy itself.",
        ),
        Mistake(
            "r_not_squared",
            "You've used r² where the measurement expects r. `solve` squares it.",
        ),
        Mistake(
            "variance_of_any_image",
            "Your r² is 1 − ᾱ_t, which is right for s = 1. The images' own spread s limits how "
            "wrong x̂_0 can be.",
        ),
        Mistake(
            "guidance_only",
            "You return the guidance without the estimate's own noise.",
        ),
        Mistake("not_guided", "Your estimate doesn't use the measurement at all."),
        Mistake(
            "dps",
            "This looks like DPS (Chung et al. 2023), a step along the gradient of ‖y − A·x̂_0‖. "
            "It's a well-known method, but not the posterior's score: it doesn't know σ or r².",
        ),
    ),
)

CHECKS = (RENOISE, REPAINT, ILVR, MEASURED)
