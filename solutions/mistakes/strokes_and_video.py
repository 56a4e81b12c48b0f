"""What goes wrong in 2.3, 2.4 and 2.4b."""

import torch
from torch.nn import functional

import pset
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise
from solutions.mistakes import mistake


def forward(image, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise


# --- 2.3 -----------------------------------------------------------------------------------------


def exact_at_the_end(image, t, alphas_cumprod, noise):
    return image if t == 0 else forward(image, t, alphas_cumprod, noise)


def strokes(
    start=lambda image, painted, t, a, noise: forward(painted, t, a, noise),
    outside=lambda image, painted, t, a, noise: exact_at_the_end(image, t, a, noise),
    inside=lambda region: region,
    begin=lambda i_start: i_start,
):
    """`edit_strokes` with another start, or something else outside the region.

    Args:
        start: (image, painted, t, alphas_cumprod, noise) → where the loop begins.
        outside: (image, painted, t', alphas_cumprod, noise) → what goes outside; None, nothing.
        inside: region → where the loop's own pixels stay.
        begin: i_start → the index that the loop is told.
    """

    def edit_strokes(image, painted, region, i_start, estimate, alphas_cumprod, noise):
        own = inside(region)

        def put_back(x, t):
            pixels = outside(image, painted, t, alphas_cumprod, noise)
            return x if pixels is None else own * x + (1 - own) * pixels

        x_t = start(image, painted, STRIDED_TIMESTEPS[i_start], alphas_cumprod, noise)
        index = begin(i_start)
        return iterative_denoise(x_t, index, estimate, alphas_cumprod, after_step=put_back)

    return edit_strokes


mistake("2.3", "pasted_only_at_the_end")(
    strokes(outside=lambda image, painted, t, a, noise: image if t == 0 else None)
)
mistake("2.3", "region_inverted")(strokes(inside=lambda region: 1 - region))
mistake("2.3", "paste_at_t")(
    strokes(outside=lambda image, painted, t, a, noise: forward(image, t + 30, a, noise))
)
mistake("2.3", "painted_pasted")(
    strokes(outside=lambda image, painted, t, a, noise: exact_at_the_end(painted, t, a, noise))
)
mistake("2.3", "strokes_forgotten")(
    strokes(start=lambda image, painted, t, a, noise: forward(image, t, a, noise))
)
mistake("2.3", "from_pure_noise")(
    strokes(start=lambda image, painted, t, a, noise: noise, begin=lambda i_start: 0)
)
mistake("2.3", "no_noise")(strokes(start=lambda image, painted, t, a, noise: painted))
mistake("2.3", "clean_pasted")(strokes(outside=lambda image, painted, t, a, noise: image))
mistake("2.3", "not_exact_at_the_end")(
    strokes(outside=lambda image, painted, t, a, noise: forward(image, t, a, noise))
)
mistake("2.3", "never_pasted")(strokes(outside=lambda image, painted, t, a, noise: None))
mistake("2.3", "loop_from_the_beginning")(strokes(begin=lambda i_start: 0))
mistake("2.3", "other_noise")(
    strokes(
        outside=lambda image, painted, t, a, noise: exact_at_the_end(
            image, t, a, torch.randn_like(image)
        )
    )
)

# --- 2.4 -----------------------------------------------------------------------------------------


def video(
    start=lambda frames, i_start, a, noise: forward(frames, STRIDED_TIMESTEPS[i_start], a, noise),
    seeds=lambda seed, count: [seed] * count,
    begin=lambda i_start: i_start,
):
    """`edit_video` with another start, other seeds, or another index to begin at."""

    def edit_video(frames, i_start, estimate, alphas_cumprod, noise, seed):
        x_t = start(frames, i_start, alphas_cumprod, noise)
        all_seeds = seeds(seed, len(frames))
        return iterative_denoise(x_t, begin(i_start), estimate, alphas_cumprod, seed=all_seeds)

    return edit_video


mistake("2.4", "step_noise_not_shared")(video(seeds=lambda seed, count: seed))
mistake("2.4", "a_seed_for_each_frame")(
    video(seeds=lambda seed, count: [seed + k for k in range(count)])
)
mistake("2.4", "seed_ignored")(video(seeds=lambda seed, count: [pset.SEED] * count))
mistake("2.4", "first_noise_only")(
    video(
        lambda frames, i_start, a, noise: forward(frames, STRIDED_TIMESTEPS[i_start], a, noise[:1])
    )
)
mistake("2.4", "no_noise")(video(lambda frames, i_start, a, noise: frames))
mistake("2.4", "index_for_timestep")(
    video(lambda frames, i_start, a, noise: forward(frames, i_start, a, noise))
)
mistake("2.4", "image_not_scaled")(
    video(
        lambda frames, i_start, a, noise: (
            frames + (1 - a[STRIDED_TIMESTEPS[i_start]]).sqrt() * noise
        )
    )
)
mistake("2.4", "loop_from_the_beginning")(video(begin=lambda i_start: 0))
mistake("2.4", "fresh_noise")(
    video(
        lambda frames, i_start, a, noise: forward(
            frames, STRIDED_TIMESTEPS[i_start], a, torch.randn_like(frames)
        )
    )
)

# --- 2.4b ----------------------------------------------------------------------------------------


def grid(noise):
    height, width = noise.shape[-2:]
    return torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")


def gather(noise, y, x):
    """The noise at y, x, `[H, W]`, the border's beyond the frame; and what is in the frame."""
    height, width = noise.shape[-2:]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    return noise[..., y.clamp(0, height - 1), x.clamp(0, width - 1)], inside


def first_of_each(y, x, inside):
    """Of the pixels that want the same noise, the first, `[H, W]`."""
    source = torch.where(inside, y * inside.shape[1] + x, -1).flatten()
    order = torch.arange(len(source))
    _, group = source.unique(return_inverse=True)
    first = torch.full((int(group.max()) + 1,), len(source)).scatter_reduce(0, group, order, "amin")
    return inside & (first[group] == order).reshape(inside.shape)


def warping(
    flow_of=lambda flow: flow.round(),
    keep=lambda y, x, inside: first_of_each(y, x, inside),
    other=lambda noise, fresh: fresh,
):
    """`warp_noise` with another flow, other pixels kept, or something else in the rest."""

    def warp_noise(noise, flow, fresh):
        right, down = flow_of(flow)[0].long()
        y, x = grid(noise)
        y, x = y - down, x - right
        moved, inside = gather(noise, y, x)
        return torch.where(keep(y, x, inside), moved, other(moved, fresh))

    return warp_noise


mistake("2.4b", "same_noise_twice")(warping(keep=lambda y, x, inside: inside))
mistake("2.4b", "border_repeated")(warping(other=lambda moved, fresh: moved))
mistake("2.4b", "not_fresh")(warping(other=lambda moved, fresh: torch.randn_like(fresh)))
mistake("2.4b", "left_empty")(warping(other=lambda moved, fresh: torch.zeros_like(fresh)))
mistake("2.4b", "wrong_way")(warping(flow_of=lambda flow: -flow.round()))
mistake("2.4b", "directions_swapped")(warping(flow_of=lambda flow: flow.flip(1).round()))
mistake("2.4b", "cut_off")(warping(flow_of=lambda flow: flow.trunc()))


@mistake("2.4b", "neither_gets_it")
def warp_what_one_alone_wants(noise, flow, fresh):
    """Whoever wants noise that's wanted twice gets none of it."""
    right, down = flow[0].round().long()
    y, x = grid(noise)
    moved, inside = gather(noise, y - down, x - right)
    source = torch.where(inside, (y - down) * noise.shape[-1] + x - right, -1)
    _, group, count = source.unique(return_inverse=True, return_counts=True)
    return torch.where(inside & (count[group] == 1), moved, fresh)


@mistake("2.4b", "comes_in_again")
def warp_round_the_edges(noise, flow, fresh):
    """What leaves the frame on one side comes in on the other, unless it's there already."""
    height, width = noise.shape[-2:]
    right, down = flow[0].round().long()
    y, x = grid(noise)
    _, inside = gather(noise, y - down, x - right)
    y, x = (y - down) % height, (x - right) % width
    first = first_of_each(y, x, inside)
    arrived = torch.zeros(height, width, dtype=torch.bool)
    arrived[y[first], x[first]] = True
    keep = first | first_of_each(y, x, ~inside & ~arrived[y, x])
    return torch.where(keep, noise[..., y, x], fresh)


@mistake("2.4b", "not_moved")
def warp_nothing(noise, flow, fresh):
    return noise


@mistake("2.4b", "interpolated")
def warp_by_interpolation(noise, flow, fresh):
    height, width = noise.shape[-2:]
    y, x = grid(noise)
    at = torch.stack([x - flow[0, 0], y - flow[0, 1]], dim=-1)
    at = (2 * at + 1) / torch.tensor([width, height]) - 1
    return functional.grid_sample(noise, at[None], align_corners=False, padding_mode="reflection")


@mistake("2.4b", "interpolated_and_rescaled")
def warp_by_interpolation_scaled_back(noise, flow, fresh):
    moved = warp_by_interpolation(noise, flow, fresh)
    return moved / moved.std()
