"""Linear measurements: transposes by inner products, inverses by multiplying back."""

import pytest
import torch

import pset
from pset import measurements
from tests.rounding import assert_same_numbers

HEIGHT, WIDTH = 16, 24


def known_pixels() -> measurements.KnownPixels:
    return measurements.KnownPixels((pset.noise((1, 1, HEIGHT, WIDTH), 5) > 0).float())


ALL = {
    "known pixels": known_pixels,
    "shrinking": lambda: measurements.shrinking(4, HEIGHT, WIDTH),
    "blurring": lambda: measurements.blurring(1.5, HEIGHT, WIDTH),
    "greyscale": lambda: measurements.greyscale(HEIGHT, WIDTH),
}


@pytest.fixture(params=ALL)
def measurement(request) -> measurements.Measurement:
    return ALL[request.param]()


@pytest.fixture
def x() -> torch.Tensor:
    return pset.noise((2, 3, HEIGHT, WIDTH), 1)


def test_transpose(measurement, x):
    y = pset.noise(measurement(x).shape, 2)
    assert measurement.transpose(y).shape == x.shape
    left, right = (measurement(x) * y).sum(), (x * measurement.transpose(y)).sum()
    torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-4)


def test_linear(measurement, x):
    other = pset.noise(x.shape, 3)
    assert_same_numbers(
        measurement(2 * x - other), 2 * measurement(x) - measurement(other), torch.float32
    )


@pytest.mark.parametrize(("r", "sigma"), [(0.5, 0.1), (torch.tensor(1.5), 1.0)])
def test_solve_undoes_the_matrix(measurement, x, r, sigma):
    y = measurement(x)
    solved = measurement.solve(y, r, sigma)
    back = r**2 * measurement(measurement.transpose(solved)) + sigma**2 * solved
    torch.testing.assert_close(back, y, rtol=1e-4, atol=1e-4)


def test_shrinking_is_the_mean_of_blocks(x):
    expected = torch.nn.functional.avg_pool2d(x, 4)
    assert_same_numbers(measurements.shrinking(4, HEIGHT, WIDTH)(x), expected)


def test_blurring_is_the_blur(x):
    expected = pset.gaussian_blur(x, 9, 1.5)
    assert_same_numbers(measurements.blurring(1.5, HEIGHT, WIDTH)(x), expected)


def test_the_plain_answer_to_a_small_image_is_nearest_neighbour(x):
    """Aᵀ(AAᵀ)⁻¹y, the smallest image that fits, repeats every pixel."""
    shrink = measurements.shrinking(4, HEIGHT, WIDTH)
    small = shrink(x)
    nearest = small.repeat_interleave(4, 2).repeat_interleave(4, 3)
    torch.testing.assert_close(shrink.transpose(shrink.solve(small, 1, 0)), nearest)


def test_blocks_that_do_not_fit():
    with pytest.raises(ValueError, match="blocks of 5"):
        measurements.shrinking(5, HEIGHT, WIDTH)
