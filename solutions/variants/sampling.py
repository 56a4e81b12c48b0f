"""Other right answers to 1.4, 1.5 and 1.6."""

from functools import partial

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from solutions.variants import variant

STRIDED = list(range(0, 991, 30))[::-1]

# --- 1.4 -----------------------------------------------------------------------------------------


@variant("1.4")
def loop_by_index_in_double_precision(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=180, after_step=None
):
    """An index, float64 throughout, the posterior mean by its textbook form."""
    timesteps = STRIDED if timesteps is None else timesteps
    a = alphas_cumprod.double()
    x = image.double()
    for i in range(i_start, len(timesteps) - 1):
        t, t_prev = timesteps[i], timesteps[i + 1]
        eps, v = (y.double() for y in estimate(x.float(), t))
        beta = 1 - a[t] / a[t_prev]
        x0 = x / a[t] ** 0.5 - eps * (1 / a[t] - 1) ** 0.5
        mean = (a[t_prev] ** 0.5 * beta * x0 + (1 - beta) ** 0.5 * (1 - a[t_prev]) * x) / (1 - a[t])
        x = mean
        if i < len(timesteps) - 2:
            log_max = beta.log()
            log_min = (beta * (1 - a[t_prev]) / (1 - a[t])).log()
            log_variance = log_min + (v + 1) / 2 * (log_max - log_min)
            x = mean + torch.exp(log_variance / 2) * pset.step_noise(x.shape, t_prev, seed)
        if after_step:
            x = after_step(x.float(), t_prev).double()
    return x


@variant("1.4")
def loop_in_terms_of_noise(
    image, i_start, estimate, alphas_cumprod, timesteps=tuple(STRIDED), seed=180, after_step=None
):
    """The mean as (x_t − β/√(1−ᾱ)·ε)/√α, which is the same (Ho et al. 2020, eq. 11)."""
    todo = list(timesteps)[i_start:]
    x = image.clone()
    while len(todo) > 1:
        t, t_prev = todo.pop(0), todo[0]
        eps, v = estimate(x, t)
        alpha = alphas_cumprod[t] / alphas_cumprod[t_prev]
        x = (x - (1 - alpha) / torch.sqrt(1 - alphas_cumprod[t]) * eps) / torch.sqrt(alpha)
        if len(todo) > 1:
            variance = pset.step_variance(v, alphas_cumprod[t], alphas_cumprod[t_prev])
            x += variance**0.5 * pset.step_noise(x.shape, t_prev, seed)
        x = x if after_step is None else after_step(x, t_prev)
    return x


@variant("1.4")
def loop_by_library(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=180, after_step=None
):
    """diffusers' scheduler for the mean, the noise by hand."""
    timesteps = timesteps or STRIDED
    scheduler = DDPMScheduler(variance_type="fixed_small", clip_sample=False)
    scheduler.alphas_cumprod = alphas_cumprod
    scheduler.set_timesteps(timesteps=timesteps)
    x = image
    for t, t_prev in zip(timesteps[i_start:-1], timesteps[i_start + 1 :], strict=True):
        eps, v = estimate(x, t)
        x0 = scheduler.step(
            eps, t, x, generator=torch.Generator().manual_seed(0)
        ).pred_original_sample
        alpha = alphas_cumprod[t] / alphas_cumprod[t_prev]
        rest = 1 - alphas_cumprod[t]
        x = (
            alphas_cumprod[t_prev].sqrt() * (1 - alpha) / rest * x0
            + alpha.sqrt() * (1 - alphas_cumprod[t_prev]) / rest * x
        )
        last = t_prev == timesteps[-1]
        sigma = pset.step_variance(v, alphas_cumprod[t], alphas_cumprod[t_prev]).sqrt()
        x = x + (0 if last else 1) * sigma * pset.step_noise(x.shape, t_prev, seed)
        if after_step is not None:
            x = after_step(x, t_prev)
    return x


@variant("1.4")
def loop_in_numpy(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=180, after_step=None
):
    """numpy between the runs of the network."""
    timesteps = timesteps if timesteps is not None else STRIDED
    a = alphas_cumprod.numpy().astype(np.float64)
    x = image.numpy()
    for t, t_prev in zip(timesteps[i_start:], timesteps[i_start + 1 :], strict=False):
        eps, v = (y.numpy() for y in estimate(torch.from_numpy(np.float32(x)), t))
        alpha = a[t] / a[t_prev]
        x0 = (x - np.sqrt(1 - a[t]) * eps) / np.sqrt(a[t])
        x = (
            np.sqrt(a[t_prev]) * (1 - alpha) / (1 - a[t]) * x0
            + np.sqrt(alpha) * (1 - a[t_prev]) / (1 - a[t]) * x
        )
        if t_prev != timesteps[-1]:
            big, small = np.log(1 - alpha), np.log((1 - alpha) * (1 - a[t_prev]) / (1 - a[t]))
            sigma = np.exp(0.5 * ((v + 1) / 2 * big + (1 - v) / 2 * small))
            x = x + sigma * pset.step_noise(x.shape, t_prev, seed).numpy()
        if after_step is not None:
            x = after_step(torch.from_numpy(x), t_prev).numpy()
    return x


