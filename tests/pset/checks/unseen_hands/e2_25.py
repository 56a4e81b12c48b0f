"""Answers to 2.25, where each pixel goes."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


def _pixels(depth):
    """x and y of each pixel, from the middle."""
    height, width = depth.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (x - (width - 1) / 2).to(depth), (y - (height - 1) / 2).to(depth)


@right("2.25")
def with_matrices(depth, motion, focal):
    batch, _, height, width = depth.shape
    camera = torch.tensor(
        [[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]],
        dtype=torch.float64,
    )
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pixels = torch.stack([x, y, torch.ones_like(x)]).double().flatten(1)
    points = torch.linalg.solve(camera, pixels) * depth.double().cpu().flatten(2)
    points = points - torch.tensor(motion, dtype=torch.float64)[:, None]
    seen = camera @ points
    seen = torch.cat([seen[:, :2] / seen[:, 2:], seen[:, 2:]], dim=1)
    return seen.view(batch, 3, height, width).to(depth)


@right("2.25")
def without_points(depth, motion, focal):
    right_, down, forward = motion
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    new_depth = depth - forward
    new_x = (x * depth - focal * right_) / new_depth + (width - 1) / 2
    new_y = (y * depth - focal * down) / new_depth + (height - 1) / 2
    return torch.cat([new_x, new_y, new_depth], dim=1)


@wrong("2.25", "Moves the points along with the camera, instead of the other way.")
def points_go_along(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y, Z = x * depth / focal + motion[0], y * depth / focal + motion[1], depth + motion[2]
    return torch.cat([(width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z, Z], dim=1)


@wrong("2.25", "Takes W/2 and H/2 for the middle.")
def middle_half_a_pixel_off(depth, motion, focal):
    height, width = depth.shape[-2:]
    c_x, c_y = width / 2, height / 2
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    Z = depth - motion[2]
    X = (x - c_x) * depth / focal - motion[0]
    Y = (y - c_y) * depth / focal - motion[1]
    return torch.cat([c_x + focal * X / Z, c_y + focal * Y / Z, Z], dim=1)


@wrong("2.25", "Returns the depth from before the move.")
def depth_from_before(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y, Z = x * depth / focal - motion[0], y * depth / focal - motion[1], depth - motion[2]
    new_x, new_y = (width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z
    return torch.cat([new_x, new_y, depth], dim=1)


@wrong("2.25", "Divides by the depth from before the move, so forward changes no position.")
def divides_by_old_depth(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y = x * depth / focal - motion[0], y * depth / focal - motion[1]
    new_x, new_y = (width - 1) / 2 + focal * X / depth, (height - 1) / 2 + focal * Y / depth
    return torch.cat([new_x, new_y, depth - motion[2]], dim=1)


@wrong("2.25", "Returns the row first and the column second.")
def row_first(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y, Z = x * depth / focal - motion[0], y * depth / focal - motion[1], depth - motion[2]
    new_x, new_y = (width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z
    return torch.cat([new_y, new_x, Z], dim=1)


@wrong("2.25", "Ignores that the camera moves down.")
def never_down(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    Z = depth - motion[2]
    X = x * depth / focal - motion[0]
    Y = y * depth / focal
    return torch.cat([(width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z, Z], dim=1)


@wrong("2.25", "Adds the forward motion to the depth instead of subtracting it.")
def forward_is_away(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y, Z = x * depth / focal - motion[0], y * depth / focal - motion[1], depth + motion[2]
    return torch.cat([(width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z, Z], dim=1)


@wrong("2.25", "Forgets to divide by f on the way back from the pixel to its point.")
def focal_once(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y, Z = x * depth - motion[0], y * depth - motion[1], depth - motion[2]
    return torch.cat([(width - 1) / 2 + focal * X / Z, (height - 1) / 2 + focal * Y / Z, Z], dim=1)


@wrong("2.25", "Moves all pixels by the same amount, near or far.")
def no_parallax(depth, motion, focal):
    height, width = depth.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    new_x = (x - focal * motion[0]).expand_as(depth)
    new_y = (y - focal * motion[1]).expand_as(depth)
    return torch.cat([new_x, new_y, depth - motion[2]], dim=1)


@wrong("2.25", "Forgets to put the middle back, so positions count from the middle.")
def from_the_middle(depth, motion, focal):
    x, y = _pixels(depth)
    Z = depth - motion[2]
    new_x = focal * (x * depth / focal - motion[0]) / Z
    new_y = focal * (y * depth / focal - motion[1]) / Z
    return torch.cat([new_x, new_y, Z], dim=1)


@wrong("2.25", "Changes the caller's depth.")
def uses_up_depth(depth, motion, focal):
    x, y = _pixels(depth)
    height, width = depth.shape[-2:]
    X, Y = x * depth / focal - motion[0], y * depth / focal - motion[1]
    depth -= motion[2]
    new_x, new_y = (width - 1) / 2 + focal * X / depth, (height - 1) / 2 + focal * Y / depth
    return torch.cat([new_x, new_y, depth], dim=1)
