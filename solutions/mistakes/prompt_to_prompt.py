"""What goes wrong in 2.16 to 2.18."""

import itertools

import torch

from pset.sampling import iterative_denoise
from pset.seeded_noise import SEED, noise
from solutions.mistakes import mistake

# --- 2.16 ----------------------------------------------------------------------------------------


def edits_become(what, half="prompts"):
    """`inject` that writes `what(all, null, prompts, tokens)` over the edited prompts' maps."""

    def inject(probabilities, tokens):
        null, prompts = probabilities.clone().chunk(2)
        changed = what(probabilities, null, prompts, tokens)
        if half in ("prompts", "both"):
            prompts[1:] = changed
        if half in ("null", "both"):
            null[1:] = null[:1] if half == "both" else changed
        return torch.cat([null, prompts])

    return inject


def text_of_source(prompts, tokens):
    """The source's text beside the edited prompts' own pixels: the rows don't add up to 1."""
    mixed = prompts[1:].clone()
    mixed[..., :tokens] = prompts[:1, ..., :tokens]
    return mixed


def last_columns(_all, _null, prompts, tokens):
    mixed = prompts[1:].clone()
    mixed[..., -tokens:] = prompts[:1, ..., -tokens:]
    return mixed


def all_rescaled(_all, _null, prompts, tokens):
    mixed = text_of_source(prompts, tokens)
    return mixed / mixed.sum(-1, keepdim=True)


def pixels_of_source(_all, _null, prompts, tokens):
    mixed = prompts[1:].clone()
    mixed[..., tokens:] = prompts[:1, ..., tokens:]
    return mixed


mistake("2.16", "unchanged")(lambda probabilities, tokens: probabilities)
mistake("2.16", "null_half_too")(edits_become(lambda a, null, prompts, n: prompts[:1], "both"))
mistake("2.16", "only_null_half")(edits_become(lambda a, null, prompts, n: null[:1], "null"))
mistake("2.16", "everything")(
    lambda probabilities, tokens: probabilities[len(probabilities) // 2][None].expand_as(
        probabilities
    )
)
mistake("2.16", "from_the_null")(edits_become(lambda a, null, prompts, n: null[:1]))
mistake("2.16", "pixels_only")(edits_become(pixels_of_source))
mistake("2.16", "text_last")(edits_become(last_columns))
mistake("2.16", "averaged")(edits_become(lambda a, n, p, k: (p[:1] + p[1:]) / 2))
mistake("2.16", "rows_not_1")(edits_become(lambda a, n, p, tokens: text_of_source(p, tokens)))
mistake("2.16", "all_rescaled")(edits_become(all_rescaled))
mistake("2.16", "softmax_again")(edits_become(lambda a, n, p, k: p[:1].softmax(-1)))


@mistake("2.16", "source_changed")
def from_the_edit(probabilities, tokens):
    null, prompts = probabilities.clone().chunk(2)
    prompts[:1] = prompts[1:2]
    return torch.cat([null, prompts])


# --- 2.16b ---------------------------------------------------------------------------------------


def drawing(
    is_edited=lambda k, steps, tau, t: k < tau * steps,
    seeds=lambda seed, count: [seed] * count,
    start=lambda x_T, count, seed: x_T.expand(count, -1, -1, -1),
):
    """`draw_edits` that edits other steps, or shares less.

    Args:
        is_edited: of the step's number, the number of steps, τ and t.
        seeds: of the step noise.
        start: the noise to start from.
    """

    def draw_edits(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
        def estimate(x_t, t):
            k = timesteps.index(t)
            use = edited if is_edited(k, len(timesteps) - 1, tau, t) else plain
            return use(x_t, t)

        x = start(x_T, count, seed)
        return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, seed=seeds(seed, count))

    return draw_edits


mistake("2.16b", "step_noise_not_shared")(drawing(seeds=lambda seed, count: seed))
mistake("2.16b", "own_start")(
    drawing(start=lambda x_T, count, seed: noise((count, *x_T.shape[1:]), seed))
)
mistake("2.16b", "seed_for_each")(
    drawing(seeds=lambda seed, count: list(range(seed, seed + count)))
)
mistake("2.16b", "course_seed")(drawing(seeds=lambda seed, count: [SEED] * count))
mistake("2.16b", "last_steps")(drawing(lambda k, steps, tau, t: k >= (1 - tau) * steps))
mistake("2.16b", "complement")(drawing(lambda k, steps, tau, t: k < (1 - tau) * steps))
mistake("2.16b", "always_edited")(drawing(lambda k, steps, tau, t: True))
mistake("2.16b", "never_edited")(drawing(lambda k, steps, tau, t: False))
mistake("2.16b", "by_timestep")(drawing(lambda k, steps, tau, t: t > (1 - tau) * 1000))
mistake("2.16b", "one_step_more")(drawing(lambda k, steps, tau, t: k <= tau * steps))
mistake("2.16b", "one_step_fewer")(drawing(lambda k, steps, tau, t: k + 1 < tau * steps))


