"""Answers to 2.5b, RePaint."""

import torch

from pset import STRIDED_TIMESTEPS, iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong

TOP = len(STRIDED_TIMESTEPS) - 1


def _fill(places, original, mask, estimate, alphas_cumprod, noise):
    """The loop over places, counted from the clean end."""

    def after_step(x, t):
        a = alphas_cumprod[t]
        known = a.sqrt() * original + (1 - a).sqrt() * noise
        return mask * x + (1 - mask) * known

    timesteps = [30 * place for place in places]
    x = iterative_denoise(
        noise, 0, estimate, alphas_cumprod, timesteps=timesteps, after_step=after_step
    )
    return mask * x + (1 - mask) * original


def _places(jump_length, jumps, top=TOP, lowest=0):
    """The walk, with `jumps` jumps from each multiple of `jump_length` from `lowest` on."""
    left = {p: jumps for p in range(lowest, top - jump_length + 1) if p % jump_length == 0}
    place, places = top, [top]
    while place > 0 or left.get(0, 0) > 0:
        if left.get(place, 0) > 0:
            left[place] -= 1
            place += jump_length
        else:
            place -= 1
        places.append(place)
    return places


@right("2.5b")
def stretch_by_stretch(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = []
    for place in range(TOP, -1, -1):
        places.append(place)
        if place % jump_length == 0 and place + jump_length <= TOP:
            again = list(range(place + jump_length, place - 1, -1))
            places += again * (jump_n - 1)

    def after_step(x, t):
        known = alphas_cumprod[t] ** 0.5 * original + (1 - alphas_cumprod[t]) ** 0.5 * noise
        return torch.where(mask.bool(), x, known)

    timesteps = [STRIDED_TIMESTEPS[TOP - p] for p in places]
    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, timesteps, after_step=after_step)
    return torch.where(mask.bool(), x, original)


@right("2.5b")
def counts_jumps_left(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = _places(jump_length, jump_n - 1)
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Doesn't jump at all: it's plain inpainting.")
def walks_down_once(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = list(range(TOP, -1, -1))
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Jumps jump_n times from each place, so each stretch is walked once too often.")
def once_too_often(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = _places(jump_length, jump_n)
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Doesn't jump from place 0: it stops when it first gets there.")
def no_jump_at_zero(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = _places(jump_length, jump_n - 1, lowest=1)
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Cuts jumps that would go above place 33 short instead of leaving them out.")
def jumps_cut_short(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = []
    for place in range(TOP, -1, -1):
        places.append(place)
        if place % jump_length == 0 and place < TOP:
            upper = min(place + jump_length, TOP)
            for _ in range(jump_n - 1):
                places.extend(range(upper, place - 1, -1))
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Counts the multiples of jump_length from the noisy end of the list.")
def counts_from_noise(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = []
    for i in range(len(STRIDED_TIMESTEPS)):
        places.append(TOP - i)
        if i > 0 and i % jump_length == 0:
            for _ in range(jump_n - 1):
                places.extend(range(TOP - i + jump_length, TOP - i - 1, -1))
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@right("2.5b")
def climbs(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    """Was meant to be wrong, but it's the paper's own way, and the distribution is the same."""
    places = []
    for place in range(TOP, -1, -1):
        places.append(place)
        if place % jump_length == 0 and place + jump_length <= TOP:
            up = list(range(place + 1, place + jump_length + 1))
            down = list(range(place + jump_length - 1, place - 1, -1))
            places += (up + down) * (jump_n - 1)
    return _fill(places, original, mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Takes the mask the wrong way round.")
def mask_says_known(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    places = _places(jump_length, jump_n - 1)
    return _fill(places, original, 1 - mask, estimate, alphas_cumprod, noise)


@wrong("2.5b", "Leaves the noise of t = 0 in the known pixels at the very end.")
def not_quite_exact(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    timesteps = [30 * p for p in _places(jump_length, jump_n - 1)]

    def after_step(x, t):
        a = alphas_cumprod[t]
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    return iterative_denoise(
        noise, 0, estimate, alphas_cumprod, timesteps=timesteps, after_step=after_step
    )


@wrong("2.5b", "Puts the known pixels back without noise.")
def known_without_noise(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    timesteps = [30 * p for p in _places(jump_length, jump_n - 1)]
    return iterative_denoise(
        noise, 0, estimate, alphas_cumprod, timesteps,
        after_step=lambda x, t: mask * x + (1 - mask) * original,
    )  # fmt: skip


@wrong("2.5b", "Puts known pixels back with the noise of the timestep that the step has left.")
def with_paper_slip(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    timesteps = [30 * p for p in _places(jump_length, jump_n - 1)]
    step = iter(timesteps)

    def after_step(x, t):
        a = alphas_cumprod[next(step)]  # equation 8a
        return mask * x + (1 - mask) * (a.sqrt() * original + (1 - a).sqrt() * noise)

    x = iterative_denoise(
        noise, 0, estimate, alphas_cumprod, timesteps=timesteps, after_step=after_step
    )
    return mask * x + (1 - mask) * original
