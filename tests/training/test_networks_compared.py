"""`python -m benchmarks.networks`, run small: what it measures, keeps and writes."""

import pytest
import torch

from benchmarks import networks
from pset.small_pictures import small_pictures

MINUTES = 0.02


def test_noise_tells_the_velocity():
    """With the true noise, the velocity is right wherever t isn't nearly 0."""
    images, labels, _ = small_pictures("test", 16)
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    t = torch.linspace(0.05, 1, len(images))
    x_t = torch.lerp(noise, images, t[:, None, None, None])
    said = networks.velocity("U-Net, noise prediction", lambda x, t, label: noise)
    torch.testing.assert_close(said(x_t, t, labels), images - noise, atol=1e-4, rtol=1e-4)


def test_both_networks_have_as_many_parameters():
    one, other = (
        sum(p.numel() for p in networks.network(kind).parameters()) for kind in networks.KINDS[:2]
    )
    assert abs(one - other) < 0.1 * one


def test_a_step_of_noise_prediction_is_gradient_descent():
    net = torch.nn.Conv2d(3, 3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    x_0, noise = torch.randn(2, 4, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    t, dropped = torch.full((4,), 0.3), torch.zeros(4, dtype=torch.bool)
    x_t = 0.7 * noise + 0.3 * x_0
    loss = (net(x_t) - noise).square().mean()
    (slope,) = torch.autograd.grad(loss, net.bias)
    before = net.bias.detach().clone()
    called = torch.nn.Module()
    called.net = net
    called.forward = lambda x, t, label: net(x)
    networks.noise_step(called, optimizer, x_0, torch.zeros(4).long(), noise, t, dropped, 10)
    torch.testing.assert_close(net.bias.detach(), before - 0.1 * slope)


@pytest.mark.slow
def test_every_run_is_measured_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "STEPS", 2)
    monkeypatch.setattr(networks, "MEASUREMENTS", 4)
    kept = tmp_path / "networks.json"
    found = list(networks.runs(MINUTES, 2, kept, count=100))
    assert [(run.kind, run.seed) for run in found] == [
        (kind, seed) for seed in (0, 1) for kind in networks.KINDS
    ]
    for run in found:
        assert len(run.at) == len(run.off) == len(run.steps) == 4
        assert run.at[-1] == pytest.approx(MINUTES, abs=0.5 * MINUTES)
        assert run.off[-1] < run.off[0]
        assert torch.tensor(run.samples).shape == (3, 10, 3, 16, 16)
    monkeypatch.setattr(networks, "trained", None)  # nothing is trained again
    assert list(networks.runs(MINUTES, 2, kept)) == found
    for figure in (networks.curves(found), networks.pictures(found)):
        assert figure.get_size_inches()[0] > 3
    text = networks.page(found, 2, MINUTES)
    assert all(f"| {kind} |" in text for kind in networks.KINDS)
    assert "{" not in text
