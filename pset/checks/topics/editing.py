"""The checks of exercises 1.7 and 1.8: image to image, inpainting."""

import random

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, photograph, random_tokens
from pset.seeded_noise import noise

# --- 1.7 image to image --------------------------------------------------------------------------


def sdedit_cases(rng: random.Random, seed: int) -> list[Case]:
    """A lot of noise and some, with a stand-in that shows its input; then a real loop.

    A real loop with many steps forgets most of its input, and would hide mistakes there.
    """
    cases = []
    loop = StandIn("denoise", {"tokens": random_tokens(rng, 1)[0].tolist()})
    for k, (low, high, batch, denoise, schedule) in enumerate(
        [
            (1, 7, 1, StandIn("echo"), "cosine"),
            (10, 20, 2, StandIn("echo"), "linear"),
            (26, 30, 1, loop, "cosine"),
        ]
    ):
        i_start = rng.randint(low, high)
        image = photograph(rng, 32, 24, batch=batch)
        arguments = {
            "image": image,
            "i_start": i_start,
            "denoise": denoise,
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(image.shape, seed + k),
        }
        cases.append(Case(f"i_start = {i_start}", arguments))
    return cases


SDEDIT = Check(
    exercise="1.7",
    function="sdedit",
    title="image to image",
    make_cases=sdedit_cases,
    read=Reading(
        "which timestep i_start stands for, and why the loop needs an image with exactly that "
        "timestep's noise",
        section="1.7 How much noise?",
        paper=Paper(
            "Meng and others, SDEdit: Guided Image Synthesis and Editing with Stochastic "
            "Differential Equations",
            "https://arxiv.org/abs/2108.01073",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "no_noise",
            "You pass the image to the loop as it is. The loop assumes that it has the noise of "
            "its first timestep: what would it take for noise, and remove?",
        ),
        Mistake(
            "only_noise",
            "You start from noise alone, so nothing of the image is left. That's sampling.",
        ),
        Mistake(
            "index_for_timestep",
            "You use i_start as a timestep. It's an index into the strided timesteps: i_start = 1 "
            "is nearly all noise, and t = 1 hardly any.",
        ),
        Mistake(
            "noise_of_the_step_before",
            "Your noise is for the timestep before: more than the loop expects, so some of it will "
            "be left.",
        ),
        Mistake(
            "noise_of_the_step_after",
            "Your noise is for the timestep after: less than the loop expects, so it will remove "
            "some of the image too.",
        ),
        Mistake(
            "from_the_clean_end",
            "You count i_start from the clean end, for the noise and for the loop. The strided "
            "timesteps begin with pure noise: a small i_start should change the image most.",
        ),
        Mistake(
            "noise_from_the_clean_end",
            "For the noise, you count i_start from the clean end, but the loop counts from the "
            "noisy end. The two don't match.",
        ),
        Mistake(
            "loop_from_the_beginning",
            "The image has the right noise, but the loop always starts at pure noise: you haven't "
            "told it i_start.",
        ),
        Mistake(
            "image_not_scaled",
            "You add noise to the image at full strength. The forward process also scales the "
            "image down.",
        ),
        Mistake(
            "no_square_root",
            "Your two weights in the forward process look like ᾱ_t and 1 − ᾱ_t themselves.",
        ),
        Mistake(
            "clipped",
            "You've clipped the noisy image to [−1, 1]. Only pictures are shown in that range; "
            "noise goes beyond it, and the network relies on that.",
        ),
        Mistake(
            "own_noise",
            "You draw your own noise. Use the noise you're given, so that everyone gets the same "
            "picture.",
        ),
    ),
)

# --- 1.8 inpainting ------------------------------------------------------------------------------


