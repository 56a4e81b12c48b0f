"""Answers to 2.12c, a jigsaw puzzle."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.12c")
def adds_pieces_up(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k, turn in enumerate(turns):
        mask = (pieces == k).to(x)
        if inverse:
            mask = torch.rot90(mask, turn)
            turn = -turn
        result = result + torch.rot90(mask * x, turn, dims=(2, 3))
    return result


@right("2.12c")
def by_pixel_numbers(x, pieces, turns, inverse=False):
    size = x.shape[-1]
    numbers = torch.arange(size * size).view(size, size)
    source = torch.zeros(size, size, dtype=torch.long)
    for k in range(len(turns)):
        lands = torch.rot90(pieces == k, turns[k])
        source[lands] = torch.rot90(numbers, turns[k])[lands]
    source = source.flatten()
    if inverse:
        source = source.argsort()
    return x.flatten(2)[..., source].view(x.shape)


@wrong(
    "2.12c", "Doesn't turn the pieces' outlines: looks up where each piece was, not where it lands."
)
def outlines_stay(x, pieces, turns, inverse=False):
    result = x.clone()
    for k, turn in enumerate(turns):
        turned = torch.rot90(x, -turn if inverse else turn, dims=(2, 3))
        result = torch.where(pieces == k, turned, result)
    return result


@wrong("2.12c", "Turns in the other direction than torch.rot90.")
def clockwise(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k, turn in enumerate(turns):
        mask = pieces == k
        turned_mask = torch.rot90(mask, -turn)
        if inverse:
            result = torch.where(mask, torch.rot90(x, turn, dims=(2, 3)), result)
        else:
            result = torch.where(turned_mask, torch.rot90(x, -turn, dims=(2, 3)), result)
    return result


@wrong(
    "2.12c", "For the inverse only negates the turns, and takes the pieces from where they were."
)
def negative_turns(x, pieces, turns, inverse=False):
    if inverse:
        turns = [-turn for turn in turns]
    result = torch.zeros_like(x)
    for k, turn in enumerate(turns):
        lands = torch.rot90(pieces == k, turn)
        result = torch.where(lands, torch.rot90(x, turn, dims=(2, 3)), result)
    return result


@wrong("2.12c", "Ignores `inverse`.")
def no_way_back(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k in range(len(turns)):
        lands = torch.rot90(pieces == k, turns[k])
        turned = torch.rot90(x, turns[k], dims=(2, 3))
        result[..., lands] = turned[..., lands]
    return result


@wrong("2.12c", "Makes half turns out of quarter turns.")
def half_turns(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k, turn in enumerate(turns):
        piece = pieces == k
        lands = torch.rot90(piece, 2 * turn)
        if inverse:
            result[..., piece] = torch.rot90(x, -2 * turn, dims=(2, 3))[..., piece]
        else:
            result[..., lands] = torch.rot90(x, 2 * turn, dims=(2, 3))[..., lands]
    return result


@wrong("2.12c", "Turns every piece like the first one.")
def one_turn_for_all(x, pieces, turns, inverse=False):
    turn = turns[0]
    return torch.rot90(x, -turn if inverse else turn, dims=(2, 3))


@wrong("2.12c", "Overwrites the caller's images while it still reads from them.")
def reads_what_it_wrote(x, pieces, turns, inverse=False):
    for k, turn in enumerate(turns):
        piece = pieces == k
        if inverse:
            x[..., piece] = torch.rot90(x, -turn, dims=(2, 3))[..., piece]
        else:
            lands = torch.rot90(piece, turn)
            x[..., lands] = torch.rot90(x, turn, dims=(2, 3))[..., lands]
    return x


@wrong(
    "2.12c", "Counts the pieces from 1, so piece 0 stays black and each turn goes to the next one."
)
def pieces_from_one(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k, turn in enumerate(turns, start=1):
        piece = pieces == k
        lands = torch.rot90(piece, turn)
        if inverse:
            result[..., piece] = torch.rot90(x, -turn, dims=(2, 3))[..., piece]
        else:
            result[..., lands] = torch.rot90(x, turn, dims=(2, 3))[..., lands]
    return result
