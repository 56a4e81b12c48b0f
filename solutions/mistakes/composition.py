"""What goes wrong in 2.14 and 2.15."""

import torch

from pset.checks.inputs import ALPHAS_CUMPROD
from solutions.mistakes import mistake

# --- 2.14 ----------------------------------------------------------------------------------------


def null_plus_directions(null, noises, weights):
    return null + sum(w * (n - null) for w, n in zip(weights, noises, strict=True))


def mean_of_the_wanted(null, variances, weights):
    return torch.stack([v for v, w in zip(variances, weights, strict=True) if w > 0]).mean(0)


def composing(noise_of=null_plus_directions, variance_of=mean_of_the_wanted):
    """`compose` with another way to put the noises, or the variances, together."""

    def compose(x_t, t, estimate_null, estimates, weights):
        null, null_variance = estimate_null(x_t, t)
        noises, variances = zip(*(estimate(x_t, t) for estimate in estimates), strict=True)
        return noise_of(null, noises, weights), variance_of(null_variance, variances, weights)

    return compose


def with_weights(change):
    return composing(
        lambda null, noises, weights: null_plus_directions(null, noises, change(weights))
    )


def not_as_minus(null, noises, weights):
    wanted = null_plus_directions(null, noises, [max(w, 0) for w in weights])
    return wanted + sum(min(w, 0) * n for w, n in zip(weights, noises, strict=True))


def chained(null, noises, weights):
    for w, n in zip(weights, noises, strict=True):
        null = null + w * (n - null)
    return null


def weighted_sum(null, noises, weights):
    return sum(w * n for w, n in zip(weights, noises, strict=True))


mistake("2.14", "no_null")(composing(weighted_sum))
mistake("2.14", "null_not_added")(composing(lambda u, n, w: null_plus_directions(u, n, w) - u))
mistake("2.14", "null_added_for_each")(
    composing(lambda u, n, w: null_plus_directions(u, n, w) + (len(n) - 1) * u)
)
mistake("2.14", "weights_normalised")(with_weights(lambda ws: [w / sum(ws) for w in ws]))
mistake("2.14", "mean_of_directions")(with_weights(lambda ws: [w / len(ws) for w in ws]))
mistake("2.14", "not_as_minus_estimate")(composing(not_as_minus))
mistake("2.14", "not_as_and")(with_weights(lambda ws: [abs(w) for w in ws]))
mistake("2.14", "not_left_out")(with_weights(lambda ws: [max(w, 0) for w in ws]))
mistake("2.14", "directions_reversed")(with_weights(lambda ws: [-w for w in ws]))
mistake("2.14", "chained")(composing(chained))
mistake("2.14", "weights_shifted")(with_weights(lambda ws: [*ws[1:], ws[0]]))
mistake("2.14", "variance_of_null")(composing(variance_of=lambda u, v, w: u))
mistake("2.14", "variance_of_all")(composing(variance_of=lambda u, v, w: torch.stack(v).mean(0)))
mistake("2.14", "variance_of_the_first")(composing(variance_of=lambda u, v, w: v[0]))
mistake("2.14", "variance_composed")(composing(variance_of=null_plus_directions))


@mistake("2.14", "null_at_another_x")
def null_of_the_denoised(x_t, t, estimate_null, estimates, weights):
    """x_t has moved on before the null prompt is asked."""
    noises, variances = zip(*(estimate(x_t, t) for estimate in estimates), strict=True)
    null, _ = estimate_null(x_t - weighted_sum(None, noises, weights), t)
    noise = null_plus_directions(null, noises, weights)
    return noise, mean_of_the_wanted(None, variances, weights)


# --- 2.15 ----------------------------------------------------------------------------------------


def factor_variance(alpha_bar, s, n):
    return alpha_bar * s**2 + 1 - alpha_bar


def product_variance(alpha_bar, s, n):
    return alpha_bar * s**2 / n + 1 - alpha_bar


def ratio(alpha_bar, s, n, above=factor_variance, below=product_variance):
    return above(alpha_bar, s, n) / below(alpha_bar, s, n)


def product(weight_of_mean=ratio, variance=lambda v, w: v.mean(0), schedule=None):
    """`gaussian_product` with another weight of the estimates' mean, or another variance."""

    def gaussian_product(x_t, t, estimates, alphas_cumprod, scale):
        alpha_bar = (alphas_cumprod if schedule is None else schedule)[t]
        weight = weight_of_mean(alpha_bar, scale, len(estimates))
        noises, variances = (
            torch.stack(of) for of in zip(*(e(x_t, t) for e in estimates), strict=True)
        )
        return weight * noises.mean(0), variance(variances, weight)

    return gaussian_product