@mistake("2.16b", "by_distance")
def edited_on_the_first_of_the_way(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    first, last = timesteps[0], timesteps[-1]
    draw_edits = drawing(lambda k, steps, tau, t: first - t < tau * (first - last))
    return draw_edits(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed)


@mistake("2.16b", "blended")
def both_in_each_step(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    def estimate(x_t, t):
        pairs = zip(plain(x_t, t), edited(x_t, t), strict=True)
        return tuple(torch.lerp(one, other, tau) for one, other in pairs)

    x = x_T.expand(count, -1, -1, -1)
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps, seed=[seed] * count)


# --- 2.17 ----------------------------------------------------------------------------------------


def aligned(words, edited_words):
    """For each word of the edited prompt, its number in the source; None for a new one."""
    # The longest common subsequence, by the table that every textbook has.
    n, m = len(words), len(edited_words)
    length = [[0] * (m + 1) for _ in range(n + 1)]
    for i in reversed(range(n)):
        for j in reversed(range(m)):
            if words[i] == edited_words[j]:
                length[i][j] = 1 + length[i + 1][j + 1]
            else:
                length[i][j] = max(length[i + 1][j], length[i][j + 1])
    found, i = [None] * m, 0
    for j in range(m):
        while i < n and words[i] != edited_words[j] and length[i + 1][j] == length[i][j]:
            i += 1
        if i < n and words[i] == edited_words[j] and length[i][j] > length[i][j + 1]:
            found[j], i = i, i + 1
    return found


def maps_by(
    number=aligned,
    common=lambda theirs, own: theirs,
    new=lambda own: own,
):
    """`align_maps` with another alignment, or with other maps for common and for new words."""

    def align_maps(source, edited, words, edited_words):
        columns = [
            new(edited[..., j]) if i is None else common(source[..., i], edited[..., j])
            for j, i in enumerate(number(words, edited_words))
        ]
        return torch.stack(columns, dim=-1)

    return align_maps


def by_position(words, edited_words):
    return [j if j < len(words) else None for j in range(len(edited_words))]


def looked_up(words, edited_words):
    return [words.index(word) if word in words else None for word in edited_words]


def counted(words, edited_words):
    """The second "a" is the source's second "a", wherever it is; a third one is new."""
    found = []
    for j, word in enumerate(edited_words):
        places = [i for i, other in enumerate(words) if other == word]
        number = edited_words[:j].count(word)
        found.append(places[min(number, len(places) - 1)] if places else None)
    return found


def common_beginning(words, edited_words):
    same = 0
    while words[same : same + 1] == edited_words[same : same + 1] != []:
        same += 1
    return [j if j < same else None for j in range(len(edited_words))]


def same_place(words, edited_words):
    pairs = itertools.zip_longest(words, edited_words)
    return [j if a == b else None for j, (a, b) in enumerate(pairs)][: len(edited_words)]


def next_occurrence(words, edited_words):
    found, start = [], 0
    for word in edited_words:
        i = words.index(word, start) if word in words[start:] else None
        start = start if i is None else i + 1
        found.append(i)
    return found


mistake("2.17", "by_position")(maps_by(by_position))
mistake("2.17", "same_place")(maps_by(same_place))
mistake("2.17", "next_occurrence")(maps_by(next_occurrence))
mistake("2.17", "first_of_its_kind")(maps_by(looked_up))
mistake("2.17", "added_word_of_the_source")(maps_by(counted))
mistake("2.17", "beginning_only")(maps_by(common_beginning))
mistake("2.17", "all_own")(lambda source, edited, words, edited_words: edited)
mistake("2.17", "new_words_empty")(maps_by(new=torch.zeros_like))
mistake("2.17", "averaged")(maps_by(common=lambda theirs, own: (theirs + own) / 2))


@mistake("2.17", "swapped")
def new_words_from_the_source(source, edited, words, edited_words):
    columns = []
    for j, i in enumerate(aligned(words, edited_words)):
        there = min(j, len(words) - 1)
        columns.append(source[..., there] if i is None else edited[..., j])
    return torch.stack(columns, dim=-1)


# --- 2.17b ---------------------------------------------------------------------------------------


def weighted(
    change=lambda maps, weight: weight * maps,
    columns_of=lambda columns, tokens: columns,
    halves=(False, True),
    after=lambda before, half: half,
):
    """`reweight` with another change, in other columns, or in other halves of the batch."""

    def reweight(probabilities, columns, weight):
        result = []
        tokens = probabilities.shape[-1] - probabilities.shape[-2]
        for before, wanted in zip(probabilities.chunk(2), halves, strict=True):
            half = before.clone()
            if wanted:
                chosen = list(columns_of(columns, tokens))
                half[..., chosen] = change(half[..., chosen], weight)
                half = after(before, half)
            result.append(half)
        return torch.cat(result)

    return reweight


def rescaled(before, half):
    return half / half.sum(-1, keepdim=True)


mistake("2.17b", "null_half_too")(weighted(halves=(True, True)))
mistake("2.17b", "only_null_half")(weighted(halves=(True, False)))
mistake("2.17b", "rows_rescaled")(weighted(after=rescaled))
mistake("2.17b", "before_the_softmax")(
    weighted(change=lambda maps, weight: maps**weight, after=rescaled)
)
mistake("2.17b", "first_token_only")(weighted(columns_of=lambda columns, tokens: columns[:1]))
mistake("2.17b", "all_words")(weighted(columns_of=lambda columns, tokens: range(tokens)))
mistake("2.17b", "next_column")(
    weighted(columns_of=lambda columns, tokens: [c + 1 for c in columns])
)
mistake("2.17b", "pixels_weighted")(
    weighted(columns_of=lambda columns, tokens: [tokens + c for c in columns])
)
mistake("2.17b", "added")(weighted(change=lambda maps, weight: maps + weight))
mistake("2.17b", "divided")(weighted(change=lambda maps, weight: maps / weight))
mistake("2.17b", "replaced")(weighted(change=lambda maps, weight: torch.full_like(maps, weight)))
mistake("2.17b", "no_negative_weight")(weighted(change=lambda maps, weight: max(weight, 0) * maps))

# --- 2.18 ----------------------------------------------------------------------------------------


def cosine(one, other, dim=-1):
    return torch.cosine_similarity(one, other, dim=dim)


def dot(one, other):
    return (one * other).sum(-1)


def scores(
    similarity=lambda i, e, t, u: cosine(i, e),
    direction=lambda i, e, t, u: cosine(e - i, u - t),
):
    """`pair_scores` with another first or second column.

    Args:
        similarity, direction: of the images, the edited images, the texts and the edited texts.
    """

    def pair_scores(*embeddings):
        return torch.stack([similarity(*embeddings), direction(*embeddings)], dim=-1)

    return pair_scores


mistake("2.18", "columns_swapped")(
    scores(lambda i, e, t, u: cosine(e - i, u - t), lambda i, e, t, u: cosine(i, e))
)
mistake("2.18", "direction_reversed")(scores(direction=lambda i, e, t, u: cosine(i - e, u - t)))
mistake("2.18", "no_directions")(scores(direction=lambda i, e, t, u: cosine(e, u)))
mistake("2.18", "image_against_text")(scores(direction=lambda i, e, t, u: cosine(e - u, i - t)))
mistake("2.18", "not_normalised")(scores(direction=lambda i, e, t, u: dot(e - i, u - t)))
mistake("2.18", "divided_by_one_length")(
    scores(direction=lambda i, e, t, u: dot(e - i, u - t) / (u - t).norm(dim=-1))
)
mistake("2.18", "similarity_of_texts")(scores(lambda i, e, t, u: cosine(t, u)))
mistake("2.18", "distance")(scores(lambda i, e, t, u: 1 - cosine(i, e)))
mistake("2.18", "similarity_to_the_text")(scores(lambda i, e, t, u: cosine(e, u)))
mistake("2.18", "twice_the_similarity")(scores(direction=lambda i, e, t, u: cosine(i, e)))
mistake("2.18", "over_the_batch")(
    scores(
        lambda i, e, t, u: dot(i, e) / (i.norm() * e.norm()),
        lambda i, e, t, u: dot(e - i, u - t) / ((e - i).norm() * (u - t).norm()),
    )
)
