"""Answers to 2.2, where each word is read."""

import torch
from torch.nn.functional import interpolate, one_hot

from tests.pset.checks.unseen_hands import right, wrong


def _enlarged(maps, size):
    """Blocks of equal values."""
    tall = maps.repeat_interleave(size[0] // maps.shape[-2], dim=-2)
    return tall.repeat_interleave(size[1] // maps.shape[-1], dim=-1)


@right("2.2")
def by_a_matrix(probabilities, words, height, width, size):
    columns = probabilities.shape[-1]
    chosen = torch.stack([one_hot(torch.tensor(k), columns).sum(dim=0) for k in words])
    heads = probabilities[1].mean(dim=0)
    maps = chosen.to(heads) @ heads.T
    return interpolate(maps.view(1, len(words), height, width), size, mode="nearest")[0]


@right("2.2")
def by_kronecker(probabilities, words, height, width, size):
    block = torch.ones(size[0] // height, size[1] // width).to(probabilities)
    result = []
    for numbers in words:
        word = torch.zeros(height, width).to(probabilities)
        for k in numbers:
            word = word + probabilities[1, :, :, k].mean(dim=0).reshape(height, width)
        result.append(torch.kron(word, block))
    return torch.stack(result)


@wrong("2.2", "Reads the first half of the batch, which is the null prompt's.")
def null_prompts(probabilities, words, height, width, size):
    text = probabilities[0].mean(dim=0)
    maps = [text[:, numbers].sum(dim=1).view(height, width) for numbers in words]
    return _enlarged(torch.stack(maps), size)


@wrong("2.2", "Takes the mean over the batch too, the null prompt's half included.")
def mean_over_batch(probabilities, words, height, width, size):
    text = probabilities.mean(dim=(0, 1))
    maps = [text[:, numbers].sum(dim=1).view(height, width) for numbers in words]
    return _enlarged(torch.stack(maps), size)


@wrong("2.2", "Adds the heads up instead of taking their mean.")
def heads_added(probabilities, words, height, width, size):
    text = probabilities[1].sum(dim=0)
    maps = [text[:, numbers].sum(dim=1).view(height, width) for numbers in words]
    return _enlarged(torch.stack(maps), size)


@wrong("2.2", "Takes the mean over a word's tokens instead of their sum.")
def tokens_averaged(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = [text[:, numbers].mean(dim=1).view(height, width) for numbers in words]
    return _enlarged(torch.stack(maps), size)


@wrong("2.2", "Reads only the first token of each word.")
def first_token(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = torch.stack([text[:, numbers[0]].view(height, width) for numbers in words])
    return _enlarged(maps, size)


@wrong("2.2", "Counts the pixels column by column.")
def column_by_column(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = [text[:, numbers].sum(dim=1).view(width, height).T for numbers in words]
    return _enlarged(torch.stack(maps), size)


@wrong("2.2", "Enlarges with bilinear interpolation instead of blocks of equal values.")
def smooth(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = torch.stack([text[:, n].sum(dim=1).view(height, width) for n in words])
    return interpolate(maps[None], size=size, mode="bilinear", align_corners=False)[0]


@wrong("2.2", "Repeats the whole map side by side, like tiles, instead of each pixel.")
def tiled(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = torch.stack([text[:, n].sum(dim=1).view(height, width) for n in words])
    return maps.repeat(1, size[0] // height, size[1] // width)


@wrong("2.2", "Divides each map by its largest value.")
def white_is_largest(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)
    maps = torch.stack([text[:, n].sum(dim=1).view(height, width) for n in words])
    maps = maps / maps.amax(dim=(1, 2), keepdim=True)
    return _enlarged(maps, size)


@wrong("2.2", "Looks for the tokens behind the pixels' columns, not in front of them.")
def tokens_last(probabilities, words, height, width, size):
    text = probabilities[1].mean(dim=0)[:, height * width :]
    maps = [text[:, numbers].sum(dim=1).view(height, width) for numbers in words]
    return _enlarged(torch.stack(maps), size)
