"""Other right answers to 2.5 to 2.7."""

from itertools import pairwise

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from solutions.variants import variant

STRIDED = [30 * k for k in reversed(range(34))]

# --- 2.5 -----------------------------------------------------------------------------------------


@variant("2.5")
def renoise_step_by_step(x_t, t, t_next, alphas_cumprod, noise):
    """The weights of all single steps, one after the other."""
    a = alphas_cumprod.double()
    of_image, variance = 1.0, 0.0
    for k in range(t + 1, t_next + 1):
        alpha = a[k] / a[k - 1]
        of_image, variance = of_image * alpha.sqrt(), alpha * variance + 1 - alpha
    return of_image * x_t + variance.sqrt() * noise


@variant("2.5")
def renoise_by_variances(x_t, t, t_next, alphas_cumprod, noise):
    """The variance at s, less what is left there of the variance at t."""
    a, b = alphas_cumprod[t].double(), alphas_cumprod[t_next].double()
    scale = b.sqrt() / a.sqrt()
    return (scale * x_t + ((1 - b) - scale**2 * (1 - a)).sqrt() * noise).float()


@variant("2.5")
def renoise_in_numpy(x_t, t, t_next, alphas_cumprod, noise):
    a = alphas_cumprod.numpy().astype(np.float64)
    kept = np.exp(np.log(a[t_next]) - np.log(a[t]))
    return np.sqrt(kept) * x_t.numpy() + np.sqrt(1 - kept) * noise.numpy()


@variant("2.5")
def renoise_by_the_product_of_alphas(x_t, t, t_next, alphas_cumprod, noise):
    alphas = alphas_cumprod[1:] / alphas_cumprod[:-1]  # alphas[k] is that of timestep k + 1
    kept = alphas[t:t_next].double().prod()
    return torch.lerp(torch.zeros_like(x_t), x_t, kept.sqrt().item()) + (1 - kept) ** 0.5 * noise


# --- 2.5b ----------------------------------------------------------------------------------------


def places_by_counting(jump_length, jump_n):
    """As the scheduler of diffusers makes its list: a number of jumps left for each place."""
    left = dict.fromkeys(range(0, 34 - jump_length, jump_length), jump_n - 1)
    place, places = 34, []
    while place >= 1:
        place -= 1
        places.append(place)
        if left.get(place, 0) > 0:
            left[place] -= 1
            for _ in range(jump_length):
                place += 1
                places.append(place)
    return places


@variant("2.5b")
def repaint_one_place_at_a_time(
    original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n
):
    """The way up takes every place; the known pixels' noise is fresh every time."""

    def paste(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * torch.randn_like(original)
        return torch.where(mask.bool(), x, known)

    timesteps = [30 * place for place in places_by_counting(jump_length, jump_n)]
    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, timesteps, after_step=paste)
    return torch.where(mask.bool(), x, original)


@variant("2.5b")
def repaint_stretch_by_stretch(
    original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n
):
    """A call of the loop for every fall; the way up between them, with noise of its own."""
    a = alphas_cumprod
    generator = torch.Generator().manual_seed(5)
    draw = lambda: torch.randn(original.shape, generator=generator)  # noqa: E731

    def paste(x, t):
        return mask * x + (1 - mask) * (a[t].sqrt() * original + (1 - a[t]).sqrt() * draw())

    def down(x, high, low, seed):
        steps = [30 * k for k in range(high, low - 1, -1)]
        # A loop adds no noise in its last step. One step more than needed, which isn't used.
        seen = []
        pset.iterative_denoise(
            x,
            0,
            lambda x, t: estimate(x, t) if t > 30 * low else (x, x),
            a,
            [*steps, *([30 * low - 30] if low else [])],
            seed,
            after_step=lambda x, t: seen.append(paste(x, t)) or seen[-1],
        )
        return seen[len(steps) - 2]

    x, place, walks = noise, 33, 0
    tops = [k for k in range(0, 34, jump_length) if k + jump_length <= 33]
    for low in reversed(tops):
        x = down(x, place, low, seed := 1000 + walks)
        walks += 1
        for _ in range(jump_n - 1):
            kept = a[30 * (low + jump_length)] / a[30 * low]
            x = kept.sqrt() * x + (1 - kept).sqrt() * draw()
            x = down(x, low + jump_length, low, seed + 7919 * walks)
            walks += 1
        place = low
    return mask * x + (1 - mask) * original


@variant("2.5b")
def repaint_with_a_loop_of_its_own(
    original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n
):
    """Up and down in double precision; where the image rises, nothing is pasted."""
    a = alphas_cumprod.double()
    x = noise.double()
    walk = places_by_counting(jump_length, jump_n)
    for k, (here, there) in enumerate(pairwise(walk)):
        t, t_next = 30 * here, 30 * there
        if t_next > t:
            kept = a[t_next] / a[t]
            x = kept.sqrt() * x + (1 - kept).sqrt() * pset.noise(x.shape, 50_000 + k)
            continue
        epsilon, v = (y.double() for y in estimate(x.float(), t))
        alpha = a[t] / a[t_next]
        x = (x - (1 - alpha) / (1 - a[t]).sqrt() * epsilon) / alpha.sqrt()
        if k < len(walk) - 2:
            x += pset.step_variance(v, a[t], a[t_next]).sqrt() * pset.noise(x.shape, 90_000 + k)
        known = a[t_next].sqrt() * original + (1 - a[t_next]).sqrt() * noise
        x = x * mask + known * (1 - mask)
    return torch.where(mask.expand_as(x) == 1, x, original.double())


