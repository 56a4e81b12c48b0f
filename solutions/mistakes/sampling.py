"""The known mistakes in exercises 1.4 to 1.6."""

import torch

import pset
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from solutions.mistakes import mistake

# --- 1.4: a loop in which you can replace each part ----------------------------------------------


def right_mean(x, x_0, alpha_bar, alpha_bar_prev):
    alpha = alpha_bar / alpha_bar_prev
    return (
        alpha_bar_prev.sqrt() * (1 - alpha) / (1 - alpha_bar) * x_0
        + alpha.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar) * x
    )


def right_deviation(variance, t, t_prev, alphas_cumprod):
    return step_variance(variance, alphas_cumprod[t], alphas_cumprod[t_prev]).sqrt()


def right_noise(shape, t, t_prev, seed):
    return pset.step_noise(shape, t_prev, seed)


def loop(
    mean=right_mean,
    deviation=right_deviation,
    draw=right_noise,
    steps=lambda timesteps, i: list(zip(timesteps[i:], timesteps[i + 1 :], strict=False)),
    noise_after_last=False,
    hook_at=lambda t, t_prev: t_prev,
):
    """A sampling loop in which you can replace one part with a wrong one."""

    def denoise(
        image, i_start, estimate, alphas_cumprod,
        timesteps=STRIDED_TIMESTEPS, seed=pset.SEED, after_step=None,
    ):  # fmt: skip
        x = image
        for t, t_prev in steps(list(timesteps), i_start):
            noise, variance = estimate(x, t)
            alpha_bar, alpha_bar_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
            x_0 = (x - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()
            x = mean(x, x_0, alpha_bar, alpha_bar_prev)
            if noise_after_last or t_prev != timesteps[-1]:
                sigma = deviation(variance, t, t_prev, alphas_cumprod)
                x = x + sigma * draw(x.shape, t, t_prev, seed)
            if after_step is not None:
                x = after_step(x, hook_at(t, t_prev))
        return x

    return denoise


def mean_with_alpha_bar(x, x_0, alpha_bar, alpha_bar_prev):
    return (
        alpha_bar_prev.sqrt() * (1 - alpha_bar) / (1 - alpha_bar) * x_0
        + alpha_bar.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar) * x
    )


def mean_as_printed(x, x_0, alpha_bar, alpha_bar_prev):
    beta = 1 - alpha_bar / alpha_bar_prev
    return (
        alpha_bar_prev.sqrt() * beta / (1 - alpha_bar_prev) * x_0
        + alpha_bar_prev.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar_prev) * x
    )


def mean_with_x0_twice(x, x_0, alpha_bar, alpha_bar_prev):
    return right_mean(x_0, x_0, alpha_bar, alpha_bar_prev)


mistake("1.4", "alpha_bar_for_alpha")(loop(mean=mean_with_alpha_bar))
mistake("1.4", "as_printed")(loop(mean=mean_as_printed))
mistake("1.4", "x0_twice")(loop(mean=mean_with_x0_twice))
mistake("1.4", "no_variance")(loop(deviation=lambda variance, t, t_prev, a: 0.0))
mistake("1.4", "variance_after_last_step")(loop(noise_after_last=True))
mistake("1.4", "variance_of_t")(
    loop(deviation=lambda variance, t, t_prev, a: right_deviation(variance, t, t - 1, a))
)
mistake("1.4", "variance_for_deviation")(
    loop(deviation=lambda variance, t, t_prev, a: right_deviation(variance, t, t_prev, a) ** 2)
)
mistake("1.4", "noise_of_t")(
    loop(draw=lambda shape, t, t_prev, seed: pset.step_noise(shape, t, seed))
)
mistake("1.4", "own_noise")(loop(draw=lambda shape, t, t_prev, seed: torch.randn(shape)))
mistake("1.4", "i_start_early")(
    loop(steps=lambda ts, i: list(zip(ts[max(i - 1, 0) :], ts[max(i - 1, 0) + 1 :], strict=False)))
)
mistake("1.4", "i_start_late")(
    loop(steps=lambda ts, i: list(zip(ts[i + 1 :], ts[i + 2 :], strict=False)))
)
mistake("1.4", "all_timesteps")(
    loop(steps=lambda ts, i: [(t, t - 1) for t in range(ts[i], ts[-1], -1)])
)
mistake("1.4", "stops_early")(
    loop(steps=lambda ts, i: list(zip(ts[i:-1], ts[i + 1 : -1], strict=False)))
)
mistake("1.4", "after_step_at_t")(loop(hook_at=lambda t, t_prev: t))


# --- 1.5 -----------------------------------------------------------------------------------------


@mistake("1.5", "image_scaled_noise")
def sample_from_faint_noise(count, denoise, size, seed):
    return denoise(0.5 * pset.noise((count, 3, size, size), seed), 0)


@mistake("1.5", "uniform_noise")
def sample_from_uniform_noise(count, denoise, size, seed):
    generator = torch.Generator().manual_seed(seed)
    return denoise(2 * torch.rand((count, 3, size, size), generator=generator) - 1, 0)


@mistake("1.5", "one_noise_for_all")
def sample_from_one_noise(count, denoise, size, seed):
    return denoise(pset.noise((1, 3, size, size), seed).expand(count, -1, -1, -1), 0)


@mistake("1.5", "starts_late")
def sample_from_the_middle(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size), seed), 10)


@mistake("1.5", "other_seed")
def sample_from_the_course_seed(count, denoise, size, seed):
    return denoise(pset.noise((count, 3, size, size)), 0)


# --- 1.6 -----------------------------------------------------------------------------------------


def guided(combine):
    """`iterative_denoise_cfg` with another way to combine the two outputs `[B, 6, H, W]`."""

    def denoise(image, i_start, model, prompt_embeds, null_embeds, scale=7):
        def estimate(x_t, t):
            conditional = model.unet(x_t, t, prompt_embeds, return_dict=False)[0]
            unconditional = model.unet(x_t, t, null_embeds, return_dict=False)[0]
            return combine(conditional, unconditional, scale)

        return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)

    return denoise


def split(output):
    return output[:, :3], output[:, 3:]


mistake("1.6", "halves_swapped")(
    guided(lambda c, u, s: (c[:, :3] + s * (u[:, :3] - c[:, :3]), c[:, 3:]))
)
mistake("1.6", "from_conditional")(
    guided(lambda c, u, s: (c[:, :3] + s * (c[:, :3] - u[:, :3]), c[:, 3:]))
)
mistake("1.6", "guided_variance")(guided(lambda c, u, s: split(u + s * (c - u))))
mistake("1.6", "unconditional_variance")(
    guided(lambda c, u, s: (u[:, :3] + s * (c[:, :3] - u[:, :3]), u[:, 3:]))
)
mistake("1.6", "not_guided")(guided(lambda c, u, s: split(c)))
mistake("1.6", "averaged")(guided(lambda c, u, s: ((c[:, :3] + u[:, :3]) / 2, c[:, 3:])))
mistake("1.6", "scale_ignored")(
    guided(lambda c, u, s: (u[:, :3] + 7 * (c[:, :3] - u[:, :3]), c[:, 3:]))
)


@mistake("1.6", "different_x")
def guided_from_two_images(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        conditional = model.unet(x_t, t, prompt_embeds, return_dict=False)[0]
        # The unconditional half sees the image as it was before the loop.
        unconditional = model.unet(image, t, null_embeds, return_dict=False)[0]
        noise = unconditional[:, :3] + scale * (conditional[:, :3] - unconditional[:, :3])
        return noise, conditional[:, 3:]

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
