"""Answers to 1.2, classical denoising."""
# ruff: noqa: E501 (as they were written)

import numpy as np
import scipy.ndimage
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter

import pset
from tests.pset.checks.unseen_hands import open_question, right, wrong


def _gauss(radius, sigma):
    d = torch.arange(-radius, radius + 1).float()
    g = torch.exp(-(d**2) / (2 * sigma**2))
    return g / g.sum()


@right("1.2")
def with_matrices(x_t, t):
    # one matrix for the rows and one for the columns; what lies beyond the border repeats the last pixel
    def matrix(n, sigma=1.5, r=6):
        m = torch.zeros(n, n, dtype=x_t.dtype, device=x_t.device)
        for i in range(n):
            for d, w in zip(range(-r, r + 1), _gauss(r, sigma)):
                m[i, min(max(i + d, 0), n - 1)] += w.item()
        return m

    h, w = x_t.shape[-2:]
    return matrix(h) @ x_t @ matrix(w).T


@right("1.2")
def with_fft(x_t, t):
    sigma = 1.0 + t / 500
    h, w = x_t.shape[-2:]
    p = min(12, h - 1, w - 1)
    big = F.pad(x_t, (p, p, p, p), mode="reflect")
    fy = torch.fft.fftfreq(big.shape[-2], device=x_t.device)[:, None]
    fx = torch.fft.rfftfreq(big.shape[-1], device=x_t.device)[None]
    transfer = torch.exp(-2 * (torch.pi * sigma) ** 2 * (fy**2 + fx**2))
    out = torch.fft.irfft2(torch.fft.rfft2(big) * transfer, s=big.shape[-2:])
    return out[..., p : p + h, p : p + w]


@right("1.2")
def with_scipy(x_t, t):
    smooth = scipy.ndimage.gaussian_filter(
        x_t.cpu().numpy(), sigma=(0, 0, 2.0, 2.0), mode="nearest"
    )
    return torch.from_numpy(smooth).to(x_t)


@wrong("1.2", "Pads with zeros, so a flat image gets darker (or closer to 0) along the border.")
def zero_padding(x_t, t):
    g = _gauss(5, 2.0)
    kernel = torch.outer(g, g).repeat(3, 1, 1, 1).to(x_t)
    return F.conv2d(x_t, kernel, padding=5, groups=3)


@wrong(
    "1.2",
    "Doesn't normalise the kernel: the weights don't add up to 1, so the picture gets far too bright.",
)
def not_normalised(x_t, t):
    d = torch.arange(-4, 5, device=x_t.device).to(x_t.dtype)
    g = torch.exp(-(d**2) / (2 * 1.5**2))
    kernel = (g[:, None] * g[None, :]).expand(3, 1, 9, 9)
    return F.conv2d(F.pad(x_t, (4, 4, 4, 4), mode="reflect"), kernel, groups=3)


@wrong("1.2", "Takes the median of the neighbourhood, which isn't a weighted mean at all.")
def median(x_t, t):
    windows = F.pad(x_t, (2, 2, 2, 2), mode="replicate").unfold(2, 5, 1).unfold(3, 5, 1)
    return windows.flatten(-2).median(dim=-1).values


@wrong("1.2", "All weights are equal: it's a box blur, not a Gaussian.")
def box_blur(x_t, t):
    padded = F.pad(x_t, [3] * 4, mode="reflect")
    return F.avg_pool2d(padded, kernel_size=7, stride=1)


@wrong(
    "1.2",
    "Mixes the colour channels: every output channel is the blurred mean of red, green and blue.",
)
def mixes_channels(x_t, t):
    g = _gauss(6, 2.0).to(x_t)
    kernel = torch.outer(g, g).expand(3, 3, 13, 13) / 3  # conv2d wants [out, in, k, k]
    return F.conv2d(F.pad(x_t, (6,) * 4, mode="reflect"), kernel)


