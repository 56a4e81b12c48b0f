"""The comparison of denoisers measures both objectives alike: closed forms for Gaussians."""

import pytest
import torch

from autograder.course.solution import read_solutions
from benchmarks import denoisers

MEAN, STD = 0.3, 0.2


@pytest.fixture(scope="module")
def solution():
    return read_solutions()["16_train"].namespace


def expected_noise(x_t, signal, noise):
    """E[ε | x_t] for x_t = signal·x_0 + noise·ε, with x_0 ~ N(MEAN, STD²)."""
    return noise * (x_t - signal * MEAN) / (signal**2 * STD**2 + noise**2)


def best_flow(x_t, t, label):
    """The best velocity, x̂_0 − ε̂."""
    signal, noise = t[:, None, None, None], 1 - t[:, None, None, None]
    epsilon = expected_noise(x_t, signal, noise)
    x_0 = MEAN + signal * STD**2 * (x_t - signal * MEAN) / (signal**2 * STD**2 + noise**2)
    return x_0 - epsilon


@pytest.fixture(scope="module")
def both(solution):
    """Both objectives, each with the best network there is."""
    predicting = denoisers.Noise(solution)

    def best_noise(x_t, t, label):
        a = predicting.alphas_cumprod[((1 - t) * 1000).round().long()][:, None, None, None]
        return expected_noise(x_t, a.sqrt(), (1 - a).sqrt())

    return [(denoisers.Flow(solution), best_flow), (predicting, best_noise)]


def test_both_errors_are_those_of_the_noise(both):
    g = torch.Generator().manual_seed(0)
    x = MEAN + STD * torch.randn(400, 3, 16, 16, generator=g)
    noise, t = torch.randn(x.shape, generator=g), torch.linspace(0.02, 0.98, 400)
    label = torch.zeros(400, dtype=torch.long)
    true = (t**2 * STD**2 / (t**2 * STD**2 + (1 - t) ** 2)).mean()  # the variance of ε given x_t
    for objective, best in both:
        # 300,000 numbers, and a thousand timesteps instead of all times: about 0.3 %
        assert objective.error(best, x, label, noise, t) == pytest.approx(float(true), rel=0.01)


def test_both_samplers_arrive_at_the_pictures(both):
    noise = torch.randn(300, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    label = torch.zeros(300, dtype=torch.long)
    for objective, best in both:
        x = objective.sample(best, noise, label)
        assert float(x.mean()) == pytest.approx(MEAN, abs=0.02)
        assert float(x.std()) == pytest.approx(STD, rel=0.15)  # of 30 steps


def test_a_step_of_each_lowers_its_error(solution):
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(0)
    x = MEAN + STD * torch.randn(64, 3, 16, 16, generator=g)
    noise, t = torch.randn(x.shape, generator=g), torch.linspace(0.02, 0.98, 64)
    label = torch.zeros(64, dtype=torch.long)
    for objective in (denoisers.Flow(solution), denoisers.Noise(solution)):
        torch.manual_seed(0)
        net = solution["unet"](3, 8, denoisers.CLASSES)
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
        with torch.no_grad():
            before = objective.error(net, x, label, noise, t)
        for _ in range(40):
            objective.train(net, optimizer, x, label, g)
        with torch.no_grad():
            assert objective.error(net, x, label, noise, t) < 0.8 * before


def test_the_page_and_its_pictures(tmp_path, monkeypatch):
    for name in ("PAGE", "CURVES", "SAMPLES"):
        monkeypatch.setattr(denoisers, name, tmp_path / f"{name.lower()}.png")
    denoisers.main(minutes=0.002, seeds=1, looks=1, count=60)
    page = (tmp_path / "page.png").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and "flow" in line]
    assert len(rows) == 2
    assert "nan" not in page
    counts = {name: int(row.split("|")[2].replace(",", "")) for name, row in zip("ut", rows)}
    assert counts["u"] == pytest.approx(counts["t"], rel=0.1), "as many parameters"
    assert (tmp_path / "curves.png").stat().st_size > 5000
    assert (tmp_path / "samples.png").stat().st_size > 5000
