"""The checks of exercises 2.16 to 2.18: prompt-to-prompt, and instruction pairs."""

import random
from collections.abc import Sequence
from typing import Any

import torch

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import ALPHAS_CUMPROD, random_tokens
from pset.closed_form import linear_alphas_cumprod
from pset.seeded_noise import noise

PROMPT_TO_PROMPT = Paper(
    "Hertz and others, Prompt-to-Prompt Image Editing with Cross-Attention Control",
    "https://arxiv.org/abs/2208.01626",
)
INSTRUCT_PIX2PIX = Paper(
    "Brooks, Holynski and Efros, InstructPix2Pix: Learning to Follow Image Editing Instructions",
    "https://arxiv.org/abs/2211.09800",
)

HEADS = 3
"""Of all probabilities here, so that they can be looked at as a picture with three channels."""


def probabilities_of(images: int, pixels: int, tokens: int, seed: int) -> torch.Tensor:
    """Softmaxed scores of one layer, `[images, HEADS, pixels, tokens + pixels]`.

    Images and heads look at the prompt more and less, so that no two have the same share of text.
    """
    scores = 1.5 * noise((images, HEADS, pixels, tokens + pixels), seed)
    scores[..., :tokens] += noise((images, HEADS, pixels, 1), seed + 1)
    return scores.softmax(-1)


# --- 2.16 word swap ------------------------------------------------------------------------------


def inject_cases(rng: random.Random, seed: int) -> list[Case]:
    """One edited prompt, and two; more pixels than tokens, and fewer."""
    cases = []
    for k, (prompts, pixels, tokens) in enumerate([(2, 12, 8), (3, 6, 11)]):
        tokens += rng.randint(0, 2)
        arguments = {
            "probabilities": probabilities_of(2 * prompts, pixels, tokens, seed + 5 * k),
            "tokens": tokens,
        }
        cases.append(Case(f"{prompts} prompts of {tokens} tokens, {pixels} pixels", arguments))
    return cases


def inject_properties(cases: Sequence[Case], answers: Answers) -> str | None:
    """What of one layer has to stay, and what has to be the source's."""
    for case, answer in zip(cases, answers, strict=True):
        if found := inject_property(case.arguments, answer):
            return found
    return None


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether the root mean square of the difference is a small share of `other`'s."""
    gap, size = (one - other).double().square().mean(), other.double().square().mean()
    return float(gap) <= (2e-4) ** 2 * float(size)


def inject_property(given: dict[str, Any], answer: torch.Tensor) -> str | None:
    """What's wrong with the probabilities of one case."""
    before, tokens = given["probabilities"], given["tokens"]
    null, prompts = before.chunk(2)
    new_null, new_prompts = answer.chunk(2)
    source, edits = prompts[:1], new_prompts[1:]
    if not alike(new_null, null):
        if alike(new_null[1:], source.expand_as(null[1:])):
            return "everything"
        if alike(new_prompts, prompts):
            return "only_null_half"
        return "null_half_too"
    if alike(answer, before):
        return "unchanged"
    if not alike(new_prompts[:1], source):
        return "source_changed"
    text, wanted = (x[..., :tokens] for x in (edits, source))
    image, own_image, source_image = (x[..., tokens:] for x in (edits, prompts[1:], source))
    if alike(text, null[:1, ..., :tokens].expand_as(text)):
        return "from_the_null"
    if not alike(text, wanted.expand_as(text)):
        return wrong_text(edits, prompts, tokens)
    if alike(image, own_image):
        return "rows_not_1"
    if not alike(edits.sum(-1), torch.ones_like(edits.sum(-1))):
        return "Your rows don't add up to 1 any more: change the pixels' columns, too."
    # Both are right: the pixels' columns of the source, or the edit's own in the room that's left.
    room = (1 - wanted.sum(-1, keepdim=True)) / own_image.sum(-1, keepdim=True)
    if alike(image, source_image.expand_as(image)) or alike(image, room * own_image):
        return None
    return (
        "The pixels' columns are neither the source's, nor the edited prompt's own brought to the "
        "room that the text leaves in each row."
    )


