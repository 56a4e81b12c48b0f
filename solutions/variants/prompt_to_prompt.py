"""Other right answers to 2.16 to 2.18."""

import difflib
import itertools

import numpy as np
import torch
from torch.nn import functional

from pset import iterative_denoise
from solutions.variants import variant

# --- 2.16 ----------------------------------------------------------------------------------------


@variant("2.16")
def inject_whole_rows(probabilities, tokens):
    """Text and pixels from the source, in a copy."""
    edited = probabilities.clone()
    first = len(edited) // 2
    edited[first + 1 :] = probabilities[first]
    return edited


@variant("2.16")
def inject_whole_rows_stacked(probabilities, tokens):
    """A list of images: the null prompt's, then the source's as often as needed."""
    half = len(probabilities) // 2
    return torch.stack([*probabilities[:half], *[probabilities[half]] * half])


@variant("2.16")
def inject_text_only(probabilities, tokens):
    """The text from the source; the edited prompt's own pixels share what's left of a row."""
    null, prompts = probabilities.chunk(2)
    text = prompts[:1, ..., :tokens].expand_as(prompts[..., :tokens])
    image = prompts[..., tokens:]
    image = image * (1 - text.sum(-1, keepdim=True)) / image.sum(-1, keepdim=True)
    return torch.cat([null, torch.cat([text, image], dim=-1)])


@variant("2.16")
def inject_image_by_image(probabilities, tokens):
    """A loop, in double precision."""
    edited = probabilities.double()
    half = len(edited) // 2
    for k in range(half + 1, 2 * half):
        row = edited[half, ..., :tokens]
        pixels = torch.nn.functional.normalize(edited[k, ..., tokens:], p=1, dim=-1)
        edited[k] = torch.cat([row, pixels * (1 - row.sum(-1, keepdim=True))], dim=-1)
    return edited


@variant("2.16")
def inject_in_numpy(probabilities, tokens):
    """numpy, by the number of the image to take each row from."""
    half = len(probabilities) // 2
    return probabilities.numpy()[np.r_[0:half, np.full(half, half)]]


# --- 2.16b ---------------------------------------------------------------------------------------


