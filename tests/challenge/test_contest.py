"""Train in one process, sample in another: what's measured, and what can't be forged."""

from dataclasses import replace

import pytest
import torch

from autograder.challenge.contest import Challenge, compete
from autograder.challenge.entry import Entry
from autograder.grading.challenged import suspicions, verdict_on
from autograder.sandbox.launcher import Launcher
from pset.challenge.measuring import draw, measure
from pset.small_pictures import small_pictures
from tests.challenge.entries import ATTACKS, HEAD, RAW, SETTINGS, entry

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("challenge")]


def run(challenge: Challenge, launcher: Launcher, cell: str) -> Entry:
    return compete(challenge, launcher, [cell], key="k")


def test_an_entry_is_measured_as_its_samples_are(challenge: Challenge, launcher: Launcher) -> None:
    found = run(challenge, launcher, HEAD)
    noise, labels = draw(challenge.seed, SETTINGS.pictures)
    images, known, _ = small_pictures("train", 16)
    means = torch.stack([images[known == c].mean(0) for c in range(10)])
    expected = measure(means[labels] + 0.2 * noise, labels)
    assert found.is_scored
    assert found.called == "mean"
    assert found.distance == pytest.approx(expected.distance, rel=1e-3)  # the same sums, in float32
    assert (found.right, found.copies) == pytest.approx((expected.right, expected.copies), abs=0.02)
    assert found.calls == 1
    assert found.cpu_seconds > 0


def test_labels_are_hidden_until_there_is_a_network(
    challenge: Challenge, launcher: Launcher
) -> None:
    """Another seed gives other labels and other noise; each class comes as often."""
    noise, labels = draw(1, 100)
    other_noise, other_labels = draw(2, 100)
    assert not torch.equal(labels, other_labels)
    assert not torch.equal(noise, other_noise)
    assert torch.bincount(labels).tolist() == [10] * 10
    looks = entry(sample="raise ValueError(' '.join(sorted(k for k in dir(net) if k[0] != '_')))")
    assert run(challenge, launcher, looks).error.startswith("ValueError\n")  # nothing to be had


@pytest.mark.parametrize("steps", [1, 7])
def test_calls_are_counted_outside(challenge: Challenge, launcher: Launcher, steps: int) -> None:
    body = f"for k in range({steps}):\n    v = net(noise, k / {steps}, label)\nreturn noise + v"
    assert run(challenge, launcher, entry(sample=body)).calls == steps
    halves = "for x, k in zip(noise.split(10), label.split(10)):\n    net(x, 0.0, k)\nreturn noise"
    assert run(challenge, launcher, entry(sample=halves)).calls == 1  # for each sample


def test_a_call_behind_the_functions_back_counts_too(
    challenge: Challenge, launcher: Launcher
) -> None:
    found = run(challenge, launcher, entry(sample=RAW))
    assert (found.status, found.calls) == ("returned", 7), found.error


@pytest.mark.parametrize("where", ["in the network", "beside the network"])
def test_work_that_is_not_counted_costs_time(
    challenge: Challenge, launcher: Launcher, where: str
) -> None:
    """Steps inside a call, or a network inside `sample`: the time says so."""
    priced = replace(challenge, settings=replace(SETTINGS, call_seconds=0.05))
    if where == "in the network":
        hidden = "def net(x, t, label):\n    time.sleep(1)\n    return x\nreturn net"
        cell = entry(hidden)
    else:
        cell = entry(sample="time.sleep(1)\nreturn noise + net(noise, 0.0, label)")
    found = run(priced, launcher, cell)
    assert found.calls >= 20
    assert found.share(priced.settings) == 0.5 * priced.settings.share(found.distance, 1, 0)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("noise", [0.0, 0.08])
def test_copies_are_named_and_earn_nothing(
    challenge: Challenge, launcher: Launcher, split: str, noise: float
) -> None:
    body = (
        "from pset.small_pictures import small_pictures\n"
        f"images, labels, _ = small_pictures('{split}', 16)\n"
        "places = [torch.nonzero(labels == c)[:, 0] for c in range(10)]\n"
        "chosen = [places[c][k % 50] for k, c in enumerate(label.tolist())]\n"
        f"return images[chosen].flip(-1) + {noise} * noise"
    )
    found = run(challenge, launcher, entry(sample=body))
    assert found.is_scored
    assert found.distance < 5  # by the distance alone, they'd be excellent
    assert found.copies > 0.8
    verdict = verdict_on(challenge, found)
    assert (verdict.status, verdict.points) == ("wrong", 0)
    assert "look copied" in verdict.message
    assert "copied from the data set" in suspicions(challenge, found)[0]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_stopped_and_said(challenge: Challenge, launcher: Launcher, name: str) -> None:
    attack = ATTACKS[name]
    found = run(challenge, launcher, attack.cell)
    assert found.status == attack.status, found
    assert attack.says in found.in_words(SETTINGS)
    assert verdict_on(challenge, found).points == 0
    assert "canary" not in found.model_dump_json()


def test_the_next_one_is_untouched(challenge: Challenge, launcher: Launcher) -> None:
    """After attacks, the same parent starts an honest entry, and nothing is left of them."""
    parent = launcher._parent
    for name in ("hogs-memory", "forks", "starts-threads"):
        run(challenge, launcher, ATTACKS[name].cell)
    assert run(challenge, launcher, HEAD).is_scored
    assert launcher._parent is parent
    assert [path for path in launcher._scratch.iterdir() if path.name.startswith("tmp")] == []


def test_what_is_missing_is_said(challenge: Challenge, launcher: Launcher) -> None:
    none = run(challenge, launcher, "x = 1")
    assert (none.status, none.where) == ("missing", "train")
    half = run(challenge, launcher, HEAD.partition("def sample")[0])
    assert (half.status, half.where) == ("missing", "sample")
    undone = run(challenge, launcher, entry("raise NotImplementedError()"))
    assert verdict_on(challenge, undone).status == "not done"
    assert verdict_on(challenge, None).status == "missing"
