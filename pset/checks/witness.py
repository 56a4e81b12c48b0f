"""A stand-in for an estimate that shows at the end what it saw on the way.

Only the finished image comes back from a student's function. So this estimate remembers what it was
asked about, and steers the new pixels of the finished image to what it remembers: one image of the
batch shows one moment. Until its moment has come, an image is denoised exactly, and the first one
to the end.
"""

import torch

from pset.checks.inputs import SCHEDULES
from pset.sampling import Estimate

STRIDE = 30
"""Between the timesteps of a step down: the variance of an exact step depends on both."""


def witness(
    schedule: str, mean: float, scale: float, moments: list[int], known_side: str
) -> Estimate:
    """An exact `estimate(x_t, t)` for x_0 ~ N(mean, scale²) in every pixel, with a memory.

    Half of an image is known, and in the other half is what the loop makes. In the new half of the
    finished batch, of 2M + 2 images, there is

    - in image 0: an image;
    - in image 1 + m: the known half, mirrored, at the call with the number `moments[m]`;
    - in image 1 + M + m: the new half at that call;
    - in the last: t/1000 of every call in a row, pixel by pixel, then zeros.

    Args:
        schedule: "cosine" or "linear".
        mean: of the images' distribution.
        scale: their standard deviation.
        moments: the calls to remember, counted from 0.
        known_side: "left" or "right".
    """
    alphas_cumprod = SCHEDULES[schedule]().double()
    batch = 2 * len(moments) + 2
    remembered: dict[int, torch.Tensor] = {}
    called_at: list[int] = []

    def of(x_t: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        if len(x_t) != batch:
            raise ValueError(
                f"estimate(x_t, t) expects the whole batch of {batch} images at once; x_t has "
                f"{len(x_t)}."
            )
        t = int(t)
        x = x_t.detach().double()
        if len(called_at) in moments:
            known = 1 + moments.index(len(called_at))
            new = known + len(moments)
            remembered.update({known: x[known].flip(-1), new: x[new]})
        called_at.append(t)
        remembered[batch - 1] = record(called_at, x[-1], known_side)

        alpha_bar = alphas_cumprod[t]
        alpha_bar_prev = alphas_cumprod[max(t - STRIDE, 0)]
        x_0, v = exact(x, mean, scale, alpha_bar, alpha_bar_prev)
        for image, target in remembered.items():
            x_0[image] = aimed_at(target, x[image], t, alpha_bar, alpha_bar_prev)
            v[image] = -1.0  # towards a fixed image, the smaller of the two variances is exact
        noise = (x - alpha_bar.sqrt() * x_0) / (1 - alpha_bar).sqrt()
        return noise.float(), v.float()

    return of


def aimed_at(
    target: torch.Tensor,
    x: torch.Tensor,
    t: int,
    alpha_bar: torch.Tensor,
    alpha_bar_prev: torch.Tensor,
) -> torch.Tensor:
    """The x̂_0 with which a walk ends at the target: the last step keeps a hundredth of x_t."""
    if t != STRIDE:
        return target
    alpha = alpha_bar / alpha_bar_prev
    of_x_0 = alpha_bar_prev.sqrt() * (1 - alpha) / (1 - alpha_bar)
    of_x_t = alpha.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar)
    return (target - of_x_t * x) / of_x_0


def record(called_at: list[int], like: torch.Tensor, known_side: str) -> torch.Tensor:
    """t/1000 of every call, in the pixels of the new half, row by row; zeros elsewhere."""
    written = torch.zeros_like(like)
    new = new_half(written, known_side)
    count = min(len(called_at), new[0].numel())
    values = torch.zeros(new[0].numel(), dtype=like.dtype)
    values[:count] = torch.tensor(called_at[:count], dtype=like.dtype) / 1000
    new.copy_(values.reshape(new.shape[1:]))
    return written


def new_half(image: torch.Tensor, known_side: str) -> torch.Tensor:
    """The half of an image, `[…, H, W]`, that isn't known: a view of it."""
    half = image.shape[-1] // 2
    return image[..., half:] if known_side == "left" else image[..., :half]


def exact(
    x: torch.Tensor,
    mean: float,
    scale: float,
    alpha_bar: torch.Tensor,
    alpha_bar_prev: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x̂_0, and the v with which a step samples p(x_t' | x_t) exactly, for x_0 ~ N(mean, scale²).

    A step adds (√ᾱ_t'·β/(1−ᾱ_t))²·Var(x_0 | x_t) less than it should if it takes x̂_0 for x_0, with
    the variance β̃. So its variance has to be larger by that.
    """
    total = alpha_bar * scale**2 + 1 - alpha_bar
    x_0 = mean + alpha_bar.sqrt() * scale**2 / total * (x - alpha_bar.sqrt() * mean)
    if alpha_bar == alpha_bar_prev:  # at t = 0 there is no step left, and no variance of one
        return x_0, torch.zeros_like(x_0)
    beta = 1 - alpha_bar / alpha_bar_prev
    beta_tilde = (1 - alpha_bar_prev) / (1 - alpha_bar) * beta
    share = alpha_bar_prev.sqrt() * beta / (1 - alpha_bar)
    variance = beta_tilde + share**2 * scale**2 * (1 - alpha_bar) / total
    # Nichol and Dhariwal 2021, equation 15, solved for f = (v + 1)/2.
    f = (variance / beta_tilde).log() / (beta / beta_tilde).log()
    return x_0, (2 * f - 1).expand_as(x_0).clone()
