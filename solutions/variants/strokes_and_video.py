"""Other right answers to 2.3, 2.4 and 2.4b."""

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from solutions.variants import variant

STRIDED = [30 * k for k in reversed(range(34))]

# --- 2.3 -----------------------------------------------------------------------------------------


@variant("2.3")
def strokes_from_a_start_with_the_photograph(
    image, painted, region, i_start, estimate, alphas_cumprod, noise
):
    """The photograph is outside the region from the start on."""

    def known(t):
        return alphas_cumprod[t] ** 0.5 * image + (1 - alphas_cumprod[t]) ** 0.5 * noise

    t = STRIDED[i_start]
    start = alphas_cumprod[t] ** 0.5 * painted + (1 - alphas_cumprod[t]) ** 0.5 * noise
    x = pset.iterative_denoise(
        torch.lerp(known(t), start, region),
        i_start,
        estimate,
        alphas_cumprod,
        after_step=lambda x, t: torch.lerp(known(t), x, region),
    )
    return torch.where(region > 0.5, x, image)


@variant("2.3")
def strokes_by_indexing(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    """Pixels chosen by a mask of booleans, in a copy."""
    stays = region.expand_as(image) == 0

    def noisy(x, t):
        level = alphas_cumprod.double()[t]
        return (level.sqrt() * x.double() + (1 - level).sqrt() * noise.double()).float()

    def after(x, t):
        x = x.clone()
        x[stays] = image[stays] if t == 0 else noisy(image, t)[stays]
        return x

    t = 990 - 30 * i_start
    return pset.iterative_denoise(
        noisy(painted, t), i_start, estimate, alphas_cumprod, STRIDED, after_step=after
    )


@variant("2.3")
def strokes_with_the_remaining_timesteps(
    image, painted, region, i_start, estimate, alphas_cumprod, noise
):
    """The list of timesteps is cut instead of the index; the noise added by a function."""

    def add(x, t):
        scale = torch.stack([alphas_cumprod[t], 1 - alphas_cumprod[t]]).sqrt()
        return scale[0] * x + scale[1] * noise

    rest = pset.STRIDED_TIMESTEPS[i_start:]
    x = pset.iterative_denoise(
        add(painted, rest[0]),
        0,
        estimate,
        alphas_cumprod,
        timesteps=rest,
        after_step=lambda x, t: x * region + add(image, t) * (1 - region),
    )
    return x * region + image * (1 - region)


@variant("2.3")
def strokes_with_a_loop_of_their_own(
    image, painted, region, i_start, estimate, alphas_cumprod, noise
):
    """Step by step, in double precision."""
    a = alphas_cumprod.double()
    x = a[STRIDED[i_start]].sqrt() * painted + (1 - a[STRIDED[i_start]]).sqrt() * noise
    for t, t_prev in zip(STRIDED[i_start:], STRIDED[i_start + 1 :], strict=False):
        epsilon, v = (y.double() for y in estimate(x.float(), t))
        alpha = a[t] / a[t_prev]
        x = (x - (1 - alpha) / (1 - a[t]).sqrt() * epsilon) / alpha.sqrt()
        known = image.double()
        if t_prev:
            x = x + pset.step_variance(v, a[t], a[t_prev]).sqrt() * pset.step_noise(x.shape, t_prev)
            known = a[t_prev].sqrt() * known + (1 - a[t_prev]).sqrt() * noise
        x = region * x + (1 - region) * known
    return x


# --- 2.4 -----------------------------------------------------------------------------------------


@variant("2.4")
def video_one_by_one(frames, i_start, estimate, alphas_cumprod, noise, seed):
    """Frame by frame, each by itself."""
    edited = []
    for k in range(len(frames)):
        eps = noise[k : k + 1] if len(noise) > 1 else noise
        a = alphas_cumprod[STRIDED[i_start]]
        x = a**0.5 * frames[k : k + 1] + (1 - a) ** 0.5 * eps
        edited.append(pset.iterative_denoise(x, i_start, estimate, alphas_cumprod, seed=seed))
    return torch.cat(edited)


@variant("2.4")
def video_by_expanding(frames, i_start, estimate, alphas_cumprod, noise, seed):
    """The noise repeated for every frame, in double precision."""
    eps = noise.expand(len(frames), -1, -1, -1).double()
    a = alphas_cumprod.double()[990 - 30 * i_start]
    x = (a.sqrt() * frames.double() + (1 - a).sqrt() * eps).float()
    seeds = tuple(seed for _ in frames)
    return pset.iterative_denoise(x, i_start, estimate, alphas_cumprod, STRIDED, seeds)


@variant("2.4")
def video_in_numpy(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod.numpy()[STRIDED[i_start]]
    x = np.sqrt(a) * frames.numpy() + np.sqrt(1 - a) * noise.numpy()
    return pset.iterative_denoise(
        torch.from_numpy(x), i_start, estimate, alphas_cumprod, seed=[seed] * frames.shape[0]
    ).numpy()


@variant("2.4")
def video_with_a_loop_of_its_own(frames, i_start, estimate, alphas_cumprod, noise, seed):
    """Step by step; one draw of step noise, added to all frames."""
    a = alphas_cumprod
    x = a[STRIDED[i_start]].sqrt() * frames + (1 - a[STRIDED[i_start]]).sqrt() * noise
    for t, t_prev in zip(STRIDED[i_start:], STRIDED[i_start + 1 :], strict=False):
        epsilon, v = estimate(x, t)
        alpha = a[t] / a[t_prev]
        x_0 = (x - (1 - a[t]).sqrt() * epsilon) / a[t].sqrt()
        x = a[t_prev].sqrt() * (1 - alpha) * x_0 + alpha.sqrt() * (1 - a[t_prev]) * x
        x = x / (1 - a[t])
        if t_prev > 0:
            one = pset.step_noise((1, *x.shape[1:]), t_prev, seed)
            x = x + pset.step_variance(v, a[t], a[t_prev]).sqrt() * one
    return x


@variant("2.4")
def video_by_the_scheduler(frames, i_start, estimate, alphas_cumprod, noise, seed):
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    t = torch.tensor([STRIDED[i_start]] * len(frames))
    x = scheduler.add_noise(frames, noise.expand_as(frames), t)
    return pset.iterative_denoise(
        x, i_start, estimate, alphas_cumprod, seed=torch.full((len(frames),), seed).tolist()
    )


# --- 2.4b ----------------------------------------------------------------------------------------


@variant("2.4b")
def warp_in_numpy(noise, flow, fresh):
    """The last of those that want the same noise has it."""
    n, f = noise[0].numpy(), np.rint(flow[0].numpy()).astype(int)
    result = fresh[0].numpy().copy()
    owner = {}
    for y in range(n.shape[1]):
        for x in range(n.shape[2]):
            owner[y - f[1, y, x], x - f[0, y, x]] = (y, x)
    for (y_from, x_from), (y, x) in owner.items():
        if 0 <= y_from < n.shape[1] and 0 <= x_from < n.shape[2]:
            result[:, y, x] = n[:, y_from, x_from]
    return result[None]


@variant("2.4b")
def warp_by_scattering(noise, flow, fresh):
    """A flat list of sources; `unique` says where each is wanted first."""
    height, width = noise.shape[-2:]
    rows = torch.arange(height)[:, None] - flow[0, 1].round().int()
    columns = torch.arange(width) - flow[0, 0].round().int()
    ok = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    source = (rows * width + columns)[ok].numpy()
    target = ok.flatten().nonzero()[:, 0].numpy()
    source, where = np.unique(source, return_index=True)
    result = fresh.flatten(2).clone()
    result[..., target[where]] = noise.flatten(2)[..., source]
    return result.view_as(noise)


@variant("2.4b")
def warp_by_a_dictionary(noise, flow, fresh):
    """Who wants which noise; the one in the middle of those who want the same has it."""
    height, width = noise.shape[-2:]
    f = (flow[0] + 0.5).floor().long()
    wanted = {}
    for y in range(height):
        for x in range(width):
            wanted.setdefault((y - int(f[1, y, x]), x - int(f[0, y, x])), []).append((y, x))
    result = fresh.clone()
    for (y, x), takers in wanted.items():
        if 0 <= y < height and 0 <= x < width:
            to_y, to_x = takers[len(takers) // 2]
            result[0, :, to_y, to_x] = noise[0, :, y, x]
    return result


@variant("2.4b")
def warp_from_below(noise, flow, fresh):
    """From the last pixel to the first, in double precision."""
    height, width = noise.shape[-2:]
    right, down = flow[0].round().long()
    result = fresh.double()
    taken = torch.zeros(height, width, dtype=torch.bool)
    for y in reversed(range(height)):
        for x in reversed(range(width)):
            v = y - int(down[y, x])
            u = x - int(right[y, x])
            if 0 <= v < height and 0 <= u < width and not taken[v, u]:
                taken[v, u] = True
                result[..., y, x] = noise[..., v, u].double()
    return result
