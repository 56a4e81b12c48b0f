"""Answers to 1.11, the second stage."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage

import pset
from tests.pset.checks.other_hands import open_question, right, wrong


def _enlarged(image_64, x_T):
    """The small pictures at the size of x_T."""
    return F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)


def _noised(image_64, x_T, noise, model, noise_level):
    """y_s: the small pictures, enlarged and noised."""
    level = torch.tensor([noise_level])
    return model.image_noising_scheduler.add_noise(_enlarged(image_64, x_T), noise, level)


def _ask(model, x_t, y, t, noise_level, embeds):
    """All six channels of the network's answer."""
    six = torch.cat([x_t, y], dim=1)
    return model.unet(
        six, t, encoder_hidden_states=embeds, class_labels=noise_level, return_dict=False
    )[0]


def _guided(model, y, noise_level, prompt_embeds, null_embeds, scale):
    """An estimate for the loop."""

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return estimate


@right("1.11")
def enlarge_by_the_book(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y], dim=1)
        cond, uncond = (
            model.unet(
                six, t, encoder_hidden_states=embeds, class_labels=noise_level, return_dict=False
            )[0]
            for embeds in (prompt_embeds, null_embeds)
        )
        eps_c, variance = cond.split(3, dim=1)
        eps_u = uncond[:, :3]
        return eps_u + scale * (eps_c - eps_u), variance

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps=timesteps)


