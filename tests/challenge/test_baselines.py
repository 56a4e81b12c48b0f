"""What `python -m autograder challenge` prints: the noise floor, and known entries."""

import sys
from dataclasses import replace

import pytest

from autograder.challenge import baselines, contest
from autograder.challenge.contest import Challenge, compete
from autograder.commands import run
from autograder.sandbox.launcher import Launcher
from pset.challenge import settings
from tests.challenge.entries import SETTINGS

WEAKER = ["gaussians", "no class", "one step"]


def test_the_noise_floor_is_printed(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["autograder", "challenge"])
    assert run() == 0
    said = " ".join(capsys.readouterr().out.split())
    floor = baselines.noise_floor()
    assert f"held-out pictures: {floor.halves[0]:.2f} ± {floor.halves[1]:.2f}" in said
    assert f"{floor.training[0]:.2f}, {floor.training[1]:.2f}, {floor.training[2]:.2f}." in said


def test_there_are_a_reference_and_three_weaker_ones() -> None:
    assert list(baselines.baselines()) == ["reference", *WEAKER]


@pytest.mark.slow
@pytest.mark.xdist_group("challenge")
def test_gaussians_are_far_from_pictures(challenge: Challenge, launcher: Launcher) -> None:
    """They have each class's mean and covariance, and no more."""
    found = compete(challenge, launcher, baselines.baselines()["gaussians"], "k")
    assert found.is_scored
    assert found.calls == 1
    assert found.copies < 0.2
    assert 10 * baselines.noise_floor().halves[0] < found.distance < 100


@pytest.mark.slow
@pytest.mark.xdist_group("challenge")
def test_what_they_get_is_printed(monkeypatch, capsys) -> None:
    """With hardly any time and few pictures, but all four, and their points."""
    quick = replace(SETTINGS, seconds=2, pictures=60, sample_seconds=60)
    monkeypatch.setattr(settings, "installed_settings", lambda: quick)
    monkeypatch.setattr(contest, "GRACE_SECONDS", 60)  # a busy machine is slow
    monkeypatch.setattr(sys, "argv", ["autograder", "challenge", "--baselines", "--seconds", "1"])
    assert run() == 0
    said = capsys.readouterr().out
    assert "1 seconds to train, 30 points" in " ".join(said.split())
    for name in ("reference", *WEAKER):
        assert f"{name}: Fréchet distance" in said, said
