"""Answers to 1.11, stage II."""

import torch
import torch.nn.functional as F

import pset
from tests.pset.checks.newest_hands import right, wrong


def enlarged(image_64, x_T):
    return F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)


def noised(model, image, noise, level):
    return model.image_noising_scheduler.add_noise(image, noise, torch.tensor([level]))


def loop(model, x_T, y, prompt_embeds, null_embeds, level, scale, timesteps=pset.STRIDED_TIMESTEPS):
    """Guided denoising, with y in the last three channels."""

    def estimate(x_t, t):
        six = torch.cat([x_t, y], dim=1)
        c, u = (
            model.unet(six, t, encoder_hidden_states=e, class_labels=level, return_dict=False)[0]
            for e in (prompt_embeds, null_embeds)
        )
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@right("1.11")
def in_two_parts(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@right("1.11")
def all_in_one(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    large = F.interpolate(image_64, tuple(x_T.shape[2:]), mode="bilinear", align_corners=True)
    y_s = model.image_noising_scheduler.add_noise(large, noise, torch.tensor([noise_level]))

    def net(x_t, t, embeds):
        out = model.unet(
            torch.cat((x_t, y_s), 1),
            t,
            encoder_hidden_states=embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        return out.split(3, dim=1)

    def estimate(x_t, t):
        cond, variance = net(x_t, t, prompt_embeds)
        uncond, _ = net(x_t, t, null_embeds)
        return (1 - scale) * uncond + scale * cond, variance

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps=timesteps)


@wrong("1.11", "Doesn't put noise on the small picture.")
def clean_small_picture(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = enlarged(image_64, x_T)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "Noises the small picture with the loop's schedule, not the noising scheduler's.")
def schedule_of_the_loop(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    a = model.alphas_cumprod[noise_level]
    y = a.sqrt() * enlarged(image_64, x_T) + (1 - a).sqrt() * noise
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "Uses x_T as the small picture's noise as well.")
def one_noise_for_both(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), x_T, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "Doesn't pass the timesteps on to the loop.")
def timesteps_forgotten(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale)


@wrong("1.11", "Noises with noise_level, but tells the network that there's no noise.")
def level_zero_told(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, 0, scale, timesteps)


@wrong("1.11", "Enlarges by repeating pixels.")
def nearest(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, F.interpolate(image_64, x_T.shape[-2:]), noise, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "Enlarges with align_corners=False.")
def corners_left(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    large = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=False)
    y = noised(model, large, noise, noise_level)
    return loop(model, x_T, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "The six channels are in the wrong order: the small picture comes first.")
def small_picture_first(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)

    def estimate(x_t, t):
        six = torch.cat([y, x_t], dim=1)
        kw = {"class_labels": noise_level, "return_dict": False}
        c = model.unet(six, t, encoder_hidden_states=prompt_embeds, **kw)[0]
        u = model.unet(six, t, encoder_hidden_states=null_embeds, **kw)[0]
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the small picture to the loop's t in every step, and tells the network t.")
def noised_with_t(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    large = enlarged(image_64, x_T)

    def estimate(x_t, t):
        six = torch.cat([x_t, noised(model, large, noise, t)], dim=1)
        kw = {"class_labels": t, "return_dict": False}
        c = model.unet(six, t, encoder_hidden_states=prompt_embeds, **kw)[0]
        u = model.unet(six, t, encoder_hidden_states=null_embeds, **kw)[0]
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "The loop starts from the noised small picture instead of x_T.")
def starts_from_small(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)
    return loop(model, y, y, prompt_embeds, null_embeds, noise_level, scale, timesteps)


@wrong("1.11", "Leaves out the guidance: the prompt's estimate alone.")
def unguided(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y = noised(model, enlarged(image_64, x_T), noise, noise_level)

    def estimate(x_t, t):
        out = model.unet(
            torch.cat([x_t, y], dim=1),
            t,
            encoder_hidden_states=prompt_embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
