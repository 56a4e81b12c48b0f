"""Answers to 1.10, hybrid images."""
# ruff: noqa: E731, RUF059 (as they were written)

import numpy as np
import torch
import torch.nn.functional as F
from PIL import ImageFilter
from scipy import ndimage

import pset
from pset import gaussian_blur
from tests.pset.checks.unseen_hands import open_question, right, wrong


def low(x):
    """The course's low-pass."""
    return pset.gaussian_blur(x, kernel_size=33, sigma=2)


@right("1.10")
def one_blur(x_t, t, estimate_low, estimate_high):
    # low is linear, so it's enough to blur the difference
    (e1, v1), (e2, v2) = estimate_low(x_t, t), estimate_high(x_t, t)
    return e2 + pset.gaussian_blur(e1 - e2, 33, 2), v1.lerp(v2, 0.5)


@right("1.10")
def with_scipy(x_t, t, estimate_low, estimate_high):
    def blur(x):
        x_np = x.detach().cpu().numpy()
        # 'mirror' doesn't repeat the pixel at the border, like torch's 'reflect'
        y = ndimage.gaussian_filter(x_np, sigma=(0, 0, 2, 2), mode="mirror", truncate=6)
        return torch.as_tensor(y, dtype=x.dtype, device=x.device)

    noise_low, variance_low = estimate_low(x_t, t)
    noise_high, variance_high = estimate_high(x_t, t)
    noise = blur(noise_low) + (noise_high - blur(noise_high))
    return noise, (variance_low + variance_high) / 2


@right("1.10")
def with_short_kernel(x_t, t, estimate_low, estimate_high):
    # 17 pixels reach 8 = 4σ to each side
    d = torch.arange(-8, 9, device=x_t.device, dtype=x_t.dtype)
    g = torch.exp(-0.5 * (d / 2) ** 2)
    kernel = torch.outer(g, g) / g.sum() ** 2

    def lowpass(x):
        weight = kernel.repeat(3, 1, 1, 1)
        return F.conv2d(F.pad(x, (8, 8, 8, 8), mode="reflect"), weight, groups=3)

    outputs = [estimate(x_t, t) for estimate in (estimate_low, estimate_high)]
    eps = lowpass(outputs[0][0]) + outputs[1][0] - lowpass(outputs[1][0])
    return eps, sum(v for _, v in outputs) / 2


@right("1.10")
def stacked(x_t, t, estimate_low, estimate_high):
    B = x_t.shape[0]
    n_low, v_low = estimate_low(x_t, t)
    n_high, v_high = estimate_high(x_t, t)
    coarse = gaussian_blur(torch.cat((n_low, n_high)), kernel_size=33, sigma=2.0)
    noise = n_high + coarse[:B] - coarse[B:]
    return noise, torch.stack((v_low, v_high), dim=-1).mean(dim=-1)


@right("1.10")
def with_matrices(x_t, t, estimate_low, estimate_high):
    def matrix(n):
        """Blur along one side as an n × n matrix, reflection included."""
        m = torch.zeros(n, n, dtype=torch.float64)
        d = torch.arange(-16, 17, dtype=torch.float64)
        w = torch.exp(-(d**2) / 8)
        w = w / w.sum()
        for i in range(n):
            for offset, weight in zip(range(-16, 17), w):
                j = abs(i + offset)
                if j > n - 1:
                    j = 2 * (n - 1) - j
                m[i, j] += weight
        return m.to(x_t)

    rows, columns = matrix(x_t.shape[2]), matrix(x_t.shape[3])
    e_l, v_l = estimate_low(x_t, t)
    e_h, v_h = estimate_high(x_t, t)
    return rows @ (e_l - e_h) @ columns.T + e_h, (v_l + v_h) / 2


@wrong("1.10", "Coarse and fine are exchanged: the high estimate is blurred.")
def exchanged(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n2) + (n1 - low(n1)), (v1 + v2) / 2


