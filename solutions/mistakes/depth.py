"""What goes wrong in 2.25, 2.25b and 2.25c."""

import torch

from pset.sampling import iterative_denoise
from solutions.mistakes import mistake

# --- 2.25 ----------------------------------------------------------------------------------------


def camera(
    middle=lambda size: (size - 1) / 2,
    motion_of=lambda motion: motion,
    divided_by=lambda before, after: after,
    depth_returned=lambda before, after: after,
    shown=lambda where, x, y: where,
    focal_of=lambda focal: focal,
):
    """`project` with one thing different.

    Args:
        middle: size → the pixel that the lens points at.
        motion_of: motion → the motion that the camera makes.
        divided_by, depth_returned: (depth before, depth after) → the one to use.
        shown: ((x', y'), x, y) → the first two channels.
        focal_of: f → the focal length that's used.
    """

    def project(depth, motion, focal):
        right, down, forward = motion_of(motion)
        f = focal_of(focal)
        height, width = depth.shape[-2:]
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        c_x, c_y = middle(width), middle(height)
        after = depth - forward
        Z = divided_by(depth, after)
        where = (
            c_x + ((x - c_x) * depth - f * right) / Z,
            c_y + ((y - c_y) * depth - f * down) / Z,
        )
        where = shown(where, x, y)
        return torch.cat([*where, depth_returned(depth, after)], dim=1)

    return project


mistake("2.25", "points_move_with_the_camera")(camera(motion_of=lambda m: [-one for one in m]))
mistake("2.25", "old_depth")(camera(divided_by=lambda before, after: before))
mistake("2.25", "never_forward")(camera(motion_of=lambda m: [m[0], m[1], 0.0]))
mistake("2.25", "about_the_corner")(camera(middle=lambda size: 0))
mistake("2.25", "half_a_pixel")(camera(middle=lambda size: size / 2))
mistake("2.25", "directions_swapped")(camera(motion_of=lambda m: [m[1], m[0], m[2]]))
mistake("2.25", "rows_first")(camera(shown=lambda where, x, y: where[::-1]))
mistake("2.25", "how_far_it_moves")(camera(shown=lambda where, x, y: (where[0] - x, where[1] - y)))
mistake("2.25", "old_depth_returned")(camera(depth_returned=lambda before, after: before))
mistake("2.25", "no_focal_length")(camera(focal_of=lambda focal: 1.0))


@mistake("2.25", "times_the_depth")
def shifts_times_depth(depth, motion, focal):
    right, down, forward = motion
    height, width = depth.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    after = depth - forward
    return torch.cat([x - focal * right * after, y - focal * down * after, after], dim=1)


@mistake("2.25", "moves_first")
def moves_pixels(depth, motion, focal):
    right, down, forward = motion
    height, width = depth.shape[-2:]
    c_x, c_y = (width - 1) / 2, (height - 1) / 2
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    after = depth - forward
    X, Y = (x - c_x - right) * depth / focal, (y - c_y - down) * depth / focal
    return torch.cat([c_x + focal * X / after, c_y + focal * Y / after, after], dim=1)


# --- 2.25b ---------------------------------------------------------------------------------------


def splatting(
    position=lambda projected: projected[:2].round().long(),
    order=lambda depth: depth.flatten().argsort(descending=True),
    start=lambda source: torch.zeros_like(source),
    place=lambda n, size: n if 0 <= n < size else None,
    arrive=lambda here, new, count: new,
):
    """`splat` pixel by pixel, with one thing different.

    Args:
        position: projected, `[3, H, W]` → x and y, `[2, H, W]`.
        order: depth → the order in which pixels are written.
        start: the image → what's there before.
        place: (index, size) → the index to write at; None to drop the pixel.
        arrive: (what's there, the new pixel, how many have arrived) → what's there afterwards.
    """

    def splat(image, projected):
        height, width = image.shape[-2:]
        results = []
        for source, where in zip(image, projected, strict=True):
            result = start(source)
            arrived = torch.zeros(height, width)
            x, y = position(where)
            for k in order(where[2]).tolist():
                row, column = divmod(k, width)
                at_y, at_x = place(int(y[row, column]), height), place(int(x[row, column]), width)
                if at_y is None or at_x is None:
                    continue
                new = arrive(result[:, at_y, at_x], source[:, row, column], arrived[at_y, at_x])
                result[:, at_y, at_x] = new
                arrived[at_y, at_x] += 1
            results.append(result)
        return torch.stack(results)

    return splat