def wrong_text(edits: torch.Tensor, prompts: torch.Tensor, tokens: int) -> str:
    """Why the text's columns aren't the source's."""
    source, own = prompts[:1].expand_as(edits), prompts[1:]
    pixels_are_source = alike(edits[..., tokens:], source[..., tokens:])
    if alike(edits[..., :tokens], own[..., :tokens]) and pixels_are_source:
        return "pixels_only"
    if alike(edits[..., -tokens:], source[..., -tokens:]):
        return "text_last"
    if alike(edits, (source + own) / 2):
        return "averaged"
    mixed = torch.cat([source[..., :tokens], own[..., tokens:]], dim=-1)
    if alike(edits, mixed / mixed.sum(-1, keepdim=True)):
        return "all_rescaled"
    if alike(edits, source.softmax(-1)) or alike(edits, mixed.softmax(-1)):
        return "softmax_again"
    return (
        "The text's columns of the edited prompts aren't those of the source. The source is the "
        "first image of the second half, and the text comes first in a row."
    )


INJECT = Check(
    exercise="2.16",
    function="inject",
    title="word swap: the source's maps",
    make_cases=inject_cases,
    properties=inject_properties,
    read=Reading(
        "how the guided batch is ordered, and what a row of the probabilities consists of",
        section="2.16 Word swap",
        paper=PROMPT_TO_PROMPT,
        at="section 3.2",
    ),
    mistakes=(
        Mistake("unchanged", "You return the probabilities as they were."),
        Mistake(
            "null_half_too",
            "You've changed the null prompt's half, too. It has no words to swap: guidance needs "
            "it as it is. Only the second half of the batch belongs to your prompts.",
        ),
        Mistake(
            "only_null_half",
            "You've changed the null prompt's half, and not your prompts'. In the guided batch the "
            "null prompt comes first.",
        ),
        Mistake(
            "everything",
            "You give the source's maps to the whole batch, null prompt included. Guidance needs "
            "the null prompt's half as it is.",
        ),
        Mistake(
            "from_the_null",
            "Your edited prompts get the null prompt's maps. The source is the first image of the "
            "second half.",
        ),
        Mistake(
            "source_changed",
            "You've changed the source's own maps. They go from the source to the edited prompts.",
        ),
        Mistake(
            "pixels_only",
            "You take the pixels' columns from the source, and the text's are still the edited "
            "prompt's own. In IF's rows, the text comes first.",
        ),
        Mistake(
            "text_last",
            "You've taken the last columns for the text. In IF's rows, the text comes first, then "
            "the pixels.",
        ),
        Mistake(
            "averaged",
            "You take the mean of the source's and the edited prompt's maps. For the first steps "
            "they should be the source's alone.",
        ),
        Mistake(
            "rows_not_1",
            "The text's columns are right, but the pixels' columns are as before, so the rows "
            "don't add up to 1 any more. Text and pixels share one softmax.",
        ),
        Mistake(
            "all_rescaled",
            "Your rows add up to 1 because you divide them by their sum. That changes the text's "
            "columns, too, and they should be exactly the source's. Only the pixels' columns may "
            "give way.",
        ),
        Mistake(
            "softmax_again",
            "You've put the rows through another softmax. They're probabilities already.",
        ),
    ),
)

# --- 2.16b for the first steps -------------------------------------------------------------------

WORLDS = (("cosine", ALPHAS_CUMPROD), ("linear", linear_alphas_cumprod()))


