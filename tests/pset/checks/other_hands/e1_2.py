"""Answers to 1.2, classical denoising."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from scipy import ndimage, signal

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_cumprod = pset.ClosedFormModel().alphas_cumprod


@right("1.2")
def blur_conv2d(x_t, t):
    sigma = 0.6 + 1.5 * t / 1000
    r = 4
    d = torch.arange(-r, r + 1, dtype=x_t.dtype, device=x_t.device)
    g = torch.exp(-(d**2) / (2 * sigma**2))
    k = g[:, None] * g[None, :]
    k = (k / k.sum()).expand(3, 1, -1, -1)
    return F.conv2d(F.pad(x_t, (r, r, r, r), mode="reflect"), k, groups=3)


@right("1.2")
def blur_separably(x_t, t):
    sigma, half = 1.2, 3
    g = torch.tensor([math.exp(-(i**2) / (2 * sigma**2)) for i in range(-half, half + 1)])
    g = (g / g.sum()).to(x_t)
    x = F.pad(x_t, [half] * 4, mode="replicate")
    x = F.conv2d(x, g.view(1, 1, 1, -1).repeat(3, 1, 1, 1), groups=3)
    return F.conv2d(x, g.view(1, 1, -1, 1).repeat(3, 1, 1, 1), groups=3)


@right("1.2")
def blur_scipy(x_t, t):
    s = 1 + t / 500
    array = ndimage.gaussian_filter(x_t.cpu().numpy(), sigma=(0, 0, s, s), mode="reflect")
    return torch.from_numpy(array).to(x_t.device)


@right("1.2")
def blur_scipy_per_channel(x_t, t):
    result = torch.empty_like(x_t)
    for b in range(x_t.shape[0]):
        for c in range(3):
            plane = x_t[b, c].cpu().numpy()
            blurred = ndimage.gaussian_filter(plane, 1.5, mode="nearest")
            result[b, c] = torch.from_numpy(blurred)
    return result


@right("1.2")
def blur_by_shifts(x_t, t):
    sigma = 1.0 if t < 500 else 2.0
    radius = 3
    h, w = x_t.shape[-2:]
    padded = F.pad(x_t, (radius,) * 4, mode="reflect")
    total, weight = torch.zeros_like(x_t), 0.0
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            k = math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
            top, left = radius + dy, radius + dx
            total += k * padded[:, :, top : top + h, left : left + w]
            weight += k
    return total / weight


@right("1.2")
def blur_with_matrices(x_t, t):
    """A blur of rows and one of columns are two matrices, each row of which sums to one."""

    def matrix(n):
        i = torch.arange(n, dtype=torch.float32)
        m = torch.exp(-((i[:, None] - i[None, :]) ** 2) / (2 * 1.5**2))
        return (m / m.sum(1, keepdim=True)).to(x_t)

    return torch.einsum("ih,bchw,jw->bcij", matrix(x_t.shape[2]), x_t, matrix(x_t.shape[3]))


@right("1.2")
def blur_normalised_convolution(x_t, t):
    sigma = 1 + 2 * t / 1000
    k = 9
    d = torch.arange(k) - k // 2
    g = torch.exp(-0.5 * (d / sigma) ** 2)
    kernel = torch.outer(g, g).to(x_t).repeat(3, 1, 1, 1)
    blurred = F.conv2d(x_t, kernel, padding=k // 2, groups=3)
    weights = F.conv2d(torch.ones_like(x_t), kernel, padding=k // 2, groups=3)
    return blurred / weights


@right("1.2")
def blur_by_fourier_transform(x_t, t):
    sigma = 1.3
    h, w = x_t.shape[-2:]
    mirrored = torch.cat([x_t, x_t.flip(-1)], -1)
    mirrored = torch.cat([mirrored, mirrored.flip(-2)], -2)
    fy = torch.fft.fftfreq(2 * h)[:, None]
    fx = torch.fft.rfftfreq(2 * w)[None]
    transfer = torch.exp(-2 * math.pi**2 * sigma**2 * (fx**2 + fy**2)).to(x_t)
    spectrum = torch.fft.rfft2(mirrored) * transfer
    return torch.fft.irfft2(spectrum, s=(2 * h, 2 * w))[..., :h, :w]


@right("1.2")
def blur_with_unfold(x_t, t):
    k, sigma = 5, 1.0
    offsets = torch.linspace(-2, 2, k)
    g = torch.exp(-(offsets**2) / 2 / sigma**2)
    w = torch.outer(g, g).flatten()
    w = (w / w.sum()).to(x_t)
    b, c, height, width = x_t.shape
    patches = F.unfold(F.pad(x_t, (2, 2, 2, 2), mode="reflect"), k).view(b, c, k * k, -1)
    return torch.einsum("bckl,k->bcl", patches, w).view(b, c, height, width)


@right("1.2")
def blur_scipy_convolve(x_t, t):
    g = signal.windows.gaussian(7, std=1.4)
    kernel = np.outer(g, g)
    kernel /= kernel.sum()
    images = x_t.cpu().numpy()
    out = [[ndimage.convolve(ch, kernel, mode="mirror") for ch in im] for im in images]
    return torch.tensor(np.array(out), dtype=x_t.dtype, device=x_t.device)


@wrong("1.2", "zero padding darkens the border")
def blur_zero_padding(x_t, t):
    k, sigma = 7, 1.5
    d = torch.arange(k) - k // 2
    g = torch.exp(-(d**2) / (2 * sigma**2))
    kernel = torch.outer(g, g)
    kernel = (kernel / kernel.sum()).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(x_t, kernel, padding=k // 2, groups=3)


@wrong("1.2", "scipy's blur with constant border: zeros come in from outside")
def blur_scipy_constant(x_t, t):
    s = 2.0
    a = ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s), mode="constant")
    return torch.from_numpy(a)


@wrong("1.2", "the weights aren't normalised")
def blur_not_normalised(x_t, t):
    sigma = 1.0
    d = torch.arange(-3, 4).float()
    g = torch.exp(-(d**2) / (2 * sigma**2))
    kernel = torch.outer(g, g).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (3, 3, 3, 3), mode="reflect"), kernel, groups=3)


@wrong("1.2", "the 1D formula's constant in two dimensions: weights don't sum to one")
def blur_wrong_constant(x_t, t):
    sigma = 1.5
    y, x = torch.meshgrid(torch.arange(-4, 5), torch.arange(-4, 5), indexing="ij")
    kernel = torch.exp(-(x**2 + y**2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma)
    kernel = kernel.to(x_t).expand(3, 1, 9, 9)
    return F.conv2d(F.pad(x_t, (4,) * 4, mode="reflect"), kernel, groups=3)


@wrong("1.2", "normalised over all three kernels at once, so a third of the brightness is left")
def blur_third_of_brightness(x_t, t):
    d = torch.arange(-3, 4)
    g = torch.exp(-(d**2) / 4.5)
    weight = torch.outer(g, g).repeat(3, 1, 1, 1)
    weight = (weight / weight.sum()).to(x_t)
    return F.conv2d(F.pad(x_t, (3,) * 4, mode="reflect"), weight, groups=3)


@wrong("1.2", "each row of the kernel is normalised, not the whole")
def blur_rows_normalised(x_t, t):
    d = torch.arange(-2, 3)
    g = torch.exp(-(d**2) / 2.0)
    k = torch.outer(g, g)
    k = (k / k.sum(dim=1, keepdim=True)).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (2,) * 4, mode="reflect"), k, groups=3)


@wrong("1.2", "a mean over a square, not a Gaussian")
def box_blur(x_t, t):
    k = 3 if t < 400 else 7
    return F.avg_pool2d(F.pad(x_t, (k // 2,) * 4, mode="reflect"), k, stride=1)


@wrong("1.2", "a median filter, which isn't a weighted mean")
def median_filter(x_t, t):
    size = (1, 1, 3, 3) if t < 400 else (1, 1, 5, 5)
    return torch.from_numpy(ndimage.median_filter(x_t.cpu().numpy(), size=size))


@wrong("1.2", "returns what the blur removes, not what it keeps")
def blur_high_pass(x_t, t):
    s = 1.5
    low = torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
    return x_t - low


@wrong("1.2", "sharpens: adds the difference to the blur")
def unsharp_mask(x_t, t):
    s = 1.0
    low = torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
    return x_t + 0.5 * (x_t - low)


@wrong("1.2", "blurs over the colour channels and the batch too")
def blur_all_axes(x_t, t):
    return torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), sigma=1.5))


@wrong("1.2", "blurs over the colour channels too")
def blur_channels(x_t, t):
    out = [torch.from_numpy(ndimage.gaussian_filter(im.cpu().numpy(), 1.2)) for im in x_t]
    return torch.stack(out)


@wrong("1.2", "one kernel over all channels: the image turns grey")
def blur_without_groups(x_t, t):
    d = torch.arange(-3, 4)
    g = torch.exp(-(d**2) / 4.5)
    k = torch.outer(g, g).repeat(3, 3, 1, 1)
    k = (k / k.sum(dim=(1, 2, 3), keepdim=True)).to(x_t)
    return F.conv2d(F.pad(x_t, (3,) * 4, mode="reflect"), k)


@wrong("1.2", "an even kernel moves the image by half a pixel")
def blur_even_kernel(x_t, t):
    d = torch.arange(6) - 2.5
    g = torch.exp(-(d**2) / (2 * 1.5**2))
    k = torch.outer(g, g)
    k = (k / k.sum()).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (2, 3, 2, 3), mode="reflect"), k, groups=3)


@wrong("1.2", "the kernel's centre is wrong: offsets from 0 on")
def blur_off_centre(x_t, t):
    g = torch.exp(-(torch.arange(7).float() ** 2) / (2 * 1.5**2))
    g = (g / g.sum()).to(x_t)
    k = torch.outer(g, g).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (3,) * 4, mode="reflect"), k, groups=3)


@wrong("1.2", "no padding: the image comes out smaller")
def blur_shrinks(x_t, t):
    d = torch.arange(-2, 3)
    g = torch.exp(-(d**2) / 2.0)
    k = torch.outer(g, g)
    return F.conv2d(x_t, (k / k.sum()).to(x_t).repeat(3, 1, 1, 1), groups=3)


@wrong("1.2", "blurs in one direction only")
def blur_horizontal(x_t, t):
    g = torch.exp(-(torch.arange(-4, 5).float() ** 2) / (2 * 2.0**2))
    g = (g / g.sum()).to(x_t).view(1, 1, 1, 9).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (4, 4, 0, 0), mode="reflect"), g, groups=3)


@wrong("1.2", "divides by √ᾱ afterwards, so a flat image doesn't stay as it is")
def blur_and_rescale(x_t, t):
    s = 1.5
    low = torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
    return low / alphas_cumprod[t].sqrt()


@wrong("1.2", "the distance isn't squared in the exponent")
def blur_exponential(x_t, t):
    sigma = 1.2
    y, x = np.mgrid[-4:5, -4:5]
    w = np.exp(-np.hypot(x, y) / (2 * sigma**2))
    w = torch.tensor(w / w.sum(), dtype=x_t.dtype).expand(3, 1, 9, 9)
    return F.conv2d(F.pad(x_t, (4,) * 4, mode="reflect"), w, groups=3)


@wrong("1.2", "the sign in the exponent is missing: far pixels weigh most")
def blur_inverted(x_t, t):
    d = torch.arange(-3, 4).float()
    g = torch.exp(d**2 / (2 * 2.0**2))
    k = torch.outer(g, g)
    k = (k / k.sum()).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (3,) * 4, mode="reflect"), k, groups=3)


@wrong("1.2", "the kernel is drawn at random")
def blur_random_kernel(x_t, t):
    k = torch.randn(3, 1, 5, 5).abs()
    k = k / k.sum(dim=(2, 3), keepdim=True)
    return F.conv2d(F.pad(x_t, (2,) * 4, mode="reflect"), k.to(x_t), groups=3)


@wrong("1.2", "blurs less the more noise there is")
def blur_less_with_t(x_t, t):
    s = 2.5 * (1 - t / 1000) + 0.01
    return torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))


@wrong("1.2", "σ is so small that nothing is blurred")
def blur_nothing(x_t, t):
    s = 0.1
    return torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))


@wrong("1.2", "σ is t itself: only the mean colour is left")
def blur_everything(x_t, t):
    n = min(x_t.shape[-2:]) - 1
    d = torch.arange(-n, n + 1).float()
    g = torch.exp(-(d**2) / (2 * max(t, 1) ** 2))
    g = (g / g.sum()).to(x_t)
    x = F.pad(x_t, (n,) * 4, mode="reflect")
    x = F.conv2d(x, g.view(1, 1, 1, -1).repeat(3, 1, 1, 1), groups=3)
    return F.conv2d(x, g.view(1, 1, -1, 1).repeat(3, 1, 1, 1), groups=3)


@wrong("1.2", "makes the image smaller and larger again, without a Gaussian")
def shrink_and_enlarge(x_t, t):
    small = F.interpolate(x_t, scale_factor=0.5, mode="bilinear")
    return F.interpolate(small, size=x_t.shape[-2:], mode="bilinear")


@wrong("1.2", "a bilateral filter: the weights depend on the image")
def bilateral(x_t, t):
    padded = F.pad(x_t, (2,) * 4, mode="reflect")
    h, w = x_t.shape[-2:]
    num, den = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for i in range(5):
        for j in range(5):
            other = padded[..., i : i + h, j : j + w]
            near = math.exp(-((i - 2) ** 2 + (j - 2) ** 2) / 4)
            weight = near * torch.exp(-((other - x_t) ** 2) / (2 * 0.5**2))
            num, den = num + weight * other, den + weight
    return num / den


@wrong("1.2", "reshape where the axes should be permuted: the pixels are scrambled")
def blur_scrambled(x_t, t):
    b, c, h, w = x_t.shape
    hwc = x_t.cpu().numpy().reshape(b, h, w, c)
    blurred = ndimage.gaussian_filter(hwc, sigma=(0, 1.5, 1.5, 0))
    return torch.from_numpy(blurred.reshape(b, c, h, w))


@wrong("1.2", "returns the image with its axes as H × W × 3")
def blur_returns_hwc(x_t, t):
    hwc = x_t.cpu().numpy().transpose(0, 2, 3, 1)
    return torch.from_numpy(ndimage.gaussian_filter(hwc, sigma=(0, 1.5, 1.5, 0)))


@wrong("1.2", "blurs only the first channel; the others stay noisy")
def blur_red_only(x_t, t):
    out = x_t.clone()
    red = ndimage.gaussian_filter(x_t[:, 0].cpu().numpy(), (0, 1.5, 1.5))
    out[:, 0] = torch.from_numpy(red)
    return out


@wrong("1.2", "blurs the tensor it is given in place")
def blur_in_place(x_t, t):
    for b in range(len(x_t)):
        for c in range(3):
            x_t[b, c] = torch.from_numpy(ndimage.gaussian_filter(x_t[b, c].numpy().copy(), 1.5))
    return x_t


@wrong("1.2", "blurs only the first image of the batch and returns it for all")
def blur_first_image(x_t, t):
    s = 1.5
    first = ndimage.gaussian_filter(x_t[0].cpu().numpy(), (0, s, s))
    return torch.from_numpy(first).expand_as(x_t).clone()


@wrong("1.2", "leaves the border unblurred as a frame")
def blur_inside_only(x_t, t):
    d = torch.arange(-2, 3)
    g = torch.exp(-(d**2) / 2.0)
    k = torch.outer(g, g)
    out = x_t.clone()
    kernel = (k / k.sum()).to(x_t).repeat(3, 1, 1, 1)
    out[..., 2:-2, 2:-2] = F.conv2d(x_t, kernel, groups=3)
    return out


@wrong("1.2", "by 8-bit images, which clips all values beyond [-1, 1]")
def blur_pil_clipped(x_t, t):
    out = []
    for im in x_t:
        a = ((im.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        blurred = Image.fromarray(a).filter(ImageFilter.GaussianBlur(1.5))
        out.append(torch.from_numpy(np.array(blurred)).permute(2, 0, 1) / 127.5 - 1)
    return torch.stack(out)


@wrong("1.2", "stretches the contrast to [-1, 1] after the blur")
def blur_stretched(x_t, t):
    s = 1.5
    low = torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
    lo, hi = low.amin(), low.amax()
    return 2 * (low - lo) / (hi - lo + 1e-8) - 1


@wrong("1.2", "the blurred image is mirrored: the kernel's padding was flipped back wrongly")
def blur_and_flip(x_t, t):
    s = 1.2
    flipped = np.flip(x_t.cpu().numpy(), axis=(-1,))
    return torch.from_numpy(ndimage.gaussian_filter(flipped.copy(), (0, 0, s, s)))


@wrong("1.2", "adds blurred noise: averages the blur with the noisy image")
def blur_half(x_t, t):
    s = 2.0
    low = torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
    return (low + x_t) / 2


@wrong("1.2", "zero padding, and weights that don't sum to one")
def blur_textbook_constant(x_t, t):
    sigma = 1.0 + t / 1000
    y, x = np.mgrid[-2:3, -2:3]
    w = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
    weight = torch.tensor(w, dtype=x_t.dtype, device=x_t.device).repeat(3, 1, 1, 1)
    return F.conv2d(x_t, weight, padding="same", groups=3)


@open_question("1.2", "whether the course's own blur counts as a ready-made one")
def blur_by_pset(x_t, t):
    size = min(13, 2 * (min(x_t.shape[-2:]) // 2) - 1)
    return pset.gaussian_blur(x_t, kernel_size=size, sigma=1 + 2 * t / 1000)


@open_question("1.2", "whether the image may go on periodically beyond its border")
def blur_circular(x_t, t):
    s = 1.5
    a = ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s), mode="wrap")
    return torch.from_numpy(a)


@open_question("1.2", "whether the result may be clipped")
def blur_clipped(x_t, t):
    s = 2.0
    a = ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s))
    return torch.from_numpy(a).clamp(-1, 1)


@open_question("1.2", "how much of the Gaussian the kernel must hold: 3 pixels for σ = 3")
def blur_cut_off(x_t, t):
    d = torch.arange(-1, 2).float()
    g = torch.exp(-(d**2) / (2 * 3.0**2))
    k = torch.outer(g, g)
    k = (k / k.sum()).to(x_t).repeat(3, 1, 1, 1)
    return F.conv2d(F.pad(x_t, (1,) * 4, mode="reflect"), k, groups=3)


@open_question("1.2", "whether the images at hand may decide about σ")
def blur_sigma_from_image(x_t, t):
    s = float(x_t.std())
    return torch.from_numpy(ndimage.gaussian_filter(x_t.cpu().numpy(), (0, 0, s, s)))
