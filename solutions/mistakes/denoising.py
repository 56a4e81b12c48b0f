"""The known mistakes in exercises 1.1 to 1.3 and in the score."""

import torch
import torch.nn.functional as F

from solutions.mistakes import mistake


def _split(x_t, t, model, prompt_embeds):
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    return output.split(3, dim=1)


# --- 1.1 -----------------------------------------------------------------------------------------


@mistake("1.1", "no_square_root")
def forward_without_roots(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] * im + (1 - alphas_cumprod[t]) * noise


@mistake("1.1", "weights_swapped")
def forward_swapped(im, t, alphas_cumprod, noise):
    return (1 - alphas_cumprod[t]).sqrt() * im + alphas_cumprod[t].sqrt() * noise


@mistake("1.1", "image_not_scaled")
def forward_full_image(im, t, alphas_cumprod, noise):
    return im + (1 - alphas_cumprod[t]).sqrt() * noise


@mistake("1.1", "noise_not_scaled")
def forward_full_noise(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * im + noise


@mistake("1.1", "alpha_for_alpha_bar")
def forward_one_step(im, t, alphas_cumprod, noise):
    alpha = alphas_cumprod[t] / alphas_cumprod[t - 1]
    return alpha.sqrt() * im + (1 - alpha).sqrt() * noise


@mistake("1.1", "beta_for_alpha_bar")
def forward_beta(im, t, alphas_cumprod, noise):
    beta = 1 - alphas_cumprod[t] / alphas_cumprod[t - 1]
    return beta.sqrt() * im + (1 - beta).sqrt() * noise


@mistake("1.1", "t_off_by_one")
def forward_off_by_one(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[t - 1]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise


@mistake("1.1", "uniform_noise")
def forward_uniform(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * torch.rand_like(im)


@mistake("1.1", "own_noise")
def forward_own_noise(im, t, alphas_cumprod, noise):
    alpha_bar = alphas_cumprod[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * torch.randn_like(im)


# --- 1.2 -----------------------------------------------------------------------------------------


def _gaussian(sigma, radius):
    d = torch.arange(-radius, radius + 1, dtype=torch.float32)
    w = torch.exp(-(d**2) / (2 * sigma**2))
    w = w / w.sum()
    return w[:, None] * w[None, :]


def _blur(x, kernel, mode="replicate"):
    radius = kernel.shape[-1] // 2
    x = F.pad(x, (radius,) * 4, mode=mode)
    return F.conv2d(x, kernel.expand(3, 1, -1, -1), groups=3)


@mistake("1.2", "unchanged")
def blur_nothing(x_t, t):
    return x_t


@mistake("1.2", "mixes_channels")
def blur_all_channels(x_t, t):
    kernel = _gaussian(2.0, 5)
    padded = F.pad(x_t, (5,) * 4, mode="replicate")
    return F.conv2d(padded, kernel.expand(3, 3, -1, -1) / 3)


@mistake("1.2", "shifts")
def blur_moved(x_t, t):
    kernel = _gaussian(2.0, 5).expand(3, 1, -1, -1)
    return F.conv2d(F.pad(x_t, (10, 0, 10, 0), mode="replicate"), kernel, groups=3)


@mistake("1.2", "darkens")
def blur_not_normalised(x_t, t):
    return _blur(x_t, 0.8 * _gaussian(2.0, 5))


@mistake("1.2", "darkens_border")
def blur_zero_padding(x_t, t):
    return _blur(x_t, _gaussian(2.0, 5), mode="constant")


@mistake("1.2", "not_gaussian")
def blur_box(x_t, t):
    return _blur(x_t, torch.full((5, 5), 1 / 25))


@mistake("1.2", "dot_vanishes")
def blur_median(x_t, t):
    windows = F.pad(x_t, (1,) * 4, mode="replicate").unfold(2, 3, 1).unfold(3, 3, 1)
    return windows.flatten(-2).median(-1).values


@mistake("1.2", "eight_bits")
def blur_in_eight_bits(x_t, t):
    blurred = _blur(x_t, _gaussian(2.0, 5))
    return ((blurred.clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1


@mistake("1.2", "clips_first")
def blur_of_clipped(x_t, t):
    return _blur(x_t.clamp(-1, 1), _gaussian(2.0, 5))


@mistake("1.2", "border_not_blurred")
def blur_where_the_kernel_fits(x_t, t):
    result = x_t.clone()
    result[..., 5:-5, 5:-5] = _blur(x_t, _gaussian(2.0, 5))[..., 5:-5, 5:-5]
    return result


@mistake("1.2", "too_weak")
def blur_hardly(x_t, t):
    return _blur(x_t, _gaussian(0.38, 2))


# --- 1.3 -----------------------------------------------------------------------------------------


@mistake("1.3", "noise_not_scaled")
def one_step_full_noise(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return (x_t - noise) / model.alphas_cumprod[t].sqrt()


@mistake("1.3", "no_division")
def one_step_faint(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return x_t - (1 - model.alphas_cumprod[t]).sqrt() * noise


@mistake("1.3", "variance_for_noise")
def one_step_variance(x_t, t, model, prompt_embeds):
    _, variance = _split(x_t, t, model, prompt_embeds)
    alpha_bar = model.alphas_cumprod[t]
    return (x_t - (1 - alpha_bar).sqrt() * variance) / alpha_bar.sqrt()


@mistake("1.3", "float16_schedule")
def one_step_half(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    alpha_bar = model.alphas_cumprod.half()[t]
    return (x_t - (1 - alpha_bar).float().sqrt() * noise) / alpha_bar.float().sqrt()


@mistake("1.3", "no_square_root")
def one_step_without_roots(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    alpha_bar = model.alphas_cumprod[t]
    return (x_t - (1 - alpha_bar) * noise) / alpha_bar


@mistake("1.3", "noise_added")
def one_step_added(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    alpha_bar = model.alphas_cumprod[t]
    return (x_t + (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()


@mistake("1.3", "returns_noise")
def one_step_noise(x_t, t, model, prompt_embeds):
    return _split(x_t, t, model, prompt_embeds)[0]


@mistake("1.3", "t_off_by_one")
def one_step_off_by_one(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    alpha_bar = model.alphas_cumprod[t - 1]
    return (x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()


# --- the score -----------------------------------------------------------------------------------


@mistake("score", "wrong_sign")
def score_sign(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return noise / (1 - model.alphas_cumprod[t]).sqrt()


@mistake("score", "divided_by_variance")
def score_variance(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return -noise / (1 - model.alphas_cumprod[t])


@mistake("score", "multiplied_by_sigma")
def score_multiplied(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return -noise * (1 - model.alphas_cumprod[t]).sqrt()


@mistake("score", "not_divided")
def score_plain(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return -noise


@mistake("score", "sigma_of_signal")
def score_signal(x_t, t, model, prompt_embeds):
    noise, _ = _split(x_t, t, model, prompt_embeds)
    return -noise / model.alphas_cumprod[t].sqrt()


@mistake("score", "variance_for_noise")
def score_of_variance(x_t, t, model, prompt_embeds):
    _, variance = _split(x_t, t, model, prompt_embeds)
    return -variance / (1 - model.alphas_cumprod[t]).sqrt()
