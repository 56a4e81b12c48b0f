"""AND and NOT, products of densities, Langevin steps: against closed forms and properties."""

import math

import pytest
import torch

import pset
from pset.checks.stand_ins import coupled_estimate, gaussian_estimates
from pset.closed_form import MixtureDenoiser, cosine_alphas_cumprod, linear_alphas_cumprod
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

TOKENS = [
    [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0],
    [-0.1, 0.2, 0.3, -0.2, 0.3, 0.1, 0.0, -0.2, 0.3],
    [0.0, 0.4, -0.3, 0.1, -0.2, 0.2, 0.3, 0.0, -0.1],
]
SCHEDULES = {"cosine": cosine_alphas_cumprod, "linear": linear_alphas_cumprod}


@pytest.fixture
def null():
    return coupled_estimate(TOKENS[2], scale=0.4)


@pytest.fixture
def concepts():
    return [coupled_estimate(token) for token in TOKENS[:2]]


def assert_same_outputs(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        assert_same_numbers(one, other)


def test_one_concept_is_guidance(null, concepts):
    """diffusers writes guidance as ε_u + γ(ε_c − ε_u); so does `pset.guided`, with `lerp`."""
    x_t = pset.noise((2, 3, 12, 16))
    noise, variance = concepts[0](x_t, 400)
    guided = torch.lerp(null(x_t, 400)[0], noise, 7.0)
    composed = function("compose")(x_t, 400, null, concepts[:1], [7.0])
    assert_same_outputs(composed, (guided, variance))


def test_the_same_concept_twice_with_half_the_weight_is_the_concept_once(null, concepts):
    x_t, compose = pset.noise((1, 3, 12, 12)), function("compose")
    twice = compose(x_t, 300, null, [concepts[0]] * 2, [1.5, 1.5])
    assert_same_outputs(twice, compose(x_t, 300, null, concepts[:1], [3.0]))


def test_weight_0_changes_nothing_and_the_order_does_not_matter(null, concepts):
    x_t, compose = pset.noise((1, 3, 12, 12)), function("compose")
    alone = compose(x_t, 300, null, concepts[:1], [3.0])
    assert_same_outputs(compose(x_t, 300, null, concepts, [3.0, 0]), alone)
    assert_same_outputs(
        compose(x_t, 300, null, concepts, [3.0, -1.0]),
        compose(x_t, 300, null, concepts[::-1], [-1.0, 3.0]),
    )


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("t", [0, 300, 980])
def test_product_is_what_the_denoiser_of_the_product_says(schedule, count, t):
    """Whose distribution is written down as one: N(mean of the μ, s²/n)."""
    s, alphas_cumprod = 0.6, SCHEDULES[schedule]()
    estimates = gaussian_estimates(TOKENS[:count], s, schedule)
    x_t = pset.noise((2, 3, 8, 12))
    noise, _ = function("gaussian_product")(x_t, t, estimates, alphas_cumprod, s)
    middle = torch.tensor(TOKENS[:count]).mean(0)[None, None]
    exact = MixtureDenoiser(s / math.sqrt(count), alphas_cumprod)(x_t, t, middle)[0][:, :3]
    assert_same_numbers(noise, exact)


def test_sum_of_scores_is_the_product_at_the_clean_end_and_twice_too_steep_at_the_other():
    alphas_cumprod = cosine_alphas_cumprod()
    estimates = gaussian_estimates(TOKENS[:2], 0.6)
    x_t = pset.noise((1, 3, 8, 8))

    def too_steep(t):
        product, _ = function("gaussian_product")(x_t, t, estimates, alphas_cumprod, 0.6)
        return float((sum(e(x_t, t)[0] for e in estimates) / product).median())

    assert too_steep(0) == pytest.approx(1, abs=1e-3)
    assert too_steep(999) == pytest.approx(2, abs=1e-3)
    middle = int((alphas_cumprod - 0.4).abs().argmin())
    # v' / (v/2) with s² = 0.36 and ᾱ = 0.4
    assert too_steep(middle) == pytest.approx(2 * 0.672 / 0.744, rel=0.01)


@pytest.mark.parametrize("t", [200, 700])
def test_langevin_steps_reach_the_density_from_anywhere(t):
    """They end with its mean and variance; bounds for one false alarm in 10,000, on both sides.

    With steps of size η the variance is too large, by 1 / (1 − η/2v): the closed form for a
    Gaussian with variance v.
    """
    s, alphas_cumprod, step_size, count = 0.5, cosine_alphas_cumprod(), 0.1, 4000
    (estimate,) = gaussian_estimates([TOKENS[0][:3] + [0.0] * 6], s)
    x = torch.full((count, 3, 1, 1), 3.0)
    noises = pset.noise((500, *x.shape), seed=1)
    x = function("langevin")(x, t, estimate, alphas_cumprod, noises, step_size)
    a = float(alphas_cumprod[t])
    v = a * s**2 + 1 - a
    v_of_steps = v / (1 - step_size * (1 - a) / (2 * v))
    # 3.9 standard deviations leave 1 in 10,000 outside; a third of that for each channel.
    bound = 4.2
    for channel in range(3):
        values = x[:, channel].double()
        off = abs(float(values.mean()) - math.sqrt(a) * TOKENS[0][channel])
        assert off < bound * math.sqrt(v_of_steps / count)
        assert abs(float(values.var()) / v_of_steps - 1) < bound * math.sqrt(2 / count)


def test_langevin_steps_mend_the_sum_of_scores():
    """The product of two Gaussians has the deviation s/√2. They end less than half as far from it.

    The bound is the one that a right standard deviation exceeds once in 10,000 times.
    """
    s, alphas_cumprod, count = 0.5, cosine_alphas_cumprod(), 2000
    estimates = gaussian_estimates([token[:3] + [0.0] * 6 for token in TOKENS[:2]], s)

    def added(x_t, t):
        noises, variances = zip(*(e(x_t, t) for e in estimates), strict=True)
        return sum(noises), variances[0]

    def deviation(after_step):
        x_T = pset.noise((count, 3, 1, 1))
        timesteps = range(990, -1, -10)
        samples = pset.iterative_denoise(
            x_T, 0, added, alphas_cumprod, timesteps, after_step=after_step
        )
        return float(samples.std(dim=0).mean())

    def corrected(x, t):
        noises = pset.step_noise((10, *x.shape), t, seed=181)
        return function("langevin")(x, t, added, alphas_cumprod, noises)

    truth = s / math.sqrt(2)
    bound = 3.9 * truth / math.sqrt(2 * 3 * count)
    plain, mended = deviation(None), deviation(corrected)
    assert plain < truth - 4 * bound
    # Not all of it: the steps are few, and their size is finite.
    assert abs(mended - truth) + bound < (truth - plain) / 2
