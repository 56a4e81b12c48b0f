"""The sampling loop where its timesteps rise again."""

from itertools import pairwise

import pytest
import torch

import pset
from pset.checks.stand_ins import estimate
from pset.closed_form import cosine_alphas_cumprod
from pset.sampling import renoise
from tests.rounding import assert_same_numbers

A = cosine_alphas_cumprod()
WORLD = estimate([[0.1, -0.2, 0.3, 0.2, 0.0, -0.1, 0.1, 0.2, -0.3]])
SHAPE = (2, 3, 8, 8)


def test_up_is_the_forward_process_with_the_noise_of_its_timestep():
    x = pset.noise(SHAPE, 1)
    ours = pset.iterative_denoise(x, 0, WORLD, A, [30, 300, 600], seed=5)
    half_way = renoise(x, 30, 300, A, pset.step_noise(SHAPE, 300, 5))
    assert_same_numbers(ours, renoise(half_way, 300, 600, A, pset.step_noise(SHAPE, 600, 5)))


def test_a_second_visit_has_other_noise():
    x = pset.noise(SHAPE, 1)
    arrivals = []
    keep = lambda x, t: arrivals.append((t, x)) or x  # noqa: E731
    pset.iterative_denoise(x, 0, WORLD, A, [30, 300, 30, 300, 0], after_step=keep)
    assert [t for t, _ in arrivals] == [300, 30, 300, 0]
    (_, first), (_, between), (_, second), _ = arrivals
    assert_same_numbers(first, renoise(x, 30, 300, A, pset.step_noise(SHAPE, 300)))
    again = pset.step_noise(SHAPE, 300, visit=1)
    assert_same_numbers(second, renoise(between, 30, 300, A, again))
    assert abs(float((again * pset.step_noise(SHAPE, 300)).mean())) < 0.25


def test_only_the_very_last_step_adds_nothing():
    """The same step, from the same image, in the middle and at the end."""
    x = pset.noise(SHAPE, 1)
    arrivals = []
    keep = lambda x, t: arrivals.append(x) or x  # noqa: E731
    pset.iterative_denoise(x, 0, WORLD, A, [300, 200, 250], after_step=keep)
    in_the_middle = arrivals[0]
    at_the_end = pset.iterative_denoise(x, 0, WORLD, A, [300, 200])
    v = WORLD(x, 300)[1]
    sigma = pset.step_variance(v, A[300], A[200]).sqrt()
    noise = (in_the_middle - at_the_end) / sigma
    torch.testing.assert_close(noise, pset.step_noise(SHAPE, 200), rtol=1e-3, atol=1e-3)


def test_seeds_of_their_own_on_the_way_up_too():
    x = pset.noise(SHAPE, 1)
    walk = [300, 150, 300, 150, 0]
    together = pset.iterative_denoise(x, 0, WORLD, A, walk, seed=[7, 8])
    alone = [
        pset.iterative_denoise(x[k : k + 1], 0, WORLD, A, walk, seed=seed)
        for k, seed in enumerate([7, 8])
    ]
    assert_same_numbers(together, torch.cat(alone))


@pytest.mark.parametrize("walk", [[990, 500, 700, 300, 400, 0], [600, 0, 600, 0]])
def test_samples_have_the_mean_and_the_spread_of_the_images(walk):
    """However far it goes back up: what is denoised there is an image with the noise of there."""
    from pset.checks.witness import exact

    mean, scale = 0.2, 0.5
    steps = {t: t_next for t, t_next in pairwise(walk) if t_next < t}

    def exactly(x_t, t):
        a, a_next = A[t].double(), A[steps[t]].double()
        x_0, v = exact(x_t.double(), mean, scale, a, a_next)
        return ((x_t - a.sqrt() * x_0) / (1 - a).sqrt()).float(), v.float()

    a = A[walk[0]]
    x_0 = mean + scale * pset.noise((16, 3, 16, 16), 1)
    x_t = a.sqrt() * x_0 + (1 - a).sqrt() * pset.noise(x_0.shape, 2)
    arrivals = []
    keep = lambda x, t: arrivals.append((t, x)) or x  # noqa: E731
    pset.iterative_denoise(x_t, 0, exactly, A, walk, after_step=keep)
    count = x_0.numel()
    for t, x in arrivals[:-1]:  # the last step stops at x̂_0, so its spread is smaller
        variance = A[t] * scale**2 + 1 - A[t]
        standard = (x - A[t].sqrt() * mean) / variance.sqrt()
        # Ten bounds, and one false alarm in 10,000 of them together: 4.4 standard deviations.
        assert abs(float(standard.mean())) < 4.4 / count**0.5
        assert abs(float(standard.pow(2).mean()) - 1) < 4.4 * (2 / count) ** 0.5
