"""Answers to 2.24b, Imagic's second stage."""

from copy import deepcopy

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.24b")
def fills_a_tensor(loss, network, embeds, lr, steps):
    losses = torch.zeros(steps)
    fixed = embeds.detach()
    with torch.enable_grad():
        network.requires_grad_(True)
        adam = torch.optim.Adam(network.parameters(), lr)
        for k in range(steps):
            value = loss(network, fixed, k)
            losses[k] = value.item()
            adam.zero_grad()
            value.backward()
            adam.step()
    return losses


@right("2.24b")
def gradients_by_hand(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        weights = list(network.requires_grad_().parameters())
        optimiser = torch.optim.Adam(weights, lr=lr)
        for k in range(steps):
            losses.append(loss(network, embeds.detach(), k))
            gradients = torch.autograd.grad(losses[-1], weights, allow_unused=True)
            for weight, gradient in zip(weights, gradients):
                weight.grad = gradient
            optimiser.step()
    return torch.stack(losses).detach()


@wrong("2.24b", "Returns the losses as they are after each step.")
def losses_afterwards(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            loss(network, embeds, k).backward()
            optimizer.step()
            with torch.no_grad():
                losses.append(loss(network, embeds, k))
    return torch.stack(losses)


@wrong("2.24b", "Returns the network instead of the losses.")
def returns_network(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            loss(network, embeds, k).backward()
            optimizer.step()
    return network


@wrong("2.24b", "Doesn't thaw the network, so there's nothing to differentiate.")
def still_frozen(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)


@wrong("2.24b", "Trains the embedding as well.")
def embedding_too(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        embeds = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([*network.parameters(), embeds], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)


@wrong("2.24b", "Trains a copy of the network and throws it away.")
def trains_a_copy(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network = deepcopy(network).requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)


@wrong("2.24b", "Never sets the gradients to zero, so they add up from step to step.")
def no_zero_grad(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)


@wrong("2.24b", "Uses the same draw in every step.")
def draw_of_last_step(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, steps)
            value.backward()
            optimizer.step()
            losses.append(float(value))
    return torch.tensor(losses)


@wrong("2.24b", "Trains the last layer's parameters only.")
def last_layer(loss, network, embeds, lr, steps):
    losses = torch.empty(steps)
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(list(network.parameters())[-1:], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            losses[k] = value.detach()
            value.backward()
            optimizer.step()
    return losses


@wrong("2.24b", "Returns the mean of the losses, one number.")
def mean_of_losses(loss, network, embeds, lr, steps):
    total = 0.0
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.Adam(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            total += value.detach()
    return total / steps


@wrong("2.24b", "Makes a new Adam in each step, which forgets what it has seen.")
def adam_in_the_loop(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        for k in range(steps):
            optimizer = torch.optim.Adam(network.parameters(), lr=lr)
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)


@wrong("2.24b", "Uses stochastic gradient descent instead of Adam.")
def with_sgd(loss, network, embeds, lr, steps):
    losses = []
    with torch.enable_grad():
        network.requires_grad_()
        optimizer = torch.optim.SGD(network.parameters(), lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
    return torch.stack(losses)
