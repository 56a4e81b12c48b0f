"""Answers to 2.7, any measurement."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _clean(x, noise, a):
    return (x - (1 - a).sqrt() * noise) / a.sqrt()


def _spread(a, s):
    """r of equation (4)."""
    return torch.sqrt((1 - a) * s**2 / (1 - a + a * s**2))


@right("2.7")
def by_vector_jacobian(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        x_0 = _clean(x, noise, a)
        u = measurement.solve(y - measurement(x_0.detach()), _spread(a, s), sigma)
        g = torch.autograd.grad(x_0, x, grad_outputs=measurement.transpose(u))[0]
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()


@right("2.7")
def with_backward(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    r = ((1 - a) * s**2 / (1 - a + a * s**2)) ** 0.5
    with torch.enable_grad():
        x = x_t.detach().clone().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement((x - (1 - a) ** 0.5 * noise) / a**0.5)
        with torch.no_grad():
            u = measurement.solve(y - seen, r, sigma)
        torch.sum(seen * u).backward()
    return (noise - (1 - a) ** 0.5 * x.grad).detach(), variance.detach()


@wrong("2.7", "Passes r² where `solve` wants r.")
def r_squared(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    r2 = (1 - a) * s**2 / (1 - a + a * s**2)
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, r2, sigma).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()


@wrong("2.7", "Passes σ² where `solve` wants σ.")
def sigma_squared(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, _spread(a, s), sigma**2).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()


@wrong("2.7", "Doesn't hold u fixed, so its own derivative gets into the gradient.")
def u_not_fixed(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, _spread(a, s), sigma)
        g = torch.autograd.grad((seen * u).sum(), x)[0]
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()


@wrong("2.7", "Adds the gradient to the noise instead of subtracting it.")
def adds_gradient(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, _spread(a, s), sigma).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise.detach() + (1 - a).sqrt() * g, variance.detach()


@wrong("2.7", "Forgets the factor √(1 − ᾱ_t) in front of the gradient.")
def gradient_at_full_strength(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, _spread(a, s), sigma).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return (noise - g).detach(), variance.detach()


@wrong("2.7", "The derivative doesn't go through the network: ε counts as a constant.")
def around_the_network(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.no_grad():
        noise, variance = estimate(x_t, t)
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        seen = measurement(_clean(x, noise, a))
        u = measurement.solve(y - seen, _spread(a, s), sigma).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise - (1 - a).sqrt() * g, variance


@wrong("2.7", "Leaves the derivative of x̂_0 out: uses Aᵀu for the gradient.")
def without_jacobian(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    noise, variance = estimate(x_t, t)
    residual = y - measurement(_clean(x_t, noise, a))
    g = measurement.transpose(measurement.solve(residual, _spread(a, s), sigma))
    return noise - (1 - a).sqrt() * g, variance


@wrong("2.7", "Takes the residual as it is, not weighted with its covariance.")
def plain_residual(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(_clean(x, noise, a))
        u = (y - seen).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()


@wrong("2.7", "Measures the noisy image instead of the estimate of the clean one.")
def measures_noisy(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    a = alphas_cumprod[t]
    with torch.enable_grad():
        x = x_t.detach().requires_grad_()
        noise, variance = estimate(x, t)
        seen = measurement(x)
        u = measurement.solve(y - seen, _spread(a, s), sigma).detach()
        (g,) = torch.autograd.grad((seen * u).sum(), x)
    return noise.detach() - (1 - a).sqrt() * g, variance.detach()
