"""The checks of exercises 2.25 to 2.25c: where a camera sees each pixel, and what was hidden."""

import random

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, photograph, random_tokens
from pset.checks.topics.strokes_and_video import off_the_half
from pset.seeded_noise import noise

KEN_BURNS_PAPER = Paper(
    "Niklaus and others, 3D Ken Burns Effect from a Single Image",
    "https://arxiv.org/abs/1909.05483",
)

SPLATTING_PAPER = Paper(
    "Niklaus and Liu, Softmax Splatting for Video Frame Interpolation",
    "https://arxiv.org/abs/2003.05534",
)

REPAINT_PAPER = Paper(
    "Lugmayr and others, RePaint: Inpainting using Denoising Diffusion Probabilistic Models",
    "https://arxiv.org/abs/2201.09865",
)

# --- 2.25 where each pixel goes ------------------------------------------------------------------


def project_cases(rng: random.Random, seed: int) -> list[Case]:
    """Along a wall; into the picture; both at once, over a depth of its own for each picture."""

    def size(*choices: float) -> float:
        return rng.choice([-1, 1]) * rng.choice(choices)

    cases = []
    for name, batch, motion in [
        ("sideways and down", 1, [size(0.3, 0.45), size(0.15, 0.2), 0.0]),
        ("forward", 1, [0.0, 0.0, size(0.35, 0.5)]),
        ("every way at once", 2, [size(0.2, 0.25), size(0.3, 0.4), size(0.15, 0.25)]),
    ]:
        height, width = rng.choice([(12, 20), (19, 13)])
        uneven = photograph(rng, height, width, batch=batch).mean(dim=1, keepdim=True)
        arguments = {
            "depth": 2.5 + rng.uniform(0.5, 1) * uneven,  # nothing is as near as the camera moves
            "motion": motion,
            "focal": rng.uniform(20, 40),
        }
        cases.append(Case(f"the camera moves {name}", arguments))
    return cases


PROJECT = Check(
    exercise="2.25",
    function="project",
    title="where each pixel goes",
    make_cases=project_cases,
    read=Reading(
        "how a pixel and its depth become a point, what that point's coordinates are once the "
        "camera has moved, and how it becomes a pixel again",
        section="2.25 Where each pixel goes",
        paper=KEN_BURNS_PAPER,
    ),
    mistakes=(
        Mistake(
            "points_move_with_the_camera",
            "Everything moves the wrong way. If you step to the right, what do you see: does the "
            "scene move to the right, too?",
        ),
        Mistake(
            "times_the_depth",
            "What's far away moves most in your answer. Out of a train's window it's the other "
            "way round.",
        ),
        Mistake(
            "old_depth",
            "You divide by the depth from before the move. A camera that moves forward is nearer "
            "to everything, so everything looks larger.",
        ),
        Mistake(
            "never_forward",
            "The third number of the motion makes no difference: your camera moves only sideways.",
        ),
        Mistake(
            "moves_first",
            "You move the pixel by the motion as if a pixel were a length. First turn it into a "
            "point, with the focal length and its depth.",
        ),
        Mistake(
            "about_the_corner",
            "Your camera looks along the picture's top left corner. A picture's middle is where "
            "the lens points.",
        ),
        Mistake(
            "half_a_pixel",
            "Your middle is half a pixel off. The pixels are numbered from 0 to W − 1: which "
            "number is halfway?",
        ),
        Mistake(
            "directions_swapped",
            "You've swapped right and down: the first number of the motion is to the right. Which "
            "dimension of the tensor is that?",
        ),
        Mistake(
            "rows_first",
            "Your first two channels are in the wrong order: x, the column, comes first.",
        ),
        Mistake(
            "how_far_it_moves",
            "You return how far every pixel moves. The question is where it is afterwards.",
        ),
        Mistake(
            "old_depth_returned",
            "Your positions are right. But the third channel should be the depth as the moved "
            "camera sees it.",
        ),
        Mistake(
            "no_focal_length",
            "Your answer doesn't depend on the focal length. It says how many pixels one unit is "
            "at depth 1.",
        ),
    ),
)

# --- 2.25b nearer wins ---------------------------------------------------------------------------


def own_depths(rng: random.Random, height: int, width: int) -> torch.Tensor:
    """Depths of which no two are equal, within 0.4 of each other, `[H, W]`."""
    order = list(range(height * width))
    rng.shuffle(order)
    return 0.4 * torch.tensor(order).reshape(height, width) / len(order)


def splat_cases(rng: random.Random, seed: int) -> list[Case]:
    """A thing before a wall, to the right and to the left; everything shrinks; everything grows."""
    cases = []
    for name, batch, kind in [
        ("a thing that moves to the right", 1, 1.0),
        ("a thing that moves to the left", 2, -1.0),
        ("a picture that shrinks", 1, 0.6),
        ("a picture that grows", 1, 1.5),
    ]:
        height, width = rng.choice([(16, 22), (21, 15)])
        y, x = torch.meshgrid(
            torch.arange(height, dtype=torch.float32),
            torch.arange(width, dtype=torch.float32),
            indexing="ij",
        )
        projected = []
        for _ in range(batch):
            depth = 3 + own_depths(rng, height, width)
            if abs(kind) == 1:
                top, left = rng.randint(3, 6), rng.randint(3, 5)
                thing = torch.zeros(height, width)
                thing[top : top + 7, left : left + 7] = 1
                right = kind * torch.where(thing > 0, rng.uniform(4.1, 5.9), rng.uniform(1.1, 1.9))
                down = rng.choice([-1, 1]) * rng.uniform(1.55, 1.85) * (0.4 + thing)
                depth -= thing
            else:
                right, down = ((kind - 1) * (n - n.mean() + rng.uniform(-1, 1)) for n in (x, y))
            where = off_the_half(torch.stack([x + right, y + down]))
            projected.append(torch.cat([where, depth[None]]))
        arguments = {
            "image": photograph(rng, height, width, batch=batch),
            "projected": torch.stack(projected),
        }
        cases.append(Case(name, arguments))
    return cases


