"""Answers to 1.8, inpainting."""

import math

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


@right("1.8")
def fill_with_closure(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        known = alphas_cumprod[t].sqrt() * original + (1 - alphas_cumprod[t]).sqrt() * noise
        return mask * x + (1 - mask) * known

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@right("1.8")
def fill_with_where(original, mask, estimate, alphas_cumprod, noise):
    new = mask.bool()

    def forward(t):
        a = alphas_cumprod[t]
        return a**0.5 * original + (1 - a) ** 0.5 * noise

    result = pset.iterative_denoise(
        noise, 0, estimate, alphas_cumprod, after_step=lambda x, t: torch.where(new, x, forward(t))
    )
    return torch.where(new, result, original)


@right("1.8")
def fill_original_at_zero(original, mask, estimate, alphas_cumprod, noise):
    def after_step(image, t):
        if t == 0:
            known = original
        else:
            abar = alphas_cumprod[t]
            known = torch.sqrt(abar) * original + torch.sqrt(1 - abar) * noise
        return image * mask + known * (1 - mask)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@right("1.8")
def fill_with_class(original, mask, estimate, alphas_cumprod, noise):
    class KeepKnown:
        def __init__(self):
            self.keep = 1 - mask

        def __call__(self, x, t):
            scheduler = DDPMScheduler()
            scheduler.alphas_cumprod = alphas_cumprod
            known = scheduler.add_noise(original, noise, torch.tensor([t]))
            return x + self.keep * (known - x)

    x = pset.iterative_denoise(noise.clone(), 0, estimate, alphas_cumprod, after_step=KeepKnown())
    return original * (1 - mask) + x * mask


@right("1.8")
def fill_with_lerp(original, mask, estimate, alphas_cumprod, noise):
    m = mask.expand_as(original).to(original.dtype)

    def hook(x, t):
        sigma = math.sqrt(1 - alphas_cumprod[t])
        known = math.sqrt(alphas_cumprod[t]) * original + sigma * noise
        return torch.lerp(known, x, m)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=hook)
    x = x.clone()
    x[m == 0] = original[m == 0]
    return x


@right("1.8")
def fill_with_masked_copy(original, mask, estimate, alphas_cumprod, noise):
    known_pixels = (mask < 0.5).expand_as(original)
    signal, sigma = alphas_cumprod.sqrt(), (1 - alphas_cumprod).sqrt()

    def restore(x, t):
        x = x.clone()
        forwarded = signal[t] * original + sigma[t] * noise
        x[known_pixels] = forwarded[known_pixels]
        return x

    out = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=restore)
    return out.masked_scatter(known_pixels, original[known_pixels])


@right("1.8")
def fill_own_loop(original, mask, estimate, alphas_cumprod, noise):
    ts, x = pset.STRIDED_TIMESTEPS, noise
    for i in range(len(ts) - 1):
        a, b = alphas_cumprod[ts[i]], alphas_cumprod[ts[i + 1]]
        eps, v = estimate(x, ts[i])
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = b.sqrt() * (1 - a / b) / (1 - a) * x0 + (a / b).sqrt() * (1 - b) / (1 - a) * x
        if i < len(ts) - 2:
            z = pset.step_noise(x.shape, ts[i + 1], device=x.device)
            x = x + pset.step_variance(v, a, b).sqrt() * z
        x = mask * x + (1 - mask) * (b.sqrt() * original + (1 - b).sqrt() * noise)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the mask is inverted")
def fill_mask_inverted(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return (1 - mask) * x + mask * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return (1 - mask) * x + mask * original


@wrong("1.8", "the mask is inverted in the loop and right at the end")
def fill_mask_inverted_in_loop(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return (1 - mask) * x + mask * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "at the end the known pixels still have the noise of t = 0")
def fill_trace_of_noise(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)


@wrong("1.8", "the known pixels are put back only at the end")
def fill_only_at_end(original, mask, estimate, alphas_cumprod, noise):
    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels are put back without noise in every step")
def fill_known_without_noise(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        return mask * x + (1 - mask) * original

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)


@wrong("1.8", "the known pixels have the noise of t, the step's start")
def fill_noise_of_departure(original, mask, estimate, alphas_cumprod, noise):
    ts = pset.STRIDED_TIMESTEPS

    def put_back(x, t_prime):
        a = alphas_cumprod[ts[ts.index(t_prime) - 1]]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "t + 30 in place of t' for the known pixels")
def fill_thirty_later(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[min(t + 30, 999)]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return torch.where(mask == 1, x, known)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return torch.where(mask == 1, x, original)


@wrong("1.8", "the known pixels get fresh noise in every step")
def fill_fresh_noise(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * torch.randn_like(original)
        return mask * x + (1 - mask) * known

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels get the step's noise in place of the argument's")
def fill_step_noise(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        z = pset.step_noise(original.shape, t, device=original.device)
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * z)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels get the course's noise, only the start gets the argument's")
def fill_course_noise(original, mask, estimate, alphas_cumprod, noise):
    eps = pset.noise(original.shape, device=original.device)

    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * eps)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "starts from noise of its own")
