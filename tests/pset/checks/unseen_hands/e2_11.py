"""Answers to 2.11, the law."""

import torch

import pset
from tests.pset.checks.unseen_hands import right, wrong


def _products(x, y):
    """Inner products of each image with each other one."""
    return x.flatten(1).double() @ y.flatten(1).double().T


@right("2.11")
def matrix_and_linearity(view, size):
    n = 3 * size * size
    matrix = view(torch.eye(n).view(n, 3, size, size)).reshape(n, n).double()
    if not torch.allclose(matrix @ matrix.T, torch.eye(n).double(), atol=1e-4):
        return False
    x = 5 * pset.noise((20, 3, size, size), 3)
    expected = x.reshape(20, n).double() @ matrix
    return bool(torch.allclose(view(x).reshape(20, n).double(), expected, atol=1e-3))


@right("2.11")
def many_pairs(view, size):
    n = 3 * size**2
    noise = pset.noise((2 * n, 3, size, size), 7)
    unit = torch.eye(n).reshape(n, 3, size, size)
    x = torch.cat([noise, 10 * noise[:40], noise[:40] + noise[40:80], unit, 3 * unit, -unit])
    before, after = _products(x, x), _products(view(x), view(x))
    lengths = before.diagonal().sqrt()
    return bool(((before - after).abs() < 1e-4 * torch.outer(lengths, lengths)).all())


@wrong("2.11", "Only looks whether the view keeps the length of one image.")
def keeps_length(view, size):
    x = pset.noise((1, 3, size, size))
    return bool(torch.isclose(view(x).norm(), x.norm(), rtol=1e-4))


@wrong("2.11", "Looks at mean and variance of noise instead of the inner products.")
def variance_stays_one(view, size):
    x = pset.noise((500, 3, size, size))
    v = view(x)
    return bool((v.var() - x.var()).abs() < 0.01 and (v.mean() - x.mean()).abs() < 0.01)


@wrong("2.11", "Tries images in [-1, 1] only, so it never sees what happens to larger values.")
def images_in_range(view, size):
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(50, 3, size, size, generator=generator) - 1
    y = 2 * torch.rand(50, 3, size, size, generator=generator) - 1
    return torch.allclose(_products(view(x), view(y)), _products(x, y), atol=1e-3)


@wrong("2.11", "Asks for exactly equal inner products, which rounding doesn't give.")
def to_the_last_bit(view, size):
    x, y = pset.noise((64, 3, size, size), 1), pset.noise((64, 3, size, size), 2)
    before = torch.einsum("bchw,bchw->b", x, y)
    after = torch.einsum("bchw,bchw->b", view(x), view(y))
    return torch.equal(before, after)


@wrong("2.11", "Tests if the view is linear, but not if it's orthogonal.")
def only_linear(view, size):
    x, y = 3 * pset.noise((32, 3, size, size), 1), pset.noise((32, 3, size, size), 2)
    return torch.allclose(view(2 * x - y), 2 * view(x) - view(y), atol=1e-4)


@wrong("2.11", "Tries images with a single bright pixel only; those don't show what isn't linear.")
def single_pixels(view, size):
    n = 3 * size * size
    unit = torch.eye(n).view(n, 3, size, size)
    return torch.allclose(_products(view(unit), view(unit)), torch.eye(n).double(), atol=1e-4)


@wrong("2.11", "Only accepts permutations: the sorted pixels have to be the same.")
def permutations_only(view, size):
    x = pset.noise((4, 3, size, size))
    before, after = x.flatten(1).sort().values, view(x).flatten(1).sort().values
    return torch.allclose(before, after, atol=1e-5)


@wrong("2.11", "The answer is the wrong way round: True for a view that breaks the law.")
def says_if_broken(view, size):
    n = 3 * size * size
    x = 3 * pset.noise((n + 20, 3, size, size), 5)
    difference = _products(view(x), view(x)) - _products(x, x)
    return bool(difference.abs().max() > 1e-2)


@wrong("2.11", "The tolerance is so large that nearly every view passes.")
def far_too_tolerant(view, size):
    x, y = pset.noise((40, 3, size, size), 1), pset.noise((40, 3, size, size), 2)
    before = (x * y).sum(dim=(1, 2, 3))
    after = (view(x) * view(y)).sum(dim=(1, 2, 3))
    return torch.allclose(before, after, atol=100)
