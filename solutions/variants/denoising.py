"""Other right answers to 1.1, 1.2, 1.3 and the score."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from skimage.filters import gaussian

import pset
from solutions.variants import variant

# --- 1.1 -----------------------------------------------------------------------------------------


@variant("1.1")
def forward_by_angle(im, t, alphas_cumprod, noise):
    """The weights are a cosine and a sine."""
    angle = math.acos(math.sqrt(float(alphas_cumprod[t])))
    return math.cos(angle) * im + math.sin(angle) * noise


@variant("1.1")
def forward_in_numpy(im, t, alphas_cumprod, noise):
    """numpy, double precision, and a numpy array comes back."""
    a = alphas_cumprod.numpy().astype(np.float64)[t]
    return np.sqrt(a) * im.numpy() + np.sqrt(1 - a) * noise.numpy()


@variant("1.1")
def forward_on_a_copy(im, t, alphas_cumprod, noise):
    """In-place updates of a copy."""
    x = im.clone()
    x.mul_(alphas_cumprod[t] ** 0.5)
    return x.add_(noise * (1 - alphas_cumprod[t]) ** 0.5)


@variant("1.1")
def forward_by_library(im, t, alphas_cumprod, noise):
    """diffusers' own, with the given schedule."""
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    return scheduler.add_noise(im, noise, torch.tensor([t]))


@variant("1.1")
def forward_image_by_image(im, t, alphas_cumprod, noise):
    """A loop over the batch, and float64 inside."""
    a = alphas_cumprod.double()[t]
    pairs = zip(im.double(), noise.double(), strict=True)
    return torch.stack([x * a.sqrt() + n * (1 - a).sqrt() for x, n in pairs])


# --- 1.2 -----------------------------------------------------------------------------------------


@variant("1.2")
def blur_by_scipy(x_t, t):
    return torch.from_numpy(gaussian_filter(x_t.numpy(), sigma=(0, 0, 1.5, 1.5)))


@variant("1.2")
def blur_by_skimage(x_t, t):
    """Channels last, and σ by the timestep."""
    sigma = 1.0 if t < 400 else 2.5
    images = [gaussian(x.permute(1, 2, 0).numpy(), sigma, channel_axis=-1) for x in x_t]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)


@variant("1.2")
def blur_two_dimensional_kernel(x_t, t):
    """One 5 × 5 kernel, reflected at the border, channel after channel."""
    d = torch.arange(5) - 2.0
    kernel = torch.exp(-(d[:, None] ** 2 + d[None] ** 2) / (2 * 1.3**2))
    kernel = (kernel / kernel.sum())[None, None]
    padded = F.pad(x_t, (2, 2, 2, 2), mode="reflect")
    return torch.cat([F.conv2d(padded[:, c : c + 1], kernel) for c in range(3)], dim=1)


@variant("1.2")
def blur_truncated(x_t, t):
    """A large σ, cut off early, axis by axis, and the border repeated."""
    x = gaussian_filter1d(x_t.numpy(), 3.0, axis=2, truncate=1.4, mode="nearest")
    return gaussian_filter1d(x, 3.0, axis=3, truncate=1.4, mode="nearest")


@variant("1.2")
def blur_weights_renormalised(x_t, t):
    """Zero padding, divided by the weight that fell inside the image."""
    d = torch.arange(-6, 7).float()
    w = torch.exp(-(d**2) / (2 * 2.0**2))
    kernel = (w[:, None] * w).expand(3, 1, 13, 13)
    weight = F.conv2d(torch.ones_like(x_t), kernel, padding=6, groups=3)
    return F.conv2d(x_t, kernel, padding=6, groups=3) / weight


@variant("1.2")
def blur_by_fourier(x_t, t):
    """Multiplication in the frequency domain, after padding by reflection."""
    pad = 12
    x = F.pad(x_t, (pad,) * 4, mode="reflect")
    fy = torch.fft.fftfreq(x.shape[-2])[:, None]
    fx = torch.fft.fftfreq(x.shape[-1])[None]
    transfer = torch.exp(-2 * (math.pi * 1.5) ** 2 * (fy**2 + fx**2))
    return torch.fft.ifft2(torch.fft.fft2(x) * transfer).real[..., pad:-pad, pad:-pad]