def random_mask(rng: random.Random, batch: int, height: int, width: int) -> torch.Tensor:
    """`[batch, 1, H, W]`: 1 in a rectangle of each image, away from its middle; 0 elsewhere."""
    mask = torch.zeros(batch, 1, height, width)
    for one in mask:
        h, w = rng.randint(height // 3, height // 2), rng.randint(width // 3, width // 2)
        top, left = rng.randint(0, height // 4), rng.randint(0, width // 4)
        one[:, top : top + h, left : left + w] = 1
    return mask


def inpaint_cases(rng: random.Random, seed: int) -> list[Case]:
    """One image; two with a mask each; two with one mask. The known part determines the colours."""
    cases = []
    for k, (batch, masks, size, schedule) in enumerate(
        [(1, 1, (20, 16), "cosine"), (2, 2, (16, 24), "cosine"), (2, 1, (16, 16), "linear")]
    ):
        original = photograph(rng, *size, batch=batch)
        token = random_tokens(rng, 1)[0, 0].tolist()
        arguments = {
            "original": original,
            "mask": random_mask(rng, masks, *size),
            "estimate": StandIn("coupled estimate", {"token": token, "schedule": schedule}),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noise": noise(original.shape, seed + k),
        }
        name = f"{counted(batch, 'photograph')}, {counted(masks, 'mask')}"
        cases.append(Case(name, arguments))
    return cases


INPAINT = Check(
    exercise="1.8",
    function="inpaint",
    title="inpainting",
    make_cases=inpaint_cases,
    read=Reading(
        "what goes where the mask is 0 after each step, with how much noise, and what goes there "
        "at the end",
        section="1.8 Known pixels, unknown pixels",
        paper=Paper(
            "Lugmayr and others, RePaint: Inpainting using Denoising Diffusion Probabilistic "
            "Models",
            "https://arxiv.org/abs/2201.09865",
        ),
        at="section 4.1",
    ),
    mistakes=(
        Mistake(
            "mask_inverted",
            "Your mask is the wrong way round: 1 is where new content goes, 0 is what stays.",
        ),
        Mistake(
            "paste_at_t",
            "You paste the known pixels with the noise of t; by then the rest of the image is "
            "already at t′. At the end, they still have noise.",
        ),
        Mistake(
            "paste_at_t_but_exact_at_the_end",
            "The end is right, but on the way you paste the known pixels with the noise of t; by "
            "then the rest of the image is already at t′.",
        ),
        Mistake(
            "variance_after_pasting",
            "You add the step's random part after pasting, as Algorithm 2 does in the write-up "
            "that this course follows. The pasted pixels already have all the noise that belongs "
            "to t′, so now they have more than the network expects. Paste when the step is "
            "complete.",
        ),
        Mistake(
            "as_printed",
            "This is Algorithm 2 as printed in the write-up that this course follows, and it has "
            "two slips. It pastes with the noise of t when the image is already at t′, and it adds "
            "the step's random part afterwards. So the known pixels have too much noise, all the "
            "way to the end.",
        ),
        Mistake(
            "not_exact_at_the_end",
            "Your known pixels are almost the original's, but not exactly: even t = 0 has a little "
            "noise in it. After the last step, they should be the original's own.",
        ),
        Mistake(
            "clean_pasted",
            "You paste the original without noise at every step. The network is told to expect the "
            "noise of t′, and finds pixels without any. (diffusers' own inpainting for this model "
            "does that on purpose; here the known pixels follow the forward process.)",
        ),
        Mistake(
            "pasted_only_at_the_end",
            "You paste the original only once, at the end. While the new part was taking shape, "
            "nothing told it what's around it.",
        ),
        Mistake(
            "never_pasted",
            "Your known pixels aren't the original's at all: you don't paste anything, or you "
            "don't return what you've pasted.",
        ),
        Mistake(
            "image_not_scaled",
            "You add noise to the pasted pixels, but they keep their full strength. The forward "
            "process also scales the image down.",
        ),
        Mistake(
            "other_noise",
            "Your pasted pixels have fresh noise. Use the noise you're given, for the start and "
            "for the pasted pixels, so that everyone gets the same picture.",
        ),
    ),
)

CHECKS = (SDEDIT, INPAINT)