variant("1.4")(pset.iterative_denoise)

# --- 1.5 -----------------------------------------------------------------------------------------


@variant("1.5")
def sample_by_keyword(count, denoise, size, seed):
    return denoise(image=pset.noise(shape=[count, 3, size, size], seed=seed), i_start=0)


@variant("1.5")
def sample_with_its_own_generator(count, denoise, size, seed):
    generator = torch.Generator(device="cpu")
    generator.manual_seed(seed)
    start = torch.randn(count, 3, size, size, generator=generator, dtype=torch.float32)
    return denoise(start, 0)


@variant("1.5")
def sample_one_after_the_other(count, denoise, size, seed):
    """The noise drawn at once, the loop run image by image."""
    return torch.cat([denoise(x[None], 0) for x in pset.noise((count, 3, size, size), seed)])


@variant("1.5")
def sample_in_double_precision(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed=seed).double(), 0)


# --- 1.6 -----------------------------------------------------------------------------------------


def cfg_with(estimate_from):
    def iterative_denoise_cfg(image, i_start, model, prompt_embeds, null_embeds, scale=7):
        estimate = partial(
            estimate_from, model=model, prompt=prompt_embeds, null=null_embeds, scale=scale
        )
        return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)

    iterative_denoise_cfg.__name__ = estimate_from.__name__
    return iterative_denoise_cfg


@variant("1.6")
@cfg_with
def guidance_in_one_batch(x_t, t, model, prompt, null, scale):
    """Both halves in one run of the network."""
    n = len(x_t)
    embeds = torch.cat([null.expand(n, -1, -1), prompt.expand(n, -1, -1)])
    output = model.unet(x_t.repeat(2, 1, 1, 1), t, embeds, return_dict=False)[0]
    (noise_u, _), (noise_c, variance) = (half.split(3, dim=1) for half in output.chunk(2))
    return noise_u.lerp(noise_c, scale), variance


@variant("1.6")
@cfg_with
def guidance_as_a_weighted_sum(x_t, t, model, prompt, null, scale):
    """γ ε_c + (1 − γ) ε_u, in double precision."""
    c = model.unet(x_t, t, encoder_hidden_states=prompt, return_dict=False)[0].double()
    u = model.unet(x_t, t, encoder_hidden_states=null, return_dict=False)[0].double()
    return (scale * c[:, :3] + (1 - scale) * u[:, :3]).float(), c[:, 3:].float()


@variant("1.6")
@cfg_with
def guidance_image_by_image(x_t, t, model, prompt, null, scale):
    """A loop over the batch, in numpy."""
    noise, variance = [], []
    for x in x_t:
        u = model.unet(x[None], t, encoder_hidden_states=null, return_dict=False)[0].numpy()
        c = model.unet(x[None], t, encoder_hidden_states=prompt, return_dict=False)[0].numpy()
        noise.append(torch.from_numpy(u[:, :3] + np.float32(scale) * (c - u)[:, :3]))
        variance.append(torch.from_numpy(c[:, 3:]))
    return torch.cat(noise), torch.cat(variance)


@variant("1.6")
def guidance_with_its_own_loop(image, i_start, model, prompt_embeds, null_embeds, scale=7.0):
    """The whole loop written out once more."""
    a = model.alphas_cumprod
    x = image
    for t, t_prev in zip(STRIDED[i_start:], STRIDED[i_start + 1 :], strict=False):
        c = model.unet(x, t, prompt_embeds, return_dict=False)[0]
        u = model.unet(x, t, null_embeds, return_dict=False)[0]
        eps = c[:, :3] + (scale - 1) * (c[:, :3] - u[:, :3])
        alpha = a[t] / a[t_prev]
        x = (x - (1 - alpha) / (1 - a[t]).sqrt() * eps) / alpha.sqrt()
        if t_prev > 0:
            sigma = pset.step_variance(c[:, 3:], a[t], a[t_prev]).sqrt()
            x = x + sigma * pset.step_noise(x.shape, t_prev)
    return x
