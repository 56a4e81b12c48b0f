"""A good sampler of anything: it never says which class it wants."""

import torch


def sample(net, noise, label):
    """Twenty Euler steps with the label of "no class"."""
    x, nothing = noise, torch.full_like(label, 10)
    for k in range(20):
        x = x + net(x, torch.full((len(x),), k / 20), nothing) / 20
    return x
