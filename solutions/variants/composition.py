"""Other right answers to 2.14 and 2.15."""

import numpy as np
import torch

from solutions.variants import variant

# --- 2.14 ----------------------------------------------------------------------------------------


@variant("2.14")
def compose_step_by_step(x_t, t, estimate_null, estimates, weights):
    """Added up in place, in a tensor of its own; the null prompt's estimate asked for each time."""
    noise = estimate_null(x_t, t)[0].clone()
    variance, wanted = torch.zeros_like(x_t), 0
    for estimate, weight in zip(estimates, weights, strict=True):
        n, v = estimate(x_t, t)
        noise += weight * (n - estimate_null(x_t, t)[0])
        if weight > 0:
            variance += v
            wanted += 1
    return noise, variance / wanted


@variant("2.14")
def compose_as_one_sum(x_t, t, estimate_null, estimates, weights):
    """The null prompt is one more concept: its weight is what's missing to 1. Double precision."""
    outputs = [torch.cat(e(x_t, t), dim=1).double() for e in [estimate_null, *estimates]]
    all_weights = torch.tensor([1 - sum(weights), *weights], dtype=torch.float64)
    wanted = (torch.tensor([0, *weights]) > 0).double()
    stacked = torch.stack(outputs)
    noise = torch.einsum("k,kbchw->bchw", all_weights, stacked[:, :, :3])
    return noise, torch.einsum("k,kbchw->bchw", wanted / wanted.sum(), stacked[:, :, 3:])


@variant("2.14")
def compose_in_numpy(x_t, t, estimate_null, estimates, weights):
    """numpy arrays, and a list comes back."""
    null = estimate_null(x_t, t)[0].numpy().astype(np.float64)
    answers = [[part.numpy() for part in estimate(x_t, t)] for estimate in estimates]
    directions = np.stack([n - null for n, _ in answers])
    variances = np.stack([v for (_, v), w in zip(answers, weights, strict=True) if w > 0])
    return [null + np.tensordot(np.array(weights), directions, axes=1), variances.mean(axis=0)]


@variant("2.14")
def compose_by_guidance(x_t, t, estimate_null, estimates, weights):
    """Each concept guided by itself; what they all have in common is counted once."""
    null, _ = estimate_null(x_t, t)
    outputs = [estimate(x_t, t) for estimate in estimates]
    guided = [null.lerp(n, float(w)) for (n, _), w in zip(outputs, weights, strict=True)]
    positive = [v for (_, v), w in zip(outputs, weights, strict=True) if w > 0]
    return torch.stack(guided).sum(0) - (len(guided) - 1) * null, sum(positive) / len(positive)


@variant("2.14")
def compose_only_what_counts(x_t, t, estimate_null, estimates, weights):
    """A concept of weight 0 isn't even asked. Image by image."""
    parts = []
    for x in x_t.split(1):
        null, _ = estimate_null(x, t)
        asked = [(w, *estimate(x, t)) for w, estimate in zip(weights, estimates, strict=True) if w]
        noise = null + sum(w * n for w, n, _ in asked) - sum(w for w, _, _ in asked) * null
        parts.append((noise, torch.stack([v for w, _, v in asked if w > 0]).mean(dim=0)))
    noises, variances = zip(*parts, strict=True)
    return torch.cat(noises), torch.cat(variances)


# --- 2.15 ----------------------------------------------------------------------------------------


def asked(x_t, t, estimates):
    """All noises, and the mean of the variances."""
    outputs = [estimate(x_t, t) for estimate in estimates]
    return torch.stack([n.double() for n, _ in outputs]), sum(v for _, v in outputs) / len(outputs)


@variant("2.15")
def product_by_signal_to_noise(x_t, t, estimates, alphas_cumprod, scale):
    """Numerator and denominator divided by 1 − ᾱ."""
    noises, variance = asked(x_t, t, estimates)
    snr = float(alphas_cumprod[t] / (1 - alphas_cumprod[t]))
    return (snr * scale**2 + 1) / (snr * scale**2 + len(estimates)) * noises.sum(0), variance


