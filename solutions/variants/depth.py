"""Other right answers to 2.25, 2.25b and 2.25c."""

import numpy as np
import torch
from diffusers import DDPMScheduler

import pset
from solutions.variants import variant

# --- 2.25 ----------------------------------------------------------------------------------------


@variant("2.25")
def project_with_matrices(depth, motion, focal):
    """Homogeneous coordinates: K(K⁻¹·p·Z − m), as in a textbook."""
    height, width = depth.shape[-2:]
    K = torch.tensor(
        [[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]], dtype=torch.float64
    )
    v, u = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pixels = torch.stack([u, v, torch.ones_like(u)]).double().flatten(1)
    points = (torch.linalg.inv(K) @ pixels)[None] * depth.double().flatten(2)
    points = points - torch.tensor(motion, dtype=torch.float64)[:, None]
    seen = K @ points
    seen = torch.cat([seen[:, :2] / seen[:, 2:], seen[:, 2:]], dim=1)
    return seen.reshape(len(depth), 3, height, width)


@variant("2.25")
def project_by_disparity(depth, motion, focal):
    """Grown about the middle by Z/Z', and shifted by f·m/Z'."""
    _, _, height, width = depth.shape
    after = depth - motion[2]
    grown = depth / after
    x = torch.arange(width).view(1, 1, 1, -1) - 0.5 * (width - 1)
    y = torch.arange(height).view(1, 1, -1, 1) - 0.5 * (height - 1)
    x = x * grown - focal * motion[0] / after + 0.5 * (width - 1)
    y = y * grown - focal * motion[1] / after + 0.5 * (height - 1)
    return torch.cat((x, y, after), 1)


@variant("2.25")
def project_pixel_by_pixel(depth, motion, focal):
    batch, _, height, width = depth.shape
    result = np.empty((batch, 3, height, width))
    for b in range(batch):
        for row in range(height):
            for column in range(width):
                Z = float(depth[b, 0, row, column])
                X = (column - (width - 1) / 2) / focal * Z - motion[0]
                Y = (row - (height - 1) / 2) / focal * Z - motion[1]
                Z -= motion[2]
                result[b, :, row, column] = (
                    focal * X / Z + (width - 1) / 2,
                    focal * Y / Z + (height - 1) / 2,
                    Z,
                )
    return result


@variant("2.25")
def project_with_linspace(depth, motion, focal):
    """From coordinates about the middle."""
    height, width = depth.shape[2:]
    centre = torch.tensor([width - 1, height - 1]).view(1, 2, 1, 1) / 2
    x = torch.linspace(-(width - 1) / 2, (width - 1) / 2, width).expand(height, width)
    y = torch.linspace(-(height - 1) / 2, (height - 1) / 2, height)[:, None].expand(height, width)
    move = torch.tensor(motion).view(1, 3, 1, 1)
    point = torch.cat([torch.stack([x, y])[None] / focal * depth, depth], dim=1) - move
    return torch.cat([centre + point[:, :2].mul(focal).div(point[:, 2:]), point[:, 2:]], dim=1)


# --- 2.25b ---------------------------------------------------------------------------------------


@variant("2.25b")
def splat_like_a_painter(image, projected):
    """From far to near, each over what's there."""
    batch, _, height, width = image.shape
    result = torch.zeros(image.shape)
    for b in range(batch):
        for k in projected[b, 2].flatten().argsort(descending=True):
            row, column = int(k) // width, int(k) % width
            x, y = (
                round(float(projected[b, 0, row, column])),
                round(float(projected[b, 1, row, column])),
            )
            if x in range(width) and y in range(height):
                result[b, :, y, x] = image[b, :, row, column]
    return result


@variant("2.25b")
def splat_with_a_dictionary(image, projected):
    """A z-buffer, as a dictionary: place → (depth, where from)."""
    height, width = image.shape[-2:]
    result = torch.zeros_like(image)
    for b in range(image.shape[0]):
        xs, ys, zs = (channel.tolist() for channel in projected[b])
        nearest = {}
        for row in range(height):
            for column in range(width):
                place = (int(np.rint(ys[row][column])), int(np.rint(xs[row][column])))
                entry = (zs[row][column], row, column)
                nearest[place] = min(nearest.get(place, entry), entry)
        for (y, x), (_, row, column) in nearest.items():
            if 0 <= y < height and 0 <= x < width:
                result[b, :, y, x] = image[b, :, row, column]
    return result


