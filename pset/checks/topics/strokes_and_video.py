"""The checks of exercises 2.3 to 2.4b: strokes in one place, video, noise that moves along."""

import random
from collections.abc import Sequence

import torch

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, photograph, random_tokens
from pset.checks.topics.editing import random_mask
from pset.seeded_noise import noise

SDEDIT_PAPER = Paper(
    "Meng and others, SDEdit: Guided Image Synthesis and Editing with Stochastic Differential "
    "Equations",
    "https://arxiv.org/abs/2108.01073",
)

# --- 2.3 strokes in one place --------------------------------------------------------------------


def paint_over(
    rng: random.Random, image: torch.Tensor, region: torch.Tensor, sticking_out: bool
) -> torch.Tensor:
    """Bars of colour over an image: only within the region, or a little beyond it."""
    painted = image.clone()
    height, width = image.shape[-2:]
    for one in painted:
        for _ in range(3):
            top, left = rng.randrange(height // 2), rng.randrange(width // 2)
            colour = torch.tensor([rng.uniform(-1, 1) for _ in range(3)])[:, None, None]
            one[:, top : top + 3, left : left + width // 2] = colour
    return painted if sticking_out else region * painted + (1 - region) * image


def strokes_cases(rng: random.Random, seed: int) -> list[Case]:
    """With surroundings that matter, at much and at little noise; with strokes that stick out.

    In the last case every pixel is denoised by itself. So it makes no difference what the start has
    outside the region, where the painted image and the photograph differ: both are right.
    """
    cases = []
    for k, (low, high, batch, regions, schedule, sticking_out) in enumerate(
        [
            (2, 8, 1, 1, "cosine", False),
            (20, 27, 2, 2, "linear", False),
            (10, 16, 2, 1, "cosine", True),
        ]
    ):
        i_start = rng.randint(low, high)
        height, width = rng.choice([(16, 20), (20, 16)])
        image = photograph(rng, height, width, batch=batch)
        region = random_mask(rng, regions, height, width)
        tokens = random_tokens(rng, 1)[0].tolist()
        estimate = (
            StandIn("estimate", {"tokens": tokens, "schedule": schedule})
            if sticking_out
            else StandIn("coupled estimate", {"token": tokens[0], "schedule": schedule})
        )
        arguments = {
            "image": image,
            "painted": paint_over(rng, image, region, sticking_out),
            "region": region,
            "i_start": i_start,
            "estimate": estimate,
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(image.shape, seed + k),
        }
        name = f"{counted(batch, 'photograph')}, i_start = {i_start}, {schedule} schedule"
        cases.append(Case(name, arguments))
    return cases


STROKES = Check(
    exercise="2.3",
    function="edit_strokes",
    title="strokes in one place",
    make_cases=strokes_cases,
    read=Reading(
        "which of the two images the loop starts from, which one goes outside the region after "
        "each step, and with how much noise",
        section="2.3 Strokes in one place",
        paper=SDEDIT_PAPER,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "pasted_only_at_the_end",
            "You put the photograph back only once, at the end. So the edit took shape next to "
            "surroundings that the model had invented, and it won't meet the true ones: there'll "
            "be a seam.",
        ),
        Mistake(
            "region_inverted",
            "Your region is the wrong way round: 1 is where the edit may change things, 0 is where "
            "the photograph stays.",
        ),
        Mistake(
            "paste_at_t",
            "You put the photograph back with the noise of t; by then the rest of the image is "
            "already at t′.",
        ),
        Mistake(
            "painted_pasted",
            "Outside the region you put back the painted image, with the strokes that stick out. "
            "There it's the photograph that should stay.",
        ),
        Mistake(
            "strokes_forgotten",
            "You start from the photograph without its strokes, so nobody has told the model what "
            "you painted.",
        ),
        Mistake(
            "from_pure_noise",
            "You start from pure noise, as in inpainting. Then the strokes are gone before the "
            "loop begins.",
        ),
        Mistake(
            "no_noise",
            "You start from the painted image as it is. The loop assumes that it has the noise of "
            "its first timestep.",
        ),
        Mistake(
            "clean_pasted",
            "You put the photograph back without noise at every step. The network expects the "
            "noise of t′ everywhere in the image.",
        ),
        Mistake(
            "not_exact_at_the_end",
            "Outside the region, your pixels are almost the photograph's, but not exactly: even "
            "t = 0 has a little noise in it.",
        ),
        Mistake(
            "never_pasted",
            "The photograph has changed outside the region too: you never put it back, or you "
            "don't return the image in which you did.",
        ),
        Mistake(
            "loop_from_the_beginning",
            "Your start has the right noise, but the loop always starts at pure noise: you haven't "
            "told it i_start.",
        ),
        Mistake(
            "other_noise",
            "The pixels that you put back have fresh noise. Use the noise you're given, for the "
            "start and for those pixels, so that everyone gets the same picture.",
        ),
    ),
)

# --- 2.4 video -----------------------------------------------------------------------------------


def video_cases(rng: random.Random, seed: int) -> list[Case]:
    """A crop that moves over a photograph and stops for a frame; one noise, or one a frame."""
    cases = []
    for k, (low, high, count, schedule, one_noise) in enumerate(
        [(3, 9, 3, "cosine", True), (18, 26, 4, "linear", True), (12, 18, 3, "cosine", False)]
    ):
        i_start = rng.randint(low, high)
        height, width = rng.choice([(16, 20), (20, 16)])
        large = photograph(rng, height, width + 2 * count)
        at = [0, 0, *range(2, 2 * count - 2, 2)]
        frames = torch.cat([large[..., left : left + width] for left in at])
        draws = noise((1 if one_noise else count, 3, height, width), seed + k)
        if not one_noise:
            draws[1] = draws[0]  # the two frames that are alike have the same noise, too
        arguments = {
            "frames": frames,
            "i_start": i_start,
            "estimate": StandIn(
                "coupled estimate",
                {"token": random_tokens(rng, 1)[0, 0].tolist(), "schedule": schedule},
            ),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": draws,
            "seed": rng.randrange(1000, 100_000),
        }
        of_noise = "one noise" if one_noise else "a noise for each"
        cases.append(Case(f"{count} frames, i_start = {i_start}, {of_noise}", arguments))
    return cases


def is_flickering(case: Case, answer: torch.Tensor) -> bool:
    """Whether the first two frames, which are identical, come out different."""
    return float((answer[0] - answer[1]).abs().max()) > 0.01


VIDEO = Check(
    exercise="2.4",
    function="edit_video",
    title="a video, frame by frame",
    make_cases=video_cases,
    read=Reading(
        "which two kinds of noise an edit gets, and how each of them becomes the same for every "
        "frame",
        section="2.4 A video, frame by frame",
        paper=SDEDIT_PAPER,
    ),
    mistakes=(
        Mistake(
            "step_noise_not_shared",
            "Your frames share the noise at the start, but not the noise of the steps. With one "
            "seed, a step draws once for the whole batch, and every frame gets another part of it.",
        ),
        Mistake(
            "a_seed_for_each_frame",
            "You give each frame a seed of its own, so the steps add different noise to each. Here "
            "you want the opposite.",
        ),
        Mistake(
            "seed_ignored",
            "Your frames share their noise, but the steps' noise doesn't come from the seed you're "
            "given.",
        ),
        Mistake(
            "first_noise_only",
            "You use the first noise for all frames even when there's one for each. The noise may "
            "be different from frame to frame, when it moves along with the picture.",
        ),
        Mistake(
            "no_noise",
            "You pass the frames to the loop as they are. The loop assumes that they have the "
            "noise of its first timestep.",
        ),
        Mistake(
            "index_for_timestep",
            "You use i_start as a timestep. It's an index into the strided timesteps.",
        ),
        Mistake(
            "image_not_scaled",
            "You add noise to the frames, but they keep their full strength. The forward process "
            "also scales them down.",
        ),
        Mistake(
            "loop_from_the_beginning",
            "The frames have the right noise, but the loop always starts at pure noise: you "
            "haven't told it i_start.",
        ),
        Mistake(
            "fresh_noise",
            "Two frames are identical here, and your edits of them aren't. Somewhere they get "
            "different noise: at the start, or in the steps.",
            recognise=is_flickering,
        ),
    ),
)

# --- 2.4b noise that moves along -----------------------------------------------------------------

SIGMAS = 4.8
"""Bounds of a statistic in its standard deviations: 50 of them give a false alarm in 10,000."""


def off_the_half(values: torch.Tensor) -> torch.Tensor:
    """Move a flow away from half pixels, at which rounding could go both ways."""
    return values.round() + (values - values.round()).clamp(-0.35, 0.35)


def warp_cases(rng: random.Random, seed: int) -> list[Case]:
    """Everything moves alike; everything grows; one thing moves over a background that doesn't."""
    height, width = rng.choice([(24, 32), (28, 24)])
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float32),
        torch.arange(width, dtype=torch.float32),
        indexing="ij",
    )
    # Neither whole pixels nor the same both ways: otherwise some mistakes wouldn't be any.
    right, down = (rng.choice([-1, 1]) * rng.choice(pair) for pair in ((2.3, 3.7), (1.35, 4.65)))
    whole = torch.stack([torch.full_like(x, right), torch.full_like(y, down)])
    growth = rng.uniform(1.25, 1.4)
    growing = torch.stack([x - width / 2, y - height / 2]) * (1 - 1 / growth)
    thing = torch.zeros(2, height, width)
    top, left = rng.randint(6, 9), rng.randint(6, 9)
    thing[:, top : top + 9, left : left + 11] = torch.tensor(
        [rng.choice([-5.2, 4.3]), rng.choice([-3.3, 2.8])]
    )[:, None, None]
    cases = []
    flows = {
        "a picture that moves": whole,
        "a picture that grows": growing,
        "a thing that moves": thing,
    }
    for k, (name, flow) in enumerate(flows.items()):
        arguments = {
            "noise": noise((1, 3, height, width), seed + 2 * k),
            "flow": off_the_half(flow)[None],
            "fresh": noise((1, 3, height, width), seed + 2 * k + 1),
        }
        cases.append(Case(name, arguments))
    return cases