@variant("1.2")
def blur_by_the_course(x_t, t):
    """The course's own blur: this exercise isn't about writing one."""
    return pset.gaussian_blur(x_t, kernel_size=13, sigma=1 + t / 700)


@variant("1.2")
def blur_around_the_border_and_clipped(x_t, t):
    """The image goes on at its other side, and the result is clipped."""
    blurred = gaussian_filter(x_t.numpy(), (0, 0, 1.8, 1.8), mode="wrap")
    return torch.from_numpy(blurred).clamp(-1, 1)


# --- 1.3 -----------------------------------------------------------------------------------------


@variant("1.3")
def one_step_double(x_t, t, model, prompt_embeds):
    """Double precision, and slices in place of a split."""
    eps = model.unet(x_t, t, prompt_embeds, return_dict=False)[0][:, :3, :, :].double()
    a = float(model.alphas_cumprod[t])
    return x_t.double() / a**0.5 - eps * ((1 - a) / a) ** 0.5


@variant("1.3")
def one_step_by_library(x_t, t, model, prompt_embeds):
    """diffusers' scheduler predicts the original sample."""
    scheduler = DDPMScheduler(variance_type="learned_range", clip_sample=False)
    scheduler.alphas_cumprod = model.alphas_cumprod
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    generator = torch.Generator().manual_seed(0)
    return scheduler.step(output, t, x_t, generator=generator).pred_original_sample


@variant("1.3")
def one_step_image_by_image(x_t, t, model, prompt_embeds):
    """One image at a time, t as a tensor, numpy at the end."""
    a = model.alphas_cumprod[t]
    estimates = []
    for x in x_t:
        out = model.unet(
            x[None], torch.tensor(t), encoder_hidden_states=prompt_embeds, return_dict=False
        )[0]
        eps = out[0, 0:3]
        estimates.append(((x - torch.sqrt(1 - a) * eps) / torch.sqrt(a)).numpy())
    return np.stack(estimates)


@variant("1.3")
def one_step_by_score(x_t, t, model, prompt_embeds):
    """Tweedie: x̂_0 = (x_t + σ² ∇ log p) / √ᾱ."""
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    gradient = -eps / (1 - a) ** 0.5
    return (x_t + (1 - a) * gradient) * a**-0.5


# --- the score -----------------------------------------------------------------------------------


@variant("score")
def score_by_one_step(x_t, t, model, prompt_embeds):
    """(√ᾱ x̂_0 − x_t) / σ², through the one-step estimate, in double precision."""
    a = model.alphas_cumprod[t].double()
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    x_0 = (x_t.double() - (1 - a).sqrt() * eps.double()) / a.sqrt()
    return (a.sqrt() * x_0 - x_t.double()) / (1 - a)


@variant("score")
def score_in_numpy(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0].numpy()
    return np.float32(-1.0) * out[:, :3] / np.sqrt(1 - model.alphas_cumprod.numpy()[t])


@variant("score")
def score_image_by_image(x_t, t, model, prompt_embeds):
    sigma = torch.pow(1 - model.alphas_cumprod[t], 0.5)
    out = [
        model.unet(x[None], t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        for x in x_t
    ]
    return torch.cat(out).chunk(2, dim=1)[0].neg().div(sigma)


@variant("score")
def score_by_the_posterior_mean(x_t, t, model, prompt_embeds):
    """∇ log p = (E[√ᾱ x_0 | x_t] − x_t) / (1 − ᾱ), the mean from diffusers' scheduler."""
    scheduler = DDPMScheduler(variance_type="learned_range", clip_sample=False)
    scheduler.alphas_cumprod = model.alphas_cumprod
    output = model.unet(x_t, t, prompt_embeds, return_dict=False)[0]
    mean = scheduler.step(output, t, x_t, generator=torch.Generator()).pred_original_sample
    a = float(scheduler.alphas_cumprod[t])
    return (mean * a**0.5 - x_t) / (1 - a)
