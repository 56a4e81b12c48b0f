"""Answers to 2.16, word swap."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.16")
def whole_rows(probabilities, tokens):
    images = len(probabilities) // 2
    null, prompts = probabilities.split(images)
    return torch.cat([null, prompts[:1].repeat(images, 1, 1, 1)])


@right("2.16")
def own_pixels_scaled(probabilities, tokens):
    result = probabilities.clone()
    images = probabilities.shape[0] // 2
    source = probabilities[images, ..., :tokens]
    for k in range(images + 1, 2 * images):
        pixels = probabilities[k, ..., tokens:]
        left = 1 - source.sum(dim=-1, keepdim=True)
        result[k, ..., :tokens] = source
        result[k, ..., tokens:] = pixels * left / pixels.sum(dim=-1, keepdim=True)
    return result


@wrong("2.16", "Writes into the probabilities that it's given.")
def not_on_a_copy(probabilities, tokens):
    images = len(probabilities) // 2
    probabilities[images + 1 :] = probabilities[images].clone()
    return probabilities


@wrong("2.16", "The pixels' columns stay as they are, so the rows don't add up to 1.")
def pixels_unchanged(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[images + 1 :, ..., :tokens] = probabilities[images, ..., :tokens]
    return result


@wrong("2.16", "Gives the null prompt's half the source's maps, too.")
def null_half_too(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[:] = probabilities[images]
    return result


@wrong("2.16", "Takes the first of the batch for the source, which is the null prompt.")
def null_for_source(probabilities, tokens):
    result = probabilities.clone()
    images = len(probabilities) // 2
    for k in range(images + 1, 2 * images):
        result[k] = probabilities[0]
    return result


@wrong("2.16", "Divides the whole row by its sum, so the text isn't exactly the source's any more.")
def rows_divided(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[images + 1 :, ..., :tokens] = probabilities[images, ..., :tokens]
    return result / result.sum(dim=-1, keepdim=True)


@wrong("2.16", "Takes the pixels' columns from the source, and leaves the text's as they are.")
def pixels_from_source(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    edited = result[images + 1 :]
    edited[..., tokens:] = probabilities[images, ..., tokens:]
    own, pixels = edited[..., :tokens], edited[..., tokens:]
    left = 1 - own.sum(dim=-1, keepdim=True)
    edited[..., tokens:] = pixels / pixels.sum(dim=-1, keepdim=True) * left
    return result


@wrong("2.16", "Takes the mean of the source's maps and the edited prompt's.")
def halfway(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[images + 1 :] = (probabilities[images + 1 :] + probabilities[images]) / 2
    return result


@wrong("2.16", "Edits the second prompt only, and forgets the others.")
def second_prompt_only(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[images + 1] = result[images]
    return result


@wrong("2.16", "Makes the pixels' columns add up to 1 by themselves, without the text.")
def pixels_add_up_to_one(probabilities, tokens):
    images = len(probabilities) // 2
    result = probabilities.clone()
    result[images + 1 :, ..., :tokens] = probabilities[images, ..., :tokens]
    pixels = probabilities[images + 1 :, ..., tokens:]
    result[images + 1 :, ..., tokens:] = pixels / pixels.sum(dim=-1, keepdim=True)
    return result