@variant("2.16b")
def edits_by_counting(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    """A counter of calls: the loop asks once in each step."""
    calls = 0

    def estimate(x_t, t):
        nonlocal calls
        calls += 1
        return (edited if calls <= round(tau * (len(timesteps) - 1)) else plain)(x_t, t)

    return iterative_denoise(
        torch.cat([x_T] * count), 0, estimate, alphas_cumprod, timesteps, [seed] * count
    )


@variant("2.16b")
def edits_by_a_set(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    """The timesteps at which to edit, in a set."""
    early = {t for k, t in enumerate(timesteps[:-1]) if k / (len(timesteps) - 1) < tau}
    return iterative_denoise(
        x_T.repeat(count, 1, 1, 1),
        i_start=0,
        estimate=lambda x_t, t: edited(x_t, t) if t in early else plain(x_t, t),
        alphas_cumprod=alphas_cumprod,
        timesteps=timesteps,
        seed=count * [seed],
    )


@variant("2.16b")
def edits_in_two_loops(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    """First an edited loop, whose last step adds noise too; then a plain one."""
    steps = len(timesteps) - 1
    switch = round(tau * steps)
    kept = {}

    def remember(x, t):
        kept[t] = x
        return x

    def early(x_t, t):
        return edited(x_t, t) if timesteps.index(t) < switch else plain(x_t, t)

    x = x_T.expand(count, 3, *x_T.shape[2:])
    seeds = [seed for _ in range(count)]
    iterative_denoise(x, 0, early, alphas_cumprod, timesteps, seeds, after_step=remember)
    middle = kept[timesteps[switch]]
    return iterative_denoise(middle, switch, plain, alphas_cumprod, timesteps, seeds)


@variant("2.16b")
def edits_by_the_last_timestep(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    """Timesteps fall: it's edited above the first one that isn't."""
    steps = len(timesteps) - 1
    border = timesteps[min(round(tau * steps), steps)]

    def estimate(x_t, t):
        if t > border:
            return edited(x_t, t)
        return plain(x_t, t)

    x = torch.stack([x_T[0] for _ in range(count)])
    return iterative_denoise(x, 0, estimate, alphas_cumprod, list(timesteps), (seed,) * count)


# --- 2.17 ----------------------------------------------------------------------------------------


@variant("2.17")
def align_by_opcodes(source, edited, words, edited_words):
    """difflib's opcodes, and blocks of columns."""
    blocks = []
    matcher = difflib.SequenceMatcher(None, words, edited_words, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        blocks.append(source[..., i:i_end] if kind == "equal" else edited[..., j:j_end])
    return torch.cat(blocks, dim=-1)


@variant("2.17")
def align_by_a_matrix(source, edited, words, edited_words):
    """A matrix of zeros and ones that carries columns over, as in the paper's own code."""
    carry = torch.zeros(len(words), len(edited_words))
    matcher = difflib.SequenceMatcher(None, words, edited_words)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            carry[block.a + k, block.b + k] = 1
    return source @ carry + edited * (1 - carry.sum(0))


@variant("2.17")
def align_by_recursion(source, edited, words, edited_words):
    """The better of leaving out a word here or there, word by word, in numpy."""

    def best(i, j):
        if i == len(words) or j == len(edited_words):
            return []
        options = [best(i + 1, j), best(i, j + 1)]
        if words[i] == edited_words[j]:
            options.insert(0, [(i, j), *best(i + 1, j + 1)])
        return max(options, key=len)

    maps = edited.numpy().copy()
    for i, j in best(0, 0):
        maps[..., j] = source.numpy()[..., i]
    return maps


@variant("2.17")
def align_by_trying_all(source, edited, words, edited_words):
    """As many words as possible: all choices of so many here and there, until two agree."""
    maps = edited.clone()
    for count in range(min(len(words), len(edited_words)), 0, -1):
        here = itertools.combinations(range(len(words)), count)
        there = itertools.combinations(range(len(edited_words)), count)
        for i, j in itertools.product(here, there):
            if [words[k] for k in i] == [edited_words[k] for k in j]:
                maps[..., list(j)] = source[..., list(i)]
                return maps
    return maps


# --- 2.17b ---------------------------------------------------------------------------------------


@variant("2.17b")
def reweight_in_place_of_a_copy(probabilities, columns, weight):
    """Multiplied in place, in a copy."""
    p = probabilities.clone()
    p[len(p) // 2 :, :, :, columns] *= weight
    return p


@variant("2.17b")
def reweight_by_factors(probabilities, columns, weight):
    """A factor for each image and column."""
    factors = torch.ones(len(probabilities), 1, 1, probabilities.shape[-1])
    for column in columns:
        factors[len(probabilities) // 2 :, ..., column] = weight
    return probabilities * factors


@variant("2.17b")
def reweight_by_a_difference(probabilities, columns, weight):
    """What's there, and (weight − 1) times as much."""
    more = torch.zeros_like(probabilities)
    more[..., columns] = probabilities[..., columns]
    null, prompts = more.chunk(2)
    return probabilities + (weight - 1) * torch.cat([0 * null, prompts])


@variant("2.17b")
def reweight_in_numpy(probabilities, columns, weight):
    """numpy, column by column, double precision."""
    p = probabilities.numpy().astype(np.float64)
    for column in columns:
        p[len(p) // 2 :, ..., column] = weight * p[len(p) // 2 :, ..., column]
    return p


# --- 2.18 ----------------------------------------------------------------------------------------


@variant("2.18")
def scores_by_cosine_similarity(images, edited_images, texts, edited_texts):
    """torch's own, in columns."""
    similarity = functional.cosine_similarity(images, edited_images)
    direction = functional.cosine_similarity(edited_images - images, edited_texts - texts)
    return torch.column_stack([similarity, direction])


@variant("2.18")
def scores_of_normalised(images, edited_images, texts, edited_texts):
    """Everything normalised first; both differences the other way round."""
    i, e, t, u = (functional.normalize(x) for x in (images, edited_images, texts, edited_texts))
    direction = functional.normalize(i - e) * functional.normalize(t - u)
    return torch.stack([(i * e).sum(1), direction.sum(1)], dim=1)


@variant("2.18")
def scores_in_numpy(images, edited_images, texts, edited_texts):
    """numpy, double precision, pair by pair."""

    def cosine(a, b):
        return a @ b / np.sqrt((a @ a) * (b @ b))

    pairs = zip(
        *(x.double().numpy() for x in (images, edited_images, texts, edited_texts)), strict=True
    )
    return np.array([(cosine(i, e), cosine(e - i, u - t)) for i, e, t, u in pairs])


@variant("2.18")
def scores_from_matrices(images, edited_images, texts, edited_texts):
    """The diagonals of all products; the similarity of unit vectors by their distance."""
    gap = (images - edited_images).square().sum(-1)
    by_image, by_text = edited_images - images, edited_texts - texts
    product = torch.diagonal(by_image @ by_text.T)
    lengths = torch.linalg.vector_norm(by_image, dim=1) * by_text.norm(dim=1)
    return torch.stack([1 - gap / 2, product / lengths], -1)
