"""The checks of exercises 1.4 to 1.6: the loop, sampling, guidance."""

import random

from pset.checks.definition import Case, Check, Given, Mistake
from pset.checks.denoising import ALPHAS_CUMPROD, noised, photograph, random_tokens
from pset.guidance import guided
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise
from pset.seeded_noise import noise

# --- 1.4 the loop --------------------------------------------------------------------------------


def loop_cases(rng: random.Random, seed: int) -> list[Case]:
    """The course's own timesteps, then others with another seed, then with a change after steps."""
    cases = []
    i_start = rng.randint(18, 24)
    im = photograph(rng, 16, 20)
    t = STRIDED_TIMESTEPS[i_start]
    cases.append(
        Case(
            f"the course's timesteps from i_start = {i_start}",
            {
                "image": noised(im, t, noise(im.shape, seed)),
                "i_start": i_start,
                "estimate": Given("estimate", {"tokens": random_tokens(rng, 1)[0].tolist()}),
                "alphas_cumprod": ALPHAS_CUMPROD,
            },
        )
    )
    stride = rng.choice([70, 80, 90])
    timesteps = list(range(rng.randint(940, 980), 0, -stride))
    im = photograph(rng, 12, 16, batch=2)
    arguments = {
        "image": noise(im.shape, seed + 1),
        "i_start": 0,
        "estimate": Given("estimate", {"tokens": random_tokens(rng, 2)[0].tolist()}),
        "alphas_cumprod": ALPHAS_CUMPROD,
        "timesteps": timesteps,
        "seed": rng.randint(200, 900),
    }
    cases.append(Case(f"timesteps {timesteps[0]}, {timesteps[1]}, … and another seed", arguments))
    i_start = rng.randint(4, 7)
    arguments = {
        "image": noised(im, timesteps[i_start], noise(im.shape, seed + 2)),
        "i_start": i_start,
        "estimate": Given("estimate", {"tokens": random_tokens(rng, 1)[0].tolist()}),
        "alphas_cumprod": ALPHAS_CUMPROD,
        "timesteps": timesteps,
        "seed": rng.randint(200, 900),
        "after_step": Given("after_step", {"strength": 0.05}),
    }
    cases.append(Case("with a change after each step", arguments))
    return cases


LOOP = Check(
    exercise="1.4",
    function="iterative_denoise",
    title="iterative denoising",
    make_cases=loop_cases,
    answers=(iterative_denoise,),
    read="the step from t to t': which α and β belong to it, and what its three terms are for",
    mistakes=(
        Mistake(
            "alpha_bar_for_alpha",
            "ᾱ_t stands where α_t belongs. α_t is for this one step, from t' to t: the part of ᾱ_t "
            "that is not already in ᾱ_t'.",
        ),
        Mistake(
            "as_printed",
            "These are the weights as the write-up prints them, and its equation has two slips: "
            "both denominators are the variance at the timestep that the step *leaves*, and x_t is "
            "weighted by the α of the step, not by ᾱ of its end. Check: the weights must return "
            "the mean of x_t' when x_0 and x_t are what they should be.",
        ),
        Mistake(
            "x0_twice",
            "The clean estimate enters twice, as the write-up's Algorithm 1 prints it. The second "
            "term keeps part of where you are: the noisy image.",
        ),
        Mistake(
            "no_variance",
            "No noise is added along the way. The formula has a third term; without it the "
            "result is not a sample, but something too smooth.",
        ),
        Mistake(
            "variance_after_last_step",
            "The last step adds noise as well. Nothing removes it any more: the image that you "
            "return should be clean.",
        ),
        Mistake(
            "variance_of_t",
            "The variance belongs to a step from t to t − 1, but this loop leaps over many "
            "timesteps at once: which two ᾱ does the step lie between?",
        ),
        Mistake(
            "variance_for_deviation",
            "The noise is multiplied by σ², not by σ.",
        ),
        Mistake(
            "noise_of_t",
            "The step noise is drawn for the timestep that the step leaves. By the course's "
            "convention it belongs to the one that it arrives at.",
        ),
        Mistake(
            "own_noise",
            "The step noise comes from torch's global generator. Use `pset.step_noise`, so that "
            "your picture is everybody's picture.",
        ),
        Mistake(
            "i_start_early",
            "The loop begins one timestep too early, with more noise than the image holds.",
        ),
        Mistake(
            "i_start_late",
            "The loop begins one timestep too late: the image still holds more noise than the "
            "first step assumes.",
        ),
        Mistake(
            "all_timesteps",
            "The loop visits every timestep. It should leap from one of `timesteps` to the next.",
        ),
        Mistake(
            "stops_early",
            "The last step is missing: the image has not arrived at the last of the timesteps.",
        ),
        Mistake(
            "after_step_at_t",
            "`after_step` is told the timestep that the step has left. The image it is given is "
            "already at t'.",
        ),
    ),
)

