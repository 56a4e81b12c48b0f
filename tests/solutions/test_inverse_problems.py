"""RePaint against diffusers' scheduler; ILVR by its property; guidance against exact posteriors."""

from itertools import pairwise

import pytest
import torch
from diffusers import RePaintScheduler
from diffusers.schedulers import scheduling_repaint

import pset
from pset import measurements
from pset.checks.inputs import SCHEDULES
from pset.checks.stand_ins import block_means, coupled_estimate, estimate
from pset.closed_form import mean_image
from tests.rounding import assert_same_numbers
from tests.small_cascade import EMBEDDING_WIDTH, save_small_cascade
from tests.solutions.finding import function

SIZE = 8
TOKEN = [0.1, -0.2, 0.3, 0.2, 0.0, -0.1, 0.1, 0.2, -0.3]
TOP = len(pset.STRIDED_TIMESTEPS) - 1


@pytest.fixture
def scheduler() -> RePaintScheduler:
    return RePaintScheduler(beta_schedule="squaredcos_cap_v2", clip_sample=False)


def seen_by_a_spy(jump_length, jump_n, original=None, mask=None, noise=None):
    """What `repaint` asks an estimate about, call by call: (x_t, t)."""
    zeros = torch.zeros(1, 3, SIZE, SIZE)
    original = zeros if original is None else original
    noise = zeros if noise is None else noise
    mask = zeros[:, :1] if mask is None else mask
    calls = []
    world = coupled_estimate(TOKEN)

    def spy(x_t, t):
        calls.append((x_t, int(t)))
        return world(x_t, t)

    a = SCHEDULES["cosine"]()
    result = function("repaint")(original, mask, spy, a, noise, jump_length, jump_n)
    return calls, result