@variant("2.5b")
def repaint_by_recursion(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    """The list put together from its end; the same noise for all known pixels."""

    def rest(place):
        if place == 0:
            return [0]
        return [place, *rest(place - 1)]

    places = rest(33)
    for low in range(0, 34, jump_length):
        if low + jump_length <= 33:
            at = places.index(low)
            again = list(range(low + jump_length, low - 1, -1)) * (jump_n - 1)
            places = places[: at + 1] + again + places[at + 1 :]
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    last = len(places) - 1
    steps = iter(range(1, last + 1))

    def after(x, t):
        known = scheduler.add_noise(original, noise, torch.tensor(t))
        if next(steps) == last:
            known = original
        return x * mask + known * (1 - mask)

    return pset.iterative_denoise(
        noise, 0, estimate, alphas_cumprod, [30 * k for k in places], seed=4, after_step=after
    )


# --- 2.6 -----------------------------------------------------------------------------------------


@variant("2.6")
def ilvr_by_the_difference(x, t, reference, phi, alphas_cumprod, noise):
    """φ is linear: one filter, of the difference."""
    a = alphas_cumprod[t]
    return x + phi(a.sqrt() * reference + (1 - a).sqrt() * noise - x)


@variant("2.6")
def ilvr_filtered_by_parts(x, t, reference, phi, alphas_cumprod, noise):
    """The reference and the noise filtered apart."""
    a = alphas_cumprod[t].item()
    return x - phi(x) + a**0.5 * phi(reference) + (1 - a) ** 0.5 * phi(noise)


@variant("2.6")
def ilvr_by_the_scheduler(x, t, reference, phi, alphas_cumprod, noise):
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    fine = x - phi(x)
    return fine + phi(scheduler.add_noise(reference, noise, torch.tensor([t] * len(x))))


@variant("2.6")
def ilvr_in_double_precision(x, t, reference, phi, alphas_cumprod, noise):
    a = alphas_cumprod.double()[t]
    y = a.sqrt() * reference.double() + (1 - a).sqrt() * noise.double()
    coarse = torch.stack([phi(one.double()[None])[0] for one in (y - x)])
    return (x + coarse).numpy()


# --- 2.7 -----------------------------------------------------------------------------------------


@variant("2.7")
def measured_with_the_transpose(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    """Aᵀu by hand, and the derivative of x̂_0 as a product with it."""
    a = alphas_cumprod[t]
    v = torch.zeros(0)

    def x_0_of(x):
        nonlocal v
        noise, v = estimate(x, t)
        return (x - (1 - a) ** 0.5 * noise) / a**0.5

    with torch.enable_grad():
        r = s * ((1 - a) / (1 - a + a * s**2)) ** 0.5
        with torch.no_grad():
            u = measurement.solve(y - measurement(x_0_of(x_t)), r, sigma)
        _, g = torch.autograd.functional.vjp(x_0_of, x_t, measurement.transpose(u))
    with torch.no_grad():
        noise, v = estimate(x_t, t)
    return noise - (1 - a) ** 0.5 * g, v


@variant("2.7")
def measured_by_backward(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    """The log-likelihood −½ (y − Ax̂)ᵀ(…)⁻¹(y − Ax̂) itself, by `backward`."""
    a = alphas_cumprod[t]
    x = x_t.clone().requires_grad_(True)
    with torch.enable_grad():
        noise, v = estimate(x, t)
        rest = y - measurement((x - (1 - a).sqrt() * noise) / a.sqrt())
        r = (1 / (1 / s**2 + a / (1 - a))).sqrt()  # precisions add up
        log_likelihood = -0.5 * (rest * measurement.solve(rest, r, sigma)).sum()
        log_likelihood.backward()
    return [noise.detach() - (1 - a).sqrt() * x.grad, v.detach()]


@variant("2.7")
def measured_by_chain_rule(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    """Only ε is differentiated: ∂x̂_0/∂x_t = (I − √(1−ᾱ) ∂ε/∂x_t)/√ᾱ."""
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, v = estimate(x, t)
        x_0 = ((x - (1 - a).sqrt() * noise) / a.sqrt()).detach()
        r = torch.sqrt((1 - a) * s**2 / (1 - a + a * s**2))
        w = measurement.transpose(measurement.solve(y - measurement(x_0), r, sigma))
        (back,) = torch.autograd.grad(noise, x, grad_outputs=w)
    g = (w - (1 - a).sqrt() * back) / a.sqrt()
    return noise.detach() - (1 - a).sqrt() * g, v.detach()


@variant("2.7")
def measured_by_the_score(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    """From ε to the score and back; image by image."""
    a = alphas_cumprod[t]
    r = s * (1 + s**2 * a / (1 - a)) ** -0.5
    noises, variances = [], []
    for k in range(len(x_t)):
        with torch.enable_grad():
            x = x_t[k : k + 1].detach().clone().requires_grad_()
            noise, v = estimate(x, t)
            predicted = measurement((x - (1 - a).sqrt() * noise) / a.sqrt())
            u = measurement.solve((y[k : k + 1] - predicted).detach(), r, sigma)
            (g,) = torch.autograd.grad(predicted, x, u)
        score = -noise / (1 - a).sqrt() + g
        noises.append((-(1 - a).sqrt() * score).detach())
        variances.append(v.detach().numpy())
    return torch.cat(noises), np.concatenate(variances)
