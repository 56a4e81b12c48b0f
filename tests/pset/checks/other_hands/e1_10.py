"""Answers to 1.10, hybrid images."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

import pset
from tests.pset.checks.other_hands import open_question, right, wrong


@right("1.10")
def mix_by_the_book(x_t, t, estimate_low, estimate_high):
    eps_1, v_1 = estimate_low(x_t, t)
    eps_2, v_2 = estimate_high(x_t, t)
    low = pset.gaussian_blur(eps_1, kernel_size=33, sigma=2)
    high = eps_2 - pset.gaussian_blur(eps_2, kernel_size=33, sigma=2)
    return low + high, (v_1 + v_2) / 2


@right("1.10")
def mix_with_helper(x_t, t, estimate_low, estimate_high):
    def split(eps):
        coarse = pset.gaussian_blur(eps, 33, 2)
        return coarse, eps - coarse

    (e1, v1), (e2, v2) = (est(x_t, t) for est in (estimate_low, estimate_high))
    return split(e1)[0] + split(e2)[1], 0.5 * (v1 + v2)


@right("1.10")
def mix_by_linearity(x_t, t, estimate_low, estimate_high):
    # low is linear: low(ε1) − low(ε2) = low(ε1 − ε2)
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return e2 + pset.gaussian_blur(e1 - e2, 33, 2), torch.stack([v1, v2]).mean(0)


@right("1.10")
def mix_as_one_batch(x_t, t, estimate_low, estimate_high):
    outputs = [estimate_low(x_t, t), estimate_high(x_t, t)]
    noise = torch.cat([o[0] for o in outputs])
    blurred = pset.gaussian_blur(noise, kernel_size=33, sigma=2.0)
    n = len(x_t)
    return blurred[:n] + noise[n:] - blurred[n:], torch.lerp(outputs[0][1], outputs[1][1], 0.5)


@right("1.10")
def mix_with_scipy(x_t, t, estimate_low, estimate_high):
    def low(e):
        a = e.detach().cpu().numpy()
        # 16 pixels to each side, mirrored without repeating the border's pixel
        blurred = ndimage.gaussian_filter(a, (0, 0, 2, 2), mode="mirror", truncate=8.0)
        return torch.from_numpy(blurred).to(e)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + (e2 - low(e2)), (v1 + v2) / 2


@right("1.10")
def mix_with_conv2d(x_t, t, estimate_low, estimate_high):
    d = torch.arange(-16, 17, dtype=x_t.dtype, device=x_t.device)
    g = torch.exp(-(d**2) / (2 * 2**2))
    k = torch.outer(g, g)
    k = (k / k.sum()).expand(3, 1, 33, 33)

    def low(e):
        return F.conv2d(F.pad(e, (16, 16, 16, 16), mode="reflect"), k, groups=3)

    noise_low, var_low = estimate_low(x_t, t)
    noise_high, var_high = estimate_high(x_t, t)
    return low(noise_low) + noise_high - low(noise_high), var_low / 2 + var_high / 2


@right("1.10")
def mix_with_class(x_t, t, estimate_low, estimate_high):
    class Filter:
        size, sigma = 33, 2

        def low(self, x):
            return pset.gaussian_blur(x, self.size, self.sigma)

        def high(self, x):
            return x - self.low(x)

    f = Filter()
    a, b = estimate_low(x_t, t), estimate_high(x_t, t)
    noise = f.low(a[0]).add(f.high(b[0]))
    return noise, a[1].add(b[1]).div(2)


@wrong("1.10", "the two estimates are swapped")
def mix_swapped(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    noise = pset.gaussian_blur(e2, 33, 2) + e1 - pset.gaussian_blur(e1, 33, 2)
    return noise, (v1 + v2) / 2


@wrong("1.10", "both parts are blurred")
def mix_both_blurred(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "the fine part isn't made: low(ε1) + ε2")
def mix_second_complete(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2, (v1 + v2) / 2


@wrong("1.10", "the coarse part isn't made: ε1 + high(ε2)")
def mix_first_complete(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return e1 + (e2 - pset.gaussian_blur(e2, 33, 2)), (v1 + v2) / 2


@wrong("1.10", "the fine part has the wrong sign: low(ε2) − ε2")
def mix_fine_part_negative(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    high = pset.gaussian_blur(e2, 33, 2) - e2
    return pset.gaussian_blur(e1, 33, 2) + high, (v1 + v2) / 2


@wrong("1.10", "subtracts the first one's coarse part from the second: ε2 − low(ε1) + low(ε1)")
def mix_subtracts_wrong_low(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    low = pset.gaussian_blur(e1, 33, 2)
    high = e2 - low
    return low + high, (v1 + v2) / 2


@wrong("1.10", "the fine part is the first one's")
def mix_fine_part_of_first(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    _, v2 = estimate_high(x_t, t)
    low = pset.gaussian_blur(e1, 33, 2)
    return low + (e1 - low), (v1 + v2) / 2


@wrong("1.10", "the plain mean of the two estimates")
def mix_mean(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return (e1 + e2) / 2, (v1 + v2) / 2


@wrong("1.10", "the sum of the two parts is halved")
def mix_halved(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    low, high = pset.gaussian_blur(e1, 33, 2), e2 - pset.gaussian_blur(e2, 33, 2)
    return (low + high) / 2, (v1 + v2) / 2


@wrong("1.10", "the variance channels are split by scale, too")
def mix_variance_split(x_t, t, estimate_low, estimate_high):
    def mix(a, b):
        return pset.gaussian_blur(a, 33, 2) + b - pset.gaussian_blur(b, 33, 2)

    (e1, v1), (e2, v2) = estimate_low(x_t, t), estimate_high(x_t, t)
    return mix(e1, e2), mix(v1, v2)


@wrong("1.10", "the variance is the coarse estimate's")
def mix_variance_of_low(x_t, t, estimate_low, estimate_high):
    e1, v = estimate_low(x_t, t)
    e2, _ = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), v


@wrong("1.10", "the variance is the fine estimate's")
def mix_variance_of_high(x_t, t, estimate_low, estimate_high):
    noise_1 = estimate_low(x_t, t)[0]
    noise_2, v = estimate_high(x_t, t)
    return pset.gaussian_blur(noise_1 - noise_2, 33, 2) + noise_2, v


@wrong("1.10", "the variance is the sum")
def mix_variance_sum(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), v1 + v2


@wrong("1.10", "the variance is blurred")
def mix_variance_blurred(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    variance = pset.gaussian_blur((v1 + v2) / 2, 33, 2)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), variance


@wrong("1.10", "the picture is split, and each estimate sees only its part")
def mix_splits_input(x_t, t, estimate_low, estimate_high):
    coarse = pset.gaussian_blur(x_t, 33, 2)
    e1, v1 = estimate_low(coarse, t)
    e2, v2 = estimate_high(x_t - coarse, t)
    return e1 + e2, (v1 + v2) / 2


@wrong("1.10", "the coarse estimate is asked about a blurred picture")
def mix_blurs_input(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(pset.gaussian_blur(x_t, 33, 2), t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "splits the picture and the output as well")
def mix_splits_both(x_t, t, estimate_low, estimate_high):
    coarse = pset.gaussian_blur(x_t, 33, 2)
    e1, v1 = estimate_low(coarse, t)
    e2, v2 = estimate_high(x_t - coarse, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "σ = 1 in place of 2")
def mix_sigma_one(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 1) + e2 - pset.gaussian_blur(e2, 33, 1), (v1 + v2) / 2


@wrong("1.10", "σ from the kernel's size, as torchvision does by default")
def mix_sigma_by_size(x_t, t, estimate_low, estimate_high):
    k = 33
    sigma = 0.3 * ((k - 1) * 0.5 - 1) + 0.8
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    low_1, low_2 = pset.gaussian_blur(e1, k, sigma), pset.gaussian_blur(e2, k, sigma)
    return low_1 + e2 - low_2, (v1 + v2) / 2


@wrong("1.10", "the kernel has 3 pixels in place of 33")
def mix_small_kernel(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 3, 2) + e2 - pset.gaussian_blur(e2, 3, 2), (v1 + v2) / 2


@wrong("1.10", "another σ for the fine part: a band is in neither")
def mix_with_gap(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 1), (v1 + v2) / 2


@wrong("1.10", "another σ for the fine part: a band is in both")
def mix_with_overlap(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 4), (v1 + v2) / 2


@wrong("1.10", "σ grows with t")
def mix_sigma_by_t(x_t, t, estimate_low, estimate_high):
    s = 1 + 3 * t / 1000
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, s) + e2 - pset.gaussian_blur(e2, 33, s), (v1 + v2) / 2


@wrong("1.10", "a blur with zeros beyond the border")
def mix_zero_border(x_t, t, estimate_low, estimate_high):
    def low(e):
        a = ndimage.gaussian_filter(e.cpu().numpy(), (0, 0, 2, 2), mode="constant", truncate=8)
        return torch.from_numpy(a).to(e)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2


@wrong("1.10", "scipy's blur runs over the channels and the batch too")
def mix_blurs_all_axes(x_t, t, estimate_low, estimate_high):
    def low(e):
        return torch.from_numpy(ndimage.gaussian_filter(e.cpu().numpy(), 2)).to(e)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + (e2 - low(e2)), (v1 + v2) / 2


@wrong("1.10", "a mean over squares in place of the Gaussian")
def mix_box(x_t, t, estimate_low, estimate_high):
    def low(e):
        return F.avg_pool2d(F.pad(e, (3,) * 4, mode="reflect"), 7, stride=1)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2


@wrong("1.10", "a sharp cut in the Fourier transform in place of the blur")
def mix_sharp_cut(x_t, t, estimate_low, estimate_high):
    def low(e):
        f = torch.fft.fft2(e)
        fy = torch.fft.fftfreq(e.shape[2])[:, None].abs()
        fx = torch.fft.fftfreq(e.shape[3])[None].abs()
        return torch.fft.ifft2(f * (torch.maximum(fx, fy) < 0.1)).real

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2


@wrong("1.10", "shrinks and enlarges in place of the blur")
def mix_by_resizing(x_t, t, estimate_low, estimate_high):
    def low(e):
        small = F.interpolate(e, scale_factor=0.25, mode="area")
        return F.interpolate(small, size=e.shape[-2:], mode="bilinear")

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2


@wrong("1.10", "blurs twice")
def mix_blurs_twice(x_t, t, estimate_low, estimate_high):
    def low(e):
        return pset.gaussian_blur(pset.gaussian_blur(e, 33, 2), 33, 2)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2


@wrong("1.10", "the finished mix is blurred")
def mix_then_blur(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    noise = pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2)
    return pset.gaussian_blur(noise, 33, 2), (v1 + v2) / 2


@wrong("1.10", "the fine part is doubled, as in the figure")
def mix_fine_part_doubled(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    fine = e2 - pset.gaussian_blur(e2, 33, 2)
    return pset.gaussian_blur(e1, 33, 2) + 2 * fine, (v1 + v2) / 2


@wrong("1.10", "brings the mix to variance one")
def mix_standardised(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    noise = pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2)
    return noise / noise.std(), (v1 + v2) / 2


@wrong("1.10", "returns only the noise")
def mix_noise_only(x_t, t, estimate_low, estimate_high):
    e1, e2 = estimate_low(x_t, t)[0], estimate_high(x_t, t)[0]
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2)


@wrong("1.10", "returns variance and noise in the wrong order")
def mix_wrong_order(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    noise = pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2)
    return (v1 + v2) / 2, noise


@wrong("1.10", "returns one tensor of six channels")
def mix_six_channels(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    noise = pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2)
    return torch.cat([noise, (v1 + v2) / 2], dim=1)


@wrong("1.10", "only the coarse part; the fine one is forgotten")
def mix_coarse_only(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    _, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2), (v1 + v2) / 2


@wrong("1.10", "only the fine part; the coarse one is forgotten")
def mix_fine_only(x_t, t, estimate_low, estimate_high):
    _, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return e2 - pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "both parts are made from the first estimate")
def mix_first_estimate_twice(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_low(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "flips the second view, left over from the anagrams")
def mix_with_flip(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = (y.flip(2) for y in estimate_high(x_t.flip(2), t))
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), (v1 + v2) / 2


@wrong("1.10", "multiplies the parts in place of adding them")
def mix_product(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    fine = e2 - pset.gaussian_blur(e2, 33, 2)
    return pset.gaussian_blur(e1, 33, 2) * fine, (v1 + v2) / 2


@wrong("1.10", "takes the fine part from the picture, not from the estimate")
def mix_fine_part_of_picture(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    _, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + x_t - pset.gaussian_blur(x_t, 33, 2), (v1 + v2) / 2


@wrong("1.10", "coarse above t = 500, fine below, in place of both at once")
def mix_by_time(x_t, t, estimate_low, estimate_high):
    return estimate_low(x_t, t) if t > 500 else estimate_high(x_t, t)


@wrong("1.10", "the estimates are swapped, and the variance is one estimate's")
def mix_two_mistakes(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_high(x_t, t)
    e2, _ = estimate_low(x_t, t)
    return pset.gaussian_blur(e1, 33, 2) + e2 - pset.gaussian_blur(e2, 33, 2), v1


@wrong("1.10", "kernel size 2 · σ + 1 and σ 33: the two numbers are mistaken for each other")
def mix_size_and_sigma_confused(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    low_1, low_2 = (pset.gaussian_blur(e, kernel_size=5, sigma=33) for e in (e1, e2))
    return low_1 + (e2 - low_2), (v1 + v2) / 2


@open_question("1.10", "whether a kernel that is shorter, but still holds the Gaussian, will do")
def mix_shorter_kernel(x_t, t, estimate_low, estimate_high):
    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return pset.gaussian_blur(e1, 17, 2) + e2 - pset.gaussian_blur(e2, 17, 2), (v1 + v2) / 2


@open_question("1.10", "how a blur of one's own goes on beyond the border: the last pixel again")
def mix_edge_pixel_again(x_t, t, estimate_low, estimate_high):
    def low(e):
        a = ndimage.gaussian_filter(np.asarray(e.cpu()), (0, 0, 2, 2), mode="nearest", truncate=8)
        return torch.from_numpy(a).to(e)

    e1, v1 = estimate_low(x_t, t)
    e2, v2 = estimate_high(x_t, t)
    return low(e1) + e2 - low(e2), (v1 + v2) / 2
