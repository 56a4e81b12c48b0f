"""Other right answers to 2.1."""

import numpy as np
import torch

from solutions.variants import variant

# --- 2.1 -----------------------------------------------------------------------------------------


@variant("2.1")
def interpolate_by_lerp(embeds_0, embeds_1, w):
    """torch's own."""
    return torch.lerp(embeds_0, embeds_1, w)


@variant("2.1")
def interpolate_from_the_first(embeds_0, embeds_1, w):
    """The first, and a part of the way; in double precision."""
    return embeds_0.double() + w * (embeds_1.double() - embeds_0.double())


@variant("2.1")
def interpolate_in_numpy(embeds_0, embeds_1, w):
    """A weighted mean of two arrays."""
    return np.average([embeds_0.numpy(), embeds_1.numpy()], axis=0, weights=[1 - w, w])


@variant("2.1")
def interpolate_token_by_token(embeds_0, embeds_1, w):
    """A loop over tokens, in place in a copy."""
    mixed = embeds_0.clone()
    for k in range(mixed.shape[1]):
        mixed[:, k] *= 1 - w
        mixed[:, k] += w * embeds_1[:, k]
    return mixed


# --- 2.1b ----------------------------------------------------------------------------------------


@variant("2.1b")
def row_with_a_list_of_seeds(embeds, x_T, denoise, seed):
    """One batch: an image with a seed of its own gets the noise that it would get alone."""
    return denoise(x_T.repeat(len(embeds), 1, 1, 1), embeds, [seed] * len(embeds))


@variant("2.1b")
def row_stacked(embeds, x_T, denoise, seed):
    """A comprehension, stacked; arguments by name."""
    rows = [denoise(x_T=x_T, prompt_embeds=one.unsqueeze(0), seed=seed)[0] for one in embeds]
    return torch.stack(rows)


@variant("2.1b")
def row_in_place(embeds, x_T, denoise, seed):
    """Written into a tensor that's there already, from the last to the first."""
    pictures = torch.zeros(len(embeds), *x_T.shape[1:])
    for k in reversed(range(len(embeds))):
        pictures[k] = denoise(x_T.clone(), embeds[k : k + 1], [seed])[0]
    return pictures


@variant("2.1b")
def row_in_numpy(embeds, x_T, denoise, seed):
    """numpy arrays, joined."""
    drawn = [denoise(x_T, one, seed).numpy() for one in embeds.split(1)]
    return np.concatenate(drawn, axis=0)
