"""What goes wrong in 2.1."""

import torch

from pset.seeded_noise import SEED, noise
from solutions.mistakes import mistake

# --- 2.1 -----------------------------------------------------------------------------------------


def right(embeds_0, embeds_1, w):
    return (1 - w) * embeds_0 + w * embeds_1


def length(embeds):
    return embeds.norm(dim=-1, keepdim=True)


mistake("2.1", "ends_swapped")(lambda a, b, w: right(b, a, w))
mistake("2.1", "first_at_full_strength")(lambda a, b, w: a + w * b)
mistake("2.1", "difference_only")(lambda a, b, w: w * (b - a))
mistake("2.1", "square_roots")(lambda a, b, w: (1 - w) ** 0.5 * a + w**0.5 * b)
mistake("2.1", "nearest_end")(lambda a, b, w: right(a, b, round(w)))


@mistake("2.1", "length_of_the_first")
def rescaled(embeds_0, embeds_1, w):
    mixed = right(embeds_0, embeds_1, w)
    return mixed * length(embeds_0) / length(mixed)


@mistake("2.1", "spherical")
def along_an_arc(embeds_0, embeds_1, w):
    cosine = (embeds_0 * embeds_1).sum(-1, keepdim=True) / (length(embeds_0) * length(embeds_1))
    angle = cosine.clamp(-1, 1).acos()
    return (((1 - w) * angle).sin() * embeds_0 + (w * angle).sin() * embeds_1) / angle.sin()


@mistake("2.1", "padding_left")
def words_only(embeds_0, embeds_1, w, words=8):
    changed = right(embeds_0, embeds_1, w)[:, :words]
    return torch.cat([changed, embeds_0[:, words:]], dim=1)


# --- 2.1b ----------------------------------------------------------------------------------------


def one_by_one(starts, embeds, denoise, seeds):
    parts = zip(starts, embeds, seeds, strict=True)
    return torch.cat([denoise(x[None], e[None], seed) for x, e, seed in parts])


def expanded(x_T, embeds):
    return x_T.expand(len(embeds), -1, -1, -1)


@mistake("2.1b", "step_noise_not_shared")
def one_batch(embeds, x_T, denoise, seed):
    return denoise(expanded(x_T, embeds), embeds, seed)


@mistake("2.1b", "own_start")
def other_starts(embeds, x_T, denoise, seed):
    starts = noise((len(embeds), *x_T.shape[1:]), seed)
    return one_by_one(starts, embeds, denoise, [seed] * len(embeds))


@mistake("2.1b", "seed_for_each")
def counted_seeds(embeds, x_T, denoise, seed):
    return one_by_one(expanded(x_T, embeds), embeds, denoise, range(seed, seed + len(embeds)))


@mistake("2.1b", "course_seed")
def seed_of_the_course(embeds, x_T, denoise, seed):
    return one_by_one(expanded(x_T, embeds), embeds, denoise, [SEED] * len(embeds))


@mistake("2.1b", "pictures_mixed")
def faded(embeds, x_T, denoise, seed):
    first, last = (denoise(x_T, e[None], seed) for e in (embeds[0], embeds[-1]))
    return torch.cat([right(first, last, w) for w in torch.linspace(0, 1, len(embeds))])


@mistake("2.1b", "one_embedding")
def all_the_same(embeds, x_T, denoise, seed):
    return denoise(x_T, embeds[:1], seed).repeat(len(embeds), 1, 1, 1)


@mistake("2.1b", "reversed")
def backwards(embeds, x_T, denoise, seed):
    return one_by_one(expanded(x_T, embeds), embeds.flip(0), denoise, [seed] * len(embeds))


# --- 2.2 -----------------------------------------------------------------------------------------


def blocks(maps, height, width, size):
    """Each pixel as a block."""
    maps = maps.reshape(-1, height, width)
    return maps.repeat_interleave(size[0] // height, 1).repeat_interleave(size[1] // width, 2)


def maps_of(
    half=lambda p: p[1],
    heads=lambda p: p.mean(0),
    columns_of=lambda columns, tokens: columns,
    tokens_of=lambda maps: maps.sum(-1),
    laid_out=blocks,
    before=lambda p, tokens: p,
):
    """`word_maps` with one of its steps replaced.

    Args:
        half: of the guided batch.
        heads: what becomes of them.
        columns_of: of a word.
        tokens_of: what becomes of them.
        laid_out: as images of the right size.
        before: all of it.
    """

    def word_maps(probabilities, words, height, width, size):
        tokens = probabilities.shape[-1] - height * width
        rows = heads(half(before(probabilities, tokens)))
        maps = [tokens_of(rows[:, list(columns_of(columns, tokens))]) for columns in words]
        return laid_out(torch.stack(maps), height, width, size)

    return word_maps


def column_by_column(maps, height, width, size):
    return blocks(maps.reshape(-1, width, height).mT, height, width, size)


def side_by_side(maps, height, width, size):
    return maps.reshape(-1, height, width).repeat(1, size[0] // height, size[1] // width)


def smooth(maps, height, width, size):
    maps = maps.reshape(1, -1, height, width)
    return torch.nn.functional.interpolate(maps, size, mode="bilinear")[0]


def largest_is_1(maps, height, width, size):
    return blocks(maps / maps.amax(1, keepdim=True), height, width, size)


mistake("2.2", "pixel_columns")(
    maps_of(columns_of=lambda columns, tokens: [tokens + c for c in columns])
)
mistake("2.2", "text_rescaled")(
    maps_of(before=lambda p, tokens: p / p[..., :tokens].sum(-1, keepdim=True))
)
mistake("2.2", "null_half")(maps_of(half=lambda p: p[0]))
mistake("2.2", "both_halves")(maps_of(half=lambda p: p.mean(0)))
mistake("2.2", "heads_summed")(maps_of(heads=lambda p: p.sum(0)))
mistake("2.2", "first_head")(maps_of(heads=lambda p: p[0]))
mistake("2.2", "transposed")(maps_of(laid_out=column_by_column))
mistake("2.2", "first_token_only")(maps_of(columns_of=lambda columns, tokens: columns[:1]))
mistake("2.2", "tokens_averaged")(maps_of(tokens_of=lambda maps: maps.mean(-1)))
mistake("2.2", "next_token")(maps_of(columns_of=lambda columns, tokens: [c + 1 for c in columns]))
mistake("2.2", "each_to_1")(maps_of(laid_out=largest_is_1))
mistake("2.2", "tiled")(maps_of(laid_out=side_by_side))
mistake("2.2", "interpolated")(maps_of(laid_out=smooth))
