"""Answers to 1.11, upsampling."""
# ruff: noqa: E501, RUF059 (as they were written)

from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import torch
import torch.nn.functional as F

import pset
from pset import iterative_denoise
from tests.pset.checks.unseen_hands import open_question, right, wrong


def _enlarge(image_64, x_T):
    return F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)


def _prepare(image_64, x_T, noise, model, noise_level):
    """y_s of equation (1)."""
    big = _enlarge(image_64, x_T)
    return model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))


def _run(model, six, t, embeds, level):
    output = model.unet(six, t, encoder_hidden_states=embeds, class_labels=level, return_dict=False)
    return output[0].split(3, dim=1)


@right("1.11")
def with_one_batch(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    B = len(x_T)
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    embeds = torch.cat([null_embeds.expand(B, -1, -1), prompt_embeds.expand(B, -1, -1)])

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        out = model.unet(
            torch.cat([six, six]), t, encoder_hidden_states=embeds, class_labels=noise_level,
            return_dict=False,
        )[0]  # fmt: skip
        eps_u, eps_c = out[:B, :3], out[B:, :3]
        return eps_u + scale * (eps_c - eps_u), out[B:, 3:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@right("1.11")
def with_formula(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    a_s = model.image_noising_scheduler.alphas_cumprod[noise_level].item()
    enlarged = torch.nn.functional.interpolate(
        image_64, size=(x_T.shape[2], x_T.shape[3]), mode="bilinear", align_corners=True
    )
    y_s = a_s**0.5 * enlarged + (1 - a_s) ** 0.5 * noise

    def estimate(x_t, t):
        x_and_y = torch.cat((x_t, y_s), 1)
        cond = model.unet(
            x_and_y,
            t,
            encoder_hidden_states=prompt_embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        uncond = model.unet(
            x_and_y,
            t,
            encoder_hidden_states=null_embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        eps = (1 - scale) * uncond[:, :3] + scale * cond[:, :3]
        return eps, cond[:, 3:6]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps=timesteps)


@right("1.11")
def with_pset_guided(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    # stage II looks like stage I once the picture and the level are filled in
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def unet(x_t, t, embeds, return_dict=False):
        picture = y_s.repeat(len(x_t) // len(y_s), 1, 1, 1)
        six = torch.cat([x_t, picture], dim=1)
        return model.unet(
            six, t, encoder_hidden_states=embeds, class_labels=noise_level, return_dict=return_dict
        )

    stage_1 = SimpleNamespace(unet=unet, prompt_embeds=lambda prompt: null_embeds)
    estimate = pset.guided(stage_1, prompt_embeds, scale)  # type: ignore[arg-type]
    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@right("1.11")
class Upsampler:
    """Called like a function: returns the large pictures."""

    def __new__(
        cls, image_64, x_T, noise, model, prompt_embeds, null_embeds,
        noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
    ):  # fmt: skip
        self = super().__new__(cls)
        self.ask = partial(model.unet, class_labels=noise_level, return_dict=False)
        self.embeds, self.scale = (null_embeds, prompt_embeds), scale
        size = list(x_T.shape[-2:])
        big = F.interpolate(image_64, size, mode="bilinear", align_corners=True)
        level = torch.full((len(big),), noise_level)
        self.y = model.image_noising_scheduler.add_noise(big, noise, level)
        return iterative_denoise(x_T, 0, self, model.alphas_cumprod, timesteps)

    def __call__(self, x_t, t):
        six = torch.cat([x_t, self.y], dim=1)
        null, prompt = (self.ask(six, t, encoder_hidden_states=e)[0] for e in self.embeds)
        noise = null[:, 0:3].lerp(prompt[:, 0:3], float(self.scale))
        return noise, prompt[:, 3:6]


@right("1.11")
def with_own_loop(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    x = x_T
    for t, s in pairwise(timesteps):
        a, b = model.alphas_cumprod[t], model.alphas_cumprod[s]
        six = torch.cat([x, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        eps = eps_u + scale * (eps_c - eps_u)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = (b.sqrt() * (1 - a / b) * x0 + (a / b).sqrt() * (1 - b) * x) / (1 - a)
        if s != timesteps[-1]:
            z = pset.step_noise(x.shape, s, device=x.device)
            x = x + pset.step_variance(v, a, b).sqrt() * z
    return x


@wrong("1.11", "Enlarges by repeating each pixel, not bilinearly.")
def repeats_pixels(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    # every pixel becomes a block
    k = x_T.shape[-1] // image_64.shape[-1]
    big = image_64.repeat_interleave(k, dim=2).repeat_interleave(k, dim=3)
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Enlarges with align_corners=False.")
def corners_free(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear")
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Enlarges with bicubic interpolation.")
def bicubic(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, x_T.shape[-2:], mode="bicubic", align_corners=True)
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Takes the guidance scale for the factor of enlargement.")
def scale_as_factor(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, scale_factor=scale, mode="bilinear", align_corners=True)
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + 4 * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Always enlarges to 256 × 256, whatever the size of x_T.")
def always_256(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, (256, 256), mode="bilinear", align_corners=True)
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the small picture and then enlarges it, so the noise is enlarged too.")
def noises_then_enlarges(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    small_noise = F.interpolate(noise, image_64.shape[-2:])
    level = torch.tensor([noise_level])
    noisy = model.image_noising_scheduler.add_noise(image_64, small_noise, level)
    y_s = _enlarge(noisy, x_T)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Puts no noise on the enlarged picture, though it tells the network noise_level.")
def clean_small_picture(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Tells the network that the small picture has no noise: class_labels is 0.")
def class_label_zero(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    H, W = x_T.shape[2], x_T.shape[3]
    x_small = F.interpolate(image_64, size=(H, W), mode="bilinear", align_corners=True)
    s = torch.tensor([noise_level])
    x_small = model.image_noising_scheduler.add_noise(x_small, noise, s)
    label = torch.zeros(len(x_T), dtype=torch.long)

    def estimate(x_t, t):
        kwargs = {"class_labels": label, "return_dict": False}
        x_in = torch.cat([x_t, x_small], dim=1)
        out_u = model.unet(x_in, t, encoder_hidden_states=null_embeds, **kwargs)[0]
        out_c = model.unet(x_in, t, encoder_hidden_states=prompt_embeds, **kwargs)[0]
        eps = out_u[:, :3] + scale * (out_c[:, :3] - out_u[:, :3])
        return eps, out_c[:, 3:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the enlarged picture with x_T, the noise that the loop starts from.")
def noise_of_the_start(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, x_T, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Draws its own noise for the enlarged picture.")
def draws_its_own(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = _enlarge(image_64, x_T)
    y_s = _prepare(image_64, x_T, pset.noise(big.shape).to(big.device), model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises all enlarged pictures with the first one's noise.")
def first_noise_for_all(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise[0], model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "The noise level is always 250, whatever noise_level says.")
def level_250(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    s = 250
    y_s = _prepare(image_64, x_T, noise, model, s)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, s)
        eps_c, v = _run(model, six, t, prompt_embeds, s)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Doesn't pass timesteps on: the loop runs over the strided ones.")
def forgets_timesteps(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod)


@wrong("1.11", "The small picture comes first in the six channels, x_t second.")
def small_picture_first(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    B, C, H, W = x_T.shape
    up = torch.nn.functional.interpolate(image_64, (H, W), mode="bilinear", align_corners=True)
    up = model.image_noising_scheduler.add_noise(up, noise, torch.tensor([noise_level]))

    def my_estimate(x_t, t):
        inp = torch.cat([up, x_t], dim=1)  # what we know first, then what we want to know
        out_c = model.unet(
            inp, t, encoder_hidden_states=prompt_embeds, class_labels=noise_level, return_dict=False
        )[0]
        out_u = model.unet(
            inp, t, encoder_hidden_states=null_embeds, class_labels=noise_level, return_dict=False
        )[0]
        eps_c, var_c = out_c[:, :C], out_c[:, C:]
        eps_u = out_u[:, :C]
        return eps_u + scale * (eps_c - eps_u), var_c

    return iterative_denoise(x_T, 0, my_estimate, model.alphas_cumprod, timesteps=timesteps)


@wrong("1.11", "class_labels is t, the timestep of x_t, instead of the noise level.")
def timestep_as_label(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    size = x_T.shape[-2:]
    big = F.interpolate(image_64, size, mode="bilinear", align_corners=True)
    y = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        out = {}
        for name, emb in {"null": null_embeds, "prompt": prompt_embeds}.items():
            out[name] = model.unet(
                torch.cat([x_t, y], dim=1),
                t,
                encoder_hidden_states=emb,
                class_labels=t,
                return_dict=False,
            )[0]
        eps_n, eps_p = out["null"][:, :3], out["prompt"][:, :3]
        return eps_n + scale * (eps_p - eps_n), out["prompt"][:, 3:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Passes the noise level as the timestep too: the network is never told t.")
def level_as_timestep(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    s = noise_level
    y_s = _prepare(image_64, x_T, noise, model, s)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, s, null_embeds, s)
        eps_c, v = _run(model, six, s, prompt_embeds, s)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the small picture to t in every step: the level should stay fixed.")
def level_falls_with_t(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    enlarged = _enlarge(image_64, x_T)
    scheduler = model.image_noising_scheduler

    def estimate(x_t, t):
        # keep the picture as noisy as x_t
        y_t = scheduler.add_noise(enlarged, noise, torch.tensor([t]))
        inputs = torch.cat([x_t, y_t], dim=1)
        (eps_u, _), (eps_c, v) = (
            _run(model, inputs, t, e, noise_level) for e in (null_embeds, prompt_embeds)
        )
        return torch.lerp(eps_u, eps_c, float(scale)), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the small picture anew in every step, with fresh noise.")
def fresh_in_every_step(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    def estimate(x_t, t):
        y_s = _prepare(image_64, x_T, torch.randn_like(noise), model, noise_level)
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises the small picture by the loop's schedule, not the noising scheduler's.")
def loops_schedule_for_the_picture(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    a = model.alphas_cumprod[noise_level]
    y_s = a.sqrt() * _enlarge(image_64, x_T) + (1 - a).sqrt() * noise

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Runs the loop on the noising scheduler's schedule.")
def noising_schedule_for_the_loop(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    noising = model.image_noising_scheduler
    y_s = noising.add_noise(_enlarge(image_64, x_T), noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    schedule = noising.alphas_cumprod.to(x_T.device)
    return iterative_denoise(x_T, 0, estimate, schedule, timesteps)


@wrong("1.11", "The run with the empty prompt doesn't get the small picture: zeros instead.")
def null_run_sees_zeros(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    nothing = torch.zeros_like(y_s)

    def estimate(x_t, t):
        eps_u, _ = _run(model, torch.cat([x_t, nothing], dim=1), t, null_embeds, noise_level)
        eps_c, v = _run(model, torch.cat([x_t, y_s], dim=1), t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Applies the guidance to all six channels of the output.")
def guides_all_six(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def ask(x_t, t, embeds):
        return model.unet(
            torch.cat([x_t, y_s], dim=1),
            t,
            encoder_hidden_states=embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]

    def estimate(x_t, t):
        u, c = ask(x_t, t, null_embeds), ask(x_t, t, prompt_embeds)
        out = u + scale * (c - u)
        return out[:, :3], out[:, 3:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "The variance comes from the empty prompt's output.")
def variance_of_the_null_run(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    n = x_T.shape[0]
    both_embeds = torch.cat([null_embeds.expand(n, -1, -1), prompt_embeds.expand(n, -1, -1)])

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1).repeat(2, 1, 1, 1)
        out = model.unet(
            six,
            t,
            encoder_hidden_states=both_embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]
        noise_pred, variance = out.split(3, dim=1)
        uncond, cond = noise_pred.chunk(2)
        return uncond + scale * (cond - uncond), variance[:n]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "No guidance at all: the prompt's estimate alone.")
def without_guidance(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        return _run(model, torch.cat([x_t, y_s], dim=1), t, prompt_embeds, noise_level)

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "γ is stage I's 7, whatever scale says.")
def scale_of_stage_one(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t, gamma=7):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + gamma * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Guides away from the prompt: the two estimates are exchanged.")
def guides_away(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, x_T.shape[-2:], mode="bilinear", align_corners=True)
    cond_img = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))
    n = x_T.shape[0]
    # first half: prompt, second half: empty prompt
    embeds = torch.cat([prompt_embeds.expand(n, -1, -1), null_embeds.expand(n, -1, -1)], dim=0)

    def cfg(x_t, t):
        x = torch.cat([torch.cat([x_t, x_t]), torch.cat([cond_img, cond_img])], dim=1)
        out = model.unet(
            x, t, encoder_hidden_states=embeds, class_labels=noise_level, return_dict=False
        )[0]
        e_null, e_prompt = out[:, :3].chunk(2)
        return e_null + scale * (e_prompt - e_null), out[:n, 3:]

    return iterative_denoise(x_T, 0, cfg, model.alphas_cumprod, timesteps)


@wrong("1.11", "Adds the enlarged picture to the result, as if the loop made only the detail.")
def adds_the_enlargement(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    detail = iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
    return _enlarge(image_64, x_T) + detail


@wrong("1.11", "Starts the loop from the noised enlargement y_s instead of from x_T.")
def starts_from_y(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(y_s, 0, estimate, model.alphas_cumprod, timesteps)


@wrong(
    "1.11",
    "Makes its own start: noises the enlarged picture to the first timestep with x_T as the noise, instead of taking x_T itself.",
)
def noises_its_start(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    a = model.alphas_cumprod[timesteps[0]]
    x_start = a.sqrt() * _enlarge(image_64, x_T) + (1 - a).sqrt() * x_T

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_start, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "The six channels have x_T in them in every step: x_t is never used.")
def asks_about_x_T(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    six_channels = torch.cat([x_T, y_s], dim=1)

    def one(t, embeds):
        return model.unet(
            six_channels,
            t,
            encoder_hidden_states=embeds,
            class_labels=noise_level,
            return_dict=False,
        )[0]

    def estimate(x_t, t):
        u, c = one(t, null_embeds), one(t, prompt_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Uses the first prompt for all pictures.")
def first_prompt(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    n = len(x_T)
    y_s = _prepare(image_64, x_T, noise, model, noise_level)
    embeds = torch.cat([null_embeds[:1]] * n + [prompt_embeds[:1]] * n)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps, v = _run(model, torch.cat([six, six]), t, embeds, noise_level)
        return eps[:n] + scale * (eps[n:] - eps[:n]), v[n:]

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Clips the result to [-1, 1].")
def result_clipped(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps).clamp(-1, 1)


@wrong("1.11", "Clips the noised small picture to [-1, 1] before it goes into the network.")
def picture_clipped(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level).clip(-1, 1)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Joins x_t and the picture along the batch instead of the channels.")
def joins_the_batch(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s])
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Noises with the caller's noise scaled in place, so it's changed afterwards.")
def scales_noise_in_place(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    a = float(model.image_noising_scheduler.alphas_cumprod[noise_level])
    y_s = _enlarge(image_64, x_T).mul_(a**0.5).add_(noise.mul_((1 - a) ** 0.5))

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Its own forward process for the small picture has no roots.")
def no_roots_on_picture(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    a = float(model.image_noising_scheduler.alphas_cumprod[noise_level])
    y_s = a * _enlarge(image_64, x_T) + (1 - a) * noise

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Two mistakes: nearest enlargement, and the six channels in the wrong order.")
def nearest_and_order(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = F.interpolate(image_64, size=x_T.shape[2:], mode="nearest")
    y_s = model.image_noising_scheduler.add_noise(big, noise, torch.tensor([noise_level]))

    def estimate(x_t, t):
        six = torch.cat([y_s, x_t], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@wrong("1.11", "Two mistakes: no noise on the small picture, and the guided variance.")
def clean_and_guided_variance(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    big = _enlarge(image_64, x_T)

    def estimate(x_t, t):
        six = torch.cat([x_t, big], dim=1)
        u = torch.cat(_run(model, six, t, null_embeds, noise_level), dim=1)
        c = torch.cat(_run(model, six, t, prompt_embeds, noise_level), dim=1)
        return torch.lerp(u, c, float(scale)).chunk(2, dim=1)

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@open_question("1.11", "May γ = 1 skip the empty prompt's run, which then has no effect?")
def one_run_without_guidance(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        if scale == 1:
            return eps_c, v
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)


@open_question("1.11", "Is it open which seed the loop's own step noise has?")
def seed_of_its_own(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):  # fmt: skip
    y_s = _prepare(image_64, x_T, noise, model, noise_level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        eps_u, _ = _run(model, six, t, null_embeds, noise_level)
        eps_c, v = _run(model, six, t, prompt_embeds, noise_level)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps, seed=pset.SEED + 1)
