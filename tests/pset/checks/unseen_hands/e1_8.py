"""Answers to 1.8, inpainting."""
# ruff: noqa: E501, E731, SIM108 (as they were written)

import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

import pset
from pset import iterative_denoise
from tests.pset.checks.unseen_hands import open_question, right, wrong


@right("1.8")
def with_a_table(original, mask, estimate, alphas_cumprod, noise):
    # what the known pixels look like at every timestep, made before the loop
    known = {}
    for t in pset.STRIDED_TIMESTEPS:
        a = alphas_cumprod[t]
        known[t] = (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)
    known[0] = (1 - mask) * original

    return iterative_denoise(
        noise, 0, estimate, alphas_cumprod, after_step=lambda x, t: mask * x + known[t]
    )


@right("1.8")
class Painter:
    """Called like a function: returns the filled-in images."""

    def __new__(cls, original, mask, estimate, alphas_cumprod, noise):
        self = super().__new__(cls)
        self.original, self.keep, self.noise = original, 1 - mask, noise
        self.schedule = alphas_cumprod
        x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=self.put_back)
        return torch.lerp(x, original, self.keep)

    def put_back(self, x, t):
        a = self.schedule[t]
        return torch.lerp(x, a**0.5 * self.original + (1 - a) ** 0.5 * self.noise, self.keep)


@right("1.8")
def with_own_loop(original, mask, estimate, alphas_cumprod, noise):
    x = noise
    steps = list(pairwise(pset.STRIDED_TIMESTEPS))
    for t, s in steps:
        a, b = alphas_cumprod[t], alphas_cumprod[s]
        alpha = a / b
        eps, v = estimate(x, t)
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = (b.sqrt() * (1 - alpha) * x0 + alpha.sqrt() * (1 - b) * x) / (1 - a)
        if s > 0:
            z = pset.step_noise(x.shape, s, device=x.device)
            x = x + pset.step_variance(v, a, b).sqrt() * z
            known = b.sqrt() * original + (1 - b).sqrt() * noise
        else:
            known = original
        x = mask * x + (1 - mask) * known
    return x


@right("1.8")
def with_where(original, mask, estimate, alphas_cumprod, noise):
    new = mask.expand_as(original) == 1

    def forward(x_0, t):
        if t == 0:
            return x_0
        return alphas_cumprod[t].sqrt() * x_0 + (1 - alphas_cumprod[t]).sqrt() * noise

    def after_step(x_t, t):
        return torch.where(new, x_t, forward(original, t))

    return iterative_denoise(noise.clone(), 0, estimate, alphas_cumprod, after_step=after_step)


@right("1.8")
def with_masked_assignment(original, mask, estimate, alphas_cumprod, noise):
    keep = (mask < 0.5).expand(original.shape)

    def after_step(x, t):
        x = x.clone()
        a = float(alphas_cumprod[t])
        noisy = math.sqrt(a) * original + math.sqrt(1 - a) * noise
        x[keep] = noisy[keep]
        return x

    result = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step).clone()
    result[keep] = original[keep]
    return result


