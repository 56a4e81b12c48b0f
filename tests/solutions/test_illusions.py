"""Anagrams and hybrids: what must hold of them whatever the model."""

import pytest
import torch

import pset
from pset.checks.stand_ins import coupled_estimate
from pset.closed_form import cosine_alphas_cumprod, mean_image
from tests.solutions.finding import function

TOKEN_1 = [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0]
TOKEN_2 = [-0.1, 0.2, 0.3, -0.2, 0.3, 0.1, 0.0, -0.2, 0.3]


@pytest.fixture
def estimates():
    return coupled_estimate(TOKEN_1), coupled_estimate(TOKEN_2, scale=0.4)


def test_anagram_turned_over_is_the_anagram_of_the_prompts_swapped(estimates):
    first, second = estimates
    x_t = pset.noise((2, 3, 20, 24))
    anagram = function("visual_anagram")
    for one, other in zip(
        anagram(x_t, 400, first, second), anagram(x_t.flip(2), 400, second, first), strict=True
    ):
        torch.testing.assert_close(one, other.flip(2))


def test_anagram_of_one_symmetric_world_is_the_plain_estimate():
    """A distribution that looks the same upside down: the two views agree."""
    token = [*TOKEN_1[:3], 0, 0, 0, *TOKEN_1[6:]]
    estimate = coupled_estimate(token)
    x_t = pset.noise((1, 3, 16, 16))
    for ours, plain in zip(
        function("visual_anagram")(x_t, 300, estimate, estimate), estimate(x_t, 300), strict=True
    ):
        torch.testing.assert_close(ours, plain)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_anagram_lands_between_the_two_worlds(seed):
    """For two Gaussians of equal width the mean of the scores is the score of one between them."""
    first, second = (coupled_estimate(t, scale=0.05, cast=0.0) for t in (TOKEN_1, TOKEN_2))
    anagram = function("visual_anagram")
    result = pset.iterative_denoise(
        pset.noise((4, 3, 16, 16), seed),
        0,
        lambda x_t, t: anagram(x_t, t, first, second),
        cosine_alphas_cumprod(),
        seed=seed,
    )
    mean_1, mean_2 = (mean_image(torch.tensor([t]), 16, 16) for t in (TOKEN_1, TOKEN_2))
    expected = (mean_1 + mean_2.flip(2)) / 2
    assert float((result.mean(0) - expected).abs().max()) < 0.2
    assert float((result - expected).mean().abs()) < 0.02


def test_hybrid_of_one_estimate_is_that_estimate(estimates):
    x_t = pset.noise((1, 3, 40, 36))
    for ours, plain in zip(
        function("hybrid")(x_t, 300, estimates[0], estimates[0]),
        estimates[0](x_t, 300),
        strict=True,
    ):
        torch.testing.assert_close(ours, plain)


def test_hybrid_has_the_coarse_part_of_one_and_the_fine_part_of_the_other(estimates):
    x_t = pset.noise((1, 3, 64, 64))
    noise, _ = function("hybrid")(x_t, 300, *estimates)
    low, high = (estimate(x_t, 300)[0] for estimate in estimates)

    def spectrum(x):
        return torch.fft.rfft2(x)

    coarse = (slice(0, 2), slice(0, 2))
    fine = (slice(20, 44), slice(20, None))
    for part, parent, other in ((coarse, low, high), (fine, high, low)):
        theirs, mine = spectrum(parent)[:, :, *part], spectrum(noise)[:, :, *part]
        assert (mine - theirs).abs().mean() < 0.1 * theirs.abs().mean()
        assert (mine - theirs).abs().mean() < (mine - spectrum(other)[:, :, *part]).abs().mean()
