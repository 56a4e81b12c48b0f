"""Other right answers to 1.7 and 1.8."""

import math

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from solutions.variants import variant

STRIDED = [30 * k for k in reversed(range(34))]

# --- 1.7 -----------------------------------------------------------------------------------------


@variant("1.7")
def sdedit_by_arithmetic(image, i_start, denoise, alphas_cumprod, noise):
    """The timestep computed, not looked up; double precision until the loop."""
    a = alphas_cumprod.double()[990 - 30 * i_start]
    x = a**0.5 * image.double() + (1 - a) ** 0.5 * noise.double()
    return denoise(x.float(), i_start)


@variant("1.7")
def sdedit_by_library(image, i_start, denoise, alphas_cumprod, noise):
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    return denoise(image=scheduler.add_noise(image, noise, torch.tensor([STRIDED[i_start]])),
                   i_start=i_start)  # fmt: skip


@variant("1.7")
def sdedit_in_numpy(image, i_start, denoise, alphas_cumprod, noise):
    a = alphas_cumprod.numpy()[STRIDED[i_start]]
    x = np.sqrt(a) * image.numpy() + np.sqrt(1 - a) * noise.numpy()
    return denoise(torch.from_numpy(x), i_start).numpy()


@variant("1.7")
def sdedit_on_a_copy(image, i_start, denoise, alphas_cumprod, noise):
    """A copy is changed in place, by the angle of the two weights."""
    image = image.clone()
    angle = math.acos(float(alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]) ** 0.5)
    image *= math.cos(angle)
    image += math.sin(angle) * noise
    return denoise(image, i_start)


# --- 1.8 -----------------------------------------------------------------------------------------


@variant("1.8")
def inpaint_by_where(original, mask, estimate, alphas_cumprod, noise):
    """A choice for each pixel in place of a weighted sum; the schedule's end set to 1."""
    a = alphas_cumprod.clone()

    def after(x, t):
        level = a[t] if t else torch.tensor(1.0)
        known = level.sqrt() * original + (1 - level).sqrt() * noise
        return torch.where(mask > 0.5, x, known)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after)


@variant("1.8")
def inpaint_and_restore_at_the_end(original, mask, estimate, alphas_cumprod, noise):
    """Pasted with the noise of t' in every step, the original itself after the loop."""
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod

    def after(x, t):
        known = scheduler.add_noise(original, noise, torch.tensor(t))
        return x * mask + known * (1 - mask)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after)
    return x * mask + original * (1 - mask)


@variant("1.8")
def inpaint_from_a_start_with_known_pixels(original, mask, estimate, alphas_cumprod, noise):
    """Already the start has the known pixels, with the noise of 990: hardly a difference."""

    def known(t):
        return alphas_cumprod[t].sqrt() * original + (1 - alphas_cumprod[t]).sqrt() * noise

    start = mask * noise + (1 - mask) * known(990)
    x = pset.iterative_denoise(
        start, 0, estimate, alphas_cumprod, STRIDED, 180, lambda x, t: known(t).lerp(x, mask)
    )
    return torch.where(mask.bool(), x, original)


@variant("1.8")
def inpaint_in_place(original, mask, estimate, alphas_cumprod, noise):
    """Boolean indexing into a copy."""
    keep = (mask == 0).expand_as(original)

    def after(x, t):
        x = x.clone()
        known = alphas_cumprod[t] ** 0.5 * original + (1 - alphas_cumprod[t]) ** 0.5 * noise
        x[keep] = known[keep] if t > 0 else original[keep]
        return x

    return pset.iterative_denoise(noise.clone(), 0, estimate, alphas_cumprod, after_step=after)


@variant("1.8")
def inpaint_with_its_own_loop(original, mask, estimate, alphas_cumprod, noise):
    """The loop written out in double precision, the difference pasted rather than the pixels."""
    a = alphas_cumprod.double()
    x = noise.double()
    for i in range(33):
        t, t_prev = STRIDED[i], STRIDED[i + 1]
        eps, v = (y.double() for y in estimate(x.float(), t))
        alpha = a[t] / a[t_prev]
        x = (x - (1 - alpha) / (1 - a[t]).sqrt() * eps) / alpha.sqrt()
        if i == 32:
            known = original.double()
        else:
            x += pset.step_variance(v, a[t], a[t_prev]).sqrt() * pset.step_noise(x.shape, t_prev)
            known = a[t_prev].sqrt() * original + (1 - a[t_prev]).sqrt() * noise
        x += (1 - mask) * (known - x)
    return x
