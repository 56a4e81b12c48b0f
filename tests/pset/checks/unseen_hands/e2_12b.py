"""Answers to 2.12b, patches."""

import math

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _cut(x, n):
    """A list of n · n patches, row by row."""
    return [patch for row in x.chunk(n, dim=2) for patch in row.chunk(n, dim=3)]


def _paste(patches, n):
    rows = [torch.cat(patches[n * i : n * i + n], dim=3) for i in range(n)]
    return torch.cat(rows, dim=2)


@right("2.12b")
def by_pieces(x, order, inverse=False):
    order = [int(k) for k in order]
    n = math.isqrt(len(order))
    patches = _cut(x, n)
    if inverse:
        return _paste([patches[order.index(k)] for k in range(n * n)], n)
    return _paste([patches[k] for k in order], n)


@right("2.12b")
def by_axes(x, order, inverse=False):
    b, c, height, width = x.shape
    n = round(len(order) ** 0.5)
    h, w = height // n, width // n
    patches = x.view(b, c, n, h, n, w).transpose(3, 4).reshape(b, c, n * n, h, w)
    result = torch.empty_like(patches)
    if inverse:
        result[:, :, order] = patches
    else:
        result[:] = patches[:, :, order]
    return result.view(b, c, n, n, h, w).transpose(3, 4).reshape(x.shape)


@wrong("2.12b", "Counts the patches column by column.")
def down_the_columns(x, order, inverse=False):
    order = torch.as_tensor(order)
    n = math.isqrt(len(order))
    if inverse:
        order = torch.argsort(order)
    patches = [p for column in x.chunk(n, dim=3) for p in column.chunk(n, dim=2)]
    patches = [patches[k] for k in order.tolist()]
    columns = [torch.cat(patches[n * j : n * j + n], dim=2) for j in range(n)]
    return torch.cat(columns, dim=3)


@wrong("2.12b", "Doesn't undo anything if it's asked to.")
def not_undone(x, order, inverse=False):
    n = math.isqrt(len(order))
    patches = _cut(x, n)
    return _paste([patches[int(k)] for k in order], n)


@wrong("2.12b", "Sends patch k to place order[k], which is the inverse.")
def sends_patches(x, order, inverse=False):
    order = torch.as_tensor(order).tolist()
    n = math.isqrt(len(order))
    patches = _cut(x, n)
    if inverse:
        return _paste([patches[k] for k in order], n)
    result = [torch.empty(0)] * len(order)
    for k, place in enumerate(order):
        result[place] = patches[k]
    return _paste(result, n)


@wrong("2.12b", "Reshapes without moving the axes: moves strips of pixels, not square patches.")
def strips(x, order, inverse=False):
    b, c, height, width = x.shape
    n = math.isqrt(len(order))
    order = torch.as_tensor(order)
    if inverse:
        order = order.argsort()
    patches = x.reshape(b, c, n * n, height // n, width // n)
    return patches[:, :, order].reshape(x.shape)


@wrong("2.12b", "Puts the patches together with their inside transposed.")
def inside_transposed(x, order, inverse=False):
    order = torch.as_tensor(order)
    n = math.isqrt(len(order))
    order = torch.argsort(order) if inverse else order
    patches = _cut(x, n)
    return _paste([patches[int(k)].transpose(2, 3) for k in order], n)


@wrong("2.12b", "Overwrites patches of the caller's images that are still needed.")
def overwrites_patches(x, order, inverse=False):
    order = torch.as_tensor(order)
    n = math.isqrt(len(order))
    if inverse:
        order = torch.argsort(order)
    patches = _cut(x, n)
    for k, source in enumerate(order.tolist()):
        patches[k][:] = patches[source]
    return x


@wrong("2.12b", "Undoes the view by going through the order from its end.")
def backwards(x, order, inverse=False):
    order = torch.as_tensor(order).tolist()
    n = math.isqrt(len(order))
    if inverse:
        order = order[::-1]
    patches = _cut(x, n)
    return _paste([patches[k] for k in order], n)


@wrong("2.12b", "Moves the patches, and turns the picture's rows of patches upside down.")
def rows_from_below(x, order, inverse=False):
    order = torch.as_tensor(order)
    n = math.isqrt(len(order))
    if inverse:
        order = torch.argsort(order)
    patches = _cut(x, n)
    patches = [patches[k] for k in order.tolist()]
    rows = []
    for i in reversed(range(n)):
        rows.append(torch.cat(patches[n * i : n * (i + 1)], dim=3))
    return torch.cat(rows, dim=2)