@wrong("1.10", "Adds the coarse parts of both: the fine part isn't there.")
def both_coarse(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + low(n2), (v1 + v2) / 2


@wrong("1.10", "Adds the whole second estimate instead of its fine part.")
def second_as_it_is(x_t, t, estimate_low, estimate_high):
    noise_low, variance_low = estimate_low(x_t, t)
    noise_high, variance_high = estimate_high(x_t, t)
    noise = pset.gaussian_blur(noise_low, kernel_size=33, sigma=2) + noise_high
    variance = (variance_low + variance_high) / 2
    return noise, variance


@wrong("1.10", "Adds the fine part to the first estimate without blurring that.")
def first_not_blurred(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    fine = n2 - pset.gaussian_blur(n2, kernel_size=33, sigma=2)
    return n1 + fine, (v1 + v2) / 2


@wrong("1.10", "Takes the coarse part of the first estimate away from the second, not its own.")
def subtracts_the_wrong_coarse_part(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    coarse = low(n1)
    fine = n2 - coarse
    return coarse + fine, (v1 + v2) / 2


@wrong("1.10", "Takes the fine part from the first estimate too, so the second never enters.")
def fine_part_of_first(x_t, t, estimate_low, estimate_high):
    eps_1, v_1 = estimate_low(x_t, t)
    eps_2, v_2 = estimate_high(x_t, t)
    return low(eps_1) + (eps_1 - low(eps_1)), 0.5 * (v_1 + v_2)


@wrong("1.10", "The fine part has the wrong sign: low(ε) − ε.")
def fine_part_negative(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + (low(n2) - n2), (v1 + v2) / 2


@wrong("1.10", "Halves the sum, as in the anagrams.")
def halved_as_in_anagrams(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    noise = (low(n1) + n2 - low(n2)) / 2
    return noise, (v1 + v2) / 2


@wrong("1.10", "Writes = where += is meant: the coarse part is lost.")
def assigns_instead_of_adding(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    noise = low(n1)
    variance = v1 / 2
    n2, v2 = estimate_high(x_t, t)
    noise = n2 - low(n2)
    variance = variance + v2 / 2
    return noise, variance


@wrong("1.10", "Splits the variance channels by scale as well.")
def variance_by_scale(x_t, t, estimate_low, estimate_high):
    combine = lambda a, b: low(a) + b - low(b)
    return tuple(combine(a, b) for a, b in zip(estimate_low(x_t, t), estimate_high(x_t, t)))


@wrong("1.10", "The variance is the coarse estimate's alone.")
def variance_of_low(x_t, t, estimate_low, estimate_high):
    n1, v = estimate_low(x_t, t)
    n2 = estimate_high(x_t, t)[0]
    return low(n1) + n2 - low(n2), v


@wrong("1.10", "The variance is the fine estimate's alone.")
def variance_of_high(x_t, t, estimate_low, estimate_high):
    n1, _ = estimate_low(x_t, t)
    n2, variance = estimate_high(x_t, t)
    return low(n1) + n2 - low(n2), variance


@wrong("1.10", "Adds the variances instead of averaging them.")
def variances_added(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + (n2 - low(n2)), v1 + v2


@wrong("1.10", "Blurs the averaged variance.")
def variance_smoothed(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + (n2 - low(n2)), low((v1 + v2) / 2)


@wrong("1.10", "Splits the image and not the outputs: each estimate sees only its part of x_t.")
def splits_the_image(x_t, t, estimate_low, estimate_high):
    coarse = pset.gaussian_blur(x_t, kernel_size=33, sigma=2)
    n1, v1 = estimate_low(coarse, t)
    n2, v2 = estimate_high(x_t - coarse, t)
    return n1 + n2, (v1 + v2) / 2


@wrong("1.10", "The low estimate sees a blurred x_t; the outputs are split correctly.")
def blurred_for_low(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(low(x_t), t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + n2 - low(n2), (v1 + v2) / 2


@wrong("1.10", "kernel_size and sigma are exchanged, so the blur complains.")
def arguments_exchanged(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    lp = lambda x: gaussian_blur(x, 2, 33)
    return lp(n1) + n2 - lp(n2), (v1 + v2) / 2


@wrong("1.10", "The kernel is far too short, 5 pixels for σ = 2.")
def five_pixels(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    lp = lambda x: gaussian_blur(x, kernel_size=5, sigma=2)
    return lp(n1) + n2 - lp(n2), (v1 + v2) / 2


@wrong("1.10", "Two different blurs: σ = 2 for the coarse part, σ = 1 for the fine part.")
def two_sigmas(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    coarse = gaussian_blur(n1, kernel_size=33, sigma=2)
    fine = n2 - gaussian_blur(n2, kernel_size=33, sigma=1)
    return coarse + fine, (v1 + v2) / 2


@wrong("1.10", "σ is 4 instead of 2.")
def sigma_four(x_t, t, estimate_low, estimate_high):
    sigma = 33 // 8
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    b1, b2 = (gaussian_blur(n, 33, sigma) for n in (n1, n2))
    return b1 + n2 - b2, (v1 + v2) / 2


@wrong("1.10", "Its own kernel has σ² = 2 where σ = 2 is meant: exp(−d²/2σ) instead of 2σ².")
def sigma_not_squared(x_t, t, estimate_low, estimate_high):
    sigma = 2
    d = torch.arange(-16, 17, device=x_t.device).float()
    g = torch.exp(-(d**2) / (2 * sigma))
    g = g / g.sum()

    def blur(x):
        x = F.pad(x, (16, 16, 16, 16), mode="reflect")
        x = F.conv2d(x, g.view(1, 1, 1, -1).repeat(3, 1, 1, 1), groups=3)
        return F.conv2d(x, g.view(1, 1, -1, 1).repeat(3, 1, 1, 1), groups=3)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + (n2 - blur(n2)), (v1 + v2) / 2


@wrong("1.10", "Its own blur pads with zeros, so the border of the coarse part fades.")
def zeros_outside(x_t, t, estimate_low, estimate_high):
    d = torch.arange(-16.0, 17.0, device=x_t.device)
    g = torch.exp(-(d**2) / 8)
    kernel = torch.outer(g, g)
    kernel = (kernel / kernel.sum()).expand(3, 1, 33, 33)

    def blur(x):
        return F.conv2d(x, kernel, padding=16, groups=3)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Its own kernel isn't normalised: the weights don't sum to one.")
def weights_not_normalised(x_t, t, estimate_low, estimate_high):
    d = torch.arange(-16.0, 17.0, device=x_t.device)
    kernel = torch.exp(-(d[:, None] ** 2 + d[None] ** 2) / (2 * 2**2)).expand(3, 1, -1, -1)

    def blur(x):
        return F.conv2d(F.pad(x, (16,) * 4, mode="reflect"), kernel, groups=3)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Blurs with a plain mean over 5 × 5 pixels instead of a Gaussian.")
def box(x_t, t, estimate_low, estimate_high):
    def blur(x):
        return F.avg_pool2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), 5, stride=1)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Blurs along the rows only: the second convolution is missing.")
def along_rows_only(x_t, t, estimate_low, estimate_high):
    d = torch.arange(-16.0, 17.0, device=x_t.device)
    g = torch.exp(-(d**2) / 8)
    g = (g / g.sum()).expand(3, 1, 1, -1)

    def blur(x):
        return F.conv2d(F.pad(x, (16, 16, 0, 0), mode="reflect"), g, groups=3)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Low-passes by shrinking to a quarter and enlarging again, which isn't a Gaussian.")
def down_and_up(x_t, t, estimate_low, estimate_high):
    def blur(x):
        small = F.interpolate(x, scale_factor=0.25, mode="area")
        return F.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + (n2 - blur(n2)), (v1 + v2) / 2


@wrong("1.10", "scipy's filter runs over all four axes: it mixes channels and images too.")
def blurs_all_axes(x_t, t, estimate_low, estimate_high):
    def blur(x):
        y = ndimage.gaussian_filter(x.detach().cpu().numpy(), sigma=2, mode="mirror", truncate=8)
        return torch.from_numpy(y).to(x)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Blurs through PIL, so the noise is clipped to [-1, 1] and rounded to 8 bits.")
def through_pictures(x_t, t, estimate_low, estimate_high):
    def blur(x):
        out = []
        for image in x:
            picture = pset.to_pil(image).filter(ImageFilter.GaussianBlur(2))
            array = np.asarray(picture, dtype=np.float32) / 127.5 - 1
            out.append(torch.from_numpy(array).permute(2, 0, 1))
        return torch.stack(out).to(x)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@wrong("1.10", "Blurs the finished combination once more.")
def blurs_the_sum(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(low(n1) + n2 - low(n2)), (v1 + v2) / 2


@wrong("1.10", "Blurs the coarse part twice.")
def coarse_twice(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n1 = low(n1)
    n2, v2 = estimate_high(x_t, t)
    n2 = n2 - low(n2)
    return low(n1) + n2, (v1 + v2) / 2


@wrong("1.10", "The fine part is twice as strong, like in the notebook's figure.")
def fine_part_as_shown(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + 2 * (n2 - low(n2)), (v1 + v2) / 2


@wrong("1.10", "The fine part is that of x_t, not of the second estimate.")
def fine_part_of_x_t(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    high = x_t - low(x_t)
    return low(n1) + high, (v1 + v2) / 2


@wrong("1.10", "Coarse estimate alone for large t, fine estimate alone for small t.")
def coarse_first_then_fine(x_t, t, estimate_low, estimate_high):
    if t > 500:  # large shapes are decided early
        return estimate_low(x_t, t)
    return estimate_high(x_t, t)


@wrong("1.10", "Returns the noise alone.")
def only_noise(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return low(n1) + n2 - low(n2)


@wrong("1.10", "Asks the second estimate about what the first one has left: x_t minus its noise.")
def second_sees_the_rest(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t - low(n1), t)
    return low(n1) + n2 - low(n2), (v1 + v2) / 2


@wrong("1.10", "Two mistakes: the second estimate goes in whole, and only its variance is used.")
def whole_and_its_variance(x_t, t, estimate_low, estimate_high):
    noise, variance = estimate_low(x_t, t)
    coarse = gaussian_blur(noise, kernel_size=33, sigma=2)
    noise, variance = estimate_high(x_t, t)
    return coarse + noise, variance


@open_question("1.10", "Does a blur of one's own have to reflect at the border, or may it repeat?")
def repeats_the_border(x_t, t, estimate_low, estimate_high):
    d = torch.arange(-16.0, 17.0, device=x_t.device)
    g = torch.exp(-(d**2) / 8)
    g = g / g.sum()

    def blur(x):
        x = F.pad(x, (16, 16, 16, 16), mode="replicate")
        x = F.conv2d(x, g.expand(3, 1, 1, -1), groups=3)
        return F.conv2d(x, g[:, None].expand(3, 1, -1, 1), groups=3)

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@open_question("1.10", "May the Gaussian be applied with an FFT, which wraps round at the border?")
def with_fft(x_t, t, estimate_low, estimate_high):
    h, w = x_t.shape[-2:]
    fy = torch.fft.fftfreq(h, device=x_t.device)[:, None]
    fx = torch.fft.rfftfreq(w, device=x_t.device)[None]
    gain = torch.exp(-2 * torch.pi**2 * 2**2 * (fx**2 + fy**2))

    def blur(x):
        return torch.fft.irfft2(torch.fft.rfft2(x) * gain, s=(h, w))

    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    return blur(n1) + n2 - blur(n2), (v1 + v2) / 2


@open_question("1.10", "May it subtract in place in what the estimate returned?")
def in_place_on_the_output(x_t, t, estimate_low, estimate_high):
    n1, v1 = estimate_low(x_t, t)
    n2, v2 = estimate_high(x_t, t)
    n2 -= low(n2)
    n2 += low(n1)
    return n2, (v1 + v2) / 2
