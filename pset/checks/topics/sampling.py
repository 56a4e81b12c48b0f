"""The checks of exercises 1.4 to 1.6: the loop, sampling, guidance."""

import random

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import ALPHAS_CUMPROD, SCHEDULES, counted, noised, photograph, random_tokens
from pset.checks.topics.denoising import DDPM
from pset.guidance import guided
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise
from pset.seeded_noise import noise

# --- 1.4 the loop --------------------------------------------------------------------------------


def loop_cases(rng: random.Random, seed: int) -> list[Case]:
    """The course's timesteps, then others with another seed, then with an `after_step`."""
    cases = []
    i_start = rng.randint(18, 24)
    im = photograph(rng, 16, 20)
    t = STRIDED_TIMESTEPS[i_start]
    cases.append(
        Case(
            f"the course's timesteps, i_start = {i_start}",
            {
                "image": noised(im, t, noise(im.shape, seed)),
                "i_start": i_start,
                "estimate": StandIn("estimate", {"tokens": random_tokens(rng, 1)[0].tolist()}),
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
        "estimate": StandIn(
            "estimate",
            {"tokens": random_tokens(rng, 2, reach=1.0)[0].tolist(), "schedule": "linear"},
        ),
        "alphas_cumprod": SCHEDULES["linear"](),
        "timesteps": timesteps,
        "seed": rng.randint(200, 900),
    }
    cases.append(Case(f"timesteps {timesteps[0]}, {timesteps[1]}, … with another seed", arguments))
    i_start = rng.randint(4, 7)
    arguments = {
        "image": noised(im, timesteps[i_start], noise(im.shape, seed + 2)),
        "i_start": i_start,
        "estimate": StandIn("estimate", {"tokens": random_tokens(rng, 1)[0].tolist()}),
        "alphas_cumprod": ALPHAS_CUMPROD,
        "timesteps": timesteps,
        "seed": rng.randint(200, 900),
        "after_step": StandIn("after_step", {"strength": 0.05}),
    }
    cases.append(Case("with an `after_step`", arguments))
    return cases


LOOP = Check(
    exercise="1.4",
    function="iterative_denoise",
    title="iterative denoising",
    make_cases=loop_cases,
    answers={"pset.iterative_denoise": iterative_denoise},
    read=Reading(
        "the step from t to t′: which α and β belong to it, and what its three terms are for",
        section="1.4 Iterative denoising",
        paper=DDPM,
        at="equations 6 and 7",
    ),
    mistakes=(
        Mistake(
            "alpha_bar_for_alpha",
            "You've used ᾱ_t where α_t belongs. α_t is for this one step, from t′ to t: the part "
            "of ᾱ_t that isn't already in ᾱ_t′.",
        ),
        Mistake(
            "as_printed",
            "These are the weights as printed in the write-up that this course follows, and its "
            "equation has two slips. Both denominators should be the variance at the timestep the "
            "step *leaves*, and x_t is weighted by the α of the step, not by the ᾱ at its end. To "
            "check your weights: they must return the mean of x_t′ when x_0 and x_t are what they "
            "should be.",
        ),
        Mistake(
            "x0_twice",
            "Your clean estimate appears twice, as in Algorithm 1 of the write-up that this course "
            "follows. The second term should keep part of where you are: the noisy image.",
        ),
        Mistake(
            "no_variance",
            "You don't add any noise along the way. The formula has a third term; without it, the "
            "result isn't a sample, just something too smooth.",
        ),
        Mistake(
            "variance_after_last_step",
            "You add noise after the last step too, and nothing removes it any more. The image you "
            "return should be clean.",
        ),
        Mistake(
            "variance_of_t",
            "Your variance is for a step from t to t − 1, but this loop skips many timesteps at "
            "once. Which two ᾱ does the step lie between?",
        ),
        Mistake("variance_for_deviation", "You multiply the noise by σ², not by σ."),
        Mistake(
            "noise_of_t",
            "You draw the step noise for the timestep the step leaves. By the course's convention, "
            "it belongs to the one the step arrives at.",
        ),
        Mistake(
            "own_noise",
            "Your step noise comes from torch's global generator. Use `pset.step_noise`, so that "
            "everyone gets the same picture.",
        ),
        Mistake(
            "i_start_early",
            "Your loop starts one timestep too early, with more noise than the image contains.",
        ),
        Mistake(
            "i_start_late",
            "Your loop starts one timestep too late: the image still has more noise than the first "
            "step assumes.",
        ),
        Mistake(
            "all_timesteps",
            "Your loop visits every timestep. It should jump from one of `timesteps` to the next.",
        ),
        Mistake(
            "stops_early",
            "The last step is missing: your image never reaches the last of the timesteps.",
        ),
        Mistake(
            "after_step_at_t",
            "You're passing t to `after_step`; by then the image is already at t′.",
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
            "denoise": StandIn("echo"),
            "size": size,
            "seed": rng.randint(200, 900),
        }
        cases.append(Case(f"{counted(count, 'image')} of {size} × {size}", arguments))
    return cases


SAMPLE = Check(
    exercise="1.5",
    function="sample",
    title="sampling",
    make_cases=sample_cases,
    read=Reading(
        "how x_T is distributed, and which i_start that corresponds to",
        section="1.5 Sampling",
        paper=DDPM,
        at="algorithm 2",
    ),
    mistakes=(
        Mistake(
            "image_scaled_noise",
            "You start from noise that's only as strong as an image. At t = 990 there's hardly "
            "anything but noise left: x_T is standard normal, and goes well beyond the range of an "
            "image.",
        ),
        Mistake(
            "uniform_noise",
            "You start from uniform noise in [−1, 1]. The network has only ever seen Gaussian "
            "noise.",
        ),
        Mistake(
            "one_noise_for_all",
            "All your samples start from the same noise. Each one needs its own.",
        ),
        Mistake(
            "starts_late",
            "You start from pure noise, but tell the loop that it already contains some image. "
            "Which index should you start at?",
        ),
        Mistake("other_seed", "Your noise doesn't come from the seed you're given."),
    ),
)

# --- 1.6 guidance --------------------------------------------------------------------------------

HALVES_SWAPPED = Mistake(
    "halves_swapped",
    "You've swapped the two estimates, so guidance leads away from the prompt.",
)
GUIDED_VARIANCE = Mistake(
    "guided_variance",
    "You guide the variance channels too. γ is for the noise only; the variance comes from the "
    "prompt's estimate as it is.",
)
UNCONDITIONAL_VARIANCE = Mistake(
    "unconditional_variance",
    "Your variance is the null prompt's. By the course's convention, it's the prompt's.",
)
"""A mistake with guidance, in either stage."""


def guidance_cases(rng: random.Random, seed: int) -> list[Case]:
    """γ = 7 over a few steps; two images; more steps; and a γ below 1."""
    cases = []
    for k, (low, high, batch, scale, schedule) in enumerate(
        [
            (27, 29, 1, None, "cosine"),
            (22, 26, 2, 3.0, "linear"),
            (14, 17, 1, 1.5, "cosine"),
            (27, 30, 1, -0.3, "cosine"),
        ]
    ):
        i_start = rng.randint(low, high)
        im = photograph(rng, 16, 12, batch=batch)
        arguments = {
            "image": noised(im, STRIDED_TIMESTEPS[i_start], noise(im.shape, seed + k)),
            "i_start": i_start,
            "model": StandIn("closed form", {"scale": rng.uniform(0.2, 0.4), "schedule": schedule}),
            # Two components: then guidance is another for each image.
            "prompt_embeds": random_tokens(rng, batch),
            "null_embeds": random_tokens(rng, batch),
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
    answers={"pset.guided": guided},
    read=Reading(
        "which way guidance goes from the null prompt's estimate, and for which channels",
        section="1.6 The guided estimate",
        paper=Paper(
            "Ho and Salimans, Classifier-Free Diffusion Guidance",
            "https://arxiv.org/abs/2207.12598",
        ),
        at="equation 6",
    ),
    mistakes=(
        HALVES_SWAPPED,
        Mistake(
            "from_conditional",
            "You apply guidance starting from the conditional estimate. With γ = 1 you should get "
            "exactly the conditional one, and with γ = 0 the unconditional one.",
        ),
        GUIDED_VARIANCE,
        UNCONDITIONAL_VARIANCE,
        Mistake(
            "different_x",
            "Your two estimates come from two different images: one has already been changed, or "
            "hasn't been updated. Both should come from the same x_t.",
        ),
        Mistake("not_guided", "There's no guidance: this is the conditional estimate alone."),
        Mistake(
            "averaged",
            "You average the two estimates. Guidance goes beyond the conditional one.",
        ),
        Mistake("scale_ignored", "Your γ is always 7, whatever `scale` says."),
    ),
)

CHECKS = (LOOP, SAMPLE, GUIDANCE)