mistake("2.25b", "further_wins")(splatting(order=lambda depth: depth.flatten().argsort()))
mistake("2.25b", "last_wins")(splatting(order=lambda depth: torch.arange(depth.numel())))
mistake("2.25b", "added_up")(splatting(arrive=lambda here, new, count: here + new))
mistake("2.25b", "mixed")(
    splatting(arrive=lambda here, new, count: (here * count + new) / (count + 1))
)
mistake("2.25b", "cut_off")(splatting(position=lambda projected: projected[:2].long()))
mistake("2.25b", "directions_swapped")(
    splatting(position=lambda projected: projected[:2].flip(0).round().long())
)
mistake("2.25b", "piled_up_at_the_border")(
    splatting(place=lambda n, size: min(max(n, 0), size - 1))
)
mistake("2.25b", "wrapped_around")(splatting(place=lambda n, size: n % size))
mistake("2.25b", "image_left_in_the_holes")(splatting(start=lambda source: source.clone()))
mistake("2.25b", "filled_with_the_mean")(
    splatting(start=lambda source: source.mean(dim=(1, 2), keepdim=True).expand_as(source).clone())
)


@mistake("2.25b", "pulled")
def looks_up(image, projected):
    height, width = image.shape[-2:]
    results = []
    for source, (x, y, _) in zip(image, projected, strict=True):
        x, y = x.round().long(), y.round().long()
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        results.append(source[:, y.clamp(0, height - 1), x.clamp(0, width - 1)] * inside)
    return torch.stack(results)


# --- 2.25c ---------------------------------------------------------------------------------------


def forward(image, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise


def filling(
    holes_of=lambda image, move: 1 - move(torch.ones_like(image)),
    known=lambda image, move, t, a, noise: forward(move(image), t, a, noise),
    last=lambda image, move, a, noise: move(image),
):
    """`fill_hidden` with other holes or other known pixels.

    Args:
        holes_of: (image, move) → the mask.
        known: (image, move, t', alphas_cumprod, noise) → what's put back; None, nothing.
        last: (image, move, alphas_cumprod, noise) → what's put back at the end.
    """

    def fill_hidden(image, move, estimate, alphas_cumprod, noise):
        a, holes = alphas_cumprod, holes_of(image, move)

        def paste(x, t):
            back = last(image, move, a, noise) if t == 0 else known(image, move, t, a, noise)
            return x if back is None else holes * x + (1 - holes) * back

        return iterative_denoise(noise, 0, estimate, a, after_step=paste)

    return fill_hidden


mistake("2.25c", "grey_taken_for_holes")(
    filling(holes_of=lambda image, move: (move(image) == 0).all(dim=1, keepdim=True).float())
)
mistake("2.25c", "mask_inverted")(
    filling(holes_of=lambda image, move: move(torch.ones_like(image)))
)
mistake("2.25c", "unmoved_image_pasted")(
    filling(
        known=lambda image, move, t, a, noise: forward(image, t, a, noise),
        last=lambda image, move, a, noise: image,
    )
)
mistake("2.25c", "clean_pasted")(filling(known=lambda image, move, t, a, noise: move(image)))
mistake("2.25c", "paste_at_t")(
    filling(known=lambda image, move, t, a, noise: forward(move(image), t + 30, a, noise))
)
mistake("2.25c", "pasted_only_at_the_end")(filling(known=lambda image, move, t, a, noise: None))
mistake("2.25c", "not_exact_at_the_end")(
    filling(last=lambda image, move, a, noise: forward(move(image), 0, a, noise))
)
mistake("2.25c", "noise_moved_too")(
    filling(known=lambda image, move, t, a, noise: move(forward(image, t, a, noise)))
)
mistake("2.25c", "other_noise")(
    filling(
        known=lambda image, move, t, a, noise: forward(move(image), t, a, torch.randn_like(image))
    )
)


@mistake("2.25c", "filled_with_the_mean")
def fills_with_the_mean(image, move, estimate, alphas_cumprod, noise):
    moved, arrived = move(image), move(torch.ones_like(image))
    mean = moved.sum(dim=(2, 3), keepdim=True) / arrived.sum(dim=(2, 3), keepdim=True)
    return arrived * moved + (1 - arrived) * mean


@mistake("2.25c", "holes_left")
def leaves_holes(image, move, estimate, alphas_cumprod, noise):
    return move(image)
