"""Answers to 2.6, ILVR."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.6")
def filters_the_difference(x, t, reference, phi, alphas_cumprod, noise):
    y = alphas_cumprod[t].sqrt() * reference + (1 - alphas_cumprod[t]).sqrt() * noise
    return x + phi(y - x)


@right("2.6")
def both_in_one_batch(x, t, reference, phi, alphas_cumprod, noise):
    a = float(alphas_cumprod[t])
    y = a**0.5 * reference + (1 - a) ** 0.5 * noise
    own, theirs = phi(torch.cat([x, y])).chunk(2)
    fine = x - own
    return fine + theirs


@wrong("2.6", "Filters the reference before the noise is added, so the noise isn't filtered.")
def filters_first(x, t, reference, phi, alphas_cumprod, noise):
    y = alphas_cumprod[t].sqrt() * phi(reference) + (1 - alphas_cumprod[t]).sqrt() * noise
    return x - phi(x) + y


@wrong("2.6", "Puts the clean reference's coarse part in, without the noise of t.")
def clean_reference(x, t, reference, phi, alphas_cumprod, noise):
    return x - phi(x) + phi(reference)


@wrong("2.6", "Doesn't take the image's own coarse part away.")
def own_part_stays(x, t, reference, phi, alphas_cumprod, noise):
    y = alphas_cumprod[t].sqrt() * reference + (1 - alphas_cumprod[t]).sqrt() * noise
    return x + phi(y)


@wrong("2.6", "The signs of the two coarse parts are exchanged.")
def plus_own_minus_reference(x, t, reference, phi, alphas_cumprod, noise):
    y = alphas_cumprod[t].sqrt() * reference + (1 - alphas_cumprod[t]).sqrt() * noise
    return x + phi(x) - phi(y)


@wrong("2.6", "Noises the reference for the strided timestep before, where the step came from.")
def timestep_of_departure(x, t, reference, phi, alphas_cumprod, noise):
    a = alphas_cumprod[min(t + 30, 990)]
    return x - phi(x) + phi(a.sqrt() * reference + (1 - a).sqrt() * noise)


@wrong("2.6", "Returns the coarse part only; the image's own fine part is lost.")
def coarse_only(x, t, reference, phi, alphas_cumprod, noise):
    a = alphas_cumprod[t]
    y = a.sqrt() * reference + (1 - a).sqrt() * noise
    x = phi(y)
    return x


@wrong("2.6", "Doesn't scale the reference by √ᾱ_t.")
def reference_unscaled(x, t, reference, phi, alphas_cumprod, noise):
    y = reference + (1 - alphas_cumprod[t]).sqrt() * noise
    return x - phi(x) + phi(y)


@wrong("2.6", "Filters the fine part once more, together with the reference.")
def filters_everything(x, t, reference, phi, alphas_cumprod, noise):
    y = alphas_cumprod[t].sqrt() * reference + (1 - alphas_cumprod[t]).sqrt() * noise
    return phi(x - phi(x) + y)


@wrong("2.6", "Draws other noise for the reference than it's given.")
def draws_for_reference(x, t, reference, phi, alphas_cumprod, noise):
    eps = torch.randn(reference.shape, generator=torch.Generator().manual_seed(t))
    y = alphas_cumprod[t].sqrt() * reference + (1 - alphas_cumprod[t]).sqrt() * eps
    return x - phi(x) + phi(y)
