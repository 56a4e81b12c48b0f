"""What goes wrong in 2.8 to 2.10."""

import torch
import torch.nn.functional as F

import pset
from pset.blur import gaussian_blur
from pset.closed_form import cosine_alphas_cumprod
from solutions.mistakes import mistake

# --- 2.8 -----------------------------------------------------------------------------------------


def mean(values):
    return sum(values) / len(values)


def parts_of(noises, split):
    return [split(noise)[i] for i, noise in enumerate(noises)]


def with_noise(combine):
    """`factorized` that puts the noise together by `combine(noises, split)`."""

    def factorized(x_t, t, estimates, split):
        noises, variances = zip(*(e(x_t, t) for e in estimates), strict=True)
        return combine(noises, split), mean(variances)

    return factorized


def with_variance(combine):
    """`factorized` with the right noise, and the variance by `combine(variances, split)`."""

    def factorized(x_t, t, estimates, split):
        noises, variances = zip(*(e(x_t, t) for e in estimates), strict=True)
        return sum(parts_of(noises, split)), combine(variances, split)

    return factorized


mistake("2.8", "mean_for_sum")(with_noise(lambda n, split: mean(parts_of(n, split))))
mistake("2.8", "one_factor_for_all")(with_noise(lambda n, split: sum(split(e)[0] for e in n)))
mistake("2.8", "factors_reversed")(
    with_noise(lambda n, split: sum(split(e)[-1 - i] for i, e in enumerate(n)))
)
mistake("2.8", "not_split")(with_noise(lambda n, split: sum(n)))
mistake("2.8", "not_split_but_averaged")(with_noise(lambda n, split: mean(n)))
mistake("2.8", "two_only")(with_noise(lambda n, split: sum(parts_of(n[:2], split))))
mistake("2.8", "last_gets_the_rest")(
    with_noise(lambda n, split: sum(parts_of(n[:-1], split)) + n[-1] - split(n[-1])[0])
)
mistake("2.8", "one_estimate_for_all")(with_noise(lambda n, split: sum(split(n[0]))))
mistake("2.8", "variance_split")(with_variance(lambda v, split: sum(parts_of(v, split))))
mistake("2.8", "variance_of_the_first")(with_variance(lambda v, split: v[0]))
mistake("2.8", "variance_of_the_last")(with_variance(lambda v, split: v[-1]))
mistake("2.8", "variance_summed")(with_variance(lambda v, split: sum(v)))


@mistake("2.8", "image_split")
def factorized_image(x_t, t, estimates, split):
    answers = [e(part, t) for e, part in zip(estimates, split(x_t), strict=True)]
    noises, variances = zip(*answers, strict=True)
    return sum(noises), mean(variances)


@mistake("2.8", "written_into_an_estimate")
def factorized_in_place(x_t, t, estimates, split):
    noise = variance = 0
    for i, estimate in enumerate(estimates):
        one_noise, one_variance = estimate(x_t, t)
        one_noise.copy_(split(one_noise)[i])
        noise = noise + one_noise
        variance = variance + one_variance / len(estimates)
    return noise, variance


# --- 2.8b ----------------------------------------------------------------------------------------


def from_parts(combine):
    return lambda x, split: combine(x, split(x))


mistake("2.8b", "sign")(from_parts(lambda x, parts: sum(parts) - x))
mistake("2.8b", "mean_for_sum")(from_parts(lambda x, parts: x - mean(parts)))
mistake("2.8b", "absolute")(from_parts(lambda x, parts: (x - sum(parts)).abs()))
mistake("2.8b", "two_only")(from_parts(lambda x, parts: x - parts[0] - parts[1]))
mistake("2.8b", "sum")(from_parts(lambda x, parts: sum(parts)))


@mistake("2.8b", "one_after_the_other")
def left_over_in_turn(x, split):
    for i in range(len(split(x))):
        x = x - split(x)[i]
    return x


# --- 2.9 -----------------------------------------------------------------------------------------


def low(x, sigma):
    return gaussian_blur(x, 33, sigma)


def low_with_a_dark_border(x, sigma):
    return low(F.pad(x, (16,) * 4), sigma)[..., 16:-16, 16:-16]


def bands(narrow_and_wide):
    """`near_middle_far` from the picture and its two blurs."""
    return lambda x, m, f: narrow_and_wide(x, low(x, m), low(x, f))


def with_blur(blur):
    return lambda x, m, f: (x - blur(x, m), blur(x, m) - blur(x, f), blur(x, f))


mistake("2.9", "overlap")(bands(lambda x, n, w: (x - n, n, w)))
mistake("2.9", "near_overlaps")(bands(lambda x, n, w: (x - w, n - w, w)))
mistake("2.9", "reversed")(bands(lambda x, n, w: (w, n - w, x - n)))
mistake("2.9", "middle_negative")(bands(lambda x, n, w: (x - n, w - n, w)))
mistake("2.9", "sigmas_swapped")(lambda x, m, f: bands(lambda x, n, w: (x - n, n - w, w))(x, f, m))
mistake("2.9", "kernel_too_small")(with_blur(lambda x, s: gaussian_blur(x, 5, s)))
mistake("2.9", "border_darkened")(with_blur(low_with_a_dark_border))


@mistake("2.9", "gap")
def filtered_twice(x, sigma_middle, sigma_far):
    narrow, wide = low(x, sigma_middle), low(x, sigma_far)
    near = x - narrow
    return near - low(near, sigma_middle), narrow - wide, wide


@mistake("2.9", "blurred_twice")
def blurred_twice(x, sigma_middle, sigma_far):
    narrow = low(x, sigma_middle)
    wide = low(narrow, sigma_far)
    return x - narrow, narrow - wide, wide


