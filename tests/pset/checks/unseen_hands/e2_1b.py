"""Answers to 2.1b, a row from one noise."""

import torch

import pset
from tests.pset.checks.unseen_hands import right, wrong


@right("2.1b")
def one_at_a_time(embeds, x_T, denoise, seed):
    pictures = [denoise(x_T, embeds[k : k + 1], seed) for k in range(embeds.shape[0])]
    return torch.cat(pictures, dim=0)


@right("2.1b")
def list_of_seeds(embeds, x_T, denoise, seed):
    n = embeds.size(0)
    seeds = []
    for _ in range(n):
        seeds.append(seed)
    return denoise(torch.cat([x_T] * n), embeds, seeds)


@wrong(
    "2.1b", "Passes one seed for the batch, so that each picture gets its own noise in the steps."
)
def single_seed(embeds, x_T, denoise, seed):
    return denoise(x_T.expand(len(embeds), -1, -1, -1), embeds, seed)


@wrong("2.1b", "Gives every picture another seed.")
def counts_up(embeds, x_T, denoise, seed):
    n = len(embeds)
    return denoise(x_T.repeat(n, 1, 1, 1), embeds, [seed + k for k in range(n)])


@wrong("2.1b", "Draws the starting noise by itself, other noise for each picture.")
def draws_start(embeds, x_T, denoise, seed):
    n = len(embeds)
    start = pset.noise((n, *x_T.shape[1:]), seed, x_T.device)
    return denoise(start, embeds, [seed] * n)


@wrong("2.1b", "Uses the course's seed, whatever seed it's given.")
def always_180(embeds, x_T, denoise, seed):
    n = len(embeds)
    return denoise(x_T.repeat(n, 1, 1, 1), embeds, [pset.SEED] * n)


@wrong("2.1b", "Each pass of the loop overwrites the picture before, so only the last is returned.")
def last_picture(embeds, x_T, denoise, seed):
    for e in embeds:
        pictures = denoise(x_T, e.unsqueeze(0), seed)
    return pictures


@wrong("2.1b", "Stacks batches of one picture: [N, 1, 3, H, W].")
def stacked(embeds, x_T, denoise, seed):
    return torch.stack([denoise(x_T, e[None], seed) for e in embeds])


@wrong("2.1b", "Starts each picture from the one before instead of from x_T.")
def one_from_the_other(embeds, x_T, denoise, seed):
    row = []
    x = x_T
    for e in embeds:
        x = denoise(x, e[None], seed)
        row.append(x)
    return torch.cat(row)


@wrong("2.1b", "Draws all pictures from the first embedding.")
def first_embedding(embeds, x_T, denoise, seed):
    n = len(embeds)
    return denoise(x_T.repeat(n, 1, 1, 1), embeds[:1].repeat(n, 1, 1), [seed] * n)