@pytest.mark.parametrize(("jump_length", "jump_n"), [(10, 3), (1, 2), (7, 4), (33, 2), (5, 1)])
def test_the_walk_is_the_schedulers(scheduler, jump_length, jump_n):
    scheduler.set_timesteps(TOP + 1, jump_length, jump_n)
    places = (scheduler.timesteps // (1000 // (TOP + 1))).tolist()
    expected = [30 * here for here, there in pairwise(places) if there < here]
    calls, _ = seen_by_a_spy(jump_length, jump_n)
    assert [t for _, t in calls] == expected


def test_the_known_pixels_are_the_schedulers(scheduler, monkeypatch):
    """Arriving from above they are `RePaintScheduler.step`'s, wherever the walk is."""
    original, noise = pset.photo("coffee", SIZE), pset.noise((1, 3, SIZE, SIZE))
    monkeypatch.setattr(scheduling_repaint, "randn_tensor", lambda shape, **options: noise)
    scheduler.set_timesteps(33)  # 30 timesteps apart
    calls, result = seen_by_a_spy(8, 3, original, torch.zeros(1, 1, SIZE, SIZE), noise)
    known = torch.ones(1, 1, SIZE, SIZE)  # its masks are 1 where ours are 0
    assert len(calls) > 80
    for x_t, t in calls[1:]:
        expected = scheduler.step(noise, t + 30, noise, original, known).prev_sample
        torch.testing.assert_close(x_t, expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(result, original)


@pytest.mark.parametrize(("t", "steps"), [(1, 30), (200, 90), (700, 300)])
def test_the_way_back_up_is_the_schedulers_steps_together(scheduler, monkeypatch, t, steps):
    """`undo_step(x, t)` applies β_t, so it takes x from t − 1 to t."""
    scheduler.set_timesteps(1000)
    a = scheduler.alphas_cumprod
    shape = (4, 3, 64, 64)
    x = torch.ones(shape)
    theirs, generator = x, torch.Generator().manual_seed(1)
    for k in range(t, t + steps):
        theirs = scheduler.undo_step(theirs, k, generator)
    ours = function("renoise")(x, t - 1, t + steps - 1, a, pset.noise(shape))
    # Two draws; 4.1 standard deviations of the difference of means and of log variances.
    count = x.numel()
    assert abs(float(ours.mean() - theirs.mean())) < 4.1 * float(ours.std()) * (2 / count) ** 0.5
    assert abs(float((ours.var() / theirs.var()).log())) < 4.1 * (4 / count) ** 0.5
    # Without the noise, nothing is left to chance.
    monkeypatch.setattr(scheduling_repaint, "randn_tensor", lambda *args, **o: torch.zeros(shape))
    theirs = x
    for k in range(t, t + steps):
        theirs = scheduler.undo_step(theirs, k)
    ours = function("renoise")(x, t - 1, t + steps - 1, a, torch.zeros(shape))
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_up_and_further_up_is_up_at_once():
    """In two jumps or in one: the same mean, and the same variance."""
    a, renoise = SCHEDULES["linear"](), function("renoise")
    x, zero, one = pset.photo("cat", SIZE), torch.zeros(()), torch.ones(())
    twice = renoise(renoise(x, 100, 300, a, zero), 300, 500, a, zero)
    assert_same_numbers(twice, renoise(x, 100, 500, a, zero))
    first, second = renoise(zero, 100, 300, a, one), renoise(zero, 300, 500, a, one)
    variance = renoise(first, 300, 500, a, zero) ** 2 + second**2
    torch.testing.assert_close(variance, renoise(zero, 100, 500, a, one) ** 2)


def test_no_jump_is_inpainting():
    original, noise = pset.photo("rocket", SIZE), pset.noise((1, 3, SIZE, SIZE))
    mask = torch.zeros(1, 1, SIZE, SIZE)
    mask[..., 2:6, 2:6] = 1
    _, result = seen_by_a_spy(10, 1, original, mask, noise)
    a, world = SCHEDULES["cosine"](), coupled_estimate(TOKEN)
    assert_same_numbers(result, function("inpaint")(original, mask, world, a, noise))


@pytest.mark.parametrize("side", [2, 4, 8])
def test_means_over_blocks_become_exactly_the_references(side):
    a, phi, t = SCHEDULES["cosine"](), block_means(side), 420
    x, reference, noise = (pset.noise((2, 3, 16, 16), k) for k in range(3))
    result = function("ilvr_step")(x, t, reference, phi, a, noise)
    y_t = a[t].sqrt() * reference + (1 - a[t]).sqrt() * noise
    torch.testing.assert_close(phi(result), phi(y_t))
    torch.testing.assert_close(result - phi(result), x - phi(x))


def test_a_blur_only_replaces_what_it_lets_through():
    """It isn't a projection: x′ − (I − A)x = A·y_t holds, but the measurement isn't met."""
    a, t = SCHEDULES["linear"](), 300
    blur = measurements.blurring(2.0, 16, 16)
    x, reference, noise = (pset.noise((1, 3, 16, 16), k) for k in range(3))
    result = function("ilvr_step")(x, t, reference, blur, a, noise)
    y_t = a[t].sqrt() * reference + (1 - a[t]).sqrt() * noise
    torch.testing.assert_close(result - (x - blur(x)), blur(y_t))
    apart = (blur(result) - blur(y_t)).norm() / blur(y_t).norm()
    assert float(apart) > 0.1


MEASUREMENTS = {
    "known pixels": lambda: measurements.KnownPixels(
        (pset.noise((1, 1, SIZE, SIZE), 7) > 0).float()
    ),
    "shrinking": lambda: measurements.shrinking(4, SIZE, SIZE),
    "blurring": lambda: measurements.blurring(1.0, SIZE, SIZE),
    "greyscale": lambda: measurements.greyscale(SIZE, SIZE),
}


def as_matrix(measurement) -> torch.Tensor:
    """A, `[m, 3·H·W]`, from what the measurement makes of unit vectors."""
    units = torch.eye(3 * SIZE * SIZE, dtype=torch.float64).reshape(-1, 3, SIZE, SIZE)
    return measurement(units).flatten(1).T


@pytest.mark.parametrize("name", MEASUREMENTS)
@pytest.mark.parametrize(("schedule", "t"), [("cosine", 100), ("linear", 400), ("cosine", 800)])
def test_of_gaussian_images_the_posterior_is_exact(name, schedule, t):
    """x̂_0 of the guided ε is E[x_0 | x_t, y], by adding precisions in a dense matrix."""
    measurement, a, s, sigma = MEASUREMENTS[name](), SCHEDULES[schedule](), 0.4, 0.2
    token = torch.tensor(TOKEN, dtype=torch.float64)[None]
    mu = mean_image(token, SIZE, SIZE)
    x_0 = mu + s * pset.noise((1, 3, SIZE, SIZE), 1)
    x_t = (a[t].sqrt() * x_0 + (1 - a[t]).sqrt() * pset.noise(x_0.shape, 2)).float()
    y = measurement(x_0.float())
    y = y + sigma * pset.noise(y.shape, 3)
    world = estimate([TOKEN], scale=s, schedule=schedule)
    noise, _ = function("measured")(x_t, t, world, a, measurement, y, sigma, s)
    ours = (x_t - (1 - a[t]).sqrt() * noise) / a[t].sqrt()

    matrix, level = as_matrix(measurement), a[t].double()
    precision = (
        torch.eye(matrix.shape[1], dtype=torch.float64) * (1 / s**2 + level / (1 - level))
        + matrix.T @ matrix / sigma**2
    )
    informed = (
        mu.flatten() / s**2
        + level.sqrt() / (1 - level) * x_t.double().flatten()
        + matrix.T @ y.double().flatten() / sigma**2
    )
    expected = torch.linalg.solve(precision, informed).reshape(x_t.shape)
    torch.testing.assert_close(ours.double(), expected, rtol=1e-3, atol=1e-3)


def test_samples_have_the_posteriors_mean_and_variance():
    """The whole loop on Gaussian images of which a small picture is known."""
    a, s, sigma, count = SCHEDULES["cosine"](), 0.4, 0.1, 64
    measurement = measurements.shrinking(4, SIZE, SIZE)
    mu = mean_image(torch.tensor([TOKEN]), SIZE, SIZE)
    y = measurement(mu + s * pset.noise(mu.shape, 1)) + 0.3
    world = estimate([TOKEN], scale=s)

    def guided(x_t, t):
        noise, variance = function("measured")(x_t, t, world, a, measurement, y, sigma, s)
        return noise, torch.zeros_like(variance)

    x_T = pset.noise((count, 3, SIZE, SIZE))
    samples = pset.iterative_denoise(x_T, 0, guided, a).double()

    matrix = as_matrix(measurement)
    covariance = torch.linalg.inv(torch.eye(matrix.shape[1]) / s**2 + matrix.T @ matrix / sigma**2)
    mean = covariance @ (mu.double().flatten() / s**2 + matrix.T @ y.double().flatten() / sigma**2)
    # The mean of 64 samples, and what 33 steps are off by.
    off = samples.mean(0).flatten() - mean
    assert float(off.pow(2).mean().sqrt()) < 1.3 * s / count**0.5
    assert 0.7 < float(samples.var(0).mean() / covariance.diagonal().mean()) < 1.3
    # What was measured is known much better than the pixels themselves.
    assert float(measurement(samples).var(0).mean()) < 2 * sigma**2


def test_the_gradient_goes_through_a_guided_network(tmp_path):
    """`pset.guided` passes one on where the input asks for it, and only there."""
    model = pset.load_model(save_small_cascade(tmp_path) / "stage-1")

    class Prompted:
        unet = model.unet

        def prompt_embeds(self, prompt):
            return pset.noise((1, 77, EMBEDDING_WIDTH), len(prompt))

    world = pset.guided(Prompted(), "a cat", scale=2)
    x = pset.noise((1, 3, 16, 16))
    noise, _ = world(x, 500)
    assert not noise.requires_grad
    direction = pset.noise(x.shape, 1)
    x.requires_grad_()
    (gradient,) = torch.autograd.grad((world(x, 500)[0] * direction).sum(), x)
    with torch.no_grad():
        step = 1e-2 * pset.noise(x.shape, 2)
        ahead, behind = world(x + step, 500)[0], world(x - step, 500)[0]
        assert not ahead.requires_grad
    along = float(((ahead - behind) * direction).sum()) / 2
    assert abs(along - float((gradient * step).sum())) < 0.05 * abs(along)