@wrong(
    "1.2",
    "Blurs along all four axes, so the channels, and the images of a batch, run into each other.",
)
def all_axes(x_t, t):
    return torch.tensor(scipy.ndimage.gaussian_filter(x_t.cpu().numpy(), 1.5)).to(x_t)


@wrong("1.2", "The exponent has |d| in it where |d|² belongs, so the kernel isn't a Gaussian.")
def exponent_not_squared(x_t, t):
    sigma, r = 1.5, 6
    yy, xx = torch.meshgrid(torch.arange(-r, r + 1), torch.arange(-r, r + 1), indexing="ij")
    dist = torch.sqrt((yy**2 + xx**2).float())
    w = torch.exp(-dist / (2 * sigma**2))
    w = (w / w.sum()).to(x_t)[None, None].repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (r, r, r, r), mode="replicate"), w, groups=3)


@wrong("1.2", "Blurs only along the rows; nothing is averaged from top to bottom.")
def one_direction(x_t, t):
    g = _gauss(6, 2.0).to(x_t).view(1, 1, 1, -1).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (6, 6, 0, 0), mode="reflect"), g, groups=3)


@wrong("1.2", "σ is so small (0.1 pixels) that nothing is blurred: the noisy image comes back.")
def sigma_too_small(x_t, t):
    return pset.gaussian_blur(x_t, kernel_size=13, sigma=0.1)


@wrong(
    "1.2",
    "The padding is off by one (5 pixels left and 7 right), so the blurred picture moves by a pixel.",
)
def shifted(x_t, t):
    g = _gauss(6, 2.0).to(x_t)
    k = torch.outer(g, g)[None, None].repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (5, 7, 5, 7), mode="reflect"), k, groups=3)


@wrong(
    "1.2",
    "Clips the noisy image to [-1, 1] before it blurs, so it isn't a weighted mean of what it was given.",
)
def clips_first(x_t, t):
    x = torch.clamp(x_t, -1, 1)
    return pset.gaussian_blur(x, kernel_size=9, sigma=1.8)


@wrong(
    "1.2", "Goes through 8-bit pixels: values beyond [-1, 1] are cut off, and the rest is rounded."
)
def through_uint8(x_t, t):
    out = []
    for im in x_t:
        pic = ((im.permute(1, 2, 0).cpu().numpy() + 1) * 127.5).clip(0, 255).astype(np.uint8)
        pic = np.asarray(Image.fromarray(pic).filter(ImageFilter.GaussianBlur(2)))
        out.append(torch.from_numpy(pic.astype(np.float32) / 127.5 - 1).permute(2, 0, 1))
    return torch.stack(out).to(x_t)


@wrong(
    "1.2",
    "Returns what the blur removes, the fine detail and the noise, instead of the blurred image.",
)
def returns_detail(x_t, t):
    low = pset.gaussian_blur(x_t, 11, 2.0)
    return x_t - low


@wrong(
    "1.2",
    "Stretches each blurred image back to full contrast, so a flat or faint image doesn't come out unchanged.",
)
def stretches_contrast(x_t, t):
    b = pset.gaussian_blur(x_t, 11, 2.0)
    return 2 * (b - b.min()) / (b.max() - b.min() + 1e-6) - 1


@wrong("1.2", "Doesn't pad at all: the result is smaller than the image.")
def shrinks(x_t, t):
    g = _gauss(3, 1.2).to(x_t)
    return F.conv2d(x_t, torch.outer(g, g).expand(3, 1, 7, 7), groups=3)


@open_question("1.2", "May σ get smaller as t grows? Here it does, although there's more noise.")
def less_blur_for_more_noise(x_t, t):
    sigma = 3.0 - 2.4 * t / 1000
    return pset.gaussian_blur(x_t, 21, sigma)


@open_question(
    "1.2", "May the picture wrap around at the border? A flat image comes out unchanged."
)
def wraps_around(x_t, t):
    g = _gauss(6, 2.0).to(x_t)
    return F.conv2d(
        F.pad(x_t, (6,) * 4, mode="circular"), torch.outer(g, g).expand(3, 1, 13, 13), groups=3
    )
