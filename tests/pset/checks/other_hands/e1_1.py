"""Answers to 1.1, the forward process."""

import math

import numpy as np
import torch
from diffusers import DDPMScheduler
from einops import rearrange, repeat

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


@right("1.1")
def forward_in_one_line(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@right("1.1")
def forward_with_powers(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    return im * a**0.5 + noise * (1 - a) ** 0.5


@right("1.1")
def forward_in_numpy(im, t, alphas_cumprod, noise):
    ac = alphas_cumprod.cpu().numpy()
    x = np.sqrt(ac[t]) * im.cpu().numpy() + np.sqrt(1 - ac[t]) * noise.cpu().numpy()
    return torch.from_numpy(x.astype(np.float32)).to(im.device)


@right("1.1")
def forward_as_rotation(im, t, alphas_cumprod, noise):
    # cos² + sin² = 1, so the two weights are cosine and sine of one angle
    angle = math.acos(math.sqrt(float(alphas_cumprod[t])))
    return math.cos(angle) * im + math.sin(angle) * noise


@right("1.1")
def forward_with_einsum(im, t, alphas_cumprod, noise):
    weights = torch.stack([alphas_cumprod[t], 1 - alphas_cumprod[t]]).sqrt()
    return torch.einsum("k,kbchw->bchw", weights, torch.stack([im, noise]))


@right("1.1")
def forward_per_image(im, t, alphas_cumprod, noise):
    signal = torch.sqrt(alphas_cumprod[t])
    sigma = torch.sqrt(1.0 - alphas_cumprod[t])
    out = []
    for x0, eps in zip(im, noise):
        out.append(signal * x0 + sigma * eps)
    return torch.stack(out)


@right("1.1")
def forward_on_a_copy(im, t, alphas_cumprod, noise):
    x = im.clone()
    x.mul_(alphas_cumprod[t].sqrt())
    x.add_(noise * (1 - alphas_cumprod[t]).sqrt())
    return x


@right("1.1")
def forward_with_vector_of_t(im, t, alphas_cumprod, noise):
    ts = torch.full((im.shape[0],), t, dtype=torch.long, device=alphas_cumprod.device)
    abar = rearrange(alphas_cumprod[ts], "b -> b 1 1 1")
    return torch.addcmul(abar.sqrt() * im, (1 - abar).sqrt(), noise)


@right("1.1")
def forward_by_scheduler(im, t, alphas_cumprod, noise):
    previous = torch.cat([torch.ones_like(alphas_cumprod[:1]), alphas_cumprod[:-1]])
    scheduler = DDPMScheduler(trained_betas=(1 - alphas_cumprod / previous).cpu().numpy())
    return scheduler.add_noise(im, noise, torch.tensor([t]))


@right("1.1")
def forward_in_double(im, t, alphas_cumprod, noise):
    abar = alphas_cumprod.double()[t]
    x_t = abar.sqrt() * im.double() + (1 - abar).sqrt() * noise.double()
    return x_t.to(im.dtype)


@right("1.1")
def forward_scaled_from_variance_exploding(im, t, alphas_cumprod, noise):
    abar = alphas_cumprod[t]
    sigma = ((1 - abar) / abar).sqrt()
    return (im + sigma * noise) / (1 + sigma**2).sqrt()


@wrong("1.1", "no square roots: the weights are ᾱ and 1 − ᾱ")
def forward_without_roots(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] * im + (1 - alphas_cumprod[t]) * noise


@wrong("1.1", "the root of the noise's weight is missing")
def forward_root_of_image_only(im, t, alphas_cumprod, noise):
    abar_t = alphas_cumprod[t]
    return torch.sqrt(abar_t) * im + (1 - abar_t) * noise


@wrong("1.1", "the root of the image's weight is missing")
def forward_root_of_noise_only(im, t, alphas_cumprod, noise):
    abar_t = alphas_cumprod[t]
    scaled = abar_t * im
    return scaled + math.sqrt(1 - abar_t) * noise


@wrong("1.1", "the image isn't scaled down")
def forward_image_at_full_strength(im, t, alphas_cumprod, noise):
    std = (1 - alphas_cumprod[t]) ** 0.5
    return im + std * noise


@wrong("1.1", "the weights of image and noise are swapped")
def forward_weights_swapped(im, t, alphas_cumprod, noise):
    a = torch.sqrt(alphas_cumprod[t])
    b = torch.sqrt(1 - alphas_cumprod[t])
    return b * im + a * noise


@wrong("1.1", "the noise's weight is 1 − √ᾱ in place of √(1 − ᾱ)")
def forward_one_minus_root(im, t, alphas_cumprod, noise):
    root = alphas_cumprod[t].sqrt()
    return root * im + (1 - root) * noise


@wrong("1.1", "the schedule is read at t − 1")
def forward_counts_t_from_one(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t - 1]  # t starts at 1
    return a.sqrt() * im + (1 - a).sqrt() * noise


@wrong("1.1", "the schedule is read at t + 1")
def forward_one_too_far(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[min(t + 1, len(alphas_cumprod) - 1)]
    return a.sqrt() * im + (1 - a).sqrt() * noise


@wrong("1.1", "the noise is subtracted")
def forward_minus(im, t, alphas_cumprod, noise):
    return (alphas_cumprod[t] ** 0.5) * im - ((1 - alphas_cumprod[t]) ** 0.5) * noise


@wrong("1.1", "the result is clipped to [-1, 1]")
def forward_clamped(im, t, alphas_cumprod, noise):
    x_t = alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise
    return x_t.clamp(-1, 1)


@wrong("1.1", "draws its own noise and ignores the one it is given")
def forward_draws_noise(im, t, alphas_cumprod, noise):
    noise = torch.randn_like(im)
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@wrong("1.1", "takes the course's noise in place of the argument")
def forward_with_course_noise(im, t, alphas_cumprod, noise):
    epsilon = pset.noise(im.shape, device=im.device)
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * epsilon


@wrong("1.1", "uses the notebook's schedule in place of the argument")
def forward_with_global_schedule(im, t, alphas_cumprod, noise):
    abar = alphas_bar_of_notebook.to(im.device)[t]
    return abar.sqrt() * im + (1 - abar).sqrt() * noise


@wrong("1.1", "a linear schedule 1 − t/1000 in place of ᾱ")
def forward_with_linear_schedule(im, t, alphas_cumprod, noise):
    remaining = 1 - t / 1000
    return math.sqrt(remaining) * im + math.sqrt(1 - remaining) * noise


@wrong("1.1", "takes the cumulative product once more")
def forward_cumprod_again(im, t, alphas_cumprod, noise):
    alpha_bar = torch.cumprod(alphas_cumprod, dim=0)[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise


@wrong("1.1", "uses α_t of a single step in place of ᾱ_t")
def forward_one_small_step(im, t, alphas_cumprod, noise):
    alpha = alphas_cumprod[t] / alphas_cumprod[t - 1] if t > 0 else alphas_cumprod[0]
    return alpha.sqrt() * im + (1 - alpha).sqrt() * noise


@wrong("1.1", "goes through all small steps and adds the same noise in each")
def forward_many_steps_same_noise(im, t, alphas_cumprod, noise):
    x, before = im, torch.tensor(1.0)
    for k in range(t + 1):
        alpha = alphas_cumprod[k] / before
        x = alpha.sqrt() * x + (1 - alpha).clamp_min(0).sqrt() * noise
        before = alphas_cumprod[k]
    return x


@wrong("1.1", "the schedule is read backwards")
def forward_reversed_time(im, t, alphas_cumprod, noise):
    a = torch.flip(alphas_cumprod, [0])[t]
    return a.sqrt() * im + (1 - a).sqrt() * noise


@wrong("1.1", "changes the image it is given, in place")
def forward_in_place(im, t, alphas_cumprod, noise):
    im *= alphas_cumprod[t].sqrt()
    im += (1 - alphas_cumprod[t]).sqrt() * noise
    return im


@wrong("1.1", "scales the noise it is given in place")
def forward_spoils_noise(im, t, alphas_cumprod, noise):
    noise.mul_((1 - alphas_cumprod[t]).sqrt())
    return alphas_cumprod[t].sqrt() * im + noise


@wrong("1.1", "a plus where the minus belongs: √(1 + ᾱ)")
def forward_one_plus(im, t, alphas_cumprod, noise):
    return torch.sqrt(alphas_cumprod[t]) * im + torch.sqrt(1 + alphas_cumprod[t]) * noise


@wrong("1.1", "the noise isn't scaled at all")
def forward_noise_unscaled(im, t, alphas_cumprod, noise):
    return im * alphas_cumprod[t].sqrt() + noise


@wrong("1.1", "all images of a batch get the first one's noise")
def forward_first_noise_for_all(im, t, alphas_cumprod, noise):
    eps = repeat(noise[0], "c h w -> b c h w", b=len(im))
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * eps


@wrong("1.1", "the three colours share the noise of the first channel")
def forward_grey_noise(im, t, alphas_cumprod, noise):
    grey = noise[:, :1]
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * grey


@wrong("1.1", "standardises the noise first")
def forward_standardised_noise(im, t, alphas_cumprod, noise):
    z = (noise - noise.mean()) / noise.std()
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * z


@wrong("1.1", "the roots are taken twice")
def forward_fourth_roots(im, t, alphas_cumprod, noise):
    sqrt_ac = alphas_cumprod.sqrt()
    sqrt_one_minus = (1 - alphas_cumprod).sqrt()
    return sqrt_ac[t].sqrt() * im + sqrt_one_minus[t].sqrt() * noise


@wrong("1.1", "returns half precision")
def forward_in_half(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    return (a.sqrt() * im + (1 - a).sqrt() * noise).half()


@wrong("1.1", "maps the image to [0, 1] first")
def forward_from_zero_to_one(im, t, alphas_cumprod, noise):
    im01 = (im + 1) / 2
    return alphas_cumprod[t].sqrt() * im01 + (1 - alphas_cumprod[t]).sqrt() * noise


@wrong("1.1", "returns the noise too, as a tuple")
def forward_returns_pair(im, t, alphas_cumprod, noise):
    x_t = alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise
    return x_t, noise


@right("1.1")
def forward_returns_array(im, t, alphas_cumprod, noise):
    """Was meant to be wrong, but its values are right, and numpy's arrays are accepted."""
    a = float(alphas_cumprod[t])
    return np.sqrt(a) * im.cpu().numpy() + np.sqrt(1 - a) * noise.cpu().numpy()


@wrong("1.1", "returns only the first image, without the batch's axis")
def forward_drops_batch(im, t, alphas_cumprod, noise):
    x0, eps = im[0], noise[0]
    return alphas_cumprod[t].sqrt() * x0 + (1 - alphas_cumprod[t]).sqrt() * eps


@wrong("1.1", "the noise is multiplied with the image")
def forward_multiplicative(im, t, alphas_cumprod, noise):
    return im * (alphas_cumprod[t].sqrt() + (1 - alphas_cumprod[t]).sqrt() * noise)


@wrong("1.1", "divides by √ᾱ at the end: the image at full strength under stronger noise")
def forward_rescaled(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    x = a.sqrt() * im + (1 - a).sqrt() * noise
    return x / a.sqrt()


@wrong("1.1", "normalises the result by its largest value")
def forward_normalised(im, t, alphas_cumprod, noise):
    x = alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise
    return x / x.abs().max()


@wrong("1.1", "clips the noise to [-1, 1]")
def forward_clipped_noise(im, t, alphas_cumprod, noise):
    eps = torch.clip(noise, -1, 1)
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * eps


@wrong("1.1", "adds the noise before scaling: √ᾱ multiplies both")
def forward_brackets_wrong(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * (im + (1 - alphas_cumprod[t]).sqrt() * noise)


@wrong("1.1", "the noise's weight is that of step 0")
def forward_noise_of_step_zero(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[0]).sqrt() * noise


@wrong("1.1", "the timestep is hard-coded")
def forward_at_250(im, t, alphas_cumprod, noise):
    t = 250
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@wrong("1.1", "weights ᾱ and ᾱ², and no roots")
def forward_misread_squares(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 2 * im + (1 - alphas_cumprod[t] ** 2) * noise


@wrong("1.1", "the noise is halved so that the values stay in range")
def forward_half_noise(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    return a.sqrt() * im + (1 - a).sqrt() * noise / 2


@wrong("1.1", "no roots, and the schedule is read at t − 1")
def forward_two_mistakes(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[max(t - 1, 0)]
    return a * im + (1 - a) * noise


@wrong("1.1", "the image is at full strength, and the noise is scaled without a root")
def forward_mixes_by_variance(im, t, alphas_cumprod, noise):
    variance = 1 - alphas_cumprod[t]
    return im + variance * noise


@open_question("1.1", "whether a gradient with respect to the image must survive")
def forward_without_gradient(im, t, alphas_cumprod, noise):
    with torch.no_grad():
        return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise


@open_question("1.1", "whether the result may be float64")
def forward_returns_double(im, t, alphas_cumprod, noise):
    a = alphas_cumprod[t].double()
    return a.sqrt() * im.double() + (1 - a).sqrt() * noise.double()
