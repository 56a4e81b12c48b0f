"""Answers to 1.2, classical denoising."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

import pset
from tests.pset.checks.newest_hands import right, wrong


@right("1.2")
def with_scipy(x_t, t):
    blurred = ndimage.gaussian_filter(x_t.cpu().numpy(), sigma=(0, 0, 2, 2), mode="nearest")
    return torch.from_numpy(blurred).to(x_t)


@right("1.2")
def sigma_by_thirds(x_t, t):
    sigma = 1.0 if t < 333 else 1.7 if t < 666 else 2.5
    return pset.gaussian_blur(x_t, kernel_size=2 * int(3 * sigma) + 1, sigma=sigma)


@wrong("1.2", "Takes the border as black: scipy's mode='constant'.")
def constant_border(x_t, t):
    out = ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, 2.0, 2.0), mode="constant")
    return torch.tensor(out, device=x_t.device)


@wrong("1.2", "Returns the mean of the blur and the noisy image, to keep some detail.")
def half_and_half(x_t, t):
    smooth = pset.gaussian_blur(x_t, 15, 2.0)
    return (smooth + x_t) / 2


@wrong("1.2", "Chooses σ from the image, by its standard deviation.")
def sigma_from_image(x_t, t):
    sigma = 0.5 + 2.0 * float(x_t.std())
    return pset.gaussian_blur(x_t, 21, sigma)


@wrong("1.2", "σ is far too large, t / 20: nothing but the mean colour is left.")
def washed_out(x_t, t):
    s = 1 + t / 20
    return torch.from_numpy(
        ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s), mode="reflect")
    ).to(x_t.device)


@wrong("1.2", "Cuts off the high frequencies sharply, which isn't a Gaussian.")
def ideal_low_pass(x_t, t):
    spectrum = torch.fft.fft2(x_t)
    fy = torch.fft.fftfreq(x_t.shape[2], device=x_t.device)[:, None]
    fx = torch.fft.fftfreq(x_t.shape[3], device=x_t.device)[None, :]
    keep = (fy**2 + fx**2).sqrt() < 0.1
    return torch.fft.ifft2(spectrum * keep).real


@wrong("1.2", "Forgets the square in the exponent: exp(−|d| / σ) along each axis.")
def exponential_tails(x_t, t):
    d = torch.arange(-8.0, 9.0, device=x_t.device)
    k = torch.exp(-d.abs() / 2)
    k = k / k.sum()
    k2 = torch.outer(k, k).expand(3, 1, 17, 17).contiguous()
    return F.conv2d(F.pad(x_t, (8, 8, 8, 8), mode="reflect"), k2, groups=3)


@wrong("1.2", "Makes the blurred image one and a half times as bright, against the faintness.")
def brightened(x_t, t):
    return 1.5 * pset.gaussian_blur(x_t, 13, 2)


@wrong("1.2", "Blurs only the first image and returns it without its batch dimension.")
def only_first_image(x_t, t):
    picture = x_t[0].permute(1, 2, 0).cpu().numpy()
    out = ndimage.gaussian_filter(picture, sigma=(2, 2, 0), mode="nearest")
    return torch.from_numpy(np.ascontiguousarray(out.transpose(2, 0, 1)))


@wrong("1.2", "Averages only over neighbours to one side, which moves the picture.")
def one_sided(x_t, t):
    out, total = torch.zeros_like(x_t), 0.0
    padded = F.pad(x_t, (0, 6, 0, 6), mode="replicate")
    height, width = x_t.shape[-2:]
    for i in range(7):
        for j in range(7):
            w = float(np.exp(-(i * i + j * j) / (2 * 2.0**2)))
            out = out + w * padded[:, :, i : i + height, j : j + width]
            total += w
    return out / total


@wrong("1.2", "Reshapes to channels last instead of permuting, which scrambles the picture.")
def reshaped(x_t, t):
    b, c, h, w = x_t.shape
    last = x_t.reshape(b, h, w, c).cpu().numpy()
    out = ndimage.gaussian_filter(last, sigma=(0, 2, 2, 0), mode="nearest")
    return torch.from_numpy(out).reshape(b, c, h, w).to(x_t)


@wrong("1.2", "Writes its result into the image that it's given.")
def writes_into_input(x_t, t):
    for c in range(3):
        x_t[:, c : c + 1] = pset.gaussian_blur(x_t[:, c : c + 1], 17, 2)
    return x_t