@variant("2.25b")
def splat_by_sorting(image, projected):
    """Sorted by place, then by depth: the first of each place is seen. In numpy."""
    pictures = image.numpy()
    result = np.zeros_like(pictures)
    height, width = pictures.shape[-2:]
    for b, (x, y, z) in enumerate(projected.numpy()):
        x, y = np.floor(x + 0.5).astype(int).ravel(), np.floor(y + 0.5).astype(int).ravel()
        keep = np.flatnonzero((x >= 0) & (x < width) & (y >= 0) & (y < height))
        place = y[keep] * width + x[keep]
        order = np.lexsort((z.ravel()[keep], place))
        _, first = np.unique(place[order], return_index=True)
        chosen = keep[order][first]
        result[b, :, y[chosen], x[chosen]] = pictures[b].reshape(pictures.shape[1], -1)[:, chosen].T
    return result


@variant("2.25b")
def splat_by_asking_every_place(image, projected):
    """Each place looks at all pixels that arrive, as a matrix."""
    batch, channels, height, width = image.shape
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    results = []
    for b in range(batch):
        x, y, z = projected[b].flatten(1)
        here = (x.round()[None] == columns.flatten()[:, None]) & (
            y.round()[None] == rows.flatten()[:, None]
        )
        depth, winner = torch.where(here, z, torch.inf).min(dim=1)
        colour = image[b].flatten(1)[:, winner] * depth.isfinite()
        results.append(colour.reshape(channels, height, width))
    return torch.stack(results)


# --- 2.25c ---------------------------------------------------------------------------------------


@variant("2.25c")
def fill_by_indexing(image, move, estimate, alphas_cumprod, noise):
    """Booleans for where something arrives, from a single channel of ones."""
    arrived = move(torch.ones(image.shape[0], 1, *image.shape[2:])).bool().expand_as(image)
    moved = move(image)

    def after(x, t):
        level = alphas_cumprod.double()[t]
        back = (level.sqrt() * moved.double() + (1 - level).sqrt() * noise.double()).float()
        x = x.clone()
        x[arrived] = moved[arrived] if t == 0 else back[arrived]
        return x

    return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after)


@variant("2.25c")
def fill_by_a_difference(image, move, estimate, alphas_cumprod, noise):
    """Holes are where it makes a difference to move an image that's brighter by 1, or doesn't."""
    moved = move(image)
    hole = ((move(image + 1) - moved).abs() < 0.5).float()
    scheduler = DDPMScheduler()
    scheduler.alphas_cumprod = alphas_cumprod
    x = pset.iterative_denoise(
        noise,
        0,
        estimate,
        alphas_cumprod,
        after_step=lambda x, t: torch.lerp(
            scheduler.add_noise(moved, noise, torch.tensor(t)), x, hole
        ),
    )
    return torch.where(hole > 0.5, x, moved)


@variant("2.25c")
def fill_from_the_moved_image(image, move, estimate, alphas_cumprod, noise):
    """It starts with the moved image in the noise, of which nearly nothing is left at t = 990."""
    a = alphas_cumprod
    moved, arrived = move(image), move(torch.ones_like(image))

    def known(x, t):
        return (1 - arrived) * x + arrived * (a[t] ** 0.5 * moved + (1 - a[t]) ** 0.5 * noise)

    def after(x, t):
        return known(x, t) if t > 0 else (1 - arrived) * x + arrived * moved

    return pset.iterative_denoise(known(noise, 990), 0, estimate, a, after_step=after)


@variant("2.25c")
def fill_with_a_loop_of_its_own(image, move, estimate, alphas_cumprod, noise):
    """Step by step, in double precision."""
    a = alphas_cumprod.double()
    moved = move(image).double()
    hole = (move(torch.full_like(image, 5.0)) == 0).double()
    x = noise.double()
    for t in range(990, 0, -30):
        epsilon, v = (y.double() for y in estimate(x.float(), t))
        alpha = a[t] / a[t - 30]
        x = (x - (1 - alpha) / (1 - a[t]).sqrt() * epsilon) / alpha.sqrt()
        back = moved
        if t > 30:
            draw = pset.step_noise(x.shape, t - 30)
            x = x + pset.step_variance(v, a[t], a[t - 30]).sqrt() * draw
            back = a[t - 30].sqrt() * moved + (1 - a[t - 30]).sqrt() * noise
        x = hole * x + (1 - hole) * back
    return x.numpy()
