"""Answers to 1.4, iterative denoising; some bring their own `strided_timesteps`."""

import math

import numpy as np
import torch

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


def list_by_range():
    return list(range(990, -1, -30))


def list_by_arange():
    return np.arange(0, 991, 30)[::-1].tolist()


def list_by_comprehension():
    return [990 - 30 * i for i in range(34)]


def list_by_linspace():
    return torch.linspace(990, 0, 34).round().long().tolist()


def list_without_zero():
    return list(range(990, 0, -30))


def list_rising():
    return list(range(0, 991, 30))


def list_from_999():
    return list(range(999, -1, -30))


def list_of_thirty_steps():
    return [round(float(t)) for t in np.linspace(990, 0, 30)]


def list_as_tensor():
    return torch.arange(990, -1, -30)


def list_from_960():
    return [30 * k for k in reversed(range(33))]


def list_of_floats():
    return np.linspace(990, 0, 34).tolist()


@right("1.4", list_by_range)
def loop_by_the_book(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        abar, abar_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        alpha = abar / abar_prev
        beta = 1 - alpha
        eps, v = estimate(image, t)
        x0 = (image - (1 - abar).sqrt() * eps) / abar.sqrt()
        mean = (abar_prev.sqrt() * beta * x0 + alpha.sqrt() * (1 - abar_prev) * image) / (1 - abar)
        image = mean
        if i < len(timesteps) - 2:
            variance = pset.step_variance(v, abar, abar_prev)
            image = image + variance.sqrt() * pset.step_noise(
                image.shape, t_prev, seed, image.device
            )
        if after_step is not None:
            image = after_step(image, t_prev)
    return image


@right("1.4", list_by_comprehension)
def loop_over_pairs(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list(list_by_comprehension() if timesteps is None else timesteps)[i_start:]
    x = image
    for k, t in enumerate(ts[:-1]):
        s = ts[k + 1]
        a_t, a_s = float(alphas_cumprod[t]), float(alphas_cumprod[s])
        noise, var = estimate(x, t)
        clean = (x - math.sqrt(1 - a_t) * noise) / math.sqrt(a_t)
        w_clean = math.sqrt(a_s) * (1 - a_t / a_s) / (1 - a_t)
        w_here = math.sqrt(a_t / a_s) * (1 - a_s) / (1 - a_t)
        x = w_clean * clean + w_here * x
        if s != ts[-1]:
            sigma = pset.step_variance(var, alphas_cumprod[t], alphas_cumprod[s]) ** 0.5
            x = x + sigma * pset.step_noise(tuple(x.shape), s, seed).to(x.device)
        x = after_step(x, s) if after_step else x
    return x


@right("1.4", list_by_arange)
def loop_with_while(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    if timesteps is None:
        timesteps = list_by_arange()
    x_t, i, last = image.clone(), i_start, len(timesteps) - 1
    with torch.no_grad():
        while i < last:
            t = timesteps[i]
            tp = timesteps[i + 1]
            alpha_bar_t = alphas_cumprod[t]
            alpha_bar_tp = alphas_cumprod[tp]
            eps, v = estimate(x_t, t)
            pred = (x_t - torch.sqrt(1 - alpha_bar_t) * eps) / torch.sqrt(alpha_bar_t)
            b = 1 - alpha_bar_t / alpha_bar_tp
            x_t = (
                torch.sqrt(alpha_bar_tp) * b / (1 - alpha_bar_t) * pred
                + torch.sqrt(1 - b) * (1 - alpha_bar_tp) / (1 - alpha_bar_t) * x_t
            )
            if i + 1 != last:
                z = pset.step_noise(x_t.shape, tp, seed, device=x_t.device)
                x_t += torch.sqrt(pset.step_variance(v, alpha_bar_t, alpha_bar_tp)) * z
            if after_step is not None:
                x_t = after_step(x_t, tp)
            i += 1
    return x_t


@right("1.4", list_by_linspace)
def loop_with_noise_form_of_the_mean(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    # The mean, written with ε: (x_t − β/√(1 − ᾱ_t)·ε) / √α
    timesteps = list_by_linspace() if timesteps is None else timesteps
    for i in range(i_start + 1, len(timesteps)):
        t, arrive = timesteps[i - 1], timesteps[i]
        alpha = alphas_cumprod[t] / alphas_cumprod[arrive]
        eps, v = estimate(image, t)
        mean = (image - (1 - alpha) / (1 - alphas_cumprod[t]).sqrt() * eps) / alpha.sqrt()
        last = i == len(timesteps) - 1
        sigma2 = pset.step_variance(v, alphas_cumprod[t], alphas_cumprod[arrive])
        z = torch.zeros_like(image) if last else pset.step_noise(image.shape, arrive, seed)
        image = mean + sigma2.sqrt() * z.to(image)
        if after_step is not None:
            image = after_step(image, arrive)
    return image


@right("1.4", list_by_range)
def loop_with_inner_functions(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    def clean(x, t, eps):
        return (x - (1 - alphas_cumprod[t]) ** 0.5 * eps) / alphas_cumprod[t] ** 0.5

    def posterior_mean(x0, x, t, s):
        alpha = alphas_cumprod[t] / alphas_cumprod[s]
        total = 1 - alphas_cumprod[t]
        c0 = alphas_cumprod[s] ** 0.5 * (1 - alpha) / total
        ct = alpha**0.5 * (1 - alphas_cumprod[s]) / total
        return c0 * x0 + ct * x

    steps = list(list_by_range() if timesteps is None else timesteps)
    todo = steps[i_start:]
    while len(todo) > 1:
        t, s = todo[0], todo[1]
        todo = todo[1:]
        eps, v = estimate(image, t)
        image = posterior_mean(clean(image, t, eps), image, t, s)
        if len(todo) > 1:
            std = pset.step_variance(v, alphas_cumprod[t], alphas_cumprod[s]).sqrt()
            image = image + std * pset.step_noise(image.shape, s, seed, image.device)
        if after_step:
            image = after_step(image, s)
    return image


@right("1.4", list_by_comprehension)
def loop_as_a_class(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    class Step:
        def __init__(self, t, s):
            self.t, self.s = t, s
            self.at, self.as_ = alphas_cumprod[t], alphas_cumprod[s]
            self.alpha = self.at / self.as_

        def __call__(self, x, last):
            eps, v = estimate(x, self.t)
            x0 = (x - (1 - self.at).sqrt() * eps) / self.at.sqrt()
            new = self.as_.sqrt() * (1 - self.alpha) / (1 - self.at) * x0
            new = new + self.alpha.sqrt() * (1 - self.as_) / (1 - self.at) * x
            if last:
                return new
            z = pset.step_noise(x.shape, self.s, seed, x.device)
            return new + pset.step_variance(v, self.at, self.as_).sqrt() * z

    ts = list_by_comprehension() if timesteps is None else list(timesteps)
    for k in range(i_start, len(ts) - 1):
        image = Step(ts[k], ts[k + 1])(image, last=k + 2 == len(ts))
        if after_step is not None:
            image = after_step(image, ts[k + 1])
    return image


@right("1.4", list_by_range)
def loop_with_variance_by_hand(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    n = len(timesteps)
    for i in range(i_start, n - 1):
        t, tn = timesteps[i], timesteps[i + 1]
        ab, abn = alphas_cumprod[t], alphas_cumprod[tn]
        beta = 1 - ab / abn
        eps, v = estimate(image, t)
        x0 = image / ab.sqrt() - eps * (1 / ab - 1).sqrt()
        mean = abn.sqrt() * beta / (1 - ab) * x0 + (ab / abn).sqrt() * (1 - abn) / (1 - ab) * image
        if i == n - 2:
            image = mean
        else:
            fraction = (v + 1) / 2
            small = (1 - abn) / (1 - ab) * beta
            log_var = fraction * torch.log(beta) + (1 - fraction) * torch.log(small)
            z = pset.step_noise(image.shape, tn, seed, image.device)
            image = mean + torch.exp(0.5 * log_var) * z
        image = image if after_step is None else after_step(image, tn)
    return image


@wrong("1.4", "no noise is added", list_by_range)
def loop_without_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, tp = timesteps[i], timesteps[i + 1]
        ab, abp = alphas_cumprod[t], alphas_cumprod[tp]
        alpha = ab / abp
        eps, _ = estimate(image, t)
        x0 = (image - (1 - ab).sqrt() * eps) / ab.sqrt()
        image = (
            abp.sqrt() * (1 - alpha) / (1 - ab) * x0 + alpha.sqrt() * (1 - abp) / (1 - ab) * image
        )
        if after_step is not None:
            image = after_step(image, tp)
    return image


@wrong("1.4", "the last step adds noise too", list_by_range)
def loop_noise_at_the_end(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for t, tp in zip(timesteps[i_start:-1], timesteps[i_start + 1 :]):
        ab, abp = alphas_cumprod[t], alphas_cumprod[tp]
        alpha = ab / abp
        eps, v = estimate(image, t)
        x0 = (image - (1 - ab).sqrt() * eps) / ab.sqrt()
        image = (
            abp.sqrt() * (1 - alpha) / (1 - ab) * x0 + alpha.sqrt() * (1 - abp) / (1 - ab) * image
        )
        z = pset.step_noise(image.shape, tp, seed, image.device)
        image = image + pset.step_variance(v, ab, abp).sqrt() * z
        if after_step is not None:
            image = after_step(image, tp)
    return image


@wrong("1.4", "σ² in place of σ multiplies the noise", list_by_range)
def loop_with_variance_for_sigma(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a) ** 0.5 * eps) / a**0.5
        mu = b**0.5 * (1 - a / b) / (1 - a) * x0 + (a / b) ** 0.5 * (1 - b) / (1 - a) * image
        if t_next != timesteps[-1]:
            mu = mu + pset.step_variance(v, a, b) * pset.step_noise(mu.shape, t_next, seed)
        image = mu
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the noise of t is added, not that of t'", list_by_comprehension)
def loop_noise_of_departure(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_comprehension() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a) ** 0.5 * eps) / a**0.5
        image = b**0.5 * (1 - a / b) / (1 - a) * x0 + (a / b) ** 0.5 * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "draws noise with torch.randn in place of the course's step noise", list_by_range)
def loop_with_randn(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    torch.manual_seed(seed)
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            image = image + pset.step_variance(v, a, b).sqrt() * torch.randn_like(image)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "ignores the seed", list_by_range)
def loop_ignores_seed(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            image = image + pset.step_variance(v, a, b).sqrt() * pset.step_noise(
                image.shape, t_next
            )
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the same noise in every step", list_by_range)
def loop_same_noise_each_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    z = pset.noise(image.shape, seed, image.device)
    for t, s in zip(timesteps[i_start:], timesteps[i_start + 1 :]):
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if s != timesteps[-1]:
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "β is read from the schedule of single steps, not of the stride", list_by_range)
def loop_beta_of_single_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = a / alphas_cumprod[t - 1]
        beta = 1 - alpha
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + alpha.sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the denominators have 1 − ᾱ of t' in place of t", list_by_range)
def loop_denominator_of_arrival(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        alpha = a / b
        beta = 1 - alpha
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - b) * x0 + alpha.sqrt() * (1 - b) / (1 - b) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the clean estimate's weight has √ᾱ of t in place of t'", list_by_range)
def loop_root_of_departure(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = a.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "√ᾱ_t in place of √α_t in the weight of x_t", list_by_range)
def loop_abar_for_alpha(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + a.sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the roots of both weights are missing", list_by_range)
def loop_weights_without_roots(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b * (1 - a / b) / (1 - a) * x0 + (a / b) * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the two weights are swapped: x_t's for the clean estimate", list_by_range)
def loop_weights_swapped(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        w1 = b.sqrt() * (1 - a / b) / (1 - a)
        w2 = (a / b).sqrt() * (1 - b) / (1 - a)
        image = w1 * image + w2 * x0
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the noise estimate stands where the clean estimate belongs", list_by_range)
def loop_noise_for_clean(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise_est, v = estimate(image, t)
        image = (
            b.sqrt() * (1 - a / b) / (1 - a) * noise_est
            + (a / b).sqrt() * (1 - b) / (1 - a) * image
        )
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "goes one step too few: stops before the last timestep", list_by_range)
def loop_one_step_too_few(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 2):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        z = pset.step_noise(image.shape, t_next, seed)
        image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "ends with a one-step estimate at the last timestep", list_by_range)
def loop_extra_clean_at_end(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    t = timesteps[-1]
    eps, _ = estimate(image, t)
    return (image - (1 - alphas_cumprod[t]).sqrt() * eps) / alphas_cumprod[t].sqrt()


@wrong("1.4", "ignores i_start and begins at the first timestep", list_by_range)
def loop_from_the_top(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "begins one step late, at i_start + 1", list_by_range)
def loop_begins_late(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start + 1, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "ignores the timesteps it is given", list_by_range)
def loop_own_timesteps(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range()
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "t' is always t − 30", list_by_range)
def loop_stride_hard_coded(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for t in timesteps[i_start:-1]:
        t_next = max(t - 30, 0)
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if t_next > 0:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "skips the noise only at t' = 0, not at the last of other timesteps", list_by_range)
def loop_last_is_zero(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if t_next != 0:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "leaves the noise out one step too early", list_by_range)
def loop_two_quiet_steps(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 3:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "never calls after_step", list_by_range)
def loop_without_after_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
    return image


@wrong("1.4", "throws away what after_step returns", list_by_range)
def loop_discards_after_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            after_step(image, t_next)
    return image


@wrong("1.4", "tells after_step t in place of t'", list_by_range)
def loop_after_step_at_t(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t)
    return image


@wrong("1.4", "calls after_step before the noise is added", list_by_range)
def loop_after_step_before_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if after_step is not None:
            image = after_step(image, t_next)
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
    return image


@wrong("1.4", "skips after_step in the last step", list_by_range)
def loop_after_step_not_last(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
            if after_step is not None:
                image = after_step(image, t_next)
    return image


@wrong("1.4", "after_step is called once, at the end", list_by_range)
def loop_after_loop(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    t_next = timesteps[i_start]
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
    if after_step is not None:
        image = after_step(image, t_next)
    return image


@wrong("1.4", "the DDIM step: keeps the estimated noise in place of adding fresh", list_by_range)
def loop_ddim(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for t, s in zip(timesteps[i_start:], timesteps[i_start + 1 :]):
        eps, _ = estimate(image, t)
        x0 = (image - (1 - alphas_cumprod[t]).sqrt() * eps) / alphas_cumprod[t].sqrt()
        image = alphas_cumprod[s].sqrt() * x0 + (1 - alphas_cumprod[s]).sqrt() * eps
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "goes to the clean estimate and noises it afresh: forward(x̂_0, t')", list_by_range)
def loop_renoise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    x0 = image
    for t, s in zip(timesteps[i_start:], timesteps[i_start + 1 :]):
        eps, _ = estimate(image, t)
        x0 = (image - (1 - alphas_cumprod[t]).sqrt() * eps) / alphas_cumprod[t].sqrt()
        z = pset.step_noise(image.shape, s, seed)
        image = alphas_cumprod[s].sqrt() * x0
        if s != timesteps[-1]:
            image = image + (1 - alphas_cumprod[s]).sqrt() * z
        if after_step is not None:
            image = after_step(image, s)
    return image


@wrong("1.4", "the variance is β in place of the network's", list_by_range)
def loop_variance_beta(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        beta = 1 - a / b
        eps, _ = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            image = image + beta.sqrt() * pset.step_noise(image.shape, t_next, seed)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the variance is the posterior's, β̃, in place of the network's", list_by_range)
def loop_variance_posterior(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        beta = 1 - a / b
        eps, _ = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            sigma = ((1 - b) / (1 - a) * beta).sqrt()
            image = image + sigma * pset.step_noise(image.shape, t_next, seed)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the variance channels are used raw, as if they were σ", list_by_range)
def loop_raw_channels(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, sigma = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            image = image + sigma * pset.step_noise(image.shape, t_next, seed)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the two values of ᾱ are swapped in step_variance", list_by_range)
def loop_variance_arguments_swapped(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            variance = pset.step_variance(v, b, a)
            image = image + variance.sqrt() * pset.step_noise(image.shape, t_next, seed)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "step_variance gets ᾱ of t − 1 for the step's end", list_by_range)
def loop_variance_of_single_step(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            variance = pset.step_variance(v, a, alphas_cumprod[t - 1])
            image = image + variance.sqrt() * pset.step_noise(image.shape, t_next, seed)
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "noise and variance are unpacked in the wrong order", list_by_range)
def loop_unpacks_wrongly(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        v, eps = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the estimate is asked about t' in place of t", list_by_range)
def loop_asks_about_arrival(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t_next)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "the estimate is asked about the index, not the timestep", list_by_range)
def loop_asks_about_index(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, i)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "every step asks the estimate about the starting image", list_by_range)
def loop_estimate_of_start(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    x = image.clone()
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * x
        if i < len(timesteps) - 2:
            z = pset.step_noise(x.shape, t_next, seed)
            x = x + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            x = after_step(x, t_next)
    return x


@wrong("1.4", "the second term keeps the starting image in place of x_t", list_by_range)
def loop_keeps_start(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    x = image
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(x, t)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(x.shape, t_next, seed)
            x = x + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            x = after_step(x, t_next)
    return x


@wrong("1.4", "returns the last clean estimate, not the image at the last timestep", list_by_range)
def loop_returns_clean_estimate(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    x0 = image
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return x0


@wrong("1.4", "clips the clean estimate in every step", list_by_range)
def loop_clips_clean(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = ((image - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "uses the notebook's schedule in place of the argument", list_by_range)
def loop_global_schedule(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_bar_of_notebook[t], alphas_bar_of_notebook[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "changes the starting image in place", list_by_range)
def loop_in_place(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image *= (a / b).sqrt() * (1 - b) / (1 - a)
        image += b.sqrt() * (1 - a / b) / (1 - a) * x0
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image += pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image[:] = after_step(image, t_next)
    return image


@wrong("1.4", "returns after the first step: the return is inside the loop", list_by_range)
def loop_returns_early(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
        return image
    return image


@wrong("1.4", "returns all images of the way as a list", list_by_range)
def loop_returns_list(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    images = [image]
    for i in range(i_start, len(timesteps) - 1):
        x, t, t_next = images[-1], timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(x, t)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * x
        if i < len(timesteps) - 2:
            z = pset.step_noise(x.shape, t_next, seed)
            x = x + pset.step_variance(v, a, b).sqrt() * z
        images.append(x if after_step is None else after_step(x, t_next))
    return images


@wrong("1.4", "one draw of step noise for all images of a batch", list_by_range)
def loop_shares_noise_in_batch(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise((1, *image.shape[1:]), t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@wrong("1.4", "hands the loop of the course the work, which is forbidden", list_by_range)
def loop_of_the_course(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    return pset.iterative_denoise(
        image, i_start, estimate, alphas_cumprod, timesteps, seed, after_step
    )


@wrong("1.4", "the list ends at 30", list_without_zero)
def loop_list_without_zero(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_without_zero() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@right("1.4", list_rising)
def loop_list_rising(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    """Was meant to be wrong: its list is, but the loop that's checked turns it around."""
    ts = list_rising()[::-1] if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "the list begins at 999", list_from_999)
def loop_list_from_999(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_from_999() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "30 timesteps in place of steps of 30", list_of_thirty_steps)
def loop_list_of_thirty(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_of_thirty_steps() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "the list begins at 960", list_from_960)
def loop_list_from_960(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_from_960() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "σ² multiplies the noise, and the last step adds noise too", list_by_range)
def loop_two_mistakes_with_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        z = pset.step_noise(image.shape, ts[i + 1], seed)
        image = image + pset.step_variance(v, a, b) * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "the clean estimate isn't divided by √ᾱ", list_by_range)
def loop_clean_estimate_faint(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(image, ts[i])
        x0 = image - (1 - a).sqrt() * eps
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@wrong("1.4", "α is upside down: ᾱ_t' / ᾱ_t", list_by_range)
def loop_alpha_upside_down(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_by_range() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        alpha = b / a
        beta = 1 - alpha
        eps, v = estimate(image, ts[i])
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * beta / (1 - a) * x0 + alpha.sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, ts[i + 1], seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, ts[i + 1])
    return image


@open_question("1.4", "whether the timesteps may be a tensor", list_as_tensor)
def loop_list_as_tensor(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = list_as_tensor() if timesteps is None else timesteps
    for i in range(i_start, len(ts) - 1):
        t, t_next = int(ts[i]), int(ts[i + 1])
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(ts) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@open_question("1.4", "whether the timesteps in the list may be floats", list_of_floats)
def loop_list_of_floats(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    ts = [round(t) for t in (list_of_floats() if timesteps is None else timesteps)]
    for t, t_next in zip(ts[i_start:], ts[i_start + 1 :]):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if t_next != ts[-1]:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image


@open_question("1.4", "whether after_step is called once before the first step, too", list_by_range)
def loop_shows_the_start(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    timesteps = list_by_range() if timesteps is None else timesteps
    if after_step is not None:
        image = after_step(image, timesteps[i_start])
    for i in range(i_start, len(timesteps) - 1):
        t, t_next = timesteps[i], timesteps[i + 1]
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        eps, v = estimate(image, t)
        x0 = (image - (1 - a).sqrt() * eps) / a.sqrt()
        image = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * image
        if i < len(timesteps) - 2:
            z = pset.step_noise(image.shape, t_next, seed)
            image = image + pset.step_variance(v, a, b).sqrt() * z
        if after_step is not None:
            image = after_step(image, t_next)
    return image
