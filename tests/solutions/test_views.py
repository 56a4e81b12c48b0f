"""Views: the law against a dense matrix, and what must hold of them whatever the model."""

import random

import pytest
import torch

import pset
from pset.checks.stand_in_views import ORTHOGONAL, OTHERS, view, view_pairs
from pset.checks.stand_ins import coupled_estimate
from pset.checks.topics.views import puzzle, shuffled
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

AMOUNTS = {
    "quarter turns": 3,
    "a skew by whole pixels": 1.3125,
    "a turn with interpolation": 135.0,
    "a blur": 0.8,
    "a factor": 1.5,
    "a constant added": 0.3,
}
TOKENS = [
    [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0],
    [-0.1, 0.2, 0.3, -0.2, 0.3, 0.1, 0.0, -0.2, 0.3],
]


def departure(of_kind, size):
    """How far a view is from an orthogonal matrix: the largest error of its entries or outputs."""
    pixels = 3 * size * size
    matrix = of_kind(torch.eye(pixels).view(pixels, 3, size, size)).flatten(1).double()
    not_orthogonal = (matrix @ matrix.T - torch.eye(pixels)).abs().max()
    x = pset.noise((8, 3, size, size))
    not_linear = (of_kind(x).flatten(1) - x.flatten(1).double() @ matrix).abs().max()
    return float(max(not_orthogonal, not_linear))


@pytest.mark.parametrize("size", [8, 12])
@pytest.mark.parametrize("kind", [*ORTHOGONAL, *OTHERS])
def test_the_law_is_that_of_a_dense_matrix(kind, size):
    one = view(kind, seed=7, amount=AMOUNTS.get(kind, 1.0))
    apart = departure(one, size)
    assert apart < 1e-5 or apart > 0.1, "no view in between: nobody's tolerance matters"
    assert function("keeps_noise_gaussian")(one, size) == (apart < 1e-5) == (kind in ORTHOGONAL)


@pytest.mark.parametrize("kind", ORTHOGONAL)
def test_an_allowed_view_of_noise_is_noise(kind):
    """Mean, variance and the correlation of neighbours, within four and a half sigmas."""
    x = view(kind, seed=3, amount=AMOUNTS.get(kind, 1.0))(pset.noise((100, 3, 12, 12)))
    count = x.numel()
    assert abs(float(x.mean())) < 4.5 / count**0.5
    assert abs(float(x.var()) - 1) < 4.5 * (2 / count) ** 0.5
    assert abs(float((x[..., 1:] * x[..., :-1]).mean())) < 4.5 / (count * 11 / 12) ** 0.5


def every_view():
    pieces, turns = puzzle(random.Random(5), 12, cuts=3)
    return {
        "permute_pixels": (pset.noise((2, 3, 8, 8)), {"order": shuffled_order(64)}),
        "permute_patches": (pset.noise((2, 3, 12, 16)), {"order": shuffled_order(16)}),
        "jigsaw": (pset.noise((2, 3, 12, 12)), {"pieces": pieces, "turns": turns}),
        "skew": (pset.noise((2, 3, 10, 12)), {"slope": 0.6875}),
    }


def shuffled_order(count):
    return shuffled(random.Random(5), count)


@pytest.mark.parametrize("name", ["permute_pixels", "permute_patches", "jigsaw", "skew"])
def test_a_view_moves_every_pixel_once_and_its_inverse_brings_it_back(name):
    x, how = every_view()[name]
    before = x.clone()
    there = function(name)(x, **how)
    assert not there.equal(x)
    assert function(name)(there, **how, inverse=True).equal(x)
    assert function(name)(function(name)(x, **how, inverse=True), **how).equal(x)
    assert there.flatten(2).sort().values.equal(x.flatten(2).sort().values)
    assert x.equal(before)


def test_patches_of_one_pixel_are_pixels():
    x, order = pset.noise((1, 3, 6, 6)), shuffled_order(36)
    for inverse in (False, True):
        as_patches = function("permute_patches")(x, order, inverse)
        assert as_patches.equal(function("permute_pixels")(x, order, inverse))


def test_a_puzzle_with_one_piece_is_a_rotation_and_with_a_disc_an_inner_circle():
    x = pset.noise((1, 3, 11, 11))
    for turn in range(4):
        whole = function("jigsaw")(x, torch.zeros(11, 11), [turn])
        assert whole.equal(torch.rot90(x, turn, (2, 3)))
    d = torch.arange(11) - 5
    disc = d[:, None] ** 2 + d**2 <= 16
    turned = function("jigsaw")(x, disc.long(), [0, 1])
    assert turned.equal(torch.where(disc, torch.rot90(x, 1, (2, 3)), x))


def test_skew_by_a_whole_slope_rolls_each_column():
    x = pset.noise((1, 3, 6, 6))
    skewed = function("skew")(x, 2)
    for j in range(6):
        assert skewed[..., j].equal(x[..., j].roll(2 * j, -1))


def test_the_answer_about_a_negative_is_that_of_the_negative_world():
    """The mirror world of N(μ, s²) is N(−μ, s²): about −x it says −ε(x)."""
    estimate = coupled_estimate(TOKENS[0])
    mirrored = coupled_estimate([-value for value in TOKENS[0]])
    x_t = pset.noise((1, 3, 8, 8))
    noise, variance = mirrored(-x_t, 400)
    ours, kept = function("undo_negative")(noise, variance)
    assert_same_numbers(ours, estimate(x_t, 400)[0])
    assert kept.equal(variance)


def test_an_anagram_with_one_view_that_changes_nothing_is_the_plain_estimate():
    estimate = coupled_estimate(TOKENS[0])
    x_t = pset.noise((2, 3, 8, 8))
    pairs = view_pairs(["as it is"], 1)
    for ours, plain in zip(
        function("anagram")(x_t, 300, pairs, [estimate]), estimate(x_t, 300), strict=True
    ):
        assert_same_numbers(ours, plain)


def test_two_views_upside_down_are_the_visual_anagram():
    """1.9's function, written for that one view."""
    first, second = (coupled_estimate(token) for token in TOKENS)

    def turned(x):
        return x.flip(2)

    pairs = [
        (lambda x: x, lambda noise, variance: (noise, variance)),
        (turned, lambda noise, variance: (turned(noise), turned(variance))),
    ]
    x_t = pset.noise((1, 3, 12, 8))
    for ours, theirs in zip(
        function("anagram")(x_t, 300, pairs, [first, second]),
        function("visual_anagram")(x_t, 300, first, second),
        strict=True,
    ):
        assert_same_numbers(ours, theirs)


def test_views_in_another_order_with_their_estimates_give_the_same():
    estimates = [coupled_estimate(token) for token in TOKENS] + [coupled_estimate(TOKENS[0], 0.4)]
    pairs = view_pairs(["shuffled", "negative", "a quarter turn"], 9)
    x_t = pset.noise((1, 3, 8, 8))
    one = function("anagram")(x_t, 300, pairs, estimates)
    other = function("anagram")(x_t, 300, pairs[::-1], estimates[::-1])
    for a, b in zip(one, other, strict=True):
        assert_same_numbers(a, b)
