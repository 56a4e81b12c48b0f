"""Answers to 1.4, iterative denoising."""
# ruff: noqa: C416, E501 (as they were written)

from itertools import pairwise

import numpy as np
import torch

import pset
from tests.pset.checks.unseen_hands import open_question, right, wrong


def strided_timesteps():
    return list(range(990, -1, -30))


@right("1.4")
def with_while(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list(strided_timesteps() if timesteps is None else timesteps)[i_start:]
    while len(ts) > 1:
        t, ts = ts[0], ts[1:]
        here, there = alphas_cumprod[t], alphas_cumprod[ts[0]]
        eps, v = estimate(image, t)
        x0 = (image - (1 - here) ** 0.5 * eps) / here**0.5
        ratio = here / there
        image = (there**0.5 * (1 - ratio) * x0 + ratio**0.5 * (1 - there) * image) / (1 - here)
        if len(ts) > 1:
            z = pset.step_noise(image.shape, ts[0], seed).to(image.device)
            image = image + pset.step_variance(v, here, there) ** 0.5 * z
        if after_step:
            image = after_step(image, ts[0])
    return image


def _upside_down_list():
    out = []
    for k in range(34):
        out.insert(0, 30 * k)
    return out


@right("1.4", strided_timesteps=_upside_down_list)
def recursive(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = _upside_down_list() if timesteps is None else timesteps
    if i_start >= len(timesteps) - 1:
        return image
    t, t_ = timesteps[i_start], timesteps[i_start + 1]
    a, a_ = alphas_cumprod[t], alphas_cumprod[t_]
    noise, v = estimate(image, t)
    # the same step, written with the noise instead of x_0
    alpha = a / a_
    mean = (image - (1 - alpha) / (1 - a).sqrt() * noise) / alpha.sqrt()
    last = i_start + 2 == len(timesteps)
    if last:
        x = mean
    else:
        sigma = pset.step_variance(v, a, a_).sqrt()
        x = mean + sigma * pset.step_noise(tuple(image.shape), t_, seed, image.device)
    if after_step is not None:
        x = after_step(x, t_)
    return recursive(x, i_start + 1, estimate, alphas_cumprod, timesteps, seed, after_step)


@wrong("1.4", "The last step adds noise too.")
def noise_in_last_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x = image
    for t, t_next in pairwise(timesteps[i_start:]):
        ab, ab_next = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = ab / ab_next
        beta = 1 - alpha
        noise, v = estimate(x, t)
        x_0 = (x - (1 - ab).sqrt() * noise) / ab.sqrt()
        x = ab_next.sqrt() * beta / (1 - ab) * x_0 + alpha.sqrt() * (1 - ab_next) / (1 - ab) * x
        x = x + pset.step_variance(v, ab, ab_next).sqrt() * pset.step_noise(
            x.shape, t_next, seed
        ).to(x)
        if after_step is not None:
            x = after_step(x, t_next)
    return x


def _without_zero():
    return [t for t in range(990, 0, -30)]


@wrong(
    "1.4",
    "The list of timesteps stops at 30: range leaves out its end, so 0 is missing.",
    strided_timesteps=_without_zero,
)
def list_without_zero(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = _without_zero() if timesteps is None else timesteps
    return with_while(image, i_start, estimate, alphas_cumprod, timesteps, seed, after_step)


def _linspace():
    return [int(t) for t in np.linspace(990, 0, 33)]


@wrong(
    "1.4",
    "The list of timesteps has 33 numbers from 990 to 0 instead of 34, so they aren't 30 apart.",
    strided_timesteps=_linspace,
)
def list_of_33(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = _linspace() if timesteps is None else timesteps
    return with_while(image, i_start, estimate, alphas_cumprod, timesteps, seed, after_step)


@wrong(
    "1.4",
    "Asks step_noise for the timestep that the step leaves, t, not for the one it arrives at.",
)
def noise_of_departure(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, var = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i + 1 < len(timesteps) - 1:
            image = image + pset.step_variance(var, a, b).sqrt() * pset.step_noise(
                image.shape, t, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "Multiplies the fresh noise by the variance σ² instead of σ.")
def variance_for_sigma(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    n = len(timesteps)
    x = image
    for i in range(i_start, n - 1):
        t, tp = timesteps[i], timesteps[i + 1]
        abar, abarp = alphas_cumprod[t], alphas_cumprod[tp]
        alpha = abar / abarp
        noise, v = estimate(x, t)
        x0 = (x - torch.sqrt(1 - abar) * noise) / torch.sqrt(abar)
        mean = (
            torch.sqrt(abarp) * (1 - alpha) / (1 - abar) * x0
            + torch.sqrt(alpha) * (1 - abarp) / (1 - abar) * x
        )
        sigma = pset.step_variance(v, abar, abarp)
        z = (
            pset.step_noise(x.shape, tp, seed, x.device)
            if tp != timesteps[-1]
            else torch.zeros_like(x)
        )
        x = mean + sigma * z
        if after_step is not None:
            x = after_step(x, tp)
    return x


@wrong(
    "1.4", "α_t is ᾱ_t/ᾱ_(t−1), that of a single step, although the step goes down by 30 timesteps."
)
def alpha_of_single_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    alphas = alphas_cumprod.clone()
    alphas[1:] = alphas_cumprod[1:] / alphas_cumprod[:-1]
    betas = 1 - alphas
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i : i + 2]
        eps, v = estimate(image, t)
        a, a_next = alphas_cumprod[t], alphas_cumprod[t_next]
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = (
            a_next.sqrt() * betas[t] / (1 - a) * x0
            + alphas[t].sqrt() * (1 - a_next) / (1 - a) * image
        )
        if i < len(timesteps) - 2:
            image = image + pset.step_variance(v, a, a_next).sqrt() * pset.step_noise(
                image.shape, t_next, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "Both denominators are 1 − ᾱ_t' where they should be 1 − ᾱ_t.")
def denominators_of_next(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    todo = list(pairwise(timesteps[i_start:]))
    for k, (t, t_next) in enumerate(todo):
        a_t, a_n = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha, beta = a_t / a_n, 1 - a_t / a_n
        noise, v = estimate(image, t)
        clean = (image - (1 - a_t).sqrt() * noise) / a_t.sqrt()
        image = a_n.sqrt() * beta / (1 - a_n) * clean + alpha.sqrt() * (1 - a_n) / (1 - a_n) * image
        if k + 1 < len(todo):
            image = image + pset.step_variance(v, a_t, a_n).sqrt() * pset.step_noise(
                image.shape, t_next, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong(
    "1.4",
    "The step_variance gets ᾱ of t − 1 as where the step arrives, instead of that of the next strided timestep.",
)
def variance_of_single_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            sigma2 = pset.step_variance(v, a, alphas_cumprod[t - 1])
            image = image + sigma2.sqrt() * pset.step_noise(image.shape, s, seed).to(image)
        if after_step:
            image = after_step(image, s)
    return image


@wrong(
    "1.4",
    "Tells after_step the timestep t that the step came from, not t', where the image is now.",
)
def after_step_with_departure(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x = image
    for i, t in enumerate(timesteps[i_start:-1], start=i_start):
        t_next = timesteps[i + 1]
        ab, abn = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = ab / abn
        noise, v = estimate(x, t)
        x0 = (x - (1 - ab).sqrt() * noise) / ab.sqrt()
        x = abn.sqrt() * (1 - alpha) / (1 - ab) * x0 + alpha.sqrt() * (1 - abn) / (1 - ab) * x
        if i + 2 < len(timesteps):
            x = x + pset.step_variance(v, ab, abn).sqrt() * pset.step_noise(
                x.shape, t_next, seed
            ).to(x.device)
        if after_step is not None:
            x = after_step(x, t)
    return x


@wrong("1.4", "Calls after_step but throws away what it returns.")
def after_step_ignored(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x = image
    for t, t_next in pairwise(timesteps[i_start:]):
        ab, abn = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = ab / abn
        noise, v = estimate(x, t)
        x0 = (x - (1 - ab).sqrt() * noise) / ab.sqrt()
        x = abn.sqrt() * (1 - alpha) / (1 - ab) * x0 + alpha.sqrt() * (1 - abn) / (1 - ab) * x
        if t_next != timesteps[-1]:
            x = x + pset.step_variance(v, ab, abn).sqrt() * pset.step_noise(
                x.shape, t_next, seed
            ).to(x.device)
        if after_step is not None:
            after_step(x, t_next)
    return x


@wrong(
    "1.4",
    "Leaves the loop before after_step when the last step is done, so the final image isn't replaced.",
)
def after_step_not_at_end(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x = image
    for t, t_next in pairwise(timesteps[i_start:]):
        ab, abn = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = ab / abn
        noise, v = estimate(x, t)
        x0 = (x - (1 - ab).sqrt() * noise) / ab.sqrt()
        x = abn.sqrt() * (1 - alpha) / (1 - ab) * x0 + alpha.sqrt() * (1 - abn) / (1 - ab) * x
        if t_next == timesteps[-1]:
            break
        x = x + pset.step_variance(v, ab, abn).sqrt() * pset.step_noise(x.shape, t_next, seed).to(
            x.device
        )
        if after_step is not None:
            x = after_step(x, t_next)
    return x


@wrong("1.4", "Applies after_step to the mean, before the step's noise is added.")
def after_step_before_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    if after_step is None:
        after_step = lambda im, t: im  # noqa: E731
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, var = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        image = after_step(image, t_next)
        if i + 2 < len(timesteps):
            image = image + pset.step_variance(var, a, b).sqrt() * pset.step_noise(
                image.shape, t_next, seed
            ).to(image)
    return image


@wrong("1.4", "Ignores i_start and always begins with the first timestep.")
def always_from_the_top(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for i in range(len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, var = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i + 2 < len(timesteps):
            image = image + pset.step_variance(var, a, b).sqrt() * pset.step_noise(
                image.shape, t_next, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "Ends one step early, at the second-to-last timestep: the range is one too short.")
def one_step_short(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 2):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, var = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        image = image + pset.step_variance(var, a, b).sqrt() * pset.step_noise(
            image.shape, t_next, seed
        ).to(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "Clips x̂_0 to [-1, 1] in every step, which equation (1) doesn't.")
def clips_clean_image(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    pairs = list(zip(timesteps[i_start:-1], timesteps[i_start + 1 :]))
    for n, (t, s) in enumerate(pairs):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = ((image - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if n != len(pairs) - 1:
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(
                image.shape, s, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Adds no noise in any step.")
def never_adds_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, _ = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong(
    "1.4",
    "Takes a different step, DDIM's: it puts the noise estimate back in and adds no random noise, not equation (1).",
)
def ddim(image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, _ = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * x0 + (1 - b).sqrt() * eps
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Ignores its argument seed: step_noise always gets the course's default seed.")
def ignores_seed(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    last = timesteps[-1]
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s > last:
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(image.shape, s).to(
                image
            )
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Ignores the list of timesteps that it was given, and always uses the strided ones.")
def ignores_timesteps(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps()
    return with_while(image, i_start, estimate, alphas_cumprod, timesteps, seed, after_step)


@wrong(
    "1.4", "Draws the noise of a step for one image only, so all images of a batch get the same."
)
def one_noise_for_batch(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            z = pset.step_noise((1, *image.shape[1:]), s, seed).to(image)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong(
    "1.4", "Asks the estimate about timestep t', where the image hasn't arrived yet, instead of t."
)
def asks_about_next(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, s)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(
                image.shape, s, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Ignores the variance channels: σ² is always β_t.")
def fixed_variance(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        beta = 1 - a / b
        eps, _ = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + (1 - beta).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            image = image + beta.sqrt() * pset.step_noise(image.shape, s, seed).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "The root over α_t is missing in the second term.")
def root_of_alpha_missing(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        abar, abar_prev = alphas_cumprod[t], alphas_cumprod[s]
        alpha = abar / abar_prev
        eps, v = estimate(image, t)
        x0 = (image - (1 - abar).sqrt() * eps) / abar.sqrt()
        c0 = abar_prev.sqrt() * (1 - alpha) / (1 - abar)
        c1 = alpha * (1 - abar_prev) / (1 - abar)
        image = c0 * x0 + c1 * image
        if s != timesteps[-1]:
            image = image + pset.step_variance(v, abar, abar_prev).sqrt() * pset.step_noise(
                image.shape, s, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "β_t is 1 − ᾱ_t; it should be 1 − α_t with α_t = ᾱ_t/ᾱ_t'.")
def beta_of_alpha_bar(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        beta = 1 - a
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(
                image.shape, s, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "Both terms are in x̂_0: the second one should have x_t.")
def second_term_in_clean_image(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x_t = image
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(x_t, t)
        x_t = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
        x_t = b.sqrt() * (1 - a / b) / (1 - a) * x_t + (a / b).sqrt() * (1 - b) / (1 - a) * x_t
        if s != timesteps[-1]:
            x_t = x_t + pset.step_variance(v, a, b).sqrt() * pset.step_noise(x_t.shape, s, seed).to(
                x_t
            )
        if after_step is not None:
            x_t = after_step(x_t, s)
    return x_t


@wrong(
    "1.4",
    "Counts the timesteps from i_start + 1 on, so the first step already treats the image as less noisy than it is.",
)
def starts_one_late(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    return with_while(
        image,
        min(i_start + 1, len(timesteps) - 1),
        estimate,
        alphas_cumprod,
        timesteps,
        seed,
        after_step,
    )


@wrong("1.4", "Works in place, so the caller's noisy image is overwritten.")
def in_place(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    x = image
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(x.clone(), t)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x *= (a / b).sqrt() * (1 - b) / (1 - a)
        x += b.sqrt() * (1 - a / b) / (1 - a) * x0
        if s != timesteps[-1]:
            x += pset.step_variance(v, a, b).sqrt() * pset.step_noise(x.shape, s, seed).to(x)
        if after_step is not None:
            x.copy_(after_step(x.clone(), s))
    return x


@wrong(
    "1.4",
    "Two mistakes: the fresh noise comes from torch.randn_like instead of step_noise, and the last step adds it too.",
)
def own_noise_everywhere(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    torch.manual_seed(seed)
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        image = image + pset.step_variance(v, a, b).sqrt() * torch.randn_like(image)
        if after_step is not None:
            image = after_step(image, s)
    return image


@open_question(
    "1.4",
    "May the last step return x̂_0 itself instead of (1)'s mean, which hardly differs at t' = 0?",
)
def ends_with_clean_estimate(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = strided_timesteps() if timesteps is None else timesteps
    for t, s in pairwise(timesteps[i_start:]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        if s == timesteps[-1]:
            image = x0
        else:
            image = (
                b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
            )
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(
                image.shape, s, seed
            ).to(image)
        if after_step is not None:
            image = after_step(image, s)
    return image
