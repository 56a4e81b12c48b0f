"""Answers to 2.4b, noise that moves along."""

import torch
from torch.nn.functional import grid_sample

from tests.pset.checks.unseen_hands import right, wrong


def _sources(flow):
    """Row and column of the pixel that each pixel's noise comes from, and whether it's inside."""
    height, width = flow.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    row = (y.to(flow) - flow[0, 1]).round().long()
    column = (x.to(flow) - flow[0, 0]).round().long()
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return row, column, inside


@right("2.4b")
def with_a_set(noise, flow, fresh):
    _, _, height, width = noise.shape
    result = fresh.clone()
    used = set()
    for y in range(height):
        for x in range(width):
            from_x = round(x - float(flow[0, 0, y, x]))
            from_y = round(y - float(flow[0, 1, y, x]))
            if not (0 <= from_x < width and 0 <= from_y < height):
                continue
            if (from_y, from_x) in used:
                continue
            used.add((from_y, from_x))
            result[0, :, y, x] = noise[0, :, from_y, from_x]
    return result


@right("2.4b")
def last_one_wins(noise, flow, fresh):
    height, width = noise.shape[-2:]
    row, column, inside = _sources(flow)
    source = (row * width + column)[inside]
    target = torch.arange(height * width, device=noise.device).view(height, width)[inside]
    winner = torch.full((height * width,), -1, device=noise.device)
    winner = winner.scatter_reduce(0, source, target, "amax")
    source = (winner >= 0).nonzero().flatten()
    result = fresh.clone().flatten(2)
    result[:, :, winner[source]] = noise.flatten(2)[:, :, source]
    return result.view_as(fresh)


@wrong("2.4b", "Interpolates between four pixels instead of rounding.")
def interpolates(noise, flow, fresh):
    height, width = noise.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    at_x, at_y = x.to(flow) - flow[0, 0], y.to(flow) - flow[0, 1]
    grid = torch.stack([2 * at_x / (width - 1) - 1, 2 * at_y / (height - 1) - 1], dim=-1)
    moved = grid_sample(noise, grid[None], align_corners=True)
    inside = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    return torch.where(inside, moved, fresh)


@wrong("2.4b", "Takes the noise from p + flow: it moves the other way.")
def other_direction(noise, flow, fresh):
    width = noise.shape[-1]
    row, column, inside = _sources(-flow)
    result, used = fresh.clone(), set()
    for y, x in inside.nonzero().tolist():
        source = int(row[y, x]) * width + int(column[y, x])
        if source not in used:
            used.add(source)
            result[..., y, x] = noise[..., row[y, x], column[y, x]]
    return result


@wrong("2.4b", "Two pixels that want the same noise both get it.")
def noise_used_again(noise, flow, fresh):
    height, width = noise.shape[-2:]
    row, column, inside = _sources(flow)
    moved = noise[:, :, row.clamp(0, height - 1), column.clamp(0, width - 1)]
    return torch.where(inside, moved, fresh)


@wrong("2.4b", "At the border, repeats the nearest pixel's noise instead of using fresh noise.")
def border_repeated(noise, flow, fresh):
    height, width = noise.shape[-2:]
    row, column, _ = _sources(flow)
    return noise[:, :, row.clamp(0, height - 1), column.clamp(0, width - 1)]


@wrong("2.4b", "What leaves the frame comes in again on the other side.")
def comes_in_again(noise, flow, fresh):
    height, width = noise.shape[-2:]
    row, column, _ = _sources(flow)
    row, column = row % height, column % width
    result, used = fresh.clone(), set()
    for y in range(height):
        for x in range(width):
            source = (int(row[y, x]), int(column[y, x]))
            if source not in used:
                used.add(source)
                result[:, :, y, x] = noise[:, :, source[0], source[1]]
    return result


@wrong("2.4b", "Takes the first channel of the flow as down and the second as to the right.")
def down_first(noise, flow, fresh):
    row, column, inside = _sources(flow.flip(1))
    result = fresh.clone()
    used = torch.zeros(noise.shape[-2:], dtype=torch.bool)
    for y, x in inside.nonzero().tolist():
        r, c = row[y, x], column[y, x]
        if not used[r, c]:
            used[r, c] = True
            result[0, :, y, x] = noise[0, :, r, c]
    return result


@wrong("2.4b", "Cuts the position's fraction off instead of rounding to the nearest pixel.")
def cuts_off(noise, flow, fresh):
    height, width = noise.shape[-2:]
    result = fresh.clone()
    used = []
    for y in range(height):
        for x in range(width):
            px, py = x - flow[0, 0, y, x].item(), y - flow[0, 1, y, x].item()
            if px < 0 or py < 0 or px >= width or py >= height:
                continue
            source = int(py) * width + int(px)
            if source in used:
                continue
            used.append(source)
            result[:, :, y, x] = noise[:, :, int(py), int(px)]
    return result


@wrong("2.4b", "Leaves zeros where no noise arrives, and never uses the fresh noise.")
def zeros_where_none(noise, flow, fresh):
    row, column, inside = _sources(flow)
    result, used = torch.zeros_like(noise), set()
    for y, x in inside.nonzero().tolist():
        source = (int(row[y, x]), int(column[y, x]))
        if source not in used:
            used.add(source)
            result[0, :, y, x] = noise[0, :, row[y, x], column[y, x]]
    return result


@wrong("2.4b", "If two pixels want the same noise, neither of them gets it.")
def neither_gets_it(noise, flow, fresh):
    height, width = noise.shape[-2:]
    row, column, inside = _sources(flow)
    source = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
    wanted = torch.bincount(source[inside], minlength=height * width)
    alone = inside & (wanted[source] == 1)
    moved = noise.flatten(2)[:, :, source.flatten()].view_as(noise)
    return torch.where(alone, moved, fresh)
