"""Other right answers to 2.11 to 2.13."""

import math

import numpy as np
import torch

from solutions.variants import variant

# --- 2.11 ----------------------------------------------------------------------------------------


@variant("2.11")
def by_a_dense_matrix(view, size):
    """The matrix, column by column; that it is orthogonal, and that it is all there is to the view."""
    n = 3 * size * size
    matrix = view(torch.eye(n).view(n, 3, size, size)).flatten(1)
    x = 3 * torch.randn(5, 3, size, size)
    linear = torch.allclose(view(x).flatten(1), x.flatten(1) @ matrix, atol=1e-4)
    return linear and torch.allclose(matrix @ matrix.T, torch.eye(n), atol=1e-4)


@variant("2.11")
def by_pairs(view, size):
    """Many pairs, one inner product each; a numpy bool comes back."""
    for seed in range(50):
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(2, 1, 3, size, size, generator=generator)
        gap = float((view(x) * view(y)).sum() - (x * y).sum())
        if abs(gap) > 0.01:
            return np.bool_(False)
    return np.bool_(True)


@variant("2.11")
def linear_and_keeps_lengths(view, size):
    """For linear views, keeping every length is enough."""
    x, y = torch.randn(2, 100, 3, size, size).double()
    linear = (view(x - 2 * y) - view(x) + 2 * view(y)).abs().max() < 1e-3
    lengths = (view(x).flatten(1).norm(dim=1) - x.flatten(1).norm(dim=1)).abs().max() < 1e-3
    return linear & lengths


@variant("2.11")
def by_differences(view, size):
    """Zero stays zero, and all distances stay: that makes a map linear and orthogonal."""
    x = 2 * torch.rand(40, 3, size, size) * torch.randn(40, 1, 1, 1)
    x[0] = 0
    before, after = (
        torch.cdist(y.flatten(1).double(), y.flatten(1).double()) for y in (x, view(x))
    )
    origin = bool(view(torch.zeros(1, 3, size, size)).abs().max() < 1e-5)
    return origin and bool(((before - after).abs() < 1e-3).all())


# --- 2.12 ----------------------------------------------------------------------------------------


@variant("2.12")
def scattered_back(x, order, inverse=False):
    """The inverse writes where the view reads."""
    flat, result = x.flatten(2), torch.empty_like(x).flatten(2)
    if inverse:
        result[:, :, order] = flat
    else:
        result[:] = flat[:, :, order]
    return result.reshape(x.shape)


@variant("2.12")
def gathered(x, order, inverse=False):
    index = order
    if inverse:
        index = torch.empty_like(order)
        index[order] = torch.arange(len(order))
    return x.flatten(2).gather(2, index.expand(*x.shape[:2], -1)).view(x.shape)


@variant("2.12")
def in_numpy(x, order, inverse=False):
    order = np.argsort(order.numpy()) if inverse else order.numpy()
    return np.take(x.numpy().reshape(*x.shape[:2], -1), order, axis=2).reshape(x.shape)


@variant("2.12")
def by_a_matrix(x, order, inverse=False):
    matrix = torch.eye(len(order))[order]
    return (x.flatten(2) @ (matrix if inverse else matrix.T)).view_as(x)


@variant("2.12b")
def patch_by_patch(x, order, inverse=False):
    n = math.isqrt(len(order))
    h, w = x.shape[2] // n, x.shape[3] // n
    result = torch.empty_like(x)
    for k, source in enumerate(order.tolist()):
        (i, j), (a, b) = divmod(k, n), divmod(source, n)
        if inverse:
            i, j, a, b = a, b, i, j
        result[:, :, i * h : i * h + h, j * w : j * w + w] = x[
            :, :, a * h : a * h + h, b * w : b * w + w
        ]
    return result


