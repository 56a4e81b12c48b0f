"""The known mistakes in exercises 1.9 and 1.10."""

import torch.nn.functional as F

from pset.blur import gaussian_blur
from solutions.mistakes import mistake

# --- 1.9 -----------------------------------------------------------------------------------------


def upside_down(x):
    return x.flip(2)


def same(x):
    return x


def anagram(view=upside_down, back=None, variance_back=None, mean=lambda a, b: (a + b) / 2):
    """`visual_anagram` with another view, another inverse, or another mean."""

    def visual_anagram(x_t, t, estimate_1, estimate_2):
        noise_1, variance_1 = estimate_1(x_t, t)
        noise_2, variance_2 = estimate_2(view(x_t), t)
        back_noise = back or view
        back_variance = variance_back or back_noise
        return mean(noise_1, back_noise(noise_2)), mean(variance_1, back_variance(variance_2))

    return visual_anagram


mistake("1.9", "not_turned_back")(anagram(back=same))
mistake("1.9", "variance_not_turned_back")(anagram(variance_back=same))
mistake("1.9", "not_turned")(anagram(view=same))
mistake("1.9", "answers_turned_only")(anagram(view=same, back=upside_down))
mistake("1.9", "left_for_right")(anagram(view=lambda x: x.flip(3)))
mistake("1.9", "half_a_turn")(anagram(view=lambda x: x.flip(2, 3)))
mistake("1.9", "sum_for_mean")(anagram(mean=lambda a, b: a + b))


@mistake("1.9", "variance_of_the_first")
def anagram_first_variance(x_t, t, estimate_1, estimate_2):
    noise_1, variance_1 = estimate_1(x_t, t)
    noise_2, _ = estimate_2(upside_down(x_t), t)
    return (noise_1 + upside_down(noise_2)) / 2, variance_1


@mistake("1.9", "variance_of_the_second")
def anagram_second_variance(x_t, t, estimate_1, estimate_2):
    noise_1, _ = estimate_1(x_t, t)
    noise_2, variance_2 = estimate_2(upside_down(x_t), t)
    return (noise_1 + upside_down(noise_2)) / 2, variance_2


@mistake("1.9", "images_averaged")
def anagram_of_averaged_images(x_t, t, estimate_1, estimate_2):
    both = (x_t + upside_down(x_t)) / 2
    noise_1, variance_1 = estimate_1(both, t)
    noise_2, variance_2 = estimate_2(both, t)
    return (noise_1 + noise_2) / 2, (variance_1 + variance_2) / 2


@mistake("1.9", "prompts_swapped")
def anagram_swapped(x_t, t, estimate_1, estimate_2):
    return anagram()(x_t, t, estimate_2, estimate_1)


# --- 1.10 ----------------------------------------------------------------------------------------


def low(x, sigma=2.0):
    return gaussian_blur(x, 33, sigma)


def high(x):
    return x - low(x)


def low_with_a_dark_border(x):
    inside = F.pad(x, (16,) * 4)
    return low(inside)[..., 16:-16, 16:-16]


def composed(compose, variance=lambda a, b: (a + b) / 2):
    """`hybrid` with another way to combine the two noise estimates or the two variances."""

    def hybrid(x_t, t, estimate_low, estimate_high):
        noise_low, variance_low = estimate_low(x_t, t)
        noise_high, variance_high = estimate_high(x_t, t)
        return compose(noise_low, noise_high), variance(variance_low, variance_high)

    return hybrid


def right(a, b):
    return low(a) + high(b)


def with_blur(blur):
    return composed(lambda a, b: blur(a) + b - blur(b))


mistake("1.10", "low_and_high_swapped")(composed(lambda a, b: low(b) + high(a)))
mistake("1.10", "both_low")(composed(lambda a, b: low(a) + low(b)))
mistake("1.10", "both_high")(composed(lambda a, b: high(a) + high(b)))
mistake("1.10", "high_not_subtracted")(composed(lambda a, b: low(a) + b))
mistake("1.10", "second_alone")(composed(lambda a, b: b))
mistake("1.10", "coarse_alone")(composed(lambda a, b: low(a)))
mistake("1.10", "averaged")(composed(lambda a, b: (a + b) / 2))
mistake("1.10", "sigma_of_the_kernel")(
    with_blur(lambda x: low(x, 0.3 * ((33 - 1) * 0.5 - 1) + 0.8))
)
mistake("1.10", "sigma_1")(with_blur(lambda x: low(x, 1.0)))
mistake("1.10", "kernel_for_sigma")(with_blur(lambda x: low(x, 33.0)))
mistake("1.10", "border_darkened")(with_blur(low_with_a_dark_border))
mistake("1.10", "variance_hybrid")(composed(right, variance=right))
mistake("1.10", "variance_of_low")(composed(right, variance=lambda a, b: a))
mistake("1.10", "variance_of_high")(composed(right, variance=lambda a, b: b))


@mistake("1.10", "image_blurred")
def hybrid_of_blurred_images(x_t, t, estimate_low, estimate_high):
    noise_low, variance_low = estimate_low(low(x_t), t)
    noise_high, variance_high = estimate_high(high(x_t), t)
    return noise_low + noise_high, (variance_low + variance_high) / 2