def fill_own_start(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    start = pset.noise(original.shape, device=original.device)
    x = pset.iterative_denoise(start, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "starts from the original without noise")
def fill_starts_from_original(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(original, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "starts half-way, from the noised original, as in image to image")
def fill_like_sdedit(original, mask, estimate, alphas_cumprod, noise):
    def forward(t):
        a = alphas_cumprod[t]
        return a.sqrt() * original + (1 - a).sqrt() * noise

    i = 10
    x = pset.iterative_denoise(
        forward(pset.STRIDED_TIMESTEPS[i]),
        i,
        estimate,
        alphas_cumprod,
        after_step=lambda x, t: mask * x + (1 - mask) * forward(t),
    )
    return mask * x + (1 - mask) * original


@wrong("1.8", "begins one step late, at i_start 1")
def fill_from_index_one(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 1, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "no roots in the forward process")
def fill_without_roots(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a * original + (1 - a) * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels aren't scaled down")
def fill_known_full_strength(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        known = original + (1 - alphas_cumprod[t]).sqrt() * noise
        return mask * x + (1 - mask) * known

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels are scaled down but have no noise")
def fill_known_only_scaled(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        return mask * x + (1 - mask) * alphas_cumprod[t].sqrt() * original

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "brackets: the mask covers the image but not the noise of the known pixels")
def fill_brackets(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * a.sqrt() * original + (1 - a).sqrt() * noise

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the new content isn't masked: x + (1 − m) · forward")
def fill_adds_known(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the known pixels aren't masked: m · x + forward")
def fill_adds_everywhere(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "noises the loop's image in place of the original")
def fill_noises_current_image(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * x + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "uses the notebook's schedule for the known pixels")
def fill_global_schedule(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_bar_of_notebook[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "all images of a batch get the first one's mask")
def fill_first_mask(original, mask, estimate, alphas_cumprod, noise):
    m = mask[0]

    def put_back(x, t):
        a = alphas_cumprod[t]
        return m * x + (1 - m) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return m * x + (1 - m) * original


@wrong("1.8", "fresh noise in every step, and its trace is left at the end")
def fill_fresh_noise_left(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        eps = pset.noise(original.shape, pset.SEED + t, original.device)
        return torch.where(mask > 0, x, a.sqrt() * original + (1 - a).sqrt() * eps)

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)


@wrong("1.8", "known pixels without noise, and the loop starts from the original with a noisy hole")
def fill_noise_in_hole_only(original, mask, estimate, alphas_cumprod, noise):
    start = original * (1 - mask) + noise * mask
    return pset.iterative_denoise(
        start,
        0,
        estimate,
        alphas_cumprod,
        after_step=lambda x, t: original * (1 - mask) + x * mask,
    )


@open_question("1.8", "whether known pixels may go into what the estimate sees, not after the step")
def fill_before_step(original, mask, estimate, alphas_cumprod, noise):
    def masked_estimate(x, t):
        a = alphas_cumprod[t]
        x = mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)
        return estimate(x, t)

    x = pset.iterative_denoise(noise, 0, masked_estimate, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the noise estimate is masked, the known pixels' set to zero")
def fill_masks_estimate(original, mask, estimate, alphas_cumprod, noise):
    def masked(x, t):
        eps, v = estimate(x, t)
        return mask * eps, v

    x = pset.iterative_denoise(noise, 0, masked, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "the noise estimate of the known pixels is replaced by the true noise")
def fill_true_noise_in_estimate(original, mask, estimate, alphas_cumprod, noise):
    def corrected(x, t):
        eps, v = estimate(x, t)
        return mask * eps + (1 - mask) * noise, v

    x = pset.iterative_denoise(noise, 0, corrected, alphas_cumprod)
    return mask * x + (1 - mask) * original


@wrong("1.8", "only the hole's pixels go into the network: the rest is blacked out")
def fill_hides_surroundings(original, mask, estimate, alphas_cumprod, noise):
    def only_hole(x, t):
        return mask * x

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=only_hole)
    return mask * x + (1 - mask) * original


@wrong("1.8", "puts the known pixels back in every second step only")
def fill_every_second_step(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        if (t // 30) % 2:
            return x
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "after_step returns nothing")
def fill_hook_without_return(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        x = mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "pastes the noise's pixels into the noise: a noisy frame at the end")
def fill_known_noise_at_end(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * noise


@wrong("1.8", "softens the mask's edge")
def fill_soft_mask(original, mask, estimate, alphas_cumprod, noise):
    soft = torch.nn.functional.avg_pool2d(mask, 3, stride=1, padding=1)

    def put_back(x, t):
        a = alphas_cumprod[t]
        return soft * x + (1 - soft) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return soft * x + (1 - soft) * original


@wrong("1.8", "changes the original in place")
def fill_into_original(original, mask, estimate, alphas_cumprod, noise):
    before = original.clone()

    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * before + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    new = mask.expand_as(original) == 1
    original[new] = x[new]
    return original


@wrong("1.8", "clips the known pixels at every step")
def fill_clips_known(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        known = (a.sqrt() * original + (1 - a).sqrt() * noise).clamp(-1, 1)
        return mask * x + (1 - mask) * known

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "image and noise weights are swapped for the known pixels")
def fill_weights_swapped(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * ((1 - a).sqrt() * original + a.sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@wrong("1.8", "returns only the hole: zero where the original belongs")
def fill_returns_hole(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return mask * pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)


@open_question("1.8", "whether the new content may be clipped to [-1, 1] at the end")
def fill_clips_new(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x.clamp(-1, 1) + (1 - mask) * original


@open_question("1.8", "whether the known pixels are put in before the first step, too")
def fill_known_at_start(original, mask, estimate, alphas_cumprod, noise):
    def put_back(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    start = put_back(noise, pset.STRIDED_TIMESTEPS[0])
    x = pset.iterative_denoise(start, 0, estimate, alphas_cumprod, after_step=put_back)
    return mask * x + (1 - mask) * original


@open_question("1.8", "what a mask between 0 and 1 means; here it is rounded")
def fill_rounds_mask(original, mask, estimate, alphas_cumprod, noise):
    hard = torch.from_numpy(np.rint(mask.cpu().numpy())).to(original)

    def put_back(x, t):
        a = alphas_cumprod[t]
        return hard * x + (1 - hard) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return hard * x + (1 - hard) * original
