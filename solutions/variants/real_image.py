"""Other right answers to 2.23 to 2.24c."""

from itertools import pairwise

import numpy as np
import torch

from solutions.variants import variant

# --- 2.23 ----------------------------------------------------------------------------------------


@variant("2.23")
def ddim_in_double_precision(x, estimate, alphas_cumprod, timesteps):
    """By index; the estimate gets float32, everything else is double."""
    level = alphas_cumprod.double()
    x = x.double()
    for k in range(len(timesteps) - 1):
        here, there = level[timesteps[k]], level[timesteps[k + 1]]
        eps = estimate(x.float(), timesteps[k])[0].double()
        x = (
            torch.sqrt(there / here) * (x - torch.sqrt(1 - here) * eps)
            + torch.sqrt(1 - there) * eps
        )
    return x


@variant("2.23")
def ddim_by_sigma(x, estimate, alphas_cumprod, timesteps):
    """In x/√ᾱ and σ = √((1 − ᾱ)/ᾱ), a step is one of Euler's (DDIM, eq. 14)."""
    a = alphas_cumprod.double()
    sigma = ((1 - a) / a).sqrt()
    scaled = x / a[timesteps[0]].sqrt()
    for t, t_next in pairwise(timesteps):
        noise = estimate((scaled * a[t].sqrt()).float(), t)[0]
        scaled = scaled + (sigma[t_next] - sigma[t]) * noise
    return scaled * a[timesteps[-1]].sqrt()


@variant("2.23")
def ddim_by_recursion(x, estimate, alphas_cumprod, timesteps):
    if len(timesteps) < 2:
        return x
    t, t_next = timesteps[0], timesteps[1]
    noise, _ = estimate(x, t)
    keep = (alphas_cumprod[t_next] / alphas_cumprod[t]) ** 0.5
    rest = (1 - alphas_cumprod[t_next]) ** 0.5 - keep * (1 - alphas_cumprod[t]) ** 0.5
    return ddim_by_recursion(keep * x + rest * noise, estimate, alphas_cumprod, timesteps[1:])


@variant("2.23")
def ddim_in_numpy(x, estimate, alphas_cumprod, timesteps):
    a = alphas_cumprod.numpy().astype(np.float64)
    image = x.numpy().astype(np.float64)
    for t, t_next in pairwise(timesteps):
        noise = estimate(torch.from_numpy(image).float(), t)[0].numpy()
        x_0 = (image - np.sqrt(1 - a[t]) * noise) / np.sqrt(a[t])
        image = np.sqrt(a[t_next]) * x_0 + np.sqrt(1 - a[t_next]) * noise
    return image


# --- 2.23b ---------------------------------------------------------------------------------------


@variant("2.23b")
def edit_in_two_lines(image, source, target, scale, prompted, walk, timesteps):
    inverted = walk(image, prompted(source, 1), timesteps)
    return walk(inverted, prompted(target, scale), list(reversed(timesteps)))


@variant("2.23b")
def edit_in_one_walk(image, source, target, scale, prompted, walk, timesteps):
    """One list up and down; the estimate changes at the top."""
    up, down = prompted(source, 1.0), prompted(target, scale)
    rising = iter([True] * (len(timesteps) - 1))

    def estimate(x_t, t):
        return up(x_t, t) if next(rising, False) else down(x_t, t)

    return walk(image, estimate, [*timesteps, *timesteps[-2::-1]])


@variant("2.23b")
def edit_image_by_image(image, source, target, scale, prompted, walk, timesteps):
    edited = []
    for one in image.split(1):
        top = walk(one, prompted(source, 1), timesteps)
        edited.append(walk(top, prompted(target, scale), sorted(timesteps, reverse=True)))
    return torch.cat(edited)


@variant("2.23b")
def edit_step_by_step(image, source, target, scale, prompted, walk, timesteps):
    """A walk for every single step."""
    x, steps = image, list(pairwise(timesteps))
    for t, t_next in steps:
        x = walk(x, prompted(source, 1), [t, t_next])
    for t, t_next in reversed(steps):
        x = walk(x, prompted(target, scale), [t_next, t])
    return x


# --- 2.24 ----------------------------------------------------------------------------------------


def adam(values, gradients_of, lr, steps):
    """Adam by its formulas (Kingma and Ba 2015, Algorithm 1)."""
    m, v = ([torch.zeros_like(x) for x in values] for _ in range(2))
    for k in range(steps):
        for i, gradient in enumerate(gradients_of(k)):
            m[i] = 0.9 * m[i] + 0.1 * gradient
            v[i] = 0.999 * v[i] + 0.001 * gradient**2
            step = (m[i] / (1 - 0.9 ** (k + 1))) / ((v[i] / (1 - 0.999 ** (k + 1))).sqrt() + 1e-8)
            values[i].data -= lr * step


