"""The known mistakes in exercise 1.11."""

import torch
import torch.nn.functional as F

from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise
from solutions.mistakes import mistake


def enlarged(image, size):
    return F.interpolate(image, size, mode="bilinear", align_corners=True)


def repeated(image, size):
    return F.interpolate(image, size, mode="nearest")


def not_aligned(image, size):
    return F.interpolate(image, size, mode="bilinear", align_corners=False)


def forward(image, noise, level, model):
    alpha_bar = model.image_noising_scheduler.alphas_cumprod[level]
    return alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * noise


def split(output):
    return output[:, :3], output[:, 3:]


def right_guidance(c, u, scale):
    return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]


def stage_2(
    enlarge=enlarged,
    noised=lambda image, noise, x_T, level, t, model: forward(image, noise, level, model),
    told=lambda level, t: level,
    join=lambda x_t, low: torch.cat([x_t, low], dim=1),
    guide=right_guidance,
    always=None,
):
    """`upsample` with one of its parts replaced.

    Args:
        enlarge: (small image, size) → enlarged.
        noised: (enlarged, noise, x_T, noise level, t, model) → what to concatenate to x_t.
        told: (noise level, t) → class_labels.
        join: (x_t, the noised enlargement) → the six channels.
        guide: (conditional output, unconditional output, scale) → noise, variance.
        always: parameters that are ignored, and the values to use instead.
    """

    def upsample(
        image_64, x_T, noise, model, prompt_embeds, null_embeds,
        noise_level=250, scale=4, timesteps=STRIDED_TIMESTEPS,
    ):  # fmt: skip
        chosen = {"noise_level": noise_level, "scale": scale, "timesteps": timesteps}
        chosen |= always or {}
        level = chosen["noise_level"]
        image = enlarge(image_64, x_T.shape[-2:])

        def estimate(x_t, t):
            six = join(x_t, noised(image, noise, x_T, level, t, model))
            outputs = [
                model.unet(six, t, embeds, class_labels=told(level, t), return_dict=False)[0]
                for embeds in (prompt_embeds, null_embeds)
            ]
            return guide(*outputs, chosen["scale"])

        return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, chosen["timesteps"])

    return upsample


mistake("1.11", "small_not_noised")(stage_2(noised=lambda image, *rest: image))
mistake("1.11", "noise_not_scheduled")(stage_2(noised=lambda image, noise, *rest: image + noise))
mistake("1.11", "told_t")(stage_2(told=lambda level, t: t))
mistake("1.11", "told_0")(stage_2(told=lambda level, t: 0))
mistake("1.11", "noised_to_t")(
    stage_2(noised=lambda image, noise, x_T, level, t, model: forward(image, noise, t, model))
)
mistake("1.11", "fresh_noise_every_step")(
    stage_2(
        noised=lambda image, noise, x_T, level, t, model: forward(
            image, torch.randn_like(image), level, model
        )
    )
)
mistake("1.11", "order_swapped")(stage_2(join=lambda x_t, low: torch.cat([low, x_t], dim=1)))
mistake("1.11", "noise_of_x_T")(
    stage_2(noised=lambda image, noise, x_T, level, t, model: forward(image, x_T, level, model))
)
mistake("1.11", "pixels_repeated")(stage_2(enlarge=repeated))
mistake("1.11", "corners_not_aligned")(stage_2(enlarge=not_aligned))
mistake("1.11", "guided_variance")(stage_2(guide=lambda c, u, scale: split(u + scale * (c - u))))
mistake("1.11", "unconditional_variance")(
    stage_2(guide=lambda c, u, scale: (right_guidance(c, u, scale)[0], u[:, 3:]))
)
mistake("1.11", "halves_swapped")(
    stage_2(guide=lambda c, u, scale: (right_guidance(u, c, scale)[0], c[:, 3:]))
)
mistake("1.11", "not_guided")(stage_2(guide=lambda c, u, scale: split(c)))
mistake("1.11", "scale_ignored")(stage_2(always={"scale": 4}))
mistake("1.11", "level_ignored")(stage_2(always={"noise_level": 250}))
mistake("1.11", "timesteps_ignored")(stage_2(always={"timesteps": STRIDED_TIMESTEPS}))
