"""The checks of exercises 1.1 to 1.3 and of the score."""

import random
from collections.abc import Sequence

import torch

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Prompt, Reading, StandIn
from pset.checks.inputs import ALPHAS_CUMPROD, counted, noised, photograph, random_tokens
from pset.closed_form import ClosedFormModel
from pset.seeded_noise import noise

DDPM = Paper(
    "Ho, Jain and Abbeel, Denoising Diffusion Probabilistic Models",
    "https://arxiv.org/abs/2006.11239",
)

# --- 1.1 forward ---------------------------------------------------------------------------------


def forward_cases(rng: random.Random, seed: int) -> list[Case]:
    """A little, some and a lot of noise; one image, a batch, and one that isn't square."""
    cases = []
    for k, (low, high, batch, size) in enumerate(
        [(20, 120, 1, (64, 64)), (350, 600, 2, (32, 32)), (800, 950, 1, (40, 56))]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        arguments = {
            "im": im,
            "t": t,
            "alphas_cumprod": ALPHAS_CUMPROD,
            "noise": noise(im.shape, seed + k),
        }
        cases.append(Case(f"{counted(batch, 'photograph')} at t = {t}", arguments))
    return cases


def implied_noise(case: Case, answer: torch.Tensor) -> torch.Tensor:
    """The ε that would give this answer."""
    alpha_bar = ALPHAS_CUMPROD[case.arguments["t"]]
    return (answer - alpha_bar.sqrt() * case.arguments["im"]) / (1 - alpha_bar).sqrt()


def is_uniform_noise(case: Case, answer: torch.Tensor) -> bool:
    """Whether the implied noise is uniform in [0, 1] or in [-1, 1]."""
    eps = implied_noise(case, answer)
    mean, std = float(eps.mean()), float(eps.std())
    from_zero = abs(mean - 0.5) < 0.05 and abs(std - 0.289) < 0.02
    around_zero = abs(mean) < 0.05 and abs(std - 0.577) < 0.03
    return float(eps.abs().max()) < 1.02 and (from_zero or around_zero)


def is_own_noise(case: Case, answer: torch.Tensor) -> bool:
    """Whether the implied noise is standard normal, but isn't the given noise."""
    eps = implied_noise(case, answer)
    given = case.arguments["noise"]
    correlation = float((eps * given).mean() / (eps.std() * given.std() + 1e-12))
    standard = abs(float(eps.mean())) < 0.06 and abs(float(eps.std()) - 1) < 0.06
    return standard and abs(correlation) < 0.1


FORWARD = Check(
    exercise="1.1",
    function="forward",
    title="the forward process",
    make_cases=forward_cases,
    answers={"pset.checks.inputs.noised": noised},
    read=Reading(
        "the forward process: how much of the image is left at t, and how much noise is added",
        section="1.1 The forward process",
        paper=DDPM,
        at="equation 4",
    ),
    mistakes=(
        Mistake(
            "no_square_root",
            "Your two weights look like ᾱ_t and 1 − ᾱ_t themselves. Think about variances: a "
            "weight w multiplies a variance by w², and the two variances should add up to 1.",
        ),
        Mistake(
            "weights_swapped",
            "You've swapped the two weights: at small t, your result is almost all noise. Which "
            "weight should be close to 1 when t is small?",
        ),
        Mistake(
            "image_not_scaled",
            "You add noise, but the image keeps its full strength. The forward process also scales "
            "the image down, so that the total variance stays the same for every t.",
        ),
        Mistake(
            "noise_not_scaled",
            "You add the noise at full strength at every timestep. Its weight should grow with t.",
        ),
        Mistake(
            "alpha_for_alpha_bar",
            "This looks like a single step of the process (α_t), not all the steps up to t "
            "combined (ᾱ_t, the product of all α up to t).",
        ),
        Mistake(
            "beta_for_alpha_bar",
            "This looks like β_t where ᾱ_t belongs. β_t is how much noise one step adds; ᾱ_t is "
            "how much of the image is left after all of them.",
        ),
        Mistake(
            "t_off_by_one",
            "Everything is right except the timestep: your values belong to a neighbour of t. "
            "`alphas_cumprod` is indexed from 0, and its entry t belongs to timestep t.",
        ),
        Mistake(
            "uniform_noise",
            "Your noise is uniformly distributed. The forward process is Gaussian: use the noise "
            "you're given.",
            recognise=is_uniform_noise,
        ),
        Mistake(
            "own_noise",
            "Your formula may well be right, but you're drawing fresh noise. Use the noise you're "
            "given, so that everyone gets the same picture.",
            recognise=is_own_noise,
        ),
    ),
)


# --- 1.2 classical denoising ---------------------------------------------------------------------

IMPULSE_SIZE = 65
"""Odd, so that the impulse is exactly in the middle; wide enough for any sensible blur."""


def blur_cases(rng: random.Random, seed: int) -> list[Case]:
    """Impulses that show the kernel, a flat image for the border, a noisy photograph."""
    t = rng.randint(200, 700)
    cases = []
    for channel in range(3):
        impulse = torch.zeros(1, 3, IMPULSE_SIZE, IMPULSE_SIZE)
        impulse[0, channel, IMPULSE_SIZE // 2, IMPULSE_SIZE // 2] = 1
        colour = ("red", "green", "blue")[channel]
        cases.append(Case(f"one {colour} dot", {"x_t": impulse, "t": t}, {"channel": channel}))
    flat = torch.tensor([rng.uniform(0.3, 0.9) for _ in range(3)])[None, :, None, None]
    cases.append(Case("a flat colour", {"x_t": flat.expand(1, 3, 48, 56).clone(), "t": t}))
    im = photograph(rng, 64, 64, batch=2)
    x_t = noised(im, t, noise(im.shape, seed))
    cases.append(Case(f"two photographs at t = {t}", {"x_t": x_t, "t": t}, {"im": im}))
    return cases


def blur_properties(cases: Sequence[Case], answers: Answers) -> str | None:
    """The properties of a Gaussian blur, whatever its kernel size and σ.

    It treats each channel separately; the image of a dot is symmetric, and falls off along each
    axis like q^(d²); a flat colour doesn't change, not even at the border; and a noisy photograph
    gets closer to the clean one.
    """
    centre = IMPULSE_SIZE // 2
    if all(torch.equal(a, c.arguments["x_t"]) for a, c in zip(answers, cases, strict=True)):
        return "unchanged"
    for case, answer in zip(cases[:3], answers[:3], strict=True):
        channel = case.about["channel"]
        others = [c for c in range(3) if c != channel]
        kernel = answer[0, channel].double()
        peak = float(kernel.abs().max())
        if peak < 1e-6:
            return "darkens" if float(answer[0, others].abs().max()) < 1e-6 else "mixes_channels"
        if float(answer[0, others].abs().max()) > 0.01 * peak:
            return "mixes_channels"
        if float((kernel - kernel.flip(0, 1)).abs().max()) > 0.02 * peak:
            return "shifts"
        if peak > 0.999:
            return "unchanged"
        for axis in (kernel[centre], kernel[:, centre]):
            arm = axis[centre:] / axis[centre]
            if float(arm[1]) < 1e-4 or float(arm[1]) > 0.9995:
                return "not_gaussian"
            distance = torch.arange(len(arm), dtype=arm.dtype)
            support = arm > 0.02  # beyond the end of a finite kernel, zero is right
            gaussian = arm[1] ** (distance**2)
            if float((arm - gaussian)[support].abs().max()) > 0.05:
                return "not_gaussian"
            # Zeros are right beyond the kernel's end, but not in between.
            if not bool(support[: int(support.sum())].all()):
                return "not_gaussian"
        if abs(float(kernel.sum()) - 1) > 0.02:
            return "darkens"
    flat, blurred = cases[3].arguments["x_t"], answers[3]
    inner = (..., slice(20, -20), slice(20, -20))
    if float((blurred - flat)[inner].abs().max()) > 0.01:
        return "darkens"
    if float((blurred - flat).abs().max()) > 0.01:
        return "darkens_border"
    photo, im = cases[4], cases[4].about["im"]
    before = float(((photo.arguments["x_t"] - im) ** 2).mean())
    after = float(((answers[4] - im) ** 2).mean())
    if after > 0.7 * before:
        return "too_weak"
    return None


CLASSICAL = Check(
    exercise="1.2",
    function="gaussian_denoise",
    title="classical denoising",
    make_cases=blur_cases,
    properties=blur_properties,
    read=Reading(
        "Gaussian blur: one kernel for all channels, centred, with weights that sum to one",
        section="1.2 Classical denoising",
    ),
    mistakes=(
        Mistake("unchanged", "The image comes back exactly as it went in: nothing is blurred."),
        Mistake(
            "mixes_channels",
            "A dot of one colour leaves a trace in the others, so your blur averages over colours "
            "too. Blur each channel on its own.",
        ),
        Mistake(
            "shifts",
            "Your blurred image isn't centred on the original: it has moved. A kernel of odd size, "
            "with the same padding on both sides, stays in place.",
        ),
        Mistake(
            "darkens",
            "A flat colour comes out weaker or stronger than it went in. What should a kernel's "
            "weights sum to, if a flat image is to stay the same?",
        ),
        Mistake(
            "darkens_border",
            "The middle is right, but the border fades to grey (zero). What does your blur assume "
            "about the pixels outside the image?",
        ),
        Mistake(
            "not_gaussian",
            "It's a blur, but its weights don't fall off like a Gaussian's, exp(−d²/2σ²). It's a "
            "box filter, or some other kernel.",
        ),
        Mistake(
            "too_weak",
            "It's a Gaussian blur, but so weak that most of the noise is still there. Try a larger "
            "σ, and a kernel large enough for it.",
        ),
    ),
)


# --- 1.3 one-step denoising ----------------------------------------------------------------------


def one_step_cases(rng: random.Random, seed: int) -> list[Case]:
    """Closed forms at small, medium and large t; then the pocket model."""
    cases = []
    for k, (low, high, batch, size) in enumerate(
        [(0, 3, 1, (24, 24)), (300, 600, 2, (20, 28)), (750, 880, 1, (24, 24))]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        cases.append(
            Case(
                f"a closed-form denoiser at t = {t}",
                {
                    "x_t": noised(im, t, noise(im.shape, seed + k)),
                    "t": t,
                    # A narrow distribution at the end: there the noise estimate is large, and a
                    # schedule in float16 shows.
                    "model": StandIn("closed form", {"scale": 0.05 if k == 0 else 0.25}),
                    "prompt_embeds": random_tokens(rng, components=1 + k),
                },
            )
        )
    t = rng.randint(250, 450)
    im = photograph(rng, 64, 64)
    cases.append(
        Case(
            f"the pocket model at t = {t}",
            {
                "x_t": noised(im, t, noise(im.shape, seed + 9)),
                "t": t,
                "model": StandIn("pocket"),
                "prompt_embeds": Prompt("a high quality photo"),
            },
        )
    )
    return cases


ONE_STEP = Check(
    exercise="1.3",
    function="one_step_denoise",
    title="one-step denoising",
    make_cases=one_step_cases,
    read=Reading(
        "how to solve the forward equation for x_0, and what the UNet's six channels are",
        section="1.3 One-step denoising",
        paper=DDPM,
        at="equation 15",
    ),
    mistakes=(
        Mistake(
            "noise_not_scaled",
            "You subtract the noise estimate at full strength. The network estimates ε, which is "
            "standard normal; how much of it is in x_t depends on t.",
        ),
        Mistake(
            "no_division",
            "You've removed the noise, but the image is still as faint as the forward process made "
            "it. What was x_0 multiplied by on the way to x_t?",
        ),
        Mistake(
            "variance_for_noise",
            "You've taken the wrong half of the network's six channels: the variance instead of "
            "the noise.",
        ),
        Mistake(
            "float16_schedule",
            "Your schedule seems to have been rounded to float16, where 1 − ᾱ_t is 0 for the first "
            "timesteps. Keep `alphas_cumprod` in float32, whatever the network runs in.",
        ),
        Mistake(
            "no_square_root",
            "Your weights look like ᾱ_t and 1 − ᾱ_t themselves, not their square roots.",
        ),
        Mistake(
            "noise_added",
            "You add the noise estimate once more, when it should be taken away.",
        ),
        Mistake(
            "returns_noise",
            "You return the network's noise estimate itself. Use it to solve for the clean image.",
        ),
        Mistake(
            "t_off_by_one",
            "Your weights belong to a neighbouring timestep. Entry t of `alphas_cumprod` belongs "
            "to timestep t.",
        ),
    ),
)


# --- the score -----------------------------------------------------------------------------------


def score_cases(rng: random.Random, seed: int) -> list[Case]:
    """One Gaussian and two mixtures, whose exact score is known."""
    cases = []
    for k, (low, high, components) in enumerate([(40, 150, 1), (350, 600, 2), (750, 900, 3)]):
        t = rng.randint(low, high)
        im = photograph(rng, 20, 24)
        kind = "one Gaussian" if components == 1 else f"a mixture of {components} Gaussians"
        cases.append(
            Case(
                f"{kind} at t = {t}",
                {
                    "x_t": noised(im, t, noise(im.shape, seed + k)),
                    "t": t,
                    "model": StandIn("closed form", {"scale": rng.uniform(0.15, 0.4)}),
                    "prompt_embeds": random_tokens(rng, components),
                },
            )
        )
    return cases


SCORE = Check(
    exercise="score",
    function="score",
    title="the score",
    make_cases=score_cases,
    answers={"pset.ClosedFormModel.log_density": ClosedFormModel.log_density},
    read=Reading(
        "how ε is related to ∇ log p_t: the sign, and the power of σ_t",
        section="What the network knows: the score",
        paper=Paper(
            "Song and others, Score-Based Generative Modeling through Stochastic Differential "
            "Equations",
            "https://arxiv.org/abs/2011.13456",
        ),
        at="section 2",
    ),
    mistakes=(
        Mistake(
            "wrong_sign",
            "The size is right, but the direction is opposite. The noise points away from likely "
            "images; the score points towards them.",
        ),
        Mistake(
            "divided_by_variance",
            "That's one power of σ_t too many: you divide by σ_t² = 1 − ᾱ_t.",
        ),
        Mistake(
            "multiplied_by_sigma",
            "σ_t is on the wrong side: ε is the score times −σ_t, so the score is…",
        ),
        Mistake("not_divided", "You return −ε. The score is larger where there's little noise."),
        Mistake(
            "sigma_of_signal",
            "You divide by √ᾱ_t, the weight of the image. σ_t is the weight of the noise.",
        ),
        Mistake(
            "variance_for_noise",
            "You've taken the wrong half of the network's six channels: the variance instead of "
            "the noise.",
        ),
    ),
)

CHECKS = (FORWARD, CLASSICAL, ONE_STEP, SCORE)
