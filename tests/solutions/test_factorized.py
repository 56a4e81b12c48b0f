"""Factors: what must hold of them whatever the model, and what a photograph's coarse part does."""

from functools import partial

import pytest
import torch

import pset
from pset.checks.difference import difference
from pset.checks.stand_ins import block_means, coupled_estimate, split
from pset.closed_form import cosine_alphas_cumprod, mean_image
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

TOKENS = [
    [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0],
    [-0.1, 0.2, 0.3, -0.2, 0.3, 0.1, 0.0, -0.2, 0.3],
    [0.2, 0.4, -0.3, 0.1, -0.1, 0.2, -0.4, 0.3, 0.1],
]
FAMILIES = {
    "near_middle_far": {"sigma_middle": 1.0, "sigma_far": 2.5},
    "grey_and_colour": {},
    "motion": {"length": 9},
}


@pytest.fixture
def estimates():
    return [coupled_estimate(token) for token in TOKENS]


def family(name):
    return partial(function(name), **FAMILIES[name])


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_adds_up_to_the_identity(name):
    x = pset.noise((2, 3, 40, 48))
    assert_same_numbers(sum(family(name)(x)), x)
    assert float(function("left_over")(x, family(name)).abs().max()) < 1e-5


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_linear(name):
    x, y = pset.noise((2, 1, 3, 40, 48))
    together = family(name)(2 * x - 3 * y)
    apart = zip(family(name)(x), family(name)(y), strict=True)
    for whole, (part_x, part_y) in zip(together, apart, strict=True):
        assert_same_numbers(whole, 2 * part_x - 3 * part_y)


def test_grey_and_colour_are_orthogonal():
    """Two projections, so the noise in grey says nothing about the noise in colour."""
    grey, colour = family("grey_and_colour")(pset.noise((4, 3, 16, 16)))
    assert float((grey * colour).sum(dim=1).abs().max()) < 1e-5
    assert_same_numbers(family("grey_and_colour")(grey)[0], grey)


def test_near_middle_and_far_keep_to_their_frequencies():
    """The transfer function of a Gaussian blur is exp(−2π²σ²f²)."""
    width = 64
    column = torch.arange(width)
    for cycles in (2, 8, 24):
        frequency = cycles / width
        wave = torch.cos(2 * torch.pi * frequency * (column + 0.5)).expand(1, 3, width, width)
        narrow, wide = (
            float(torch.exp(torch.tensor(-2 * (torch.pi * sigma * frequency) ** 2)))
            for sigma in (1.0, 2.5)
        )
        for part, gain in zip(
            family("near_middle_far")(wave), (1 - narrow, narrow - wide, wide), strict=True
        ):
            middle = (..., slice(20, 44), slice(20, 44))  # away from the mirrored border
            assert float((part - gain * wave)[middle].abs().max()) < 2e-3


def test_motion_leaves_rows_that_are_flat_and_takes_the_mean_of_a_dot():
    rows = pset.noise((1, 3, 20, 1)).expand(-1, -1, -1, 30)
    moving, still = family("motion")(rows)
    assert_same_numbers(moving, rows)
    assert float(still.abs().max()) < 1e-6
    dot = torch.zeros(1, 3, 20, 31)
    dot[..., 10, 15] = 9.0
    expected = torch.zeros_like(dot)
    expected[..., 10, 11:20] = 1.0
    assert_same_numbers(family("motion")(dot)[0], expected)


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_factorized_with_one_prompt_is_the_plain_estimate(parts, estimates):
    x_t = pset.noise((1, 3, 12, 16))
    ours = function("factorized")(x_t, 300, estimates[:1] * parts, split([2] * (parts - 1)))
    for one, plain in zip(ours, estimates[0](x_t, 300), strict=True):
        assert_same_numbers(one, plain)


def test_each_part_comes_from_its_prompt(estimates):
    """Grey and colour are projections: the parts of the result are the parts of the estimates."""
    x_t = pset.noise((2, 3, 12, 16))
    noise, variance = function("factorized")(x_t, 300, estimates[:2], family("grey_and_colour"))
    (first, _), (second, _) = (estimate(x_t, 300) for estimate in estimates[:2])
    grey, colour = family("grey_and_colour")(noise)
    assert_same_numbers(grey, family("grey_and_colour")(first)[0])
    assert_same_numbers(colour, family("grey_and_colour")(second)[1])
    assert_same_numbers(2 * variance, sum(estimate(x_t, 300)[1] for estimate in estimates[:2]))


def test_factorized_ends_in_the_grey_of_one_world_and_the_colour_of_another():
    """For two Gaussians of equal width, (2) is the score of a third: grey and colour of each."""
    first, second = (coupled_estimate(t, scale=0.05, cast=0.0) for t in TOKENS[:2])
    grey_and_colour = family("grey_and_colour")
    result = pset.iterative_denoise(
        pset.noise((4, 3, 16, 16), 5),
        0,
        lambda x, t: function("factorized")(x, t, [first, second], grey_and_colour),
        cosine_alphas_cumprod(),
        seed=5,
    )
    means = [mean_image(torch.tensor([token]), 16, 16) for token in TOKENS[:2]]
    expected = grey_and_colour(means[0])[0] + grey_and_colour(means[1])[1]
    # The mean of 4 · 16 · 16 pixels of width 0.05 lies within 0.02 of theirs.
    assert float((result - expected).mean(dim=(0, 2, 3)).abs().max()) < 0.02
    assert float((result - expected).std()) < 0.1


def test_an_inverse_hybrid_has_exactly_the_photographs_coarse_part():
    photo = pset.resize(pset.photo("cat"), 16)
    low = block_means(4)
    noise = pset.noise(photo.shape)
    result = function("inverse_hybrid")(
        photo, low, coupled_estimate(TOKENS[0]), cosine_alphas_cumprod(), noise
    )
    assert difference(low(result), low(photo)) < 1e-6
    assert difference(result, photo) > 0.1


def test_an_inverse_hybrid_of_a_known_world_finds_what_the_coarse_part_says():
    """Stripes whose strength the coarse part tells: the fine part has to follow the photograph."""
    stripes = (-1.0) ** torch.arange(16)
    low = block_means(2)
    for strength in (-0.8, 0.8):
        photo = strength * (1 + stripes).expand(1, 3, 16, 16)
        estimate = coupled_estimate([0.0] * 9, scale=0.02, cast=1.0, stripes=1.0)
        result = function("inverse_hybrid")(
            photo, low, estimate, cosine_alphas_cumprod(), pset.noise(photo.shape)
        )
        fine = (result - low(result)) * stripes
        assert abs(float(fine.mean()) - strength) < 0.05
