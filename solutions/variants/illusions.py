"""Other right answers to 1.9 and 1.10."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter
from skimage.filters import gaussian

import pset
from solutions.variants import variant

# --- 1.9 -----------------------------------------------------------------------------------------


@variant("1.9")
def anagram_by_indexing(x_t, t, estimate_1, estimate_2):
    """Rows taken from the last to the first."""
    rows = torch.arange(x_t.shape[2] - 1, -1, -1)
    (n1, v1), (n2, v2) = estimate_1(x_t, t), estimate_2(x_t[:, :, rows, :], t)
    return 0.5 * n1 + 0.5 * n2[:, :, rows, :], 0.5 * v1 + 0.5 * v2[:, :, rows, :]


@variant("1.9")
def anagram_by_rotation(x_t, t, estimate_1, estimate_2):
    """Half a turn and a mirror together swap top and bottom."""

    def view(x):
        return torch.rot90(x, k=2, dims=(2, 3)).flip(dims=(3,))

    answers_1 = torch.cat(estimate_1(x_t, t), dim=1)
    answers_2 = torch.cat(estimate_2(view(x_t), t), dim=1)
    return torch.stack([answers_1, view(answers_2)]).mean(0).chunk(2, dim=1)


@variant("1.9")
def anagram_in_numpy(x_t, t, estimate_1, estimate_2):
    """numpy arrays come back, in a list."""
    turned = torch.from_numpy(x_t.numpy()[:, :, ::-1].copy())
    upright = [y.numpy() for y in estimate_1(x_t, t)]
    back = [np.flip(y.numpy(), axis=2) for y in estimate_2(turned, t)]
    return [(a + b) / 2 for a, b in zip(upright, back, strict=True)]


@variant("1.9")
def anagram_image_by_image(x_t, t, estimate_1, estimate_2):
    """A loop over the batch and over both views, in double precision, added up in place."""
    noise, variance = torch.zeros_like(x_t).double(), torch.zeros_like(x_t).double()
    for k in range(len(x_t)):
        for view, estimate in ((lambda x: x, estimate_1), (torch.flipud, estimate_2)):
            # flipud swaps the first dimension: height goes there, and comes back.
            seen = view(x_t[k].permute(1, 2, 0)).permute(2, 0, 1)
            n, v = estimate(seen[None], t)
            noise[k] += view(n[0].permute(1, 2, 0)).permute(2, 0, 1).double() / 2
            variance[k] += view(v[0].permute(1, 2, 0)).permute(2, 0, 1).double() / 2
    return noise, variance


# --- 1.10 ----------------------------------------------------------------------------------------


def hybrid_with(blur):
    def hybrid(x_t, t, estimate_low, estimate_high):
        (n_low, v_low), (n_high, v_high) = estimate_low(x_t, t), estimate_high(x_t, t)
        return blur(n_low) + (n_high - blur(n_high)), (v_low + v_high) / 2

    hybrid.__name__ = f"hybrid_{blur.__name__}"
    return hybrid


@variant("1.10")
@hybrid_with
def by_scipy(x):
    """scipy in double precision; the border mirrored in another way."""
    return torch.from_numpy(
        gaussian_filter(x.double().numpy(), (0, 0, 2, 2), mode="reflect", truncate=8)
    )


@variant("1.10")
@hybrid_with
def by_skimage(x):
    """Channels last, the border repeated, a kernel of 25."""
    images = [
        gaussian(y.permute(1, 2, 0).numpy(), 2, mode="nearest", channel_axis=-1, truncate=6.0)
        for y in x
    ]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)


@variant("1.10")
@hybrid_with
def by_one_kernel(x):
    """A kernel of 33 × 33 for all channels of the batch at once, weights renormalised."""
    d = torch.arange(33) - 16.0
    kernel = torch.exp(-(d[:, None] ** 2 + d[None] ** 2) / 8)[None, None]
    flat = x.reshape(-1, 1, *x.shape[2:])
    weight = F.conv2d(torch.ones_like(flat), kernel, padding=16)
    return (F.conv2d(flat, kernel, padding=16) / weight).view_as(x)


@variant("1.10")
@hybrid_with
def by_fourier(x):
    """Multiplication in the frequency domain."""
    fy, fx = torch.fft.fftfreq(x.shape[-2])[:, None], torch.fft.fftfreq(x.shape[-1])[None]
    transfer = torch.exp(-2 * (math.pi * 2) ** 2 * (fy**2 + fx**2))
    return torch.fft.ifft2(torch.fft.fft2(x) * transfer).real


@variant("1.10")
@hybrid_with
def by_a_shorter_kernel(x):
    """Four σ to each side."""
    return pset.gaussian_blur(x, kernel_size=17, sigma=2)


@variant("1.10")
def hybrid_of_the_difference(x_t, t, estimate_low, estimate_high):
    """The second estimate, and the low pass of what the first differs by."""
    low, high = estimate_low(x_t, t), estimate_high(x_t, t)
    noise = high[0] + pset.gaussian_blur(low[0] - high[0], kernel_size=33, sigma=2)
    return noise, torch.lerp(low[1], high[1], 0.5)
