"""The blur, against scipy's."""

import pytest
import torch
from scipy.ndimage import gaussian_filter

from pset import gaussian_blur, noise


@pytest.mark.parametrize(("kernel_size", "sigma"), [(33, 2.0), (13, 2.5), (5, 1.0), (1, 1.0)])
@pytest.mark.parametrize("shape", [(1, 3, 64, 64), (2, 4, 17, 30)])
def test_as_scipy(shape, kernel_size, sigma):
    x = noise(shape).double()
    radius = (0, 0, kernel_size // 2, kernel_size // 2)
    expected = gaussian_filter(x.numpy(), sigma, mode="mirror", radius=radius, axes=None)
    torch.testing.assert_close(gaussian_blur(x, kernel_size, sigma), torch.from_numpy(expected))


def test_flat_stays_flat_and_precision_is_kept():
    for dtype in (torch.float32, torch.float64):
        flat = torch.full((1, 3, 20, 24), 0.7, dtype=dtype)
        blurred = gaussian_blur(flat, 33, 2)
        assert blurred.dtype == dtype
        torch.testing.assert_close(blurred, flat)


@pytest.mark.parametrize(
    ("kernel_size", "sigma", "words"),
    [
        (4, 1.0, "odd"),
        (-3, 1.0, "odd"),
        (5, 0.0, "positive"),
        (33, 2.0, "16 × 20 pixels.*at most 31"),
    ],
)
def test_plain_words(kernel_size, sigma, words):
    with pytest.raises(ValueError, match=words):
        gaussian_blur(torch.zeros(1, 3, 16, 20), kernel_size, sigma)