@mistake("2.9", "middle_of_the_rest")
def middle_of_the_rest(x, sigma_middle, sigma_far):
    wide = low(x, sigma_far)
    middle = low(x - wide, sigma_middle)
    return x - wide - middle, middle, wide


# --- 2.9b ----------------------------------------------------------------------------------------


def luminance(x):
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    return (x * weights).sum(1, keepdim=True).expand_as(x)


def grey(x):
    return x.mean(1, keepdim=True).expand_as(x)


def grey_by(function):
    return lambda x: (function(x), x - function(x))


def halfway(x):
    return ((x.amax(1, keepdim=True) + x.amin(1, keepdim=True)) / 2).expand_as(x)


mistake("2.9b", "luminance")(grey_by(luminance))
mistake("2.9b", "weights_do_not_fit")(lambda x: (luminance(x), x - grey(x)))
mistake("2.9b", "swapped")(lambda x: (x - grey(x), grey(x)))
mistake("2.9b", "colour_keeps_grey")(lambda x: (grey(x), x))
mistake("2.9b", "sum_for_mean")(grey_by(lambda x: 3 * grey(x)))
mistake("2.9b", "mean_over_the_picture")(grey_by(lambda x: x.mean((2, 3), True).expand_as(x)))
mistake("2.9b", "first_channel")(grey_by(lambda x: x[:, :1].expand_as(x)))
mistake("2.9b", "halfway")(grey_by(halfway))


# --- 2.9c ----------------------------------------------------------------------------------------


def row_filter(x, weights, mode="replicate", left=None):
    """Weights along a row, centred or with `left` of them before the pixel."""
    size = len(weights)
    left = size // 2 if left is None else left
    padded = F.pad(x, (left, size - 1 - left, 0, 0), mode=mode)
    return F.conv2d(padded, weights.expand(3, 1, 1, -1), groups=3)


def even(length):
    return torch.full((length,), 1 / length)


def bell(length):
    weights = torch.exp(-((torch.arange(length) - length // 2) ** 2) / (2 * (length / 4) ** 2))
    return weights / weights.sum()


def moved(blur):
    return lambda x, length: (blur(x, length), x - blur(x, length))


def rows(x, length):
    return row_filter(x, even(length))


def columns(x, length):
    return rows(x.mT, length).mT


mistake("2.9c", "not_normalised")(moved(lambda x, n: n * rows(x, n)))
mistake("2.9c", "vertical")(moved(columns))
mistake("2.9c", "both_ways")(moved(lambda x, n: rows(columns(x, n), n)))
mistake("2.9c", "not_centred")(moved(lambda x, n: row_filter(x, even(n), left=n - 1)))
mistake("2.9c", "length_for_radius")(moved(lambda x, n: rows(x, 2 * n + 1)))
mistake("2.9c", "swapped")(lambda x, n: (x - rows(x, n), rows(x, n)))
mistake("2.9c", "still_is_everything")(lambda x, n: (rows(x, n), x))
mistake("2.9c", "gaussian")(moved(lambda x, n: row_filter(x, bell(n))))
mistake("2.9c", "border_darkened")(moved(lambda x, n: row_filter(x, even(n), mode="constant")))


# --- 2.10 ----------------------------------------------------------------------------------------


def forward(photo, alpha_bar, noise):
    return alpha_bar.sqrt() * photo + (1 - alpha_bar).sqrt() * noise


def from_photograph(
    reference=lambda photo, alpha_bar, noise, before: forward(photo, alpha_bar, noise),
    put_together=lambda noisy, x, low: low(noisy) + x - low(x),
    exact=True,
    schedule=None,
    at=lambda t: True,
):
    """`inverse_hybrid` with another reference, or another way to put the two parts together.

    Args:
        reference: of the photograph, ᾱ_t', the noise, and ᾱ of the timestep before.
        put_together: of the reference, the image and `low`.
        exact: whether it ends on the photograph without noise.
        schedule: used for the reference instead of the given one.
        at: timesteps t' at which anything is put in.
    """

    def inverse_hybrid(photo, low, estimate, alphas_cumprod, noise):
        ours = alphas_cumprod if schedule is None else schedule()

        def after_step(x, t):
            if not at(t):
                return x
            noisy = reference(photo, ours[t], noise, ours[t + 30])
            return put_together(photo if exact and t == 0 else noisy, x, low)

        return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)

    return inverse_hybrid


mistake("2.10", "noise_of_t")(
    from_photograph(lambda photo, alpha_bar, noise, before: forward(photo, before, noise))
)
mistake("2.10", "clean_photograph")(from_photograph(lambda photo, *_: photo))
mistake("2.10", "noisy_at_the_end")(from_photograph(exact=False))
mistake("2.10", "fine_part_too")(
    from_photograph(put_together=lambda noisy, x, low: noisy + x - low(x))
)
mistake("2.10", "coarse_part_added")(
    from_photograph(put_together=lambda noisy, x, low: low(noisy) + x)
)
mistake("2.10", "parts_swapped")(
    from_photograph(put_together=lambda noisy, x, low: noisy - low(noisy) + low(x))
)
mistake("2.10", "only_at_the_end")(from_photograph(at=lambda t: t == 0))
mistake("2.10", "never")(from_photograph(at=lambda t: False))
mistake("2.10", "photograph_not_scaled")(
    from_photograph(lambda photo, a, noise, before: photo + (1 - a).sqrt() * noise)
)
mistake("2.10", "no_square_root")(
    from_photograph(lambda photo, a, noise, before: a * photo + (1 - a) * noise)
)
mistake("2.10", "own_schedule")(from_photograph(schedule=cosine_alphas_cumprod))
mistake("2.10", "other_noise")(
    from_photograph(lambda photo, a, noise, before: forward(photo, a, torch.randn_like(noise)))
)
