"""Answers to 2.1, between two prompts."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.1")
def goes_along_the_difference(embeds_0, embeds_1, w):
    direction = embeds_1 - embeds_0
    return embeds_0 + w * direction


@right("2.1")
def token_by_token(embeds_0, embeds_1, w):
    tokens = []
    for k in range(embeds_0.shape[1]):
        tokens.append((1 - w) * embeds_0[:, k] + w * embeds_1[:, k])
    return torch.stack(tokens, dim=1)


@wrong("2.1", "The two weights are exchanged: w = 0 gives the second prompt.")
def wrong_end(embeds_0, embeds_1, w):
    return w * embeds_0 + (1 - w) * embeds_1


@wrong("2.1", "Goes along a sphere, token by token, and not along a straight line.")
def on_a_sphere(embeds_0, embeds_1, w):
    a = embeds_0 / embeds_0.norm(dim=-1, keepdim=True)
    b = embeds_1 / embeds_1.norm(dim=-1, keepdim=True)
    omega = torch.acos((a * b).sum(dim=-1, keepdim=True).clamp(-0.9999, 0.9999))
    first = torch.sin((1 - w) * omega) / torch.sin(omega)
    second = torch.sin(w * omega) / torch.sin(omega)
    return first * embeds_0 + second * embeds_1


@wrong("2.1", "Mixes the first tokens only and leaves the padding as the first prompt has it.")
def words_only(embeds_0, embeds_1, w):
    words = 8  # the rest is padding
    result = embeds_0.clone()
    result[:, :words] = torch.lerp(embeds_0[:, :words], embeds_1[:, :words], w)
    return result


@wrong("2.1", "The factor 1 − w is missing: the first prompt keeps its full strength.")
def adds_second(embeds_0, embeds_1, w):
    return embeds_0 + w * embeds_1


@wrong("2.1", "Brings the mixture back to the length of the first prompt's vectors.")
def keeps_length(embeds_0, embeds_1, w):
    mixed = (1 - w) * embeds_0 + w * embeds_1
    return mixed / mixed.norm(dim=-1, keepdim=True) * embeds_0.norm(dim=-1, keepdim=True)


@wrong("2.1", "Writes the mixture into the first prompt's embedding.")
def overwrites(embeds_0, embeds_1, w):
    embeds_0 *= 1 - w
    embeds_0 += w * embeds_1
    return embeds_0


@wrong("2.1", "Doesn't mix: takes the nearer of the two prompts.")
def switches(embeds_0, embeds_1, w):
    if w < 0.5:
        return embeds_0.clone()
    return embeds_1.clone()


@wrong("2.1", "Drops the batch: returns the first embedding's tokens only.")
def without_batch(embeds_0, embeds_1, w):
    return ((1 - w) * embeds_0 + w * embeds_1)[0]
