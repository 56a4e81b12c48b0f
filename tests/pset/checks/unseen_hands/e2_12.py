"""Answers to 2.12, any permutation of the pixels."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.12")
def with_argsort(x, order, inverse=False):
    order = torch.as_tensor(order).to(x.device)
    if inverse:
        order = torch.argsort(order)
    return x.flatten(2)[:, :, order].reshape(x.shape)


@right("2.12")
def with_put(x, order, inverse=False):
    _, _, height, width = x.shape
    result = torch.zeros_like(x)
    for k in range(height * width):
        s = int(order[k])
        here, there = divmod(k, width), divmod(s, width)
        if inverse:
            here, there = there, here
        result[..., here[0], here[1]] = x[..., there[0], there[1]]
    return result


@wrong("2.12", "The view and its inverse are exchanged.")
def directions_exchanged(x, order, inverse=False):
    flat = x.reshape(*x.shape[:2], -1)
    if inverse:
        flat = flat[..., order]
    else:
        moved = torch.empty_like(flat)
        moved[..., order] = flat
        flat = moved
    return flat.view(x.shape)


@wrong("2.12", "Reverses the order for the inverse, which doesn't undo a permutation.")
def order_reversed(x, order, inverse=False):
    order = torch.as_tensor(order)
    if inverse:
        order = order.flip(0)
    return x.flatten(2)[:, :, order].reshape(x.shape)


@wrong("2.12", "Ignores `inverse`: applies the order once more.")
def never_inverse(x, order, inverse=False):
    order = torch.as_tensor(order)
    return x.flatten(2)[:, :, order].view_as(x)


@wrong("2.12", "Counts the pixels column by column.")
def by_columns(x, order, inverse=False):
    order = torch.as_tensor(order)
    order = order.argsort() if inverse else order
    turned = x.transpose(2, 3)
    return turned.flatten(2)[:, :, order].reshape(turned.shape).transpose(2, 3)


@wrong("2.12", "Reshapes channels-first images to pixels × channels, which mixes up the channels.")
def channels_scrambled(x, order, inverse=False):
    batch, channels, height, width = x.shape
    order = torch.as_tensor(order)
    if inverse:
        order = torch.argsort(order)
    pixels = x.reshape(batch, height * width, channels)
    return pixels[:, order].reshape(batch, channels, height, width)


@wrong("2.12", "Writes the moved pixels into the caller's images.")
def into_x(x, order, inverse=False):
    order = torch.as_tensor(order)
    flat = x.view(*x.shape[:2], -1)
    flat[:] = flat[..., order.argsort() if inverse else order]
    return flat.view(x.shape)


@wrong("2.12", "Counts the pixels from 1, so all of them come from one place further left.")
def from_one(x, order, inverse=False):
    order = torch.as_tensor(order) - 1
    flat = x.flatten(2)
    if inverse:
        result = torch.empty_like(flat)
        result[..., order] = flat
    else:
        result = flat[..., order]
    return result.view_as(x)


@wrong("2.12", "Moves the pixels of the first channel only.")
def first_channel(x, order, inverse=False):
    order = torch.as_tensor(order)
    if inverse:
        order = torch.argsort(order)
    result = x.clone().flatten(2)
    result[:, 0] = x.flatten(2)[:, 0][:, order]
    return result.view(x.shape)