@wrong("1.8", "The mask the other way round: keeps what should be new and paints over the rest.")
def mask_the_other_way_round(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return mask * known + (1 - mask) * x

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * original + (1 - mask) * x


@wrong("1.8", "The mask is right in the steps but the other way round in the last line.")
def last_line_inverted(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return mask * x + (1 - mask) * known

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return torch.where(mask.bool(), original, x)


@wrong("1.8", "At t' = 0 the known pixels get forward(x, 0), so a trace of noise stays.")
def trace_of_noise(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x_t, t):
        alpha_bar = alphas_cumprod[t]
        x_orig = torch.sqrt(alpha_bar) * original + torch.sqrt(1 - alpha_bar) * noise
        return mask * x_t + (1 - mask) * x_orig

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Puts the known pixels back only at the end, not after every step.")
def samples_then_pastes(original, mask, estimate, alphas_cumprod, noise):
    generated = iterative_denoise(noise, 0, estimate, alphas_cumprod)
    return generated * mask + original * (1 - mask)


@wrong("1.8", "The known pixels are put back without noise at every timestep.")
def clean_surroundings(original, mask, estimate, alphas_cumprod, noise):
    return iterative_denoise(
        noise,
        0,
        estimate,
        alphas_cumprod,
        after_step=lambda x, t: mask * x + (1 - mask) * original,
    )


@wrong("1.8", "The known pixels get the noise of the timestep that the step leaves, t, not of t'.")
def noise_of_the_step_before(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t_prime):
        if t_prime == 0:
            return mask * x + (1 - mask) * original
        t = t_prime + 30
        known = alphas_cumprod[t].sqrt() * original + (1 - alphas_cumprod[t]).sqrt() * noise
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "The known pixels get the noise of the timestep after t', so they are too clean.")
def noise_of_the_step_to_come(original, mask, estimate, alphas_cumprod, noise):
    next_t = dict(zip(pset.STRIDED_TIMESTEPS, pset.STRIDED_TIMESTEPS[1:]))

    def after_step(x, t):
        if t not in next_t:
            return mask * x + (1 - mask) * original
        a = alphas_cumprod[next_t[t]]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Draws new noise for the known pixels after every step.")
def new_noise_each_time(original, mask, estimate, alphas_cumprod, noise):
    def forward(x, t):
        eps = torch.randn_like(x)
        return alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * eps

    def after_step(x, t):
        known = forward(original, t) if t > 0 else original
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "The known pixels get the course's default noise, not the noise it's given.")
def default_noise(original, mask, estimate, alphas_cumprod, noise):
    eps = pset.noise(original.shape, device=original.device)

    def after_step(x, t):
        a = alphas_cumprod[t]
        if t == 0:
            return mask * x + (1 - mask) * original
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * eps)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong(
    "1.8", "Starts from the image with a hole, the original outside and noise inside, not noise."
)
def starts_with_hole(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        if t == 0:
            return mask * x + (1 - mask) * original
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    start = original * (1 - mask) + noise * mask
    return iterative_denoise(start, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Starts from the clean original at i_start 0; noise should be the starting point.")
def starts_from_original(original, mask, estimate, alphas_cumprod, noise):
    def replace_known(x, t):
        known = original
        if t:
            known = alphas_cumprod[t].sqrt() * original + (1 - alphas_cumprod[t]).sqrt() * noise
        return mask * x + (1 - mask) * known

    return iterative_denoise(original, 0, estimate, alphas_cumprod, after_step=replace_known)


@wrong("1.8", "Starts at i_start 10, as in image to image, with the original noised that far.")
def edits_instead(original, mask, estimate, alphas_cumprod, noise):
    i_start = 10

    def forward(t):
        a = alphas_cumprod[t]
        return a.sqrt() * original + (1 - a).sqrt() * noise

    def after_step(x, t):
        return mask * x + (1 - mask) * (original if t == 0 else forward(t))

    x = forward(pset.STRIDED_TIMESTEPS[i_start])
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Starts the loop at index 1, though the image is pure noise.")
def starts_at_index_one(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        if t == 0:
            known = original
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 1, estimate, alphas_cumprod, after_step=after_step)


@open_question(
    "1.8",
    "May the known pixels be put back in what the network sees? A step works pixel by pixel, so only the first step's input differs.",
)
def pastes_for_the_network_only(original, mask, estimate, alphas_cumprod, noise):
    def masked_estimate(x_t, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return estimate(mask * x_t + (1 - mask) * known, t)

    x = iterative_denoise(noise, 0, masked_estimate, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "Sets the noise estimate to zero outside the mask instead of putting pixels back.")
def masks_the_estimate(original, mask, estimate, alphas_cumprod, noise):
    def only_inside(x_t, t):
        eps, v = estimate(x_t, t)
        return eps * mask, v

    x = iterative_denoise(noise, 0, only_inside, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "Scales the noise in place, so it gets weaker with every step.")
def shrinking_noise(original, mask, estimate, alphas_cumprod, noise):
    eps = noise.clone()

    def after_step(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        known = alphas_cumprod[t].sqrt() * original
        known += eps.mul_((1 - alphas_cumprod[t]).sqrt())
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Applies the forward process to what it has already noised, again in every step.")
def noises_the_noised(original, mask, estimate, alphas_cumprod, noise):
    x_orig = original.clone()

    def after_step(x, t):
        nonlocal x_orig
        if t == 0:
            return mask * x + (1 - mask) * original
        x_orig = alphas_cumprod[t].sqrt() * x_orig + (1 - alphas_cumprod[t]).sqrt() * noise
        return mask * x + (1 - mask) * x_orig

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "The known pixels keep their full strength: the factor √ᾱ_t' is missing.")
def original_not_scaled(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t == 0:
            noisy = original
        else:
            noisy = original + torch.sqrt(1 - alphas_cumprod[t]) * noise
        return mask * x + (1 - mask) * noisy

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "No roots in the forward process.")
def rootless(original, mask, estimate, alphas_cumprod, noise):
    def forward(x, t):
        return alphas_cumprod[t] * x + (1 - alphas_cumprod[t]) * noise

    def after_step(x, t):
        x = mask * x + (1 - mask) * forward(original, t)
        if t == 0:
            x = mask * x + (1 - mask) * original
        return x

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Brackets missing: m·x + 1 − m·known instead of m·x + (1 − m)·known.")
def no_brackets(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return mask * x + 1 - mask * known

    out = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * out + (1 - mask) * original


@wrong("1.8", "Adds the known pixels to the image without removing what was there: no m· on x_t'.")
def adds_on_top(original, mask, estimate, alphas_cumprod, noise):
    keep = 1 - mask

    def after_step(x, t):
        a = alphas_cumprod[t]
        return x + keep * (a.sqrt() * original + (1 - a).sqrt() * noise)

    out = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return out * mask + original * keep


@wrong("1.8", "after_step doesn't return anything.")
def after_step_without_return(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        if t == 0:
            known = original
        else:
            known = a.sqrt() * original + (1 - a).sqrt() * noise
        x = mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Uses the first image's mask for all images.")
def first_mask(original, mask, estimate, alphas_cumprod, noise):
    m = mask[0, 0]  # [H, W]

    def after_step(x, t):
        a = alphas_cumprod[t]
        known = original if t == 0 else a.sqrt() * original + (1 - a).sqrt() * noise
        return m * x + (1 - m) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Puts the known pixels back only after every second step.")
def every_second_step(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t % 60 != 0:
            return x
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise if t > 0 else original
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Below t = 300 it no longer puts the known pixels back until the very end.")
def lets_go_at_300(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        if t < 300:
            return x  # let the seam heal
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * x + (1 - mask) * original


@wrong("1.8", "Softens the mask's edge, so pixels near the hole are neither new nor known.")
def feathered(original, mask, estimate, alphas_cumprod, noise):
    soft = pset.gaussian_blur(mask, kernel_size=7, sigma=1.5)

    def after_step(x, t):
        a = alphas_cumprod[t]
        known = original if t == 0 else a.sqrt() * original + (1 - a).sqrt() * noise
        return soft * x + (1 - soft) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Counts the steps and looks ᾱ up at the count, not at the timestep.")
def counts_steps(original, mask, estimate, alphas_cumprod, noise):
    count = 0

    def after_step(x, t):
        nonlocal count
        count += 1
        if count == 33:
            return mask * x + (1 - mask) * original
        a = alphas_cumprod[count]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Adds the noise of t' to the whole image, the new content too, after pasting.")
def noise_on_everything(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        x = mask * x + (1 - mask) * a.sqrt() * original
        return x + (1 - a).sqrt() * noise

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * x + (1 - mask) * original


@wrong("1.8", "Takes another schedule, the linear one, for the known pixels.")
def linear_schedule(original, mask, estimate, alphas_cumprod, noise):
    abar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))

    def after_step(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        known = float(abar[t] ** 0.5) * original + float((1 - abar[t]) ** 0.5) * noise
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("1.8", "Returns the new content alone, black-grey elsewhere: the original isn't in it.")
def only_the_patch(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * x


@wrong("1.8", "Clips the result to [-1, 1].")
def clipped_at_the_end(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    x = mask * x + (1 - mask) * original
    return torch.clamp(x, -1.0, 1.0)


@wrong("1.8", "Overwrites the caller's original: the new content is written into it.")
def writes_into_original(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    hole = mask.expand_as(original) == 1
    original[hole] = x[hole]
    return original


@wrong(
    "1.8",
    "Two mistakes: the list of timesteps stops at 30, and so the branch for t = 0, which makes the known pixels exact, is never reached.",
)
def list_stops_at_30(original, mask, estimate, alphas_cumprod, noise):
    steps = list(range(990, 0, -30))

    def after_step(x, t):
        if t == 0:
            return mask * x + (1 - mask) * original
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, steps, after_step=after_step)


@wrong("1.8", "Two mistakes: the two weights are swapped, and at the end a trace of noise is left.")
def swapped_and_not_exact(original, mask, estimate, alphas_cumprod, noise):
    def forward(x, t):
        return (1 - alphas_cumprod[t]).sqrt() * x + alphas_cumprod[t].sqrt() * noise

    put_back = lambda x, t: mask * x + (1 - mask) * forward(original, t)
    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)


@open_question(
    "1.8", "May the mask be grown by a pixel, as long as the result is the original outside?"
)
def grown_inside_the_loop(original, mask, estimate, alphas_cumprod, noise):
    wide = F.max_pool2d(mask, 3, stride=1, padding=1)

    def after_step(x, t):
        a = alphas_cumprod[t]
        return wide * x + (1 - wide) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
    return mask * x + (1 - mask) * original


@open_question("1.8", "Does the loop need its default seed? The text doesn't say which.")
def another_seed(original, mask, estimate, alphas_cumprod, noise):
    def after_step(x, t):
        a = alphas_cumprod[t]
        known = original if t == 0 else a.sqrt() * original + (1 - a).sqrt() * noise
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, seed=7, after_step=after_step)
