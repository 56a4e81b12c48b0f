"""Answers to 2.17b, a word turned up and down."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.17b")
def by_factors(probabilities, columns, weight):
    factors = torch.ones(2, probabilities.shape[-1]).to(probabilities)
    factors[1, columns] = weight
    factors = factors.repeat_interleave(len(probabilities) // 2, dim=0)
    return probabilities * factors[:, None, None]


@right("2.17b")
def column_by_column(probabilities, columns, weight):
    null, prompts = probabilities.chunk(2)
    prompts = prompts.clone()
    for column in set(columns):
        prompts[..., column] *= weight
    return torch.cat((null, prompts))


@wrong("2.17b", "Weights the word in the null prompt's half, too.")
def in_both_halves(probabilities, columns, weight):
    result = probabilities.clone()
    result[..., columns] = weight * result[..., columns]
    return result


@wrong("2.17b", "Divides each row by its sum afterwards.")
def rows_add_up_again(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[half:, ..., columns] *= weight
    return result / result.sum(dim=-1, keepdim=True)


@wrong("2.17b", "Weights the word's first token only.")
def first_column(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[half:, :, :, columns[0]] *= weight
    return result


@wrong("2.17b", "Writes into the probabilities that it's given.")
def in_the_given_tensor(probabilities, columns, weight):
    half = len(probabilities) // 2
    probabilities[half:, ..., columns] *= weight
    return probabilities


@wrong("2.17b", "Takes the first half of the batch, the null prompt's, for the prompts'.")
def first_half(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[:half, ..., columns] *= weight
    return result


@wrong("2.17b", "Takes the batch for a single image's: only its second entry gets the weight.")
def second_entry(probabilities, columns, weight):
    result = probabilities.clone()
    result[1, :, :, columns] = result[1, :, :, columns] * weight
    return result


@wrong("2.17b", "Adds the weight instead of multiplying by it.")
def added(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[half:, ..., columns] += weight
    return result


@wrong("2.17b", "Multiplies the rows with these numbers, which are pixels, not the columns.")
def rows_of_pixels(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[half:, :, columns] *= weight
    return result


@wrong("2.17b", "Doesn't let a weight be negative: takes 0 instead.")
def never_negative(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    result[half:, ..., columns] *= max(weight, 0)
    return result


@wrong("2.17b", "Takes the weight off the other columns, so that the rows still add up to 1.")
def others_give_way(probabilities, columns, weight):
    half = len(probabilities) // 2
    result = probabilities.clone()
    word = weight * result[half:, ..., columns]
    result[half:, ..., columns] = 0
    rest = result[half:].sum(dim=-1, keepdim=True)
    result[half:] *= (1 - word.sum(dim=-1, keepdim=True)) / rest
    result[half:, ..., columns] = word
    return result
