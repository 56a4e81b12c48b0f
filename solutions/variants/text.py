"""Other right answers to 2.1 and 2.2."""

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


# --- 2.2 -----------------------------------------------------------------------------------------


@variant("2.2")
def maps_by_a_matrix(probabilities, words, height, width, size):
    """A matrix that adds up the tokens of each word; nearest neighbours by torch."""
    belongs = torch.zeros(probabilities.shape[-1], len(words))
    for k, columns in enumerate(words):
        belongs[columns, k] = 1
    maps = torch.einsum("hpt,tw->wp", probabilities[1], belongs) / probabilities.shape[1]
    small = maps.view(1, len(words), height, width)
    return torch.nn.functional.interpolate(small, size=tuple(size), mode="nearest")[0]


@variant("2.2")
def maps_in_numpy(probabilities, words, height, width, size):
    """numpy, and a Kronecker product with a block of ones."""
    p = probabilities.numpy()[-1].astype(np.float64)
    block = np.ones((size[0] // height, size[1] // width))
    small = [p[:, :, columns].sum(axis=-1).mean(axis=0).reshape(height, width) for columns in words]
    return np.stack([np.kron(one, block) for one in small])


@variant("2.2")
def maps_pixel_by_pixel(probabilities, words, height, width, size):
    """Written into the large map, block by block."""
    maps = torch.zeros(len(words), *size)
    down, across = size[0] // height, size[1] // width
    for k, columns in enumerate(words):
        for y in range(height):
            for x in range(width):
                row = probabilities[1, :, y * width + x]
                value = sum(row[:, c].mean() for c in columns)
                maps[k, y * down : (y + 1) * down, x * across : (x + 1) * across] = value
    return maps


@variant("2.2")
def maps_by_index(probabilities, words, height, width, size):
    """For each pixel of the large map, the number of the small one that it lies in."""
    y = torch.arange(size[0]) * height // size[0]
    x = torch.arange(size[1]) * width // size[1]
    text = probabilities.chunk(2)[1][0][:, y[:, None] * width + x[None]]  # [heads, *size, keys]
    return torch.stack([text[..., columns].sum(-1).mean(0) for columns in words])