def draw_edits_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two and three prompts; τ in the middle and a small one; timesteps at uneven distances.

    τ·K is a whole number, so that a step too many or too few shows.
    """
    cases = []
    for k, (prompts, steps, edited_steps) in enumerate([(2, 8, 4), (3, 10, 2)]):
        schedule, alphas_cumprod = WORLDS[k]
        start = rng.randint(700, 740)
        # Close together at first: half of the steps is much less than half of the way.
        timesteps = [round(start * (1 - (j / steps) ** 2.5)) for j in range(steps + 1)]
        tokens = random_tokens(rng, 2 * prompts)[0].tolist()
        same = {"schedule": schedule, "batch": prompts}
        arguments = {
            "x_T": noise((1, 3, 12, 16), seed + k),
            "count": prompts,
            "plain": StandIn("batch estimate", {"tokens": tokens[:prompts], **same}),
            "edited": StandIn("batch estimate", {"tokens": tokens[prompts:], **same}),
            "tau": edited_steps / steps,
            "alphas_cumprod": alphas_cumprod,
            "timesteps": timesteps,
            "seed": rng.randint(200, 900),
        }
        name = f"{prompts} prompts, {steps} steps from t = {start}, τ = {edited_steps / steps:g}"
        cases.append(Case(name, arguments))
    return cases


DRAW_EDITS = Check(
    exercise="2.16b",
    function="draw_edits",
    title="word swap: for the first steps",
    make_cases=draw_edits_cases,
    read=Reading(
        "what the pictures share, and which steps are the first τ of them",
        section="For the first steps",
        paper=PROMPT_TO_PROMPT,
        at="algorithm 1",
    ),
    mistakes=(
        Mistake(
            "step_noise_not_shared",
            "Your pictures start from the same noise, but each gets other noise in the steps. One "
            "seed is one draw for the whole batch; a list has one seed for each image.",
        ),
        Mistake(
            "own_start",
            "Each of your pictures starts from noise of its own. All of them should start from "
            "x_T.",
        ),
        Mistake(
            "seed_for_each",
            "Each of your pictures has another seed, so they get other noise in the steps.",
        ),
        Mistake("course_seed", "Your step noise comes from the course's seed, whatever `seed` is."),
        Mistake(
            "last_steps",
            "You edit the last steps. A picture's layout comes about in the first ones.",
        ),
        Mistake(
            "complement",
            "You edit the first 1 − τ of the steps. With τ = 1, all of them should be edited.",
        ),
        Mistake("always_edited", "You edit every step, whatever τ is."),
        Mistake("never_edited", "You never use the edited estimate."),
        Mistake(
            "by_timestep",
            "You compare τ with the timestep's size. The timesteps needn't be evenly spaced, and "
            "they needn't begin at 1000: count the steps.",
        ),
        Mistake(
            "by_distance",
            "You edit the first τ of the way from the first timestep to the last. The timesteps "
            "needn't be evenly spaced: count the steps.",
        ),
        Mistake(
            "one_step_more",
            "You edit one step too many. Counted from 0, the first τ·K of K steps are those with "
            "k < τ·K.",
        ),
        Mistake(
            "one_step_fewer",
            "You edit one step too few. Do you count the steps from 1?",
        ),
        Mistake(
            "blended",
            "You blend the two estimates with τ in each step. τ is a share of the steps: each of "
            "them is either edited or not.",
        ),
    ),
)

# --- 2.17 added words ----------------------------------------------------------------------------

NOUNS = ("cat", "dog", "cake", "castle", "rabbit", "house")
ADJECTIVES = ("small", "furry", "red", "golden")


def sentences(rng: random.Random) -> list[tuple[str, str]]:
    """Prompts and edited prompts: a word in the middle, words at the end, one less, one at the
    beginning that comes later, too, and one swapped.

    Each pair has one alignment only that keeps the order of as many words as possible. `difflib`
    finds it, too, although it takes the longest block first: that's not always the best.
    """
    one, two = rng.sample(NOUNS, 2)
    first, second = rng.sample(ADJECTIVES, 2)
    return [
        (f"a photo of a {one}", f"a photo of a {first} {one}"),
        (f"a {one} and a {two}", f"a {first} {one} and a {second} {two} wearing a hat"),
        (f"a {first} {one} in the snow", f"a {two} in the snow at night"),
        (f"a {one} and a {two}", f"{two} near a {one} and a {two}"),
        (f"a {first} {one}", f"a {second} {one}"),
    ]


def align_maps_cases(rng: random.Random, seed: int) -> list[Case]:
    """Added, left out and swapped words, and words that are there more than once."""
    cases = []
    for k, (prompt, edited_prompt) in enumerate(sentences(rng)):
        words, edited_words = prompt.split(), edited_prompt.split()
        pixels = rng.randint(6, 10)
        arguments = {
            "source": probabilities_of(1, pixels, len(words), seed + 5 * k)[0, ..., : len(words)],
            "edited": probabilities_of(1, pixels, len(edited_words), seed + 5 * k + 2)[
                0, ..., : len(edited_words)
            ],
            "words": words,
            "edited_words": edited_words,
        }
        cases.append(Case(f"{prompt} → {edited_prompt}", arguments))
    return cases


ALIGN_MAPS = Check(
    exercise="2.17",
    function="align_maps",
    title="added words",
    make_cases=align_maps_cases,
    read=Reading(
        "which word of the source, if any, stands behind each word of the edited prompt",
        section="2.17 Added words",
        paper=PROMPT_TO_PROMPT,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "by_position",
            "You go by position. After an inserted word, all words of the edited prompt have "
            "moved, and yours get a neighbour's map.",
        ),
        Mistake(
            "first_of_its_kind",
            "You look words up, and always find the first of its kind. A word that's there twice "
            "has two maps: keep the order of the words.",
        ),
        Mistake(
            "added_word_of_the_source",
            "A word that's new and happens to be somewhere in the source, such as another “a”, "
            "gets a map from there. It should keep its own.",
        ),
        Mistake("all_own", "You return the edited prompt's own maps, for common words too."),
        Mistake(
            "new_words_empty",
            "Your new words have no map at all. Nothing in the source stands for them, so they "
            "should keep their own.",
        ),
        Mistake(
            "swapped",
            "It's the other way round: common words should have the source's maps, and new words "
            "their own.",
        ),
        Mistake(
            "beginning_only",
            "You stop at the first word that's different. The words after it are common too.",
        ),
        Mistake(
            "averaged",
            "You take the mean of both maps for common words. They should be the source's alone.",
        ),
        Mistake(
            "next_occurrence",
            "You take the next place in the source where a word occurs, however far that is. "
            "Everything that you skip is lost for the words after it. Of the possible alignments, "
            "take one with as many common words as possible.",
        ),
        Mistake(
            "same_place",
            "You compare the words at the same place in both prompts. A word that has moved on, "
            "because one came in before it, is common too.",
        ),
    ),
)

# --- 2.17b a word turned up and down -------------------------------------------------------------


def reweight_cases(rng: random.Random, seed: int) -> list[Case]:
    """One word of one token and of several; turned up, down and below 0."""
    cases = []
    for k, (images, columns, low, high) in enumerate(
        [(1, [3], 2, 4), (2, [4, 5, 6], 0.2, 0.6), (1, [2, 3], -2, -0.5)]
    ):
        weight = round(rng.uniform(low, high), 2)
        moved = rng.randint(0, 1)
        arguments = {
            "probabilities": probabilities_of(2 * images, 10, 9, seed + 5 * k),
            "columns": [column + moved for column in columns],
            "weight": weight,
        }
        cases.append(Case(f"columns {arguments['columns']}, weight {weight:g}", arguments))
    return cases


REWEIGHT = Check(
    exercise="2.17b",
    function="reweight",
    title="a word turned up and down",
    make_cases=reweight_cases,
    read=Reading(
        "which half of the batch and which columns the weight is for, and that it comes after the "
        "softmax",
        section="A word turned up and down",
        paper=PROMPT_TO_PROMPT,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "null_half_too",
            "You've weighted the null prompt's half, too. There these columns are padding, and "
            "guidance needs that half as it is.",
        ),
        Mistake(
            "only_null_half",
            "You've weighted the null prompt's half, and not your prompt's. In the guided batch "
            "the null prompt comes first.",
        ),
        Mistake(
            "rows_rescaled",
            "You divide by the row's sum afterwards. Here the other columns should stay as they "
            "are: then more of this word is really more, and not less of everything else.",
        ),
        Mistake(
            "before_the_softmax",
            "You weight the scores, before the softmax. There a factor is an exponent, and a score "
            "below 0 gets smaller. Weight the probabilities.",
        ),
        Mistake("first_token_only", "A word may be several tokens. You weight only the first."),
        Mistake("all_words", "You've weighted all words, and not only the one you were asked for."),
        Mistake(
            "next_column",
            "You've weighted the neighbouring columns. Columns are counted from 0, and the text is "
            "first in a row.",
        ),
        Mistake(
            "pixels_weighted",
            "You've counted the columns from the end of the text, so you've weighted pixels. In "
            "IF's rows, the text comes first.",
        ),
        Mistake("added", "You add the weight. It's a factor: with 1, nothing should change."),
        Mistake("divided", "You divide by the weight. A weight of 2 should turn the word up."),
        Mistake(
            "replaced",
            "You've replaced the word's map by the weight, so that it's the same everywhere. Where "
            "should the hat be now?",
        ),
        Mistake(
            "no_negative_weight",
            "A negative weight becomes 0 in yours. It's allowed: it goes away from the word.",
        ),
    ),
)

# --- 2.18 pairs ----------------------------------------------------------------------------------

NAMES = ("images", "edited_images", "texts", "edited_texts")


def unit(vectors: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vectors, dim=-1)


def pair_scores_cases(rng: random.Random, seed: int) -> list[Case]:
    """Embeddings of length 1, as CLIP's; pairs that are close, some that follow the text."""
    cases = []
    for k, (count, size) in enumerate([(20, 24), (33, 16)]):
        texts = unit(noise((count, size), seed + 10 * k))
        way = noise((count, size), seed + 10 * k + 1)
        follows = torch.linspace(-0.5, 1, count)[:, None]
        images = unit(texts + noise((count, size), seed + 10 * k + 2))
        step = follows * way + 0.7 * noise((count, size), seed + 10 * k + 3)
        edited = {"edited_images": unit(images + 0.3 * unit(step) * rng.uniform(1, 2))}
        edited["edited_texts"] = unit(texts + 0.4 * unit(way) * rng.uniform(1, 2))
        everything = {"images": images, "texts": texts, **edited}
        cases.append(Case(f"{count} pairs", {name: everything[name] for name in NAMES}))
    return cases