@right("1.11")
def enlarge_schedule_by_hand(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    height, width = x_T.shape[2], x_T.shape[3]
    big = torch.nn.functional.interpolate(
        image_64, size=(height, width), mode="bilinear", align_corners=True
    )
    abar = model.image_noising_scheduler.alphas_cumprod[noise_level].to(big)
    y_s = abar.sqrt() * big + (1 - abar).sqrt() * noise

    def ask(x_t, t, embeds):
        out = model.unet(
            torch.cat((x_t, y_s), 1),
            t,
            encoder_hidden_states=embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        return out.chunk(2, dim=1)

    def guided(x_t, t):
        e_u, _ = ask(x_t, t, null_embeds)
        e_c, v = ask(x_t, t, prompt_embeds)
        return (1 - scale) * e_u + scale * e_c, v

    return pset.iterative_denoise(x_T, 0, guided, model.alphas_cumprod, timesteps)


@right("1.11")
def enlarge_as_class(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    class StageTwo:
        def __init__(self):
            size = tuple(x_T.shape[-2:])
            up = F.interpolate(image_64, size, mode="bilinear", align_corners=True)
            scheduler = model.image_noising_scheduler
            self.y = scheduler.add_noise(up, noise, torch.tensor([noise_level]))

        def network(self, x, t, embeds):
            return model.unet(
                torch.cat([x, self.y], dim=1),
                t,
                encoder_hidden_states=embeds,
                class_labels=noise_level,
                return_dict=False,
            )[0]

        def __call__(self, x, t):
            c = self.network(x, t, prompt_embeds)
            u = self.network(x, t, null_embeds)
            return torch.lerp(u[:, :3], c[:, :3], float(scale)), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, StageTwo(), model.alphas_cumprod, timesteps)


@right("1.11")
def enlarge_prompts_expanded(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    n = len(x_T)
    prompts = prompt_embeds.expand(n, -1, -1)
    nothing = null_embeds.expand(n, -1, -1)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompts)
        u = _ask(model, x_t, y, t, noise_level, nothing)
        return c[:, :3] + (scale - 1) * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@right("1.11")
def enlarge_own_loop(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    abar, x = model.alphas_cumprod, x_T
    for i in range(len(timesteps) - 1):
        t, s = timesteps[i], timesteps[i + 1]
        eps, v = estimate(x, t)
        alpha = abar[t] / abar[s]
        x0 = (x - (1 - abar[t]).sqrt() * eps) / abar[t].sqrt()
        x = (
            abar[s].sqrt() * (1 - alpha) / (1 - abar[t]) * x0
            + alpha.sqrt() * (1 - abar[s]) / (1 - abar[t]) * x
        )
        if i < len(timesteps) - 2:
            sigma = pset.step_variance(v, abar[t], abar[s]).sqrt()
            x = x + sigma * pset.step_noise(x.shape, s, device=x.device)
    return x


@right("1.11")
def enlarge_with_matrices(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    # Bilinear with aligned corners: one matrix for the rows and one for the columns
    def matrix(n_out, n_in):
        position = torch.linspace(0, n_in - 1, n_out)
        weights = 1 - (position[:, None] - torch.arange(n_in)[None]).abs()
        return weights.clamp_min(0).to(image_64)

    rows = matrix(x_T.shape[2], image_64.shape[2])
    columns = matrix(x_T.shape[3], image_64.shape[3])
    large = torch.einsum("ih,bchw,jw->bcij", rows, image_64, columns)
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@right("1.11")
def enlarge_level_as_tensor(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    level = torch.tensor([noise_level], device=x_T.device)
    large = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)
    y = model.image_noising_scheduler.add_noise(large, noise, level.expand(len(x_T)))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "enlarges by repeating pixels")
def enlarge_nearest(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = F.interpolate(image_64, x_T.shape[-2:], mode="nearest")
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "enlarges bicubically")
def enlarge_bicubic(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = F.interpolate(image_64, x_T.shape[-2:], mode="bicubic", align_corners=True)
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "enlarges without align_corners")
def enlarge_corners_not_aligned(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = F.interpolate(image_64, size=x_T.shape[-2:], mode="bilinear")
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "enlarges with scipy's cubic splines")
def enlarge_with_scipy(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    zoom = (1, 1, x_T.shape[2] / image_64.shape[2], x_T.shape[3] / image_64.shape[3])
    large = torch.from_numpy(ndimage.zoom(image_64.cpu().numpy(), zoom)).to(x_T)
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "enlarges by 8-bit images, which clips and rounds")
def enlarge_with_pil(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    pictures = []
    for im in image_64:
        a = ((im.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        big = Image.fromarray(a).resize((x_T.shape[3], x_T.shape[2]), Image.Resampling.BILINEAR)
        pictures.append(torch.from_numpy(np.array(big)).permute(2, 0, 1) / 127.5 - 1)
    large = torch.stack(pictures).to(x_T)
    y = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the size is four times the small one's, whatever x_T's is")
def enlarge_times_four(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = F.interpolate(image_64, scale_factor=4, mode="bilinear", align_corners=True)
    y = model.image_noising_scheduler.add_noise(
        large[..., : x_T.shape[2], : x_T.shape[3]], noise, torch.tensor([noise_level])
    )
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "noises the small picture first and enlarges it with its noise")
def enlarge_noise_before_enlarging(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    h, w = image_64.shape[-2:]
    small_noise = noise[..., :h, :w]
    small = model.image_noising_scheduler.add_noise(
        image_64, small_noise, torch.tensor([noise_level])
    )
    y = _enlarged(small, x_T)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "no noise on the enlarged picture")
def enlarge_without_noise(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _enlarged(image_64, x_T)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "draws noise of its own for the enlarged picture")
def enlarge_draws_noise(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = _enlarged(image_64, x_T)
    y = model.image_noising_scheduler.add_noise(
        large, torch.randn_like(large), torch.tensor([noise_level])
    )
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "takes x_T for the noise of the enlarged picture")
def enlarge_noise_from_start(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, x_T, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the enlarged picture is always noised to 250")
def enlarge_level_hard_coded(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, 250)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the network is always told 250, whatever the noise level")
def enlarge_level_not_told(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, 250, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the network is told that the enlarged picture has no noise")
def enlarge_told_no_noise(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, 0, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "noises the enlarged picture by the model's own schedule")
def enlarge_models_schedule(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    a = model.alphas_cumprod[noise_level]
    y = a.sqrt() * _enlarged(image_64, x_T) + (1 - a).sqrt() * noise
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "no roots in the noise on the enlarged picture")
def enlarge_without_roots(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    a = model.image_noising_scheduler.alphas_cumprod[noise_level].to(x_T)
    y = a * _enlarged(image_64, x_T) + (1 - a) * noise
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "noise level / 1000 as the strength of the noise")
def enlarge_noise_scaled_by_hand(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    strength = noise_level / 1000
    y = (1 - strength) * _enlarged(image_64, x_T) + strength * noise
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the noise on the enlarged picture is drawn anew in every step")
def enlarge_fresh_noise_each_step(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    large = _enlarged(image_64, x_T)

    def estimate(x_t, t):
        y = model.image_noising_scheduler.add_noise(
            large, torch.randn_like(large), torch.tensor([noise_level])
        )
        return _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)(x_t, t)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the noise level follows t in place of staying fixed")
def enlarge_level_follows_t(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    def estimate(x_t, t):
        y = _noised(image_64, x_T, noise, model, t)
        return _guided(model, y, t, prompt_embeds, null_embeds, scale)(x_t, t)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the network is told t where the noise level belongs")
def enlarge_told_t(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        return _guided(model, y, t, prompt_embeds, null_embeds, scale)(x_t, t)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the network is told the noise level where t belongs")
def enlarge_level_for_t(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, noise_level, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, noise_level, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the small picture comes first in the six channels")
def enlarge_wrong_order_of_channels(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, y, x_t, t, noise_level, prompt_embeds)
        u = _ask(model, y, x_t, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the six channels hold x_T in every step, not x_t")
def enlarge_start_in_channels(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_T, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_T, y, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the six channels hold x_t twice; the small picture is forgotten")
def enlarge_picture_twice(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    def estimate(x_t, t):
        c = _ask(model, x_t, x_t, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, x_t, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the channels of both pictures alternate")
def enlarge_channels_interleaved(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def ask(x_t, t, embeds):
        six = torch.stack([x_t, y], dim=2).flatten(1, 2)
        return model.unet(
            six, t, encoder_hidden_states=embeds, class_labels=noise_level, return_dict=False
        )[0]

    def estimate(x_t, t):
        c, u = ask(x_t, t, prompt_embeds), ask(x_t, t, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the empty prompt's run doesn't see the small picture")
def enlarge_null_without_picture(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, torch.zeros_like(y), t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "clips the noised picture to [-1, 1]")
def enlarge_clips_picture(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level).clamp(-1, 1)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "no guidance: the prompt's estimate alone")
def enlarge_without_guidance(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        out = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the scale is 7, as in stage I, whatever is asked for")
def enlarge_scale_seven(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, 7)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "prompt and empty prompt are swapped")
def enlarge_guidance_swapped(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, noise_level, null_embeds, prompt_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "guidance starts from the prompt's estimate")
def enlarge_guidance_from_prompt(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return c[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the variance is the empty prompt's")
def enlarge_null_variance(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), u[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the variance is guided too")
def enlarge_guides_variance(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return tuple((u + scale * (c - u)).split(3, dim=1))

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the variance is the mean of both runs")
def enlarge_mean_variance(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), (c + u)[:, 3:] / 2

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "takes the variance channels for the noise")
def enlarge_wrong_half(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        c = _ask(model, x_t, y, t, noise_level, prompt_embeds)
        u = _ask(model, x_t, y, t, noise_level, null_embeds)
        return u[:, 3:] + scale * (c[:, 3:] - u[:, 3:]), c[:, :3]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "all pictures get the first one's prompt")
def enlarge_first_prompt_for_all(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, noise_level, prompt_embeds[:1], null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the empty prompt isn't used: both runs have the prompt")
def enlarge_prompt_twice(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    estimate = _guided(model, y, noise_level, prompt_embeds, prompt_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "ignores the timesteps it is given")
def enlarge_default_timesteps(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod)


@wrong("1.11", "begins at the second of the timesteps")
def enlarge_begins_late(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    return pset.iterative_denoise(x_T, 1, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the loop starts from the noised picture, not from x_T")
def enlarge_starts_from_picture(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    return pset.iterative_denoise(y, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "noises the enlargement to the first timestep and starts there, not from x_T")
def enlarge_starts_from_enlargement(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    a = model.alphas_cumprod[timesteps[0]]
    start = a.sqrt() * _enlarged(image_64, x_T) + (1 - a).sqrt() * x_T
    return pset.iterative_denoise(start, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the loop runs with the schedule of the small picture's noise")
def enlarge_loop_with_noising_schedule(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    schedule = model.image_noising_scheduler.alphas_cumprod.to(x_T.device)
    return pset.iterative_denoise(x_T, 0, estimate, schedule, timesteps)


@wrong("1.11", "the loop runs with stage I's schedule")
def enlarge_course_schedule(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    alphas_cumprod = pset.ClosedFormModel().alphas_cumprod.to(x_T.device)
    return pset.iterative_denoise(x_T, 0, estimate, alphas_cumprod, timesteps)


@wrong("1.11", "the second three channels are the picture of the step before")
def enlarge_conditions_on_last(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    previous = [y]

    def estimate(x_t, t):
        result = _guided(model, previous[0], noise_level, prompt_embeds, null_embeds, scale)(x_t, t)
        previous[0] = x_t
        return result

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "the picture gets more noise in every step")
def enlarge_noises_picture_again(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    pictures = [y]

    def estimate(x_t, t):
        level = torch.tensor([noise_level])
        result = _guided(model, pictures[-1], noise_level, prompt_embeds, null_embeds, scale)
        pictures.append(model.image_noising_scheduler.add_noise(pictures[-1], noise, level))
        return result(x_t, t)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "adds the enlarged picture to the result, as if stage II made the difference")
def enlarge_adds_enlargement(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    detail = pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
    return _enlarged(image_64, x_T) + detail


@wrong("1.11", "returns the pictures in [0, 1]")
def enlarge_zero_to_one(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    x = pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
    return (x + 1) / 2


@wrong("1.11", "returns the plain enlargement")
def enlarge_returns_enlargement(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    return _enlarged(image_64, x_T)


@wrong("1.11", "a single step: the clean estimate at the first timestep")
def enlarge_one_step(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    t = timesteps[0]
    eps, _ = estimate(x_T, t)
    a = float(model.alphas_cumprod[t])
    return (x_T - math.sqrt(1 - a) * eps) / math.sqrt(a)


@wrong("1.11", "only the first picture")
def enlarge_first_picture(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)[:1]
    estimate = _guided(model, y, noise_level, prompt_embeds[:1], null_embeds, scale)
    return pset.iterative_denoise(x_T[:1], 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "no noise on the enlarged picture, which is made by repeating pixels")
def enlarge_two_mistakes(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = F.interpolate(image_64, size=x_T.shape[-2:])
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "no guidance, and the timesteps are ignored")
def enlarge_plain_and_long(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        return _ask(model, x_t, y, t, noise_level, prompt_embeds).split(3, dim=1)

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod)


@wrong(
    "1.11", "the noise for the enlarged picture and that of the start are mistaken for each other"
)
def enlarge_noises_confused(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, x_T, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(noise, 0, estimate, model.alphas_cumprod, timesteps)


@open_question("1.11", "whether the estimate may be kept within the range of images")
def enlarge_thresholded(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    guided = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    def estimate(x_t, t):
        eps, v = guided(x_t, t)
        a = model.alphas_cumprod[t]
        x0 = ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
        return (x_t - a.sqrt() * x0) / (1 - a).sqrt(), v

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@open_question("1.11", "whether the small pictures may be clipped to [-1, 1] first")
def enlarge_clips_small(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64.clamp(-1, 1), x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@open_question("1.11", "whether the large pictures may be clipped to [-1, 1]")
def enlarge_clips_result(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)
    estimate = _guided(model, y, noise_level, prompt_embeds, null_embeds, scale)

    x = pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
    return x.clamp(-1, 1)


@open_question(
    "1.11", "whether the noise level may go to the network as a tensor, one for each picture"
)
def enlarge_labels_as_tensor(
    image_64,
    x_T,
    noise,
    model,
    prompt_embeds,
    null_embeds,
    noise_level=250,
    scale=4,
    timesteps=pset.STRIDED_TIMESTEPS,
):
    y = _noised(image_64, x_T, noise, model, noise_level)

    levels = torch.full((len(x_T),), noise_level, device=x_T.device)
    estimate = _guided(model, y, levels, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