def sources(flow: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where each pixel's noise comes from, y and x, `[H, W]`; and whether that's in the frame."""
    height, width = flow.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    right, down = flow[0].round().long()
    y, x = y - down, x - right
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    return y.clamp(0, height - 1), x.clamp(0, width - 1), inside


def wanted_once(flow: torch.Tensor) -> torch.Tensor:
    """Whether a pixel's noise comes from the frame and no other pixel wants the same, `[H, W]`."""
    y, x, inside = sources(flow)
    source = torch.where(inside, y * flow.shape[-1] + x, -1)
    _, group, count = source.unique(return_inverse=True, return_counts=True)
    alone: torch.Tensor = count[group] == 1
    return inside & alone


def arrived(answer: torch.Tensor, before: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
    """Whether each pixel has the noise that the flow brings there, `[H, W]`; outside, False."""
    y, x, inside = sources(flow)
    return ((answer[0] - before[0][:, y, x]).abs().amax(0) < 1e-3) & inside


def neighbours_correlation(answer: torch.Tensor) -> float:
    """The larger of the correlations of a pixel with the next one, to the right and below."""
    x = answer[0] - answer[0].mean()
    power = x.pow(2).mean()
    along = (x[:, :, 1:] * x[:, :, :-1]).mean() / power
    down = (x[:, 1:] * x[:, :-1]).mean() / power
    return float(torch.stack([along, down]).abs().max())


def warp_properties(cases: Sequence[Case], answers: Answers) -> str | None:
    """The noise has moved with the flow; what's left over is noise, and no pixel is there twice."""
    for case, answer in zip(cases, answers, strict=True):
        found = warp_property(case, answer)
        if found is not None:
            return found
    return None


def warp_property(case: Case, answer: torch.Tensor) -> str | None:
    """What's wrong with one answer."""
    before, flow = case.arguments["noise"], case.arguments["flow"]
    _, _, inside = sources(flow)
    there = arrived(answer, before, flow)
    if float(there[wanted_once(flow)].float().mean()) < 0.999:
        return not_moved(case, answer)
    pixels = answer[0].flatten(1).T  # [H·W, 3]
    _, same, copies = pixels.round(decimals=4).unique(
        dim=0, return_inverse=True, return_counts=True
    )
    repeated = (copies[same] > 1).reshape(inside.shape)
    left_over = answer[0][:, ~there]
    if left_over.numel() and bool((left_over == 0).all()):
        return "left_empty"
    if bool((repeated & ~inside).any()):
        return "border_repeated"
    if bool(repeated.any()):
        return "same_noise_twice"
    count = left_over.numel()
    if count:
        variance, mean = float(left_over.pow(2).mean()), float(left_over.mean())
        if abs(mean) > SIGMAS / count**0.5 or abs(variance - 1) > SIGMAS * (2 / count) ** 0.5:
            return (
                f"Where no noise arrives, yours has mean {mean:.2f} and mean square "
                f"{variance:.2f}. It should be standard normal."
            )
    return nowhere_from(case, answer, there)


def nowhere_from(case: Case, answer: torch.Tensor, there: torch.Tensor) -> str | None:
    """Whether all noise that can arrives, once, and the other pixels have theirs from `fresh`."""
    before, flow, fresh = (case.arguments[name] for name in ("noise", "flow", "fresh"))
    y, x, inside = sources(flow)
    source = y * flow.shape[-1] + x
    if len(source[there].unique()) < len(source[inside].unique()):
        return "neither_gets_it"
    own = ((answer - fresh)[0].abs().amax(0) < 1e-3) | there
    if bool(own.all()):
        return None
    height, width = flow.shape[-2:]
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    right, down = flow[0].round().long()
    wrapped = before[0][:, (rows - down) % height, (columns - right) % width]
    again = ((answer[0] - wrapped).abs().amax(0) < 1e-3)[~own]
    return "comes_in_again" if float(again.float().mean()) > 0.9 else "not_fresh"


def not_moved(case: Case, answer: torch.Tensor) -> str:
    """Why the noise isn't where the flow should have brought it."""
    before, flow = case.arguments["noise"], case.arguments["flow"]

    def share(other_flow: torch.Tensor) -> float:
        there = arrived(answer, before, other_flow)
        return float(there[wanted_once(other_flow)].float().mean())

    if share(torch.zeros_like(flow)) > 0.9:
        return "not_moved"
    if share(-flow) > 0.9:
        return "wrong_way"
    if share(flow.flip(1)) > 0.9:
        return "directions_swapped"
    if max(share(flow.trunc()), share(flow.ceil()), share(flow.floor())) > 0.9:
        return "cut_off"
    if neighbours_correlation(answer) > 0.1:
        variance = float(answer.var())
        return "interpolated" if variance < 0.9 else "interpolated_and_rescaled"
    return (
        f"On {case.name}, {share(flow):.0%} of the pixels have the noise that the flow brings "
        "there. It should be all to which noise comes from inside the frame, unless another pixel "
        "has taken the same."
    )


WARP = Check(
    exercise="2.4b",
    function="warp_noise",
    title="noise that moves along",
    make_cases=warp_cases,
    properties=warp_properties,
    read=Reading(
        "which pixel a pixel's noise comes from, and what has to hold for it to be noise still",
        section="2.4b Noise that moves along",
        paper=Paper(
            "Chang and others, How I Warped Your Noise: a Temporally-Correlated Noise Prior for "
            "Diffusion Models",
            "https://arxiv.org/abs/2504.03072",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "interpolated",
            "You interpolate. A mean of several pixels' noise has a variance below 1, and its "
            "neighbour's mean shares some of them: that's no longer the noise that the network "
            "knows.",
        ),
        Mistake(
            "interpolated_and_rescaled",
            "Your noise has the right variance, but neighbouring pixels are related: it looks "
            "interpolated, then scaled back. The network expects pixels that are independent.",
        ),
        Mistake(
            "same_noise_twice",
            "Some of your pixels have exactly the same noise, in places to which the flow brings "
            "one pixel twice. Only one of them may have it.",
        ),
        Mistake(
            "border_repeated",
            "Where the flow comes from outside the frame, you repeat the border's noise. Nothing "
            "arrives there, so that's a place for fresh noise.",
        ),
        Mistake(
            "comes_in_again",
            "What leaves the frame on one side comes in again on the other in yours. Nothing comes "
            "from outside the frame: use `fresh` there.",
        ),
        Mistake(
            "neither_gets_it",
            "Where two pixels want the same noise, neither of yours has it. One of them should get "
            "it: the more noise moves along, the less the picture flickers.",
        ),
        Mistake(
            "not_fresh",
            "Where no noise arrives, yours is noise, but not that of `fresh`. Use what you're "
            "given, so that everyone gets the same video.",
        ),
        Mistake(
            "left_empty",
            "Where no noise arrives, yours is 0. The network expects noise in every pixel.",
        ),
        Mistake(
            "wrong_way",
            "Your noise moves against the flow. Ask where what's now at p was before: at "
            "p − flow(p).",
        ),
        Mistake(
            "directions_swapped",
            "You've swapped the flow's two directions: the first channel is to the right, the "
            "second is down. Which dimension of the tensor is which?",
        ),
        Mistake("not_moved", "Your noise stays where it was."),
        Mistake(
            "cut_off",
            "You cut off a fraction, the flow's or the position's. The nearest pixel to 2.7 is 3, "
            "and to −2.7 it's −3.",
        ),
    ),
)

CHECKS = (STROKES, VIDEO, WARP)