PAIR_SCORES = Check(
    exercise="2.18",
    function="pair_scores",
    title="which pairs to keep",
    make_cases=pair_scores_cases,
    read=Reading(
        "which two vectors each of the cosines is between",
        section="2.18 Instruction pairs",
        paper=INSTRUCT_PIX2PIX,
        at="section 3.1.2",
    ),
    mistakes=(
        Mistake(
            "columns_swapped", "Your two scores are in the other order: similarity comes first."
        ),
        Mistake(
            "direction_reversed",
            "One of your two differences has the wrong sign: you subtract the other way round for "
            "the images than for the texts. Then the best edits look like the worst.",
        ),
        Mistake(
            "no_directions",
            "Your second score compares the edited image with the edited text. That says how well "
            "they match, and not whether the *change* does: subtract what was there before.",
        ),
        Mistake(
            "image_against_text",
            "Your differences are between an image and its text. Take those between the edited and "
            "the original: one of images, one of texts.",
        ),
        Mistake(
            "not_normalised",
            "Your second score isn't a cosine: you haven't divided by the lengths of the two "
            "differences.",
        ),
        Mistake(
            "divided_by_one_length",
            "Your second score is divided by the length of one of the two differences only.",
        ),
        Mistake(
            "similarity_of_texts", "Your first score is of the two texts. It's about the images."
        ),
        Mistake(
            "distance",
            "Your first score is a distance: it's 0 for equal images. A similarity is 1.",
        ),
        Mistake(
            "similarity_to_the_text",
            "Your first score compares the edited image with its text. It should compare the two "
            "images.",
        ),
        Mistake(
            "over_the_batch",
            "Your cosines are over the whole batch, so that each pair's depends on the others. "
            "Take them along the last dimension.",
        ),
        Mistake("twice_the_similarity", "Both of your scores are the similarity of the images."),
    ),
)

CHECKS = (INJECT, DRAW_EDITS, ALIGN_MAPS, REWEIGHT, PAIR_SCORES)
