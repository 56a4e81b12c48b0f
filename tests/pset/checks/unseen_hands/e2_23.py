"""Answers to 2.23, up and down without noise."""

from itertools import pairwise

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.23")
def without_clean_image(x, estimate, alphas_cumprod, timesteps):
    # (1) with x̂_0 put in, as one factor for x_t and one for ε
    for k in range(len(timesteps) - 1):
        a, b = alphas_cumprod[timesteps[k]], alphas_cumprod[timesteps[k + 1]]
        noise = estimate(x, timesteps[k])[0]
        scale = torch.sqrt(b / a)
        x = scale * x + ((1 - b).sqrt() - scale * (1 - a).sqrt()) * noise
    return x


@right("2.23")
def with_iterator(x, estimate, alphas_cumprod, timesteps):
    steps = iter(timesteps)
    t = next(steps)
    for t_next in steps:
        noise, _ = estimate(x, t)
        signal, grain = alphas_cumprod[t] ** 0.5, (1 - alphas_cumprod[t]) ** 0.5
        clean = (x - grain * noise) / signal
        x = clean * alphas_cumprod[t_next] ** 0.5 + noise * (1 - alphas_cumprod[t_next]) ** 0.5
        t = t_next
    return x


@wrong("2.23", "Asks the network at the next timestep, not at the image's own.")
def asks_about_next(x, estimate, alphas_cumprod, timesteps):
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t_next)
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x


@wrong("2.23", "Clips the clean image to [-1, 1].")
def clips_clean_image(x, estimate, alphas_cumprod, timesteps):
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = ((x - (1 - a).sqrt() * noise) / a.sqrt()).clip(-1, 1)
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x


@wrong("2.23", "Sorts the timesteps, so it always goes down.")
def always_down(x, estimate, alphas_cumprod, timesteps):
    falling = sorted(timesteps, reverse=True)
    for t, t_next in pairwise(falling):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x


@wrong("2.23", "Puts fresh noise back instead of the estimate that it took out.")
def fresh_noise(x, estimate, alphas_cumprod, timesteps):
    generator = torch.Generator().manual_seed(180)
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        x_0 = (x - (1 - a).sqrt() * estimate(x, t)[0]) / a.sqrt()
        z = torch.randn(x.shape, generator=generator).to(x)
        x = b.sqrt() * x_0 + (1 - b).sqrt() * z
    return x


@wrong("2.23", "Takes no roots when it puts the image together again.")
def no_roots_on_return(x, estimate, alphas_cumprod, timesteps):
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b * x_0 + (1 - b) * noise
    return x


@wrong("2.23", "Stops one step before the last timestep.")
def one_step_short(x, estimate, alphas_cumprod, timesteps):
    for i in range(len(timesteps) - 2):
        a, b = alphas_cumprod[timesteps[i]], alphas_cumprod[timesteps[i + 1]]
        noise = estimate(x, timesteps[i])[0]
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x


@wrong("2.23", "Exchanges the weights of the clean image and the noise in the second equation.")
def weights_exchanged(x, estimate, alphas_cumprod, timesteps):
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = (1 - b).sqrt() * x_0 + b.sqrt() * noise
    return x


@wrong("2.23", "Asks the network once, about the image at the start, and uses that in all steps.")
def one_estimate(x, estimate, alphas_cumprod, timesteps):
    noise, _ = estimate(x, timesteps[0])
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x


@wrong("2.23", "Returns the clean image of the last step, not the image at the last timestep.")
def returns_clean_image(x, estimate, alphas_cumprod, timesteps):
    for t, t_next in pairwise(timesteps):
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return x_0


@wrong("2.23", "Adds another step, from the last timestep to a clean image.")
def down_to_clean(x, estimate, alphas_cumprod, timesteps):
    for k, t in enumerate(timesteps):
        a = alphas_cumprod[t]
        noise, _ = estimate(x, t)
        x = (x - (1 - a).sqrt() * noise) / a.sqrt()
        if k + 1 < len(timesteps):
            b = alphas_cumprod[timesteps[k + 1]]
            x = b.sqrt() * x + (1 - b).sqrt() * noise
    return x
