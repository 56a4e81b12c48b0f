"""The checks of exercises 1.7 and 1.8: image to image, inpainting."""

import random

import torch

from pset.checks.definition import Case, Check, Given, Mistake
from pset.checks.denoising import ALPHAS_CUMPROD, photograph, random_tokens
from pset.seeded_noise import noise

# --- 1.7 image to image --------------------------------------------------------------------------


def sdedit_cases(rng: random.Random, seed: int) -> list[Case]:
    """Much and middling noise, where a stand-in for the loop shows what it was given; then a loop.

    A real loop that begins early forgets most of its start, and would hide mistakes there.
    """
    cases = []
    loop = Given("denoise", {"tokens": random_tokens(rng, 1)[0].tolist()})
    for k, (low, high, batch, denoise) in enumerate(
        [(1, 7, 1, Given("echo")), (10, 20, 2, Given("echo")), (26, 30, 1, loop)]
    ):
        i_start = rng.randint(low, high)
        image = photograph(rng, 32, 24, batch=batch)
        arguments = {
            "image": image,
            "i_start": i_start,
            "denoise": denoise,
            "alphas_cumprod": ALPHAS_CUMPROD,
            "noise": noise(image.shape, seed + k),
        }
        cases.append(Case(f"i_start = {i_start}", arguments))
    return cases


SDEDIT = Check(
    exercise="1.7",
    function="sdedit",
    title="image to image",
    make_cases=sdedit_cases,
    read="which timestep i_start stands for, and that the loop must be given an image with exactly "
    "that timestep's noise",
    mistakes=(
        Mistake(
            "no_noise",
            "The image goes into the loop as it is. The loop believes that it holds the noise of "
            "its first timestep: what would it take for noise, and remove?",
        ),
        Mistake(
            "only_noise",
            "The loop starts from noise alone, so nothing of the image is left. That is sampling.",
        ),
        Mistake(
            "index_for_timestep",
            "i_start is used as a timestep. It is an index into the strided timesteps: i_start = 1 "
            "is nearly all noise, and t = 1 hardly any.",
        ),
        Mistake(
            "noise_of_the_step_before",
            "The noise is that of the timestep before: more than the loop expects, and some of it "
            "will be left.",
        ),
        Mistake(
            "noise_of_the_step_after",
            "The noise is that of the timestep after: less than the loop expects, and it will "
            "remove some of the image with it.",
        ),
        Mistake(
            "from_the_clean_end",
            "i_start is counted from the clean end, for the noise and for the loop. The strided "
            "timesteps begin with pure noise: a small i_start should change the image most.",
        ),
        Mistake(
            "noise_from_the_clean_end",
            "The noise is that of i_start counted from the clean end, but the loop counts from the "
            "noisy one: the two do not meet.",
        ),
        Mistake(
            "loop_from_the_beginning",
            "The image has the right noise, but the loop always begins at pure noise: it has not "
            "been told i_start.",
        ),
        Mistake(
            "image_not_scaled",
            "Noise is added to the image at full strength. The forward process also shrinks the "
            "image.",
        ),
        Mistake(
            "no_square_root",
            "The two weights of the forward process look like ᾱ_t and 1 − ᾱ_t themselves.",
        ),
        Mistake(
            "clipped",
            "The noisy image has been clipped to [−1, 1]. Only pictures are shown in that range; "
            "noise leaves it, and the network counts on that.",
        ),
        Mistake(
            "own_noise",
            "The function draws noise of its own. It is given its noise, so that everybody's "
            "picture is the same.",
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
    """Images whose colours the known part tells: one, two with a mask each, two with one mask."""
    cases = []
    for k, (batch, masks, size) in enumerate(
        [(1, 1, (20, 16)), (2, 2, (16, 24)), (2, 1, (16, 16))]
    ):
        original = photograph(rng, *size, batch=batch)
        token = random_tokens(rng, 1)[0, 0].tolist()
        arguments = {
            "original": original,
            "mask": random_mask(rng, masks, *size),
            "estimate": Given("coupled estimate", {"token": token}),
            "alphas_cumprod": ALPHAS_CUMPROD,
            "noise": noise(original.shape, seed + k),
        }
        name = f"{batch} photograph{'s'[: batch > 1]}, {masks} mask{'s'[: masks > 1]}"
        cases.append(Case(name, arguments))
    return cases


INPAINT = Check(
    exercise="1.8",
    function="inpaint",
    title="inpainting",
    make_cases=inpaint_cases,
    read="what stands where the mask is 0 after each step, with how much noise, and what stands "
    "there at the end",
    mistakes=(
        Mistake(
            "mask_inverted",
            "The mask is the wrong way round: 1 is where new content belongs, 0 is what stays.",
        ),
        Mistake(
            "paste_at_t",
            "The known pixels are pasted with the noise of the timestep that the step has left. "
            "The image that they join has arrived at t'. At the end they still have noise.",
        ),
        Mistake(
            "paste_at_t_but_exact_at_the_end",
            "The end is right, but on the way the known pixels are pasted with the noise of the "
            "timestep that the step has left. The image that they join has arrived at t'.",
        ),
        Mistake(
            "variance_after_pasting",
            "The step's random part is added after pasting, as the write-up's Algorithm 2 prints "
            "it. The pasted pixels already have all the noise that belongs to t': they get more "
            "than the network expects. Paste when the step is complete.",
        ),
        Mistake(
            "as_printed",
            "This is the write-up's Algorithm 2 as printed, which has two slips: it pastes with "
            "the noise of t where the image is already at t', and it adds the step's random part "
            "afterwards, so that the known pixels have too much noise, to the very end.",
        ),
        Mistake(
            "not_exact_at_the_end",
            "The known pixels are almost the original's, but not exactly: even t = 0 has a little "
            "noise in it. When the last step is done, they should be the original's own.",
        ),
        Mistake(
            "clean_pasted",
            "The original is pasted without noise at every step. The network is told to expect the "
            "noise of t' and meets pixels without any. (diffusers' own inpainting for this model "
            "does so on purpose; here the known pixels follow the forward process.)",
        ),
        Mistake(
            "pasted_only_at_the_end",
            "The original is pasted only once, at the end. While the new part came about, nothing "
            "told it what surrounds it.",
        ),
        Mistake(
            "never_pasted",
            "The known pixels are not the original's at all: nothing is pasted, or what is pasted "
            "is not returned.",
        ),
        Mistake(
            "image_not_scaled",
            "Noise is added to the pasted pixels, but they keep their full strength. The forward "
            "process also shrinks the image.",
        ),
        Mistake(
            "other_noise",
            "The pasted pixels have fresh noise. Use the noise that the function is given, for the "
            "start and for the pasted pixels, so that everybody's picture is the same.",
        ),
    ),
)

CHECKS = (SDEDIT, INPAINT)
