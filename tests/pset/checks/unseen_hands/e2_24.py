"""Answers to 2.24, Imagic's first stage."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.24")
def with_closure(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = torch.nn.Parameter(embeds.detach().clone())
        adam = torch.optim.Adam([e], lr)
        for k in range(steps):

            def closure(k=k):
                adam.zero_grad()
                value = loss(network, e, k)
                value.backward()
                return value

            adam.step(closure)
    return e.data


@right("2.24")
def with_autograd(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        optimum = embeds.detach().clone().requires_grad_()
        optimiser = torch.optim.Adam(params=[optimum], lr=lr)
        for k in range(steps):
            (optimum.grad,) = torch.autograd.grad(loss(network, optimum, k), optimum)
            optimiser.step()
    return optimum.detach()


@wrong("2.24", "Optimises the caller's own embedding, not a copy.")
def no_copy(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Never sets the gradients to zero, so they add up from step to step.")
def gradients_add_up(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for k in range(steps):
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Uses plain gradient descent instead of Adam.")
def gradient_descent(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        for k in range(steps):
            gradient = torch.autograd.grad(loss(network, e, k), e)[0]
            e = (e - lr * gradient).detach().requires_grad_()
    return e.detach()


@wrong("2.24", "Uses draw 0 in every step.")
def same_draw(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(network, e, 0).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Counts the draws from 1.")
def draws_from_one(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for k in range(1, steps + 1):
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Takes one step too few.")
def one_step_too_few(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        k = 0
        while k < steps - 1:
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
            k += 1
    return e.detach()


@wrong("2.24", "Maximises the loss.")
def maximises(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            (-loss(network, e, k)).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Trains the network along with the embedding.")
def trains_both(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        network.requires_grad_()
        optimizer = torch.optim.Adam([e, *network.parameters()], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Leaves Adam's rate at its default.")
def default_rate(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e])
        for k in range(steps):
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Returns the embedding with the smallest loss so far, not the last one.")
def keeps_the_best(loss, network, embeds, lr, steps):
    best, smallest = embeds, float("inf")
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([e], lr=lr)
        for k in range(steps):
            optimizer.zero_grad()
            value = loss(network, e, k)
            if float(value) < smallest:
                smallest, best = float(value), e.detach().clone()
            value.backward()
            optimizer.step()
    return best


@wrong("2.24", "Makes a new Adam in each step, which forgets what it has seen.")
def new_adam_each_step(loss, network, embeds, lr, steps):
    with torch.enable_grad():
        e = embeds.detach().clone().requires_grad_()
        for k in range(steps):
            optimizer = torch.optim.Adam([e], lr=lr)
            optimizer.zero_grad()
            loss(network, e, k).backward()
            optimizer.step()
    return e.detach()


@wrong("2.24", "Has no enable_grad block, so it fails where gradients are off.")
def gradients_off(loss, network, embeds, lr, steps):
    e = embeds.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([e], lr=lr)
    for k in range(steps):
        optimizer.zero_grad()
        loss(network, e, k).backward()
        optimizer.step()
    return e.detach()
