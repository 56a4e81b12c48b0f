"""Flow matching, a training step, samplers, patches, networks: against closed forms and diffusers.

Autograd is compared with derivatives written by hand, on weights that are given.
"""

import pytest
import torch
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from torch import nn

import pset
from pset.checks.stand_in_flows import gaussian_velocity
from pset.checks.stand_ins import estimate
from pset.closed_form import cosine_alphas_cumprod, mean_image
from tests.solutions.finding import function

TOKENS = [
    [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0],
    [-0.1, 0.2, 0.3, -0.2, 0.3, 0.1, 0.0, -0.2, 0.3],
    [0.0, 0.4, -0.3, 0.1, -0.2, 0.2, 0.3, 0.0, -0.1],
]
NONE = 2
"""The label of "no class" with two classes."""


def images(count, seed=0):
    return pset.noise((count, 3, 12, 16), seed)


# --- flow matching -------------------------------------------------------------------------------


def test_the_velocity_is_the_derivative_of_x_t():
    x_0, noise, t = images(2, 1).double(), images(2, 2).double(), torch.tensor([0.2, 0.7]).double()
    (before, velocity), (after, _) = (function("flow_pair")(x_0, noise, t + d) for d in (0, 1e-6))
    torch.testing.assert_close((after - before) / 1e-6, velocity, rtol=1e-5, atol=1e-5)


def test_x_t_is_noise_at_0_and_the_image_at_1():
    x_0, noise = images(2, 1), images(2, 2)
    for t, end in ((0.0, noise), (1.0, x_0)):
        torch.testing.assert_close(function("flow_pair")(x_0, noise, torch.full((2,), t))[0], end)


class Scaled(nn.Module):
    """v = w·x + a row of a table: its derivatives fit in a line."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(0.3))
        self.table = nn.Parameter(torch.tensor([0.1, -0.2, 0.4]))

    def forward(self, x, t, label):
        return self.w * x + self.table[label][:, None, None, None]


def test_a_training_step_is_gradient_descent_by_hand():
    net = Scaled()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for parameter in net.parameters():
        parameter.grad = torch.full_like(parameter, 5.0)  # from before; it has to go
    x_0, noise, t = images(3, 1), images(3, 2), torch.tensor([0.1, 0.5, 0.8])
    label, dropped = torch.tensor([0, 1, 1]), torch.tensor([False, True, False])
    kept = label.clone()
    w, table = net.w.item(), net.table.detach().clone()
    loss = function("flow_step")(net, optimizer, x_0, label, noise, t, dropped, NONE)

    rows = [0, NONE, 1]
    s = t[:, None, None, None]
    x_t = (1 - s) * noise + s * x_0
    apart = w * x_t + table[rows][:, None, None, None] - (x_0 - noise)
    assert loss == pytest.approx(apart.square().mean().item(), rel=1e-5)
    assert net.w.item() == pytest.approx(w - 0.1 * 2 * (apart * x_t).mean().item(), rel=1e-4)
    for k, row in enumerate(rows):
        slope = 2 * apart[k].sum().item() / apart.numel()
        assert net.table[row].item() == pytest.approx(table[row].item() - 0.1 * slope, rel=1e-4)
    assert torch.equal(label, kept)


def test_one_step_from_noise_is_the_mean():
    net, label = gaussian_velocity(TOKENS, 0.4), torch.tensor([0, 1])
    found = function("euler")(net, images(2), label, 1, 1.0, NONE)
    torch.testing.assert_close(found, mean_image(torch.tensor(TOKENS[:2]), 12, 16))


def test_many_steps_get_the_spread_of_the_images():
    """The exact flow takes noise ε to μ + s·ε; Euler's error falls with the step."""
    net, label, x = gaussian_velocity(TOKENS, 0.4), torch.tensor([0, 1]), images(2)
    exact = mean_image(torch.tensor(TOKENS[:2]), 12, 16) + 0.4 * x
    errors = [
        (function("euler")(net, x, label, n, 1.0, NONE) - exact).square().mean().sqrt().item()
        for n in (10, 40, 160)
    ]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_without_guidance_it_is_the_scheduler_of_diffusers():
    """Its σ is 1 − t, and its velocity noise − x_0."""
    steps, net, label, x = 8, gaussian_velocity(TOKENS, 0.4), torch.tensor([1]), images(1)
    ours = function("euler")(net, x, label, steps, 1.0, NONE)
    scheduler = FlowMatchEulerDiscreteScheduler()
    scheduler.set_timesteps(sigmas=[1 - k / steps for k in range(steps)])
    for timestep in scheduler.timesteps:
        t = torch.full((1,), 1 - timestep.item() / 1000)
        x = scheduler.step(-net(x, t, label), timestep, x).prev_sample
    torch.testing.assert_close(ours, x, rtol=1e-4, atol=1e-4)


