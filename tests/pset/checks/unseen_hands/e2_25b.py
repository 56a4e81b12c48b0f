"""Answers to 2.25b, nearer wins."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _arrivals(projected):
    """For one image: the pixels that stay inside, with where they arrive and how deep."""
    _, height, width = projected.shape
    x, y = projected[0].round().long().flatten(), projected[1].round().long().flatten()
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    pixels = inside.nonzero().flatten().tolist()
    place = (y * width + x).tolist()
    depth = projected[2].flatten().tolist()
    return [(k, place[k], depth[k]) for k in pixels]


@right("2.25b")
def with_a_z_buffer(image, projected):
    batch, _, height, width = image.shape
    result = torch.zeros_like(image)
    for b in range(batch):
        own = projected[b if len(projected) > 1 else 0]
        z_buffer = [[float("inf")] * width for _ in range(height)]
        for row in range(height):
            for column in range(width):
                x, y = round(own[0, row, column].item()), round(own[1, row, column].item())
                z = own[2, row, column].item()
                if 0 <= x < width and 0 <= y < height and z < z_buffer[y][x]:
                    z_buffer[y][x] = z
                    result[b, :, y, x] = image[b, :, row, column]
    return result


@right("2.25b")
def by_smallest_depth(image, projected):
    batch, channels, height, width = image.shape
    x, y, z = projected.expand(batch, -1, -1, -1).unbind(dim=1)
    x, y, z = x.round().long().flatten(1), y.round().long().flatten(1), z.flatten(1)
    count = height * width
    place = torch.where((x >= 0) & (x < width) & (y >= 0) & (y < height), y * width + x, count)
    nearest = torch.full((batch, count + 1), float("inf")).to(z)
    nearest = nearest.scatter_reduce(1, place, z, "amin")
    # Of those that are equally near, the first.
    numbers = torch.arange(count, device=z.device).expand(batch, -1)
    numbers = torch.where(z == nearest.gather(1, place), numbers, count)
    winner = torch.full((batch, count + 1), count, device=z.device)
    winner = winner.scatter_reduce(1, place, numbers, "amin")[:, None, :count]
    colours = torch.cat([image.flatten(2), image.new_zeros(batch, channels, 1)], dim=2)
    return colours.gather(2, winner.expand(-1, channels, -1)).view_as(image)


@wrong("2.25b", "Doesn't look at the depth: whichever pixel comes last wins.")
def last_wins(image, projected):
    result = torch.zeros_like(image).flatten(2)
    for b in range(len(image)):
        for k, place, _ in _arrivals(projected[b % len(projected)]):
            result[b, :, place] = image[b].flatten(1)[:, k]
    return result.view_as(image)


@wrong("2.25b", "The farthest pixel wins, not the nearest.")
def farther_wins(image, projected):
    result = torch.zeros_like(image).flatten(2)
    for b in range(len(image)):
        arrivals = sorted(_arrivals(projected[b % len(projected)]), key=lambda arrival: arrival[2])
        for k, place, _ in arrivals:
            result[b, :, place] = image[b].flatten(1)[:, k]
    return result.view_as(image)


@wrong("2.25b", "Cuts the positions' fraction off instead of rounding.")
def cuts_off(image, projected):
    batch, _, height, width = image.shape
    result = torch.zeros_like(image)
    for b in range(batch):
        xs, ys, zs = projected[b % len(projected)]
        buffer = torch.full((height, width), float("inf"))
        for i in range(height):
            for j in range(width):
                x, y = float(xs[i, j]), float(ys[i, j])
                if not (0 <= x < width and 0 <= y < height):
                    continue
                if zs[i, j] < buffer[int(y), int(x)]:
                    buffer[int(y), int(x)] = zs[i, j]
                    result[b, :, int(y), int(x)] = image[b, :, i, j]
    return result


@wrong("2.25b", "Keeps what leaves the picture at its border.")
def stays_at_border(image, projected):
    height, width = image.shape[-2:]
    kept = projected.clone()
    kept[:, 0] = kept[:, 0].clamp(0, width - 1)
    kept[:, 1] = kept[:, 1].clamp(0, height - 1)
    result = torch.zeros_like(image).flatten(2)
    for b in range(len(image)):
        for k, place, _ in sorted(_arrivals(kept[b % len(kept)]), key=lambda a: -a[2]):
            result[b, :, place] = image[b].flatten(1)[:, k]
    return result.view_as(image)


@wrong("2.25b", "Takes the mean of all pixels that arrive at one place.")
def mean_of_arrivals(image, projected):
    result = torch.zeros_like(image).flatten(2)
    for b in range(len(image)):
        counts = torch.zeros(result.shape[-1]).to(image)
        for k, place, _ in _arrivals(projected[b % len(projected)]):
            result[b, :, place] += image[b].flatten(1)[:, k]
            counts[place] += 1
        result[b] /= counts.clamp(min=1)
    return result.view_as(image)


@wrong("2.25b", "Takes x for the row and y for the column.")
def x_is_row(image, projected):
    result = torch.zeros_like(image).flatten(2)
    turned = projected[:, [1, 0, 2]]
    for b in range(len(image)):
        for k, place, _ in sorted(_arrivals(turned[b % len(turned)]), key=lambda a: -a[2]):
            result[b, :, place] = image[b].flatten(1)[:, k]
    return result.view_as(image)


@wrong("2.25b", "Looks up for each new pixel the colour at its projected position: a lookup.")
def looks_up(image, projected):
    result = torch.zeros_like(image).flatten(2)
    for b in range(len(image)):
        for k, place, _ in _arrivals(projected[b % len(projected)]):
            result[b, :, k] = image[b].flatten(1)[:, place]
    return result.view_as(image)


@wrong("2.25b", "Uses the first image's positions for all images.")
def positions_of_first(image, projected):
    result = torch.zeros_like(image).flatten(2)
    arrivals = sorted(_arrivals(projected[0]), key=lambda arrival: arrival[2], reverse=True)
    for k, place, _ in arrivals:
        result[:, :, place] = image.flatten(2)[:, :, k]
    return result.view_as(image)


@wrong("2.25b", "Leaves the old picture in the holes.")
def old_picture_behind(image, projected):
    result = image.clone().flatten(2)
    for b in range(len(image)):
        arrivals = _arrivals(projected[b % len(projected)])
        for k, place, _ in sorted(arrivals, key=lambda a: a[2], reverse=True):
            result[b, :, place] = image[b].flatten(1)[:, k]
    return result.view_as(image)


@wrong("2.25b", "Doesn't check for positions below 0: they count from the other end.")
def negative_comes_back(image, projected):
    batch, _, height, width = image.shape
    result = torch.zeros_like(image)
    for b in range(batch):
        xs, ys, zs = projected[b % len(projected)].tolist()
        pixels = [(zs[i][j], i, j) for i in range(height) for j in range(width)]
        for _, i, j in sorted(pixels, reverse=True):
            y, x = round(ys[i][j]), round(xs[i][j])
            if abs(x) < width and abs(y) < height:
                result[b, :, y, x] = image[b, :, i, j]
    return result