SPLAT = Check(
    exercise="2.25b",
    function="splat",
    title="nearer wins",
    make_cases=splat_cases,
    read=Reading(
        "which pixels arrive in the same place, which of them you see, and what's left where none "
        "arrives",
        section="2.25b Nearer wins",
        paper=SPLATTING_PAPER,
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "further_wins",
            "Where two pixels arrive in one place, you keep the one that's further away. The "
            "nearer one hides it.",
        ),
        Mistake(
            "last_wins",
            "Where two pixels arrive in one place, yours is whichever was written last. Their "
            "depths should decide.",
        ),
        Mistake(
            "added_up",
            "Where several pixels arrive in one place, you add them up. You only see the nearest.",
        ),
        Mistake(
            "mixed",
            "Where several pixels arrive in one place, you take their mean. What's in front isn't "
            "made of glass: you only see the nearest.",
        ),
        Mistake(
            "cut_off",
            "You cut off the positions' fractions. The nearest pixel to 2.7 is 3.",
        ),
        Mistake(
            "directions_swapped",
            "You've swapped x and y: the first channel says which column a pixel goes to.",
        ),
        Mistake(
            "piled_up_at_the_border",
            "What leaves the picture piles up at its border. It should just be gone.",
        ),
        Mistake(
            "wrapped_around",
            "What leaves the picture on one side comes back on the other. A negative index counts "
            "from the end.",
        ),
        Mistake(
            "pulled",
            "You look up each pixel's colour at its position in projected. But projected says "
            "where a pixel *goes*, not where it comes from.",
        ),
        Mistake(
            "image_left_in_the_holes",
            "Where nothing arrives, the image is still there as it was before the move. Begin with "
            "zeros.",
        ),
        Mistake(
            "filled_with_the_mean",
            "Where nothing arrives, you put the mean of the image. Leave a zero there: the model "
            "will do it better.",
        ),
    ),
)

# --- 2.25c what was hidden -----------------------------------------------------------------------


def hidden_cases(rng: random.Random, seed: int) -> list[Case]:
    """A thing that moves before a background; in the pictures there's grey, which is 0."""
    cases = []
    for k, (batch, schedule) in enumerate([(1, "cosine"), (2, "linear")]):
        height, width = rng.choice([(16, 20), (20, 16)])
        image = photograph(rng, height, width, batch=batch)
        image[..., rng.randint(0, 3) :: 4, 2:-2] = 0
        top, left = rng.randint(2, 6), rng.randint(4, 6)
        arguments = {
            "image": image,
            "move": StandIn(
                "move a thing",
                {
                    "box": [top, left, top + 8, left + 7],
                    "thing": rng.choice([-1, 1]) * rng.randint(2, 4),
                    "background": rng.choice([-1, 1]),
                },
            ),
            "estimate": StandIn(
                "coupled estimate",
                {"token": random_tokens(rng, 1)[0, 0].tolist(), "schedule": schedule},
            ),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(image.shape, seed + k),
        }
        cases.append(Case(f"{counted(batch, 'photograph')}, {schedule} schedule", arguments))
    return cases


HIDDEN = Check(
    exercise="2.25c",
    function="fill_hidden",
    title="what was hidden",
    make_cases=hidden_cases,
    read=Reading(
        "how you find the pixels at which nothing arrived, and how inpainting keeps all the others",
        section="2.25c What was hidden",
        paper=REPAINT_PAPER,
        at="section 4.1",
    ),
    mistakes=(
        Mistake(
            "grey_taken_for_holes",
            "You take every 0 for a hole. But 0 is also a colour, the grey halfway between black "
            "and white. What would tell you where something arrived, whatever its colour?",
        ),
        Mistake(
            "filled_with_the_mean",
            "You fill the holes with the mean colour of what's there. The model can do better: "
            "that's inpainting, exercise 1.8.",
        ),
        Mistake(
            "mask_inverted",
            "You keep the holes, and invent everything else. Your mask is the wrong way round.",
        ),
        Mistake(
            "holes_left",
            "The holes are still there.",
        ),
        Mistake(
            "unmoved_image_pasted",
            "Outside the holes you paste the image as it was before the camera moved.",
        ),
        Mistake(
            "clean_pasted",
            "You paste the moved image without noise at every step. The network expects the noise "
            "of t′ everywhere in the image.",
        ),
        Mistake(
            "paste_at_t",
            "You paste the moved image with the noise of t; by then the holes are already at t′.",
        ),
        Mistake(
            "pasted_only_at_the_end",
            "You paste the moved image only once, at the end. So the model filled the holes of a "
            "picture that it had invented itself, and there'll be a seam.",
        ),
        Mistake(
            "not_exact_at_the_end",
            "Outside the holes, your pixels are almost those that moved, but not exactly: even "
            "t = 0 has a little noise in it.",
        ),
        Mistake(
            "noise_moved_too",
            "You add the noise before the move, so it moves along. It's noise still, but use it "
            "where it's given, so that everyone gets the same picture.",
        ),
        Mistake(
            "other_noise",
            "The pixels that you paste have fresh noise. Use the noise you're given, so that "
            "everyone gets the same picture.",
        ),
    ),
)

CHECKS = (PROJECT, SPLAT, HIDDEN)