@variant("2.15")
def product_from_the_means(x_t, t, estimates, alphas_cumprod, scale):
    """Each estimate tells where its Gaussian is; then the product's own denoiser."""
    noises, variance = asked(x_t, t, estimates)
    a = alphas_cumprod[t].double()
    v = a * scale**2 + (1 - a)
    centre = (x_t.double() - v / (1 - a).sqrt() * noises).mean(0)  # √ᾱ times the mean
    return (1 - a).sqrt() * (x_t - centre) / (a * scale**2 / len(estimates) + 1 - a), variance


@variant("2.15")
def product_by_its_posterior(x_t, t, estimates, alphas_cumprod, scale):
    """x̂_0 by precisions: each factor's posterior, without the likelihood that all share."""
    noises, variance = asked(x_t, t, estimates)
    a = alphas_cumprod[t].double()
    x_0 = (x_t - (1 - a).sqrt() * noises) / a.sqrt()
    seen = a / (1 - a)  # the precision that x_t adds
    prior = scale**-2
    linear = ((prior + seen) * x_0).sum(0) - (len(estimates) - 1) * seen * x_t / a.sqrt()
    mean = linear / (len(estimates) * prior + seen)
    return ((x_t - a.sqrt() * mean) / (1 - a).sqrt()).float(), variance


@variant("2.15")
def product_in_numpy(x_t, t, estimates, alphas_cumprod, scale):
    """A ratio of variances, in numpy."""
    a, s2 = float(alphas_cumprod[t]), np.square(scale)
    answers = [[part.numpy() for part in estimate(x_t, t)] for estimate in estimates]
    noise = np.mean([n for n, _ in answers], axis=0)
    wide, narrow = (a * variance + 1 - a for variance in (s2, s2 / len(answers)))
    return noise * wide / narrow, np.mean([v for _, v in answers], axis=0)


# --- 2.15b ---------------------------------------------------------------------------------------


@variant("2.15b")
def langevin_by_one_weight(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    """η and the score's 1/σ become one factor."""
    sigma = float(1 - alphas_cumprod[t]) ** 0.5
    x = x_t
    for k in range(len(noises)):
        x = x - step_size * sigma * estimate(x, t)[0] + (2 * step_size) ** 0.5 * sigma * noises[k]
    return x


@variant("2.15b")
def langevin_in_numpy(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    """numpy, double precision, in place in a copy."""
    variance = 1 - alphas_cumprod.numpy().astype(np.float64)[t]
    eta = step_size * variance
    x = x_t.numpy().astype(np.float64)
    for z in noises.numpy():
        noise = estimate(torch.from_numpy(x).float(), t)[0].numpy()
        x += -eta * noise / np.sqrt(variance) + np.sqrt(2 * eta) * z
    return x


@variant("2.15b")
def langevin_image_by_image(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    """Each image takes all of its steps before the next one begins."""
    variance = 1 - alphas_cumprod[t]
    images = []
    for b in range(len(x_t)):
        x = x_t[b : b + 1].clone()
        for z in noises[:, b : b + 1]:
            score = estimate(x, t)[0] / -variance.sqrt()
            x.add_(step_size * variance * score).add_(z * torch.sqrt(2 * step_size * variance))
        images.append(x)
    return torch.cat(images)


@variant("2.15b")
def langevin_from_the_denoised(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    """The score by way of x̂_0: (√ᾱ·x̂_0 − x_t) / (1 − ᾱ). The last step calls itself."""
    if not len(noises):
        return x_t
    a = alphas_cumprod[t].double()
    x_0 = (x_t - (1 - a).sqrt() * estimate(x_t, t)[0]) / a.sqrt()
    eta = step_size * (1 - a)
    moved = x_t + eta * (a.sqrt() * x_0 - x_t) / (1 - a) + (2 * eta).sqrt() * noises[0]
    rest = langevin_from_the_denoised
    return rest(moved.float(), t, estimate, alphas_cumprod, noises[1:], step_size)