@variant("2.12b")
def by_unfolding(x, order, inverse=False):
    n = int(len(order) ** 0.5)
    size = (x.shape[2] // n, x.shape[3] // n)
    columns = torch.nn.functional.unfold(x, size, stride=size)
    columns = columns[:, :, torch.argsort(order) if inverse else order]
    return torch.nn.functional.fold(columns, x.shape[2:], size, stride=size)


@variant("2.12b")
def by_a_permutation_of_pixels(x, order, inverse=False):
    """Which pixel goes where, from the pixels' numbers."""
    height, width = x.shape[2:]
    n = math.isqrt(len(order))
    numbers = torch.arange(height * width).view(n, height // n, n, width // n).transpose(1, 2)
    moved = numbers.flatten(0, 1)[order].unflatten(0, (n, n)).transpose(1, 2).flatten()
    return x.flatten(2)[:, :, moved.argsort() if inverse else moved].view(x.shape)


@variant("2.12b")
def by_lists(x, order, inverse=False):
    n = math.isqrt(len(order))
    flat = [patch for row in x.chunk(n, dim=2) for patch in row.chunk(n, dim=3)]
    where = order.tolist()
    moved = [flat[where.index(k) if inverse else where[k]] for k in range(n * n)]
    return torch.cat([torch.cat(moved[i : i + n], dim=3) for i in range(0, n * n, n)], dim=2)


@variant("2.12c")
def by_where(x, pieces, turns, inverse=False):
    result = torch.zeros_like(x)
    for k in range(len(turns)):
        one = torch.where(pieces == k, x, torch.zeros(())) if not inverse else x
        turned = torch.rot90(one, -turns[k] if inverse else turns[k], (2, 3))
        result = result + (turned if not inverse else turned * (pieces == k))
    return result


@variant("2.12c")
def pixel_by_pixel(x, pieces, turns, inverse=False):
    """Each pixel walks its own quarter turns: (i, j) → (H − 1 − j, i)."""
    size = len(pieces)
    result = torch.empty_like(x)
    for i in range(size):
        for j in range(size):
            a, b = i, j
            for _ in range(turns[int(pieces[i, j])] % 4):
                a, b = size - 1 - b, a
            if inverse:
                result[:, :, i, j] = x[:, :, a, b]
            else:
                result[:, :, a, b] = x[:, :, i, j]
    return result


@variant("2.12c")
def by_numbers(x, pieces, turns, inverse=False):
    """The view of the pixels' numbers is the order; the inverse sorts it."""
    numbers = torch.arange(pieces.numel()).view_as(pieces)
    order = torch.zeros_like(numbers)
    for k, turn in enumerate(turns):
        there = torch.rot90(pieces == k, turn)
        order[there] = torch.rot90(numbers, turn)[there]
    order = order.flatten().argsort() if inverse else order.flatten()
    return x.flatten(2)[..., order].reshape(x.shape)


@variant("2.12c")
def puzzle_in_numpy(x, pieces, turns, inverse=False):
    images, pieces = x.numpy(), pieces.numpy()
    result = np.empty_like(images)
    for k, turn in enumerate(turns):
        mask = pieces == k if inverse else np.rot90(pieces == k, turn)
        turned = np.rot90(images, -turn if inverse else turn, axes=(2, 3))
        result[..., mask] = turned[..., mask]
    return result


@variant("2.12d")
def by_gathering(x, slope, inverse=False):
    shift = torch.floor(slope * torch.arange(x.shape[3])).long()
    rows = torch.arange(x.shape[2])[:, None]
    rows = rows + shift if inverse else rows - shift
    return x.gather(2, (rows % x.shape[2]).expand_as(x))


@variant("2.12d")
def column_by_column(x, slope, inverse=False):
    result = x.clone()
    for j in range(x.shape[3]):
        by = math.floor(slope * j)
        result[:, :, :, j] = torch.roll(x[:, :, :, j], -by if inverse else by, dims=2)
    return result


@variant("2.12d")
def skew_in_numpy(x, slope, inverse=False):
    shifts = np.floor(slope * np.arange(x.shape[3])).astype(int)
    shifts = -shifts if inverse else shifts
    return np.stack([np.roll(x.numpy()[..., j], s, axis=2) for j, s in enumerate(shifts)], axis=3)


@variant("2.12d")
def cut_and_joined(x, slope, inverse=False):
    columns = []
    for j, column in enumerate(x.unbind(3)):
        cut = (slope * j // 1) % x.shape[2]
        cut = int(cut if inverse else x.shape[2] - cut)
        columns.append(torch.cat([column[:, :, cut:], column[:, :, :cut]], dim=2))
    return torch.stack(columns, dim=-1)


@variant("2.12e")
def noise_times_minus_one(noise, variance):
    return noise * -1, variance


@variant("2.12e")
def noise_from_zero(noise, variance):
    return [0 - noise.double(), variance.clone()]


@variant("2.12e")
def signs_for_channels(noise, variance):
    answer = torch.cat([noise, variance], dim=1)
    signs = torch.tensor([-1.0] * 3 + [1.0] * 3)[:, None, None]
    return (answer * signs).split(3, dim=1)


@variant("2.12e")
def negative_in_numpy(noise, variance):
    return np.negative(noise.numpy()), variance.numpy()


# --- 2.13 ----------------------------------------------------------------------------------------


@variant("2.13")
def in_a_loop(x_t, t, views, estimates):
    noise, variance = torch.zeros_like(x_t).double(), torch.zeros_like(x_t).double()
    for i in range(len(views)):
        view, undo = views[i]
        one_noise, one_variance = undo(*estimates[i](view(x_t), t))
        noise += one_noise.double() / len(views)
        variance += one_variance.double() / len(views)
    return noise, variance


@variant("2.13")
def stacked(x_t, t, views, estimates):
    answers = []
    for (view, undo), estimate in zip(views, estimates, strict=True):
        answers.append(torch.stack(undo(*estimate(view(x_t), t))))
    return torch.stack(answers).mean(dim=0).unbind(0)


@variant("2.13")
def image_by_image(x_t, t, views, estimates):
    """Undone image by image; the estimates see the batch."""
    noises, variances = [], []
    for (view, undo), estimate in zip(views, estimates, strict=True):
        noise, variance = estimate(view(x_t), t)
        undone = [undo(noise[b : b + 1], variance[b : b + 1]) for b in range(len(x_t))]
        noises.append(torch.cat([n for n, _ in undone]))
        variances.append(torch.cat([v for _, v in undone]))
    return sum(noises) / len(noises), sum(variances) / len(variances)


@variant("2.13")
def running_mean(x_t, t, views, estimates):
    """Each answer moves the mean a little less; numpy comes back."""
    mean = np.zeros((2, *x_t.shape))
    for k, ((view, undo), estimate) in enumerate(zip(views, estimates, strict=True), 1):
        answer = np.stack([y.numpy() for y in undo(*estimate(view(x_t), t))])
        mean = mean + (answer - mean) / k
    return mean[0], mean[1]
