"""The known mistakes in exercises 1.7 and 1.8."""

from itertools import pairwise

import torch

import pset
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from solutions.mistakes import mistake

LAST = len(STRIDED_TIMESTEPS) - 1


def forward(image, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise


# --- 1.7 -----------------------------------------------------------------------------------------


def with_noise_of(timestep, begin=lambda i: i):
    """`sdedit` with another timestep's noise, or with another index to start from."""

    def sdedit(image, i_start, denoise, alphas_cumprod, noise):
        return denoise(forward(image, timestep(i_start), alphas_cumprod, noise), begin(i_start))

    return sdedit


mistake("1.7", "index_for_timestep")(with_noise_of(lambda i: i))
mistake("1.7", "noise_of_the_step_before")(with_noise_of(lambda i: STRIDED_TIMESTEPS[i - 1]))
mistake("1.7", "noise_of_the_step_after")(with_noise_of(lambda i: STRIDED_TIMESTEPS[i + 1]))
mistake("1.7", "from_the_clean_end")(
    with_noise_of(lambda i: STRIDED_TIMESTEPS[LAST - i], begin=lambda i: LAST - i)
)
mistake("1.7", "noise_from_the_clean_end")(with_noise_of(lambda i: STRIDED_TIMESTEPS[LAST - i]))
mistake("1.7", "loop_from_the_beginning")(
    with_noise_of(lambda i: STRIDED_TIMESTEPS[i], begin=lambda i: 0)
)


@mistake("1.7", "no_noise")
def sdedit_clean(image, i_start, denoise, alphas_cumprod, noise):
    return denoise(image, i_start)


@mistake("1.7", "only_noise")
def sdedit_from_nothing(image, i_start, denoise, alphas_cumprod, noise):
    return denoise(noise, i_start)


@mistake("1.7", "image_not_scaled")
def sdedit_full_image(image, i_start, denoise, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    return denoise(image + (1 - alpha_bar).sqrt() * noise, i_start)


@mistake("1.7", "no_square_root")
def sdedit_without_roots(image, i_start, denoise, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    return denoise(alpha_bar * image + (1 - alpha_bar) * noise, i_start)


@mistake("1.7", "clipped")
def sdedit_clipped(image, i_start, denoise, alphas_cumprod, noise):
    x_t = forward(image, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return denoise(x_t.clamp(-1, 1), i_start)


@mistake("1.7", "own_noise")
def sdedit_own_noise(image, i_start, denoise, alphas_cumprod, noise):
    x_t = forward(image, STRIDED_TIMESTEPS[i_start], alphas_cumprod, torch.randn_like(image))
    return denoise(x_t, i_start)


# --- 1.8 -----------------------------------------------------------------------------------------


def pasting(known, new_where=lambda mask: mask):
    """`inpaint` with other known pixels, or with another mask.

    Args:
        known: (original, t', alphas_cumprod, noise) → what to paste after the step to t'.
        new_where: mask → where to keep the loop's own pixels.
    """

    def inpaint(original, mask, estimate, alphas_cumprod, noise):
        new = new_where(mask)

        def paste(x, t_prev):
            pasted = known(original, t_prev, alphas_cumprod, noise)
            return x if pasted is None else new * x + (1 - new) * pasted

        return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)

    return inpaint


def at_t_prev(original, t_prev, alphas_cumprod, noise):
    return original if t_prev == 0 else forward(original, t_prev, alphas_cumprod, noise)


def at_t(original, t_prev, alphas_cumprod, noise):
    return forward(original, t_prev + 30, alphas_cumprod, noise)


def unscaled(original, t_prev, alphas_cumprod, noise):
    return original if t_prev == 0 else original + (1 - alphas_cumprod[t_prev]).sqrt() * noise


mistake("1.8", "mask_inverted")(pasting(at_t_prev, new_where=lambda mask: 1 - mask))
mistake("1.8", "paste_at_t")(pasting(at_t))
mistake("1.8", "paste_at_t_but_exact_at_the_end")(
    pasting(lambda x, t_prev, a, n: x if t_prev == 0 else at_t(x, t_prev, a, n))
)
mistake("1.8", "not_exact_at_the_end")(pasting(forward))
mistake("1.8", "clean_pasted")(pasting(lambda original, t_prev, a, n: original))
mistake("1.8", "pasted_only_at_the_end")(
    pasting(lambda original, t_prev, a, n: original if t_prev == 0 else None)
)
mistake("1.8", "never_pasted")(pasting(lambda original, t_prev, a, n: None))
mistake("1.8", "image_not_scaled")(pasting(unscaled))
mistake("1.8", "other_noise")(
    pasting(lambda x, t_prev, a, n: at_t_prev(x, t_prev, a, torch.randn_like(x)))
)


def pasting_before_the_variance(known):
    """`inpaint` that adds the step's random part after pasting, as printed in Algorithm 2."""

    def inpaint(original, mask, estimate, alphas_cumprod, noise):
        x = noise
        for t, t_prev in pairwise(STRIDED_TIMESTEPS):
            epsilon, variance = estimate(x, t)
            alpha_bar, alpha_bar_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
            alpha = alpha_bar / alpha_bar_prev
            x_0 = (x - (1 - alpha_bar).sqrt() * epsilon) / alpha_bar.sqrt()
            x = (
                alpha_bar_prev.sqrt() * (1 - alpha) / (1 - alpha_bar) * x_0
                + alpha.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar) * x
            )
            x = mask * x + (1 - mask) * known(original, t_prev, alphas_cumprod, noise)
            if t_prev > 0:
                sigma = step_variance(variance, alpha_bar, alpha_bar_prev).sqrt()
                x = x + sigma * pset.step_noise(x.shape, t_prev)
        return x

    return inpaint


mistake("1.8", "variance_after_pasting")(pasting_before_the_variance(at_t_prev))
mistake("1.8", "as_printed")(pasting_before_the_variance(at_t))
