"""What goes wrong in 2.11 to 2.13."""

import math

import torch
import torch.nn.functional as F

from solutions.mistakes import mistake

# --- 2.11 ----------------------------------------------------------------------------------------


def images(size, count=64):
    return torch.randn(count, 3, size, size)


def single_pixels(size):
    return torch.eye(3 * size * size).view(-1, 3, size, size)


def close(a, b, share=1e-3):
    return bool((a - b).abs().max() <= share * b.abs().max())


def inner_products(x):
    return x.flatten(1) @ x.flatten(1).T


def is_linear(view, size):
    x, y = images(size), images(size)
    return close(view(2 * x - 3 * y), 2 * view(x) - 3 * view(y))


mistake("2.11", "accepts_everything")(lambda view, size: True)
mistake("2.11", "refuses_everything")(lambda view, size: False)
mistake("2.11", "linear_only")(is_linear)


@mistake("2.11", "invertible_only")
def can_be_undone(view, size):
    matrix = (view(single_pixels(size)) - view(torch.zeros(1, 3, size, size))).flatten(1)
    return bool(torch.linalg.matrix_rank(matrix) == len(matrix))


@mistake("2.11", "variance_only")
def keeps_the_variance(view, size):
    return bool((view(images(size, 2000)).var() - 1).abs() < 0.03)


@mistake("2.11", "positive_values_only")
def keeps_single_pixels_apart(view, size):
    return close(inner_products(view(single_pixels(size))), torch.eye(3 * size * size))


@mistake("2.11", "one_image_at_a_time")
def keeps_lengths(view, size):
    x = images(size, 1)
    return bool((view(x).norm() - x.norm()).abs() < 1e-4 * x.norm())


@mistake("2.11", "within_range_only")
def on_pictures_only(view, size):
    x = images(size).tanh()
    return close(inner_products(view(x)), inner_products(x))


@mistake("2.11", "exact_equality")
def exactly(view, size):
    # Whole numbers, so that sums are exact as long as nothing is rounded.
    x = images(size).mul(8).round()
    return torch.equal(inner_products(view(x)), inner_products(x))


# --- 2.12 ----------------------------------------------------------------------------------------


def ordered(move, order_back=lambda order: order.argsort(), order_there=lambda order: order):
    """A view that puts things in order by `move(x, order)`, with its inverse."""

    def permute(x, order, inverse=False):
        return move(x, order_back(order) if inverse else order_there(order))

    return permute


def pixels(x, order):
    return x.flatten(2)[:, :, order].view_as(x)


def one_pixel_after_the_other(x, order):
    flat = x.clone().flatten(2)
    for k, source in enumerate(order.tolist()):
        flat[:, :, k] = flat[:, :, source]
    return flat.view_as(x)


def same(order):
    return order


def reversed_order(order):
    return order.flip(0)


mistake("2.12", "inverse_ignored")(ordered(pixels, same))
mistake("2.12", "direction")(ordered(pixels, same, lambda order: order.argsort()))
mistake("2.12", "by_reversing")(ordered(pixels, reversed_order))
mistake("2.12", "overwritten")(ordered(one_pixel_after_the_other))
mistake("2.12", "column_by_column")(ordered(lambda x, order: pixels(x.mT, order).mT))
mistake("2.12", "not_moved")(lambda x, order, inverse=False: x.clone())


def patches(x, order, within=lambda patch: patch):
    """Patches in order, each of them changed by `within`."""
    n = math.isqrt(len(order))
    grid = [row.chunk(n, 3) for row in x.chunk(n, 2)]
    flat = [patch for row in grid for patch in row]
    moved = [within(flat[k]) for k in order.tolist()]
    return torch.cat([torch.cat(moved[i : i + n], 3) for i in range(0, n * n, n)], 2)


def one_patch_after_the_other(x, order):
    n = math.isqrt(len(order))
    result = x.clone()
    flat = [patch for row in result.chunk(n, 2) for patch in row.chunk(n, 3)]
    for k, source in enumerate(order.tolist()):
        flat[k].copy_(flat[source].clone())
    return result


def strips(x, order):
    return x.flatten(2).unflatten(2, (len(order), -1))[:, :, order].reshape(x.shape)


mistake("2.12b", "inverse_ignored")(ordered(patches, same))
mistake("2.12b", "direction")(ordered(patches, same, lambda order: order.argsort()))
mistake("2.12b", "by_reversing")(ordered(patches, reversed_order))
mistake("2.12b", "overwritten")(ordered(one_patch_after_the_other))
mistake("2.12b", "column_by_column")(ordered(lambda x, order: patches(x.mT, order).mT))
mistake("2.12b", "strips")(ordered(strips))
mistake("2.12b", "turned")(
    ordered(lambda x, order: patches(x, order, lambda patch: patch.flip(2, 3)))
)


def put_together(
    mask=lambda pieces, k, turn: (pieces == k).rot90(turn),
    mask_back=lambda pieces, k, turn: pieces == k,
    sign=lambda inverse: -1 if inverse else 1,
    turns_of=lambda turns: turns,
    background=torch.zeros_like,
    add=False,
):
    """`jigsaw` with other masks, other turns, or another picture below."""

    def jigsaw(x, pieces, turns, inverse=False):
        result = background(x).clone()
        for k, turn in enumerate(turns_of(turns)):
            way = sign(inverse)
            where = (mask if way > 0 else mask_back)(pieces, k, turn)
            turned = x.rot90(way * turn, (2, 3))[:, :, where]
            result[:, :, where] = result[:, :, where] + turned if add else turned
        return result

    return jigsaw


