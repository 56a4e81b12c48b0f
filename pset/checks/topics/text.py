"""The checks of exercise 2.1: from one prompt to another."""

import random

from pset.checks.definition import Case, Check, Mistake, Reading, StandIn
from pset.checks.inputs import counted, random_tokens
from pset.seeded_noise import noise

# --- 2.1 interpolation ---------------------------------------------------------------------------


def interpolate_cases(rng: random.Random, seed: int) -> list[Case]:
    """Near each end, and beyond the middle of several; embeddings of other lengths and sizes."""
    cases = []
    for k, (batch, tokens, size, low, high) in enumerate(
        [(1, 77, 24, 0.1, 0.3), (1, 40, 16, 0.6, 0.7), (2, 77, 12, 0.8, 0.9)]
    ):
        w = round(rng.uniform(low, high), 2)
        # Different lengths, so that an answer that rescales is noticed.
        arguments = {
            "embeds_0": noise((batch, tokens, size), seed + k),
            "embeds_1": 0.4 * noise((batch, tokens, size), seed + 10 + k) + 0.1,
            "w": w,
        }
        cases.append(Case(f"{counted(batch, 'prompt')} of {tokens} tokens, w = {w:g}", arguments))
    return cases


INTERPOLATE = Check(
    exercise="2.1",
    function="interpolate",
    title="from one prompt to another",
    make_cases=interpolate_cases,
    read=Reading(
        "which of the two embeddings is left at w = 0 and at w = 1, and that the mixture is linear",
        section="2.1 From one prompt to another",
    ),
    mistakes=(
        Mistake("ends_swapped", "You've swapped the two ends: w = 0 should give the first prompt."),
        Mistake(
            "first_at_full_strength",
            "Your first prompt keeps its full strength at every w. What should be left of it at "
            "w = 1?",
        ),
        Mistake(
            "difference_only",
            "You've got the way from one prompt to the other, but not the place where it starts.",
        ),
        Mistake(
            "square_roots",
            "Your weights are square roots, as in the forward process. They keep the variance of "
            "independent noise. Here the two weights should add up to 1.",
        ),
        Mistake(
            "length_of_the_first",
            "You've brought the mixture to the length of the first embedding. Then w = 1 isn't the "
            "second prompt any more.",
        ),
        Mistake(
            "spherical",
            "You go along an arc (spherical interpolation). Here it's a straight line.",
        ),
        Mistake(
            "padding_left",
            "Only the first tokens change. The rest stay as they are in the first prompt. The "
            "network reads all of them, padding too.",
        ),
        Mistake("nearest_end", "You take the nearer of the two prompts, and nothing in between."),
    ),
)

# --- 2.1b the row of pictures --------------------------------------------------------------------


def draw_row_cases(rng: random.Random, seed: int) -> list[Case]:
    """Three and five embeddings, with other seeds than the course's.

    The stand-in starts late, so that something of x_T is left in what it returns.
    """
    cases = []
    for k, (count, size) in enumerate([(3, (12, 16)), (5, (16, 12))]):
        start = rng.randint(700, 760)
        arguments = {
            "embeds": random_tokens(rng, count)[0][:, None],
            "x_T": noise((1, 3, *size), seed + k),
            "denoise": StandIn("denoise embeds", {"timesteps": list(range(start, 0, -90))}),
            "seed": rng.randint(200, 900),
        }
        cases.append(Case(f"{counted(count, 'picture')} from t = {start}", arguments))
    return cases


DRAW_ROW = Check(
    exercise="2.1b",
    function="draw_row",
    title="a row from one noise",
    make_cases=draw_row_cases,
    read=Reading(
        "which noise there is besides the start, and when two pictures of a batch share it",
        section="One noise for a whole row",
    ),
    mistakes=(
        Mistake(
            "step_noise_not_shared",
            "Your pictures start from the same noise, but each of them gets other noise in the "
            "steps. One seed is one draw for the whole batch, and in a draw every image has "
            "noise of its own.",
        ),
        Mistake(
            "own_start",
            "Each of your pictures starts from noise of its own. All of them should start from "
            "x_T.",
        ),
        Mistake(
            "seed_for_each",
            "Each of your pictures has its own seed, so they get other noise in the steps.",
        ),
        Mistake("course_seed", "Your step noise comes from the course's seed, whatever `seed` is."),
        Mistake(
            "pictures_mixed",
            "You've mixed the pixels of the first and the last picture. That fades one into the "
            "other. The mixing is done already, in the embeddings: draw a picture for each.",
        ),
        Mistake("one_embedding", "All your pictures are for the first embedding."),
        Mistake("reversed", "Your row runs from the last embedding to the first."),
    ),
)

CHECKS = (INTERPOLATE, DRAW_ROW)
