"""Answers to 2.25c, what was hidden."""

import torch

from pset import STRIDED_TIMESTEPS, iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


def _forward(x, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise


@right("2.25c")
def with_where(image, move, estimate, alphas_cumprod, noise):
    arrives = move(torch.ones_like(image)) != 0
    moved = move(image)

    def after_step(x, t):
        known = moved if t == STRIDED_TIMESTEPS[-1] else _forward(moved, t, alphas_cumprod, noise)
        return torch.where(arrives, known, x)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@right("2.25c")
def one_channel_of_ones(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(image.new_ones(len(image), 1, *image.shape[2:]))

    def put_back(x, t):
        return x * (1 - known) + known * _forward(moved, t, alphas_cumprod, noise)

    x = iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=put_back)
    return x * (1 - known) + known * moved


@wrong("2.25c", "Takes the mask the wrong way round: fills in where pixels arrive.")
def fills_the_known(image, move, estimate, alphas_cumprod, noise):
    moved, mask = move(image), move(torch.ones_like(image))

    def after_step(x, t):
        known = moved if t == 0 else _forward(moved, t, alphas_cumprod, noise)
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Takes for holes whatever is 0 in the moved image, so grey pixels count as holes.")
def grey_is_a_hole(image, move, estimate, alphas_cumprod, noise):
    moved = move(image)
    hole = (moved == 0).float()

    def after_step(x, t):
        known = moved if t == 0 else _forward(moved, t, alphas_cumprod, noise)
        return hole * x + (1 - hole) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "What arrives still has the noise of t = 0 at the end.")
def noise_at_the_end(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))

    def after_step(x, t):
        return (1 - known) * x + known * _forward(moved, t, alphas_cumprod, noise)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Puts the moved image back without noise.")
def without_noise(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))
    return iterative_denoise(
        noise, 0, estimate, alphas_cumprod,
        after_step=lambda x, t: torch.where(known > 0, moved, x),
    )  # fmt: skip


@wrong("2.25c", "Puts the image from before the move back.")
def image_not_moved(image, move, estimate, alphas_cumprod, noise):
    known = move(torch.ones_like(image))

    def after_step(x, t):
        back = image if t == 0 else _forward(image, t, alphas_cumprod, noise)
        return (1 - known) * x + known * back

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Pastes the moved image once, at the end.")
def only_at_the_end(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))
    new = iterative_denoise(noise, 0, estimate, alphas_cumprod)
    return known * moved + (1 - known) * new


@wrong("2.25c", "Adds the noise before the move, so that the noise is moved as well.")
def noise_moves_along(image, move, estimate, alphas_cumprod, noise):
    known = move(torch.ones_like(image))

    def after_step(x, t):
        back = move(image if t == 0 else _forward(image, t, alphas_cumprod, noise))
        return (1 - known) * x + known * back

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Starts from the noisy moved image, half way down, instead of from noise.")
def starts_half_way(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))

    def after_step(x, t):
        back = moved if t == 0 else _forward(moved, t, alphas_cumprod, noise)
        return (1 - known) * x + known * back

    i_start = 10
    x = _forward(moved, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
    return iterative_denoise(x, i_start, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Puts the moved image back with the noise of the timestep that the step has left.")
def timestep_left(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))

    def after_step(x, t):
        back = moved if t == 0 else _forward(moved, t + 30, alphas_cumprod, noise)
        return (1 - known) * x + known * back

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)


@wrong("2.25c", "Takes each step's own noise for the moved image, not the noise that it's given.")
def other_noise_put_back(image, move, estimate, alphas_cumprod, noise):
    moved, known = move(image), move(torch.ones_like(image))

    def after_step(x, t):
        z = torch.randn(image.shape, generator=torch.Generator().manual_seed(t)).to(image)
        back = moved if t == 0 else _forward(moved, t, alphas_cumprod, z)
        return (1 - known) * x + known * back

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)
