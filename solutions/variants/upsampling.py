"""Other right answers to 1.11."""

from itertools import pairwise

import numpy as np
import torch
from diffusers import DDPMScheduler
from torch.nn import Upsample
from torch.nn.functional import interpolate

import pset
from solutions.variants import variant

STRIDED = tuple(30 * k for k in reversed(range(34)))


def lines(count_in, count_out):
    """The matrix that enlarges one axis linearly, first on first and last on last."""
    where = torch.linspace(0, count_in - 1, count_out, dtype=torch.float64)
    return (1 - (where[:, None] - torch.arange(count_in)).abs()).clamp_min(0)


@variant("1.11")
def upsample_in_one_batch(
    image_64, x_T, noise, model, prompt_embeds, null_embeds, noise_level=250, scale=4,
    timesteps=STRIDED,
):  # fmt: skip
    """Both halves in one run of the network, levels and timesteps as vectors."""
    n, (height, width) = len(x_T), x_T.shape[2:]
    level = torch.full((n,), noise_level)
    large = Upsample((height, width), mode="bilinear", align_corners=True)(image_64)
    guess = model.image_noising_scheduler.add_noise(large, noise, level)
    embeds = torch.cat([x.expand(n, -1, -1) for x in (null_embeds, prompt_embeds)])

    def estimate(x_t, t):
        six = torch.cat([x_t, guess], dim=1).repeat(2, 1, 1, 1)
        t, levels = torch.full((2 * n,), t), level.repeat(2)
        output = model.unet(six, t, encoder_hidden_states=embeds, class_labels=levels)[0]
        (u, _), (c, variance) = (half.split(3, dim=1) for half in output.chunk(2))
        return torch.lerp(u, c, float(scale)), variance

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@variant("1.11")
def upsample_with_matrices(
    image_64, x_T, noise, model, prompt_embeds, null_embeds, noise_level=250, scale=4,
    timesteps=STRIDED,
):  # fmt: skip
    """Enlarged by a matrix for each axis, in double precision."""
    rows = lines(image_64.shape[2], x_T.shape[2])
    columns = lines(image_64.shape[3], x_T.shape[3])
    large = rows @ image_64.double() @ columns.T
    a = model.image_noising_scheduler.alphas_cumprod.double()
    guess = (a[noise_level].sqrt() * large + (1 - a[noise_level]).sqrt() * noise).float()

    def ask(x_t, t, embeds):
        return model.unet(
            torch.cat((x_t, guess), 1), t, embeds, class_labels=noise_level, return_dict=False
        )[0].double()

    def estimate(x_t, t):
        c, u = ask(x_t, t, prompt_embeds), ask(x_t, t, null_embeds)
        return (scale * c[:, :3] + (1 - scale) * u[:, :3]).float(), c[:, 3:].float()

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps=timesteps)


@variant("1.11")
def upsample_image_by_image(
    image_64, x_T, noise, model, prompt_embeds, null_embeds, noise_level=250, scale=4,
    timesteps=STRIDED,
):  # fmt: skip
    """The estimate loops over the batch, in numpy."""
    large = interpolate(image_64, size=tuple(x_T.shape[-2:]), mode="bilinear", align_corners=True)
    a = model.image_noising_scheduler.alphas_cumprod.numpy()[noise_level]
    guess = np.sqrt(a) * large.numpy() + np.sqrt(1 - a) * noise.numpy()

    def estimate(x_t, t):
        noises, variances = [], []
        prompts = prompt_embeds.expand(len(x_t), -1, -1)
        for x, low, prompt in zip(x_t.numpy(), guess, prompts, strict=True):
            six = torch.from_numpy(np.concatenate([x, low]))[None]
            u, c = (
                model.unet(six, t, encoder_hidden_states=e, class_labels=noise_level)[0].numpy()
                for e in (null_embeds, prompt[None])
            )
            noises.append(c[:, :3] + (np.float32(scale) - 1) * (c - u)[:, :3])
            variances.append(c[:, 3:])
        return torch.from_numpy(np.concatenate(noises)), torch.from_numpy(np.concatenate(variances))

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@variant("1.11")
def upsample_with_its_own_loop(
    image_64, x_T, noise, model, prompt_embeds, null_embeds, noise_level=250, scale=4,
    timesteps=STRIDED,
):  # fmt: skip
    """The loop written out, x_t overwritten within the six channels."""
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    large = interpolate(image_64, size=tuple(x_T.shape[-2:]), mode="bilinear", align_corners=True)
    six = torch.cat([x_T, scheduler.add_noise(large, noise, torch.tensor(noise_level))], dim=1)
    a = model.alphas_cumprod
    for t, t_prev in pairwise(timesteps):
        c = model.unet(six, t, prompt_embeds, class_labels=noise_level, return_dict=False)[0]
        u = model.unet(six, t, null_embeds, class_labels=noise_level, return_dict=False)[0]
        eps = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        alpha = a[t] / a[t_prev]
        x = (six[:, :3] - (1 - alpha) / (1 - a[t]).sqrt() * eps) / alpha.sqrt()
        if t_prev != timesteps[-1]:
            sigma = pset.step_variance(c[:, 3:], a[t], a[t_prev]).sqrt()
            x += sigma * pset.step_noise(x.shape, t_prev)
        six[:, :3] = x
    return six[:, :3]