# --- 1.5 sampling --------------------------------------------------------------------------------


def sample_cases(rng: random.Random, seed: int) -> list[Case]:
    """One image, and several at once. The loop is a stand-in: DDPM forgets where it started."""
    cases = []
    for count, size in [(1, 16), (rng.randint(3, 4), 12)]:
        arguments = {
            "count": count,
            "denoise": Given("echo"),
            "size": size,
            "seed": rng.randint(200, 900),
        }
        cases.append(Case(f"{count} image{'s'[: count > 1]} of {size} × {size}", arguments))
    return cases


SAMPLE = Check(
    exercise="1.5",
    function="sample",
    title="sampling",
    make_cases=sample_cases,
    read="what x_T is distributed like, and at which i_start that is so",
    mistakes=(
        Mistake(
            "image_scaled_noise",
            "The start is noise of an image's strength. At t = 990 hardly anything but noise is "
            "left: x_T is standard normal, and most of it lies outside what an image could show.",
        ),
        Mistake(
            "uniform_noise",
            "The start is uniform noise in [−1, 1]. The network has only ever seen Gaussian noise.",
        ),
        Mistake(
            "one_noise_for_all",
            "All samples start from the same noise, so they all become the same image.",
        ),
        Mistake(
            "starts_late",
            "The start is pure noise, but the loop is told that it holds some image already: "
            "which index do you begin at?",
        ),
        Mistake("other_seed", "The noise does not come from the seed that the function is given."),
    ),
)

# --- 1.6 guidance --------------------------------------------------------------------------------

HALVES_SWAPPED = Mistake(
    "halves_swapped", "The two estimates have changed places: guidance leads away from the prompt."
)
GUIDED_VARIANCE = Mistake(
    "guided_variance",
    "The variance channels are guided too. γ is for the noise only; the variance comes from the "
    "prompt's estimate as it is.",
)
UNCONDITIONAL_VARIANCE = Mistake(
    "unconditional_variance",
    "The variance is the null prompt's. By the course's convention it is the prompt's.",
)
"""Of guidance, in whichever stage."""


def guidance_cases(rng: random.Random, seed: int) -> list[Case]:
    """γ = 7 over a few steps, other γ with two images, and further out."""
    cases = []
    for k, (low, high, batch, scale) in enumerate(
        [(27, 29, 1, None), (22, 26, 2, 3.0), (14, 17, 1, 1.5)]
    ):
        i_start = rng.randint(low, high)
        im = photograph(rng, 16, 12, batch=batch)
        arguments = {
            "image": noised(im, STRIDED_TIMESTEPS[i_start], noise(im.shape, seed + k)),
            "i_start": i_start,
            "model": Given("closed form", {"scale": rng.uniform(0.2, 0.4)}),
            "prompt_embeds": random_tokens(rng, 1),
            "null_embeds": random_tokens(rng, 1),
        }
        if scale is not None:
            arguments["scale"] = scale + rng.random()
        shown = arguments.get("scale", 7.0)
        cases.append(Case(f"i_start = {i_start}, scale = {shown:.3g}", arguments))
    return cases


GUIDANCE = Check(
    exercise="1.6",
    function="iterative_denoise_cfg",
    title="classifier-free guidance",
    make_cases=guidance_cases,
    answers=(guided,),
    read="which way guidance goes from the null prompt's estimate, and for which channels",
    mistakes=(
        HALVES_SWAPPED,
        Mistake(
            "from_conditional",
            "Guidance is counted from the conditional estimate. With γ = 1 it should give exactly "
            "the conditional one, and with γ = 0 the unconditional.",
        ),
        GUIDED_VARIANCE,
        UNCONDITIONAL_VARIANCE,
        Mistake(
            "different_x",
            "The two estimates are made from two different images: one of them has already been "
            "changed, or has not followed. Both belong to the same x_t.",
        ),
        Mistake("not_guided", "There is no guidance: this is the conditional estimate alone."),
        Mistake(
            "averaged", "This averages the two estimates. Guidance goes beyond the conditional one."
        ),
        Mistake("scale_ignored", "γ is always 7, whatever `scale` says."),
    ),
)

CHECKS = (LOOP, SAMPLE, GUIDANCE)
