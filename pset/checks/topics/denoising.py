"""The checks of exercises 1.1 to 1.3 and of the score."""

import math
import random
from collections.abc import Sequence

import torch
from torch.nn import functional

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Prompt, Reading, StandIn
from pset.checks.difference import difference
from pset.checks.inputs import SCHEDULES, counted, noised, photograph, random_tokens
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
    for k, (low, high, batch, size, schedule) in enumerate(
        [
            (20, 120, 1, (64, 64), "cosine"),
            (350, 600, 2, (32, 32), "linear"),
            (800, 950, 1, (40, 56), "cosine"),
        ]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        arguments = {
            "im": im,
            "t": t,
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(im.shape, seed + k),
        }
        cases.append(Case(f"{counted(batch, 'photograph')} at t = {t}", arguments))
    return cases


def implied_noise(case: Case, answer: torch.Tensor) -> torch.Tensor:
    """The ε that would give this answer."""
    alpha_bar = case.arguments["alphas_cumprod"][case.arguments["t"]]
    signal = alpha_bar.sqrt() * case.arguments["im"]
    implied: torch.Tensor = (answer - signal) / (1 - alpha_bar).sqrt()
    return implied


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

COLOURS = ("red", "green", "blue")
IMPULSE_SIZE = 65
"""Odd, so that the impulse is exactly in the middle; wide enough for any sensible blur."""


def blur_cases(rng: random.Random, seed: int) -> list[Case]:
    """Dots that show the kernel, early and late; a flat colour; a noisy photograph; the border."""
    t = rng.randint(200, 700)
    centre = IMPULSE_SIZE // 2
    cases = []
    for channel, at in enumerate((rng.randint(230, 330), t, rng.randint(880, 950))):
        x_t = dot(channel, centre, centre)
        name = f"one {COLOURS[channel]} dot at t = {at}"
        cases.append(Case(name, {"x_t": x_t, "t": at}, {"channel": channel}))
    flat = torch.tensor([rng.uniform(0.3, 0.9) for _ in range(3)])[None, :, None, None]
    cases.append(Case("a flat colour", {"x_t": flat.expand(1, 3, 48, 56).clone(), "t": t}))
    im = photograph(rng, 64, 64, batch=2)
    x_t = noised(im, t, noise(im.shape, seed))
    cases.append(Case(f"two photographs at t = {t}", {"x_t": x_t, "t": t}, {"im": im}))
    x_t = dot(0, 1, centre)
    cases.append(Case("a dot at the border", {"x_t": x_t, "t": t}))
    return cases


def dot(channel: int, row: int, column: int) -> torch.Tensor:
    """One value of 1 among zeros, `[1, 3, 65, 65]`."""
    x = torch.zeros(1, 3, IMPULSE_SIZE, IMPULSE_SIZE)
    x[0, channel, row, column] = 1
    return x


def blur_properties(cases: Sequence[Case], answers: Answers) -> str | None:
    """The properties of a Gaussian blur, whatever its kernel size and σ.

    Floats, not the levels of a saved picture; each channel by itself; a dot's image centred on the
    dot, summing to one, and falling off as q^(d²) in all directions; a flat colour left alone up to
    the border, and a dot there blurred as well; and a noisy photograph that comes closer to the
    clean one.
    """
    if all(torch.equal(a, c.arguments["x_t"]) for a, c in zip(answers, cases, strict=True)):
        return "unchanged"
    *dots, flat, photo, border = zip(cases, answers, strict=True)
    if is_of_eight_bits(photo[1]):
        return "eight_bits"
    noisy, clean = photo[0].arguments["x_t"], photo[0].about["im"]
    if found := misplaced(noisy, photo[1], clean):
        return found
    off = (flat[1] - flat[0].arguments["x_t"]).abs()
    keeps_flat = float(off[..., 20:-20, 20:-20].max()) <= 0.01
    for case, answer in dots:
        channel = case.about["channel"]
        if found := kernel_properties(answer[0].double(), channel, keeps_flat):
            if found == "shifts" and not has_moved(photo[1], clean, drift(answer[0, channel])):
                return (
                    "A dot in the middle comes out in another place, and a photograph doesn't: "
                    "what your filter does to a pixel depends on where it is. Do you resize the "
                    "image? A Gaussian blur has the same weights everywhere."
                )
            return found
    if not keeps_flat:
        return "darkens"
    if float(off.max()) > 0.01:
        return "darkens_border"
    row, column = 1, IMPULSE_SIZE // 2
    if float(border[1][0, 0, row, column]) > 0.999:
        return "border_not_blurred"
    if float(((photo[1] - clean) ** 2).mean()) > 0.7 * float(((noisy - clean) ** 2).mean()):
        return "too_weak"
    kernel = dots[1][1][0, dots[1][0].about["channel"]]
    return of_no_weights(kernel, noisy, photo[1]) or leaves_noise(dots)


def of_no_weights(kernel: torch.Tensor, noisy: torch.Tensor, answer: torch.Tensor) -> str | None:
    """Whether a photograph isn't averaged with the weights that a dot shows; None if it is.

    Args:
        kernel: the image of a dot, `[65, 65]`.
        noisy: the photograph, `[B, 3, H, W]`.
        answer: what it has become.
    """
    centre = IMPULSE_SIZE // 2
    total = float(kernel.abs().sum())
    radius = next(
        r for r in range(1, centre + 1) if _mass(kernel, centre, r + 1, r + 1) > 0.998 * total
    )
    if min(noisy.shape[-2:]) < 2 * radius + 8:
        return None  # too wide a blur for the middle of the photograph to be free of its border
    near = slice(centre - radius, centre + radius + 1)
    inside = (..., slice(radius, -radius), slice(radius, -radius))

    def off(x: torch.Tensor) -> float:
        weights = kernel[near, near].float()[None, None].expand(3, 1, -1, -1)
        mean = functional.conv2d(x, weights, groups=3)
        # You may clip the result.
        return min(difference(answer[inside], mean), difference(answer[inside], mean.clamp(-1, 1)))

    if off(noisy) < 0.02:
        return None
    if off(noisy.clamp(-1, 1)) < 0.02:
        return "clips_first"
    return (
        "What your filter does to a photograph isn't what it does to a dot: it isn't a weighted "
        "mean with the same weights everywhere. Does it depend on the image?"
    )


def leaves_noise(dots: Sequence[tuple[Case, torch.Tensor]]) -> str | None:
    """Whether most of the noise is left at some timestep: a weighted mean of independent values
    has the sum of the squared weights as its variance."""
    for case, answer in dots:
        left = float(answer[0, case.about["channel"]].square().sum())
        if left > 0.7:
            return (
                f"At t = {case.arguments['t']}, your blur is so weak that most of the noise is "
                "still there. There's more noise the larger t is."
            )
    return None


def misplaced(noisy: torch.Tensor, answer: torch.Tensor, clean: torch.Tensor) -> str | None:
    """Whether channels are left out, or images come out in another one's place, or mirrored."""
    same = [torch.equal(noisy[:, c], answer[:, c]) for c in range(3)]
    if any(same) and not all(same):
        blurred = " and ".join(COLOURS[c] for c in range(3) if not same[c])
        return (
            f"You blur only the {blurred} channel, and leave the other channels as they are. Blur "
            "each of the three."
        )
    if torch.equal(answer[0], answer[1]):
        return (
            "Two different photographs come out as one and the same. You use one image of the "
            "batch for all."
        )
    # A mirrored result is far from the photograph, and close to the mirrored one.
    limit = 0.7 * float(((noisy - clean) ** 2).mean())
    if float(((answer - clean) ** 2).mean()) > limit:
        for name, dim in (("mirrored left to right", -1), ("upside down", -2)):
            if float(((answer.flip(dim) - clean) ** 2).mean()) < limit:
                return f"Your result is blurred, but it's {name}."
    return None


def has_moved(answer: torch.Tensor, clean: torch.Tensor, by: tuple[float, float]) -> bool:
    """Whether a photograph fits better, or no worse, if a movement is undone, in whole pixels."""
    back = tuple(-int(math.copysign(math.ceil(abs(d) - 0.1), d)) for d in by)
    there, here = answer.roll(back, (-2, -1)), answer
    inside = slice(8, -8)

    def off(x: torch.Tensor) -> float:
        return float(((x - clean)[..., inside, inside] ** 2).mean())

    return off(there) <= 1.05 * off(here)


def drift(kernel: torch.Tensor) -> tuple[float, float]:
    """How far a dot in the middle has moved down and to the right, in pixels."""
    at = torch.arange(IMPULSE_SIZE).double() - IMPULSE_SIZE // 2
    share = kernel.double() / kernel.double().sum()
    return float((at[:, None] * share).sum()), float((at * share).sum())


def is_of_eight_bits(image: torch.Tensor) -> bool:
    """Whether all values are among the 256 levels of an 8-bit picture of [-1, 1]."""
    levels = (image.double() + 1) * 127.5
    return float((levels - levels.round()).abs().max()) < 1e-3


TOO_WIDE = "Your blur is too wide: hardly anything but the mean colour is left."


def kernel_properties(image: torch.Tensor, channel: int, keeps_flat: bool = True) -> str | None:
    """What's wrong with the image of one dot, `[3, 65, 65]`; None if it's a Gaussian kernel.

    Args:
        image: of the dot.
        channel: the dot's.
        keeps_flat: a flat colour stays as it is.
    """
    centre = IMPULSE_SIZE // 2
    others = image[[c for c in range(3) if c != channel]]
    kernel = image[channel]
    peak = float(kernel.abs().max())
    if peak < 1e-6:
        return "dot_vanishes" if float(others.abs().max()) < 1e-6 else "mixes_channels"
    if float(others.abs().max()) > 0.01 * peak:
        if float(others.max() - others.min()) < 1e-3:
            return (
                "An empty channel comes out with another value than zero: you stretch the values "
                "to another range, depending on the image. A blur doesn't."
            )
        return "mixes_channels"
    if peak > 1.001:
        return (
            "A dot comes out stronger than it went in: this sharpens the image, it isn't a blur. A "
            "Gaussian's weights are all positive and smaller than 1."
        )
    if float((kernel - kernel.flip(0, 1)).abs().max()) > 0.02 * peak:
        return _lopsided(kernel, peak)
    if abs(float(kernel.sum()) - 1) > 0.02:
        if keeps_flat and peak < 0.005:
            return TOO_WIDE
        if keeps_flat:
            return (
                "A flat colour stays as it is, but a dot gets other weights: what your filter does "
                "depends on the image. A Gaussian blur has the same weights everywhere."
            )
        return "darkens"
    if peak > 0.999:
        return "unchanged"
    # Where a finite kernel has ended, its tail is rightly zero; but not between its taps.
    column, row = (axis[centre:] / axis[centre] for axis in (kernel[:, centre], kernel[centre]))
    if min(float(column[1]), float(row[1])) < 1e-4 and _has_gaps(kernel, peak):
        return (
            "A dot comes out as several spots with nothing in between. A blur spreads it over its "
            "neighbours. Do you reshape where you should permute the axes?"
        )
    for along, kept, spread in (("rows", row, column), ("columns", column, row)):
        if float(kept[1]) > 0.02 and float(spread[1]) < 1e-4:
            return (
                f"You blur in one direction only, along the {along}. A Gaussian blur spreads a dot "
                "in all directions."
            )
    if _stands_out(column) and _stands_out(row):
        return (
            "Part of the input is left in your result as it is: the dot stands out of its own "
            "blurred image. Return the blurred image alone."
        )
    # Reflected again and again, a very wide blur covers the whole picture evenly.
    too_wide = TOO_WIDE if peak * kernel.numel() < 2 else None
    for arm in (column, row):
        if not 1e-4 < float(arm[1]) < 0.9995 or not bool(
            (arm > 0.02)[: int((arm > 0.02).sum())].all()
        ):
            return too_wide or "not_gaussian"
    height, width = int((column > 0.02).sum()), int((row > 0.02).sum())
    quarter = kernel[centre : centre + height, centre : centre + width] / kernel[centre, centre]
    d_y, d_x = torch.arange(height).double()[:, None], torch.arange(width).double()
    gaussian = column[1] ** d_y**2 * row[1] ** d_x**2
    off = float((quarter - gaussian).abs().sum() / gaussian.sum())
    rest = 1 - _mass(kernel, centre, height, width) / float(kernel.abs().sum())
    return too_wide or "not_gaussian" if off > 0.1 or rest > 0.25 else None


def _stands_out(arm: torch.Tensor) -> bool:
    """Whether a Gaussian has too large a value at its centre, `arm[0]` = 1, and only there."""
    first, second, third = (float(arm[k]) for k in (1, 2, 3))
    if not 0 < third < second < first:
        return False
    q = (second / first) ** (1 / 3)  # arm[d] = peak·q^(d²)
    return bool(first / q < 0.8 and abs(third / (second * q**5) - 1) < 0.1)


def _has_gaps(kernel: torch.Tensor, peak: float) -> bool:
    """Whether a row or a column that has anything in it has zeros between its values."""
    for lines in (kernel, kernel.T):
        for line in lines:
            places = (line.abs() > 0.02 * peak).nonzero().flatten()
            if len(places) > 1 and int(places[-1] - places[0]) >= len(places):
                return True
    return False


def _lopsided(kernel: torch.Tensor, peak: float) -> str:
    """What's said of a kernel that isn't the same on both sides."""
    moved = drift(kernel)
    highest = divmod(int(kernel.abs().argmax()), IMPULSE_SIZE)
    if max(map(abs, moved)) > 0.3 or kernel[highest] < 0.5 * peak:
        return "shifts"
    return (
        "Your kernel isn't symmetric, so it isn't a Gaussian: its weights look random. They should "
        "depend on the distance from the centre alone."
    )


def _mass(kernel: torch.Tensor, centre: int, height: int, width: int) -> float:
    """The weight within a number of pixels from the centre."""
    rows = slice(centre - height + 1, centre + height)
    columns = slice(centre - width + 1, centre + width)
    return float(kernel[rows, columns].abs().sum())


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
            "dot_vanishes",
            "A single bright dot vanishes without a trace. A median does that; a Gaussian blur is "
            "a weighted mean, which spreads the dot out.",
        ),
        Mistake(
            "eight_bits",
            "Your result has only the 256 levels of an 8-bit picture. If your library wants "
            "integers, it's the wrong function: keep floats.",
        ),
        Mistake(
            "clips_first",
            "You clip the noisy image to [−1, 1] before you blur it. Noise goes beyond that range, "
            "and it only averages out if all of it is there. Blur first.",
        ),
        Mistake(
            "border_not_blurred",
            "Near the border, nothing is blurred. Pad the image (replicate or reflect its edge), "
            "so that the kernel fits everywhere.",
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
    for k, (low, high, batch, size, schedule) in enumerate(
        [
            (0, 3, 1, (24, 24), "cosine"),
            (300, 600, 2, (20, 28), "linear"),
            (750, 880, 1, (24, 24), "cosine"),
        ]
    ):
        t = rng.randint(low, high)
        # A narrow distribution at the end: there the noise estimate is large, and a schedule in
        # float16 shows.
        model = {"scale": 0.05 if k == 0 else 0.25, "schedule": schedule}
        im = photograph(rng, *size, batch=batch)
        cases.append(
            Case(
                f"a closed-form denoiser at t = {t}",
                {
                    "x_t": noised(im, t, noise(im.shape, seed + k)),
                    "t": t,
                    "model": StandIn("closed form", model),
                    "prompt_embeds": random_tokens(rng, 1 + k, reach=1.2 if k == 1 else 0.4),
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
    for k, (low, high, components, schedule) in enumerate(
        [(40, 150, 1, "cosine"), (350, 600, 2, "linear"), (750, 900, 3, "cosine")]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, 20, 24)
        kind = "one Gaussian" if components == 1 else f"a mixture of {components} Gaussians"
        cases.append(
            Case(
                f"{kind} at t = {t}",
                {
                    "x_t": noised(im, t, noise(im.shape, seed + k)),
                    "t": t,
                    "model": StandIn(
                        "closed form", {"scale": rng.uniform(0.15, 0.4), "schedule": schedule}
                    ),
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