@variant("2.24")
def embedding_with_adam_by_hand(loss, network, embeds, lr, steps):
    e = embeds.clone().requires_grad_(True)

    def gradients_of(k):
        with torch.enable_grad():
            return torch.autograd.grad(loss(network, e, k), [e])

    adam([e], gradients_of, lr, steps)
    return e.detach()


@variant("2.24")
def embedding_as_a_parameter(loss, network, embeds, lr, steps):
    """As in training code: a module, a loop, gradients set to None."""
    parameter = torch.nn.Parameter(embeds.clone())
    network.train()
    optimizer = torch.optim.Adam([{"params": [parameter], "lr": lr}])
    with torch.set_grad_enabled(True):
        for k in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss(network, parameter, k).backward()
            optimizer.step()
    return parameter.data.numpy()


@variant("2.24")
def embedding_by_its_change(loss, network, embeds, lr, steps):
    """What's optimised is the difference from the target, which begins at 0."""
    with torch.enable_grad():
        change = torch.zeros_like(embeds, requires_grad=True)
        optimiser = torch.optim.Adam([change], lr=lr)
        for k in range(steps):
            change.grad = None
            loss(network, embeds + change, k).backward()
            optimiser.step()
    return embeds + change.detach()


@variant("2.24")
@torch.enable_grad()
def embedding_with_adamw_and_a_closure(loss, network, embeds, lr, steps):
    """AdamW without decay is Adam; the network's gradients are neither needed nor used."""
    for weight in network.parameters():
        weight.requires_grad = True
    e = embeds.detach().clone()
    e.requires_grad = True
    optimiser = torch.optim.AdamW([e], lr=lr, weight_decay=0)

    for k in range(steps):

        def closure(k=k):
            optimiser.zero_grad()
            value = loss(network, e, k)
            value.backward()
            return value

        optimiser.step(closure)
    return e.detach()


# --- 2.24b ---------------------------------------------------------------------------------------


@variant("2.24b")
def network_with_adam_by_hand(loss, network, embeds, lr, steps):
    weights, losses = list(network.parameters()), []
    for weight in weights:
        weight.requires_grad_(True)

    def gradients_of(k):
        with torch.enable_grad():
            value = loss(network, embeds, k)
            losses.append(value.detach())
            return torch.autograd.grad(value, weights)

    adam(weights, gradients_of, lr, steps)
    return torch.stack(losses)


@variant("2.24b")
def network_with_items(loss, network, embeds, lr, steps):
    """Losses as Python numbers; in numpy at last; the network is frozen again."""
    network.requires_grad_(True)
    optimizer = torch.optim.Adam(network.parameters(), lr=lr)
    history = []
    with torch.enable_grad():
        for k in range(steps):
            value = loss(network, embeds.detach(), k)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            history.append(value.item())
    network.requires_grad_(False)
    return np.array(history)


@variant("2.24b")
@torch.enable_grad()
def network_with_a_table_of_losses(loss, network, embeds, lr, steps):
    """A tensor filled in step by step."""
    for parameter in network.parameters():
        parameter.requires_grad = True
    adam_w = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=0.0)
    table = torch.empty(steps)
    k = 0
    while k < steps:
        adam_w.zero_grad(set_to_none=False)
        value = loss(network, embeds, k)
        table[k] = value.detach()
        value.backward()
        adam_w.step()
        k += 1
    return table


@variant("2.24b")
def network_by_groups(loss, network, embeds, lr, steps):
    """Weights and biases in groups of their own, with the same rate."""
    network.requires_grad_()
    parameters = list(network.parameters())
    groups = [{"params": [p for p in parameters if (p.ndim > 1) == big]} for big in (True, False)]
    optimiser = torch.optim.Adam(groups, lr=lr)
    losses = torch.zeros(0)
    for k in range(steps):
        with torch.enable_grad():
            value = loss(network, embeds, k)
        network.zero_grad()
        value.backward()
        optimiser.step()
        losses = torch.cat([losses, value.detach()[None]])
    return losses


# --- 2.24c ---------------------------------------------------------------------------------------


@variant("2.24c")
def mix_by_lerp(e_opt, e_target, alphas):
    return torch.lerp(e_opt, e_target, torch.tensor(alphas).view(-1, 1, 1))


@variant("2.24c")
def mix_one_by_one(e_opt, e_target, alphas):
    return torch.cat([alpha * e_target + (1 - alpha) * e_opt for alpha in alphas])


@variant("2.24c")
def mix_by_a_product(e_opt, e_target, alphas):
    """Weights times the two ends, as a matrix product."""
    alpha = torch.tensor(alphas, dtype=torch.float64)
    weights = torch.stack([1 - alpha, alpha], dim=1)
    return torch.einsum("ab,bnd->and", weights, torch.cat([e_opt, e_target]).double())


@variant("2.24c")
def mix_in_numpy(e_opt, e_target, alphas):
    change = (e_target - e_opt).numpy()
    return np.stack([e_opt.numpy()[0] + alpha * change[0] for alpha in alphas])