mistake("2.15", "sum_at_every_t")(product(lambda a, s, n: n))
mistake("2.15", "mean_at_every_t")(product(lambda a, s, n: 1))
mistake("2.15", "mixed_by_alpha_bar")(product(lambda a, s, n: a * n + 1 - a))
mistake("2.15", "ratio_inverted")(product(lambda a, s, n: 1 / ratio(a, s, n)))
mistake("2.15", "scale_not_squared")(product(lambda a, s, n: ratio(a, s**0.5, n)))
mistake("2.15", "deviation_divided_by_n")(
    product(lambda a, s, n: ratio(a, s, n, below=lambda a, s, n: product_variance(a, s, n**2)))
)
mistake("2.15", "variance_by_root_of_n")(
    product(lambda a, s, n: ratio(a, s, n, below=lambda a, s, n: product_variance(a, s, n**0.5)))
)
mistake("2.15", "alpha_bar_not_multiplied")(
    product(lambda a, s, n: (s**2 + 1 - a) / (s**2 / n + 1 - a))
)
mistake("2.15", "root_of_alpha_bar")(
    product(lambda a, s, n: (a**0.5 * s**2 + 1 - a) / (a**0.5 * s**2 / n + 1 - a))
)
mistake("2.15", "alpha_bar_swapped")(product(lambda a, s, n: ratio(1 - a, s, n)))
mistake("2.15", "two_factors")(product(lambda a, s, n: n / 2 * ratio(a, s, 2)))
mistake("2.15", "own_schedule")(product(schedule=ALPHAS_CUMPROD))
mistake("2.15", "variance_weighted")(product(variance=lambda v, w: w * v.mean(0)))
mistake("2.15", "variance_of_the_first")(product(variance=lambda v, w: v[0]))

# --- 2.15b ---------------------------------------------------------------------------------------


def walk(
    score=lambda eps, v: -eps / v**0.5,
    eta_of=lambda size, v: size * v,
    noise_weight=lambda eta: (2 * eta) ** 0.5,
    stride=1.0,
    noises_of=lambda noises: noises,
    schedule=None,
):
    """`langevin` with another score, another η, other noise, or other strides along the score.

    Args:
        score: of the noise estimate and v = 1 − ᾱ_t.
        eta_of: of the step size and v.
        noise_weight: of η.
        stride: a factor of η in front of the score.
        noises_of: which noises to use.
        schedule: in place of the one given.
    """

    def langevin(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
        v = 1 - (alphas_cumprod if schedule is None else schedule)[t]
        eta = eta_of(step_size, v)
        for z in noises_of(noises):
            eps, _ = estimate(x_t, t)
            x_t = x_t + stride * eta * score(eps, v) + noise_weight(eta) * z
        return x_t

    return langevin


mistake("2.15b", "no_noise")(walk(noise_weight=lambda eta: 0))
mistake("2.15b", "noise_not_rooted")(walk(noise_weight=lambda eta: 2 * eta))
mistake("2.15b", "noise_without_two")(walk(noise_weight=lambda eta: eta**0.5))
mistake("2.15b", "half_steps")(walk(noise_weight=lambda eta: eta**0.5, stride=0.5))
mistake("2.15b", "noise_estimate_for_score")(walk(score=lambda eps, v: -eps))
mistake("2.15b", "divided_by_variance")(walk(score=lambda eps, v: -eps / v))
mistake("2.15b", "downhill")(walk(score=lambda eps, v: eps / v**0.5))
mistake("2.15b", "step_not_scaled")(walk(eta_of=lambda size, v: torch.as_tensor(size)))
mistake("2.15b", "step_by_deviation")(walk(eta_of=lambda size, v: size * v**0.5))
mistake("2.15b", "same_noise")(walk(noises_of=lambda noises: noises[:1].expand_as(noises)))
mistake("2.15b", "one_step")(walk(noises_of=lambda noises: noises[:1]))
mistake("2.15b", "own_schedule")(walk(schedule=ALPHAS_CUMPROD))


@mistake("2.15b", "score_of_the_start")
def score_asked_once(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    eps, _ = estimate(x_t, t)
    return walk()(x_t, t, lambda x, t: (eps, None), alphas_cumprod, noises, step_size)