def where_it_was(pieces, k, turn):
    return pieces == k


mistake("2.12c", "inverse_ignored")(put_together(sign=lambda inverse: 1))
mistake("2.12c", "direction")(put_together(sign=lambda inverse: 1 if inverse else -1))
mistake("2.12c", "mask_where_it_was")(put_together(mask=where_it_was))
mistake("2.12c", "inverse_mask")(
    put_together(mask_back=lambda pieces, k, turn: (pieces == k).rot90(turn))
)
mistake("2.12c", "only_the_first")(
    put_together(turns_of=lambda turns: [turns[0]], background=lambda x: x)
)
mistake("2.12c", "all_by_the_first")(put_together(turns_of=lambda turns: [turns[0]] * len(turns)))
mistake("2.12c", "not_cleared")(put_together(background=lambda x: x, add=True))


def columns_moved(shift, shift_back=None, roll=lambda column, by: column.roll(by, -1)):
    """`skew` with another shift, there or back, or another way to move a column."""

    def skew(x, slope, inverse=False):
        by = (shift_back or (lambda s, j: -shift(s, j))) if inverse else shift
        columns = [roll(x[..., j], by(slope, j)) for j in range(x.shape[3])]
        return torch.stack(columns, dim=3)

    return skew


def down(slope, j):
    return math.floor(slope * j)


def interpolated(column, by):
    below = math.floor(by)
    return column.roll(below, -1).lerp(column.roll(below + 1, -1), by - below)


def with_zeros(column, by):
    size = column.shape[-1]
    by = max(-size, min(size, by))
    return F.pad(column, (by, -by))


mistake("2.12d", "inverse_ignored")(columns_moved(down, down))
mistake("2.12d", "direction")(columns_moved(lambda s, j: -down(s, j)))
mistake("2.12d", "own_rounding")(columns_moved(down, lambda s, j: math.floor(-s * j)))
mistake("2.12d", "towards_zero")(columns_moved(lambda s, j: int(s * j)))
mistake("2.12d", "rounded")(columns_moved(lambda s, j: round(s * j)))
mistake("2.12d", "interpolated")(columns_moved(lambda s, j: s * j, roll=interpolated))
mistake("2.12d", "zeros_come_in")(columns_moved(down, roll=with_zeros))


@mistake("2.12d", "rows")
def rows_moved(x, slope, inverse=False):
    return columns_moved(down)(x.mT, slope, inverse).mT


mistake("2.12e", "variance_negated")(lambda noise, variance: (-noise, -variance))
mistake("2.12e", "nothing_negated")(lambda noise, variance: (noise, variance))
mistake("2.12e", "the_other_one")(lambda noise, variance: (noise, -variance))
mistake("2.12e", "swapped")(lambda noise, variance: (variance, -noise))
mistake("2.12e", "variance_absolute")(lambda noise, variance: (-noise, variance.abs()))


# --- 2.13 ----------------------------------------------------------------------------------------


def mean(values):
    return sum(values) / len(values)


def answers_of(x_t, t, views, estimates):
    """(What the estimate says about the view, the function that undoes the view), of each."""
    pairs = zip(views, estimates, strict=True)
    return [(estimate(view(x_t), t), undo) for (view, undo), estimate in pairs]


def brought_back(combine):
    """`anagram` that does something else with the answers and the functions that undo views."""
    return lambda x_t, t, views, estimates: combine(answers_of(x_t, t, views, estimates))


def both(answers):
    return zip(*(undo(*answer) for answer, undo in answers), strict=True)


@mistake("2.13", "sum_for_mean")
@brought_back
def added_up(answers):
    return tuple(sum(values) for values in both(answers))


@mistake("2.13", "not_undone")
@brought_back
def as_they_come(answers):
    return tuple(mean(values) for values in zip(*(a for a, _ in answers), strict=True))


@mistake("2.13", "variance_not_undone")
@brought_back
def variance_as_it_comes(answers):
    noises, _ = both(answers)
    return mean(noises), mean([variance for (_, variance), _ in answers])


@mistake("2.13", "variance_as_noise")
@brought_back
def variance_as_noise(answers):
    noises, _ = both(answers)
    return mean(noises), mean([undo(variance, variance)[0] for (_, variance), undo in answers])


@mistake("2.13", "variance_of_the_first")
@brought_back
def first_variance(answers):
    noises, variances = both(answers)
    return mean(noises), variances[0]


@mistake("2.13", "views_ignored")
def views_ignored(x_t, t, views, estimates):
    answers = [estimate(x_t, t) for estimate in estimates]
    return tuple(mean(values) for values in zip(*answers, strict=True))


@mistake("2.13", "one_after_the_other")
def one_after_the_other(x_t, t, views, estimates):
    answers = []
    for (view, undo), estimate in zip(views, estimates, strict=True):
        x_t = view(x_t)
        answers.append(undo(*estimate(x_t, t)))
    return tuple(mean(values) for values in zip(*answers, strict=True))


@mistake("2.13", "images_averaged")
def images_averaged(x_t, t, views, estimates):
    seen = mean([view(x_t) for view, _ in views])
    return views_ignored(seen, t, views, estimates)


@mistake("2.13", "two_only")
def two_only(x_t, t, views, estimates):
    answers = answers_of(x_t, t, views[:2], estimates[:2])
    return tuple(mean(values) for values in both(answers))


@mistake("2.13", "estimates_reversed")
def estimates_reversed(x_t, t, views, estimates):
    answers = answers_of(x_t, t, views, estimates[::-1])
    return tuple(mean(values) for values in both(answers))