def test_guidance_with_equal_velocities_changes_nothing():
    net, label, x = gaussian_velocity([TOKENS[0]] * 3, 0.4), torch.tensor([0, 1]), images(2)
    found = [function("euler")(net, x, label, 5, scale, NONE) for scale in (1.0, 4.0)]
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


# --- DDIM ----------------------------------------------------------------------------------------


def test_a_step_is_the_scheduler_of_diffusers():
    alphas = cosine_alphas_cumprod()
    scheduler = DDIMScheduler(clip_sample=False, set_alpha_to_one=False)
    scheduler.alphas_cumprod = alphas
    scheduler.set_timesteps(50)
    x, noise = images(2, 1), images(2, 2)
    for t in (980, 500, 20):
        theirs = scheduler.step(noise, t, x, eta=0.0).prev_sample
        ours = function("ddim_step")(x, t, t - 20, noise, alphas)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_inversion_comes_back_the_nearer_the_more_steps():
    alphas, of = cosine_alphas_cumprod(), estimate(TOKENS[:2], 0.3)
    image, errors = pset.photo("coffee", 32), []
    for count in (10, 40, 160):
        timesteps = torch.linspace(960, 0, count + 1).round().int().tolist()
        x = function("ddim_invert")(image, of, alphas, timesteps)
        for t, t_next in zip(timesteps, timesteps[1:], strict=False):  # noqa: RUF007
            x = function("ddim_step")(x, t, t_next, of(x, t)[0], alphas)
        errors.append((x - image).square().mean().sqrt().item())
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 0.05


# --- a transformer -------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "height", "width"), [(2, 12, 20), (4, 8, 8), (1, 3, 5)])
def test_patches_come_back(size, height, width):
    x = pset.noise((3, 2, height, width))
    tokens = function("patchify")(x, size)
    assert tokens.shape == (3, height * width // size**2, 2 * size**2)
    assert torch.equal(function("unpatchify")(tokens, size, height, width), x)


def test_a_token_is_one_patch():
    x = torch.zeros(1, 3, 8, 12)
    x[..., 4:8, 4:8] = 1  # the second row's second patch of three
    tokens = function("patchify")(x, 4)
    assert tokens[0].mean(dim=1).tolist() == [0, 0, 0, 0, 1, 0]


def test_a_new_block_changes_nothing_and_a_trained_one_does():
    torch.manual_seed(0)
    block, tokens, c = function("dit_block")(16, 4, 8), torch.randn(2, 5, 16), torch.randn(2, 8)
    assert torch.equal(block(tokens, c), tokens)
    optimizer = torch.optim.Adam(block.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        losses.append((block(tokens, c) + tokens).square().mean())
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.8 * losses[0]


def test_a_unet_learns_which_label_it_is_given():
    """Two labels, two constant velocities."""
    torch.manual_seed(0)
    net = function("unet")(1, 8, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    label, t = torch.tensor([0, 1]).repeat(4), torch.full((8,), 0.5)
    target = (2.0 * label - 1)[:, None, None, None].expand(-1, 1, 8, 8)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        x = torch.randn(8, 1, 8, 8, generator=generator)
        loss = (net(x, t, label) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.3
