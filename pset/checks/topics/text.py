"""The checks of exercises 2.1 and 2.2: from one prompt to another, and where words are read."""

import random

import torch

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
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

# --- 2.2 word maps -------------------------------------------------------------------------------


def word_maps_cases(rng: random.Random, seed: int) -> list[Case]:
    """Wide and tall layers, brought to a larger size; words of one token and of several."""
    cases = []
    for k, (heads, height, width, factors) in enumerate([(2, 4, 6, (2, 2)), (3, 6, 4, (2, 3))]):
        lengths = [1, rng.randint(2, 3), 1]
        rng.shuffle(lengths)
        starts = [sum(lengths[:j]) for j in range(3)]
        words = [list(range(a, a + n)) for a, n in zip(starts, lengths, strict=True)]
        pixels, tokens = height * width, sum(lengths) + rng.randint(2, 4)
        scores = 1.5 * noise((2, heads, pixels, tokens + pixels), seed + 10 * k)
        # Some pixels and heads look at the text more than others.
        scores[..., :tokens] += noise((2, heads, pixels, 1), seed + 10 * k + 1)
        size = (factors[0] * height, factors[1] * width)
        arguments = {
            "probabilities": torch.softmax(scores, dim=-1),
            "words": words,
            "height": height,
            "width": width,
            "size": size,
        }
        name = f"{height} × {width} pixels to {size[0]} × {size[1]}, {heads} heads"
        cases.append(Case(name, arguments))
    return cases


WORD_MAPS = Check(
    exercise="2.2",
    function="word_maps",
    title="where each word is read",
    make_cases=word_maps_cases,
    read=Reading(
        "what the dimensions of the probabilities stand for, and which columns are the text's",
        section="2.2 Where each word is read",
        paper=Paper(
            "Hertz and others, Prompt-to-Prompt Image Editing with Cross-Attention Control",
            "https://arxiv.org/abs/2208.01626",
        ),
        at="section 3.1",
    ),
    mistakes=(
        Mistake(
            "pixel_columns",
            "You've taken columns of pixels for the text's. In IF's rows, the text comes first.",
        ),
        Mistake(
            "text_rescaled",
            "In your maps the text adds up to 1 in each pixel. Text and pixels share one softmax, "
            "so some pixels read the prompt more than others, and that's worth seeing.",
        ),
        Mistake(
            "null_half",
            "These are the null prompt's maps, the first half of the guided batch. Your words are "
            "in the second.",
        ),
        Mistake(
            "both_halves",
            "You average over both halves of the guided batch. The null prompt's has none of your "
            "words in it.",
        ),
        Mistake("heads_summed", "You've added up the heads. Take their mean."),
        Mistake("first_head", "You've taken one head only. Take the mean over all of them."),
        Mistake(
            "transposed",
            "Your maps are laid out column by column. Pixels are counted row by row, H rows of W.",
        ),
        Mistake(
            "first_token_only",
            "A word may be several tokens. Your map has only the first of them.",
        ),
        Mistake(
            "tokens_averaged",
            "You average over the tokens of a word. Their sum is how much the word is read.",
        ),
        Mistake(
            "next_token",
            "You're one column too far to the right. T5 puts no token in front of the text, unlike "
            "CLIP: the first word is in column 0.",
        ),
        Mistake(
            "each_to_1",
            "You've scaled each map by a number of its own. Then you can't compare the words any "
            "more.",
        ),
        Mistake(
            "tiled",
            "You've put copies of the small map beside each other. Each of its pixels should "
            "become a block.",
        ),
        Mistake(
            "interpolated",
            "You interpolate between the layer's pixels. By the course's convention, each of them "
            "becomes a block of equal values.",
        ),
    ),
)

CHECKS = (INTERPOLATE, DRAW_ROW, WORD_MAPS)
