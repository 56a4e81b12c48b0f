"""The challenge's measures: against closed forms and scipy, and on known pictures."""

import numpy as np
import pytest
import scipy.linalg
import torch

from autograder.challenge.baselines import noise_floor
from pset.challenge.copies import copied, distances, nearness
from pset.challenge.distance import frechet_distance, joint
from pset.challenge.measuring import Measured, calls_for_a_sample, complaint, in_words, measure
from pset.challenge.settings import Settings, along, installed_settings
from pset.course import course_file, read_course
from pset.small_pictures import small_pictures

SETTINGS = installed_settings()


@pytest.fixture(scope="module")
def train():
    images, labels, _ = small_pictures("train", 16)
    return images, labels


@pytest.fixture(scope="module")
def held_out():
    images, labels, _ = small_pictures("test", 16)
    return images, labels


def gaussian(count: int, size: int, seed: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    mix = torch.randn(size, size, generator=g)
    return torch.randn(count, size, generator=g) @ mix + torch.randn(size, generator=g)


def test_the_distance_agrees_with_scipys_root() -> None:
    one, other = gaussian(300, 6, 1).double(), gaussian(200, 6, 2).double()
    means = [x.mean(0).numpy() for x in (one, other)]
    covariances = [np.cov(x.numpy(), rowvar=False) for x in (one, other)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(sum(covariances) - 2 * root)
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-6)


def test_the_distance_of_what_is_moved_and_stretched() -> None:
    """Closed forms: a shift's square, and (a − 1)² times the variance."""
    x = gaussian(400, 5, 3)
    x = x - x.mean(0)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    shift = torch.tensor([1.0, -2, 0, 0, 0.5])
    assert frechet_distance(x, x + shift) == pytest.approx(float(shift.square().sum()), rel=1e-5)
    variance = float(x.double().T.cov().trace())
    assert frechet_distance(x, 3 * x) == pytest.approx(4 * variance, rel=1e-5)


def test_features_are_standard_and_labels_weigh_as_much(train) -> None:
    found = joint(*train).double()
    assert found.shape == (1500, 42)
    # Weights and statistics are stored in float16.
    assert found[:, :32].mean(0).abs().max() < 0.02
    assert found[:, :32].std(0).sub(1).abs().max() < 0.02
    assert float(found[:, 32:].T.cov().trace()) == pytest.approx(32, rel=1e-3)


def test_the_noise_floor_is_far_below_what_is_wrong(train, held_out) -> None:
    """Halves of the held-out pictures differ by more than all of them from as many others."""
    floor = noise_floor()
    assert max(floor.training) < floor.halves[0] < 1.5
    images, labels = held_out
    g = torch.Generator().manual_seed(0)
    for samples, wanted, more in (
        (images, labels[torch.randperm(500, generator=g)], 10),  # of another class
        (images + 0.3 * torch.randn(images.shape, generator=g), labels, 4),
        (torch.randn(images.shape, generator=g), labels, 40),
        (torch.nn.functional.avg_pool2d(images, 4).repeat_interleave(4, 2).repeat_interleave(4, 3),
         labels, 4),
        (images[labels == 0].repeat(10, 1, 1, 1), labels, 10),  # one class for all
    ):  # fmt: skip
        assert measure(samples, wanted).distance > more * floor.halves[0]


def test_a_class_that_is_missing_or_always_alike_shows(held_out) -> None:
    images, labels = held_out
    first = {int(c): images[labels == c][0] for c in labels.unique()}
    alike = torch.stack([first[int(c)] for c in labels])
    assert measure(alike, labels).right > 0.8
    assert measure(alike, labels).distance > 10


def test_distances_are_those_of_the_nearest_shift_and_mirror(train) -> None:
    pictures = train[0][:20]
    moved = torch.nn.functional.pad(pictures, (1, 0, 0, 1), mode="replicate")[..., 1:, :16]
    assert distances(moved.flip(-1), pictures).diagonal().max() < 0.01
    straight = (pictures[:1] - pictures[1:2]).square().mean().sqrt()
    assert float(distances(pictures[:1], pictures[1:2])) <= float(straight) + 1e-6


def test_copies_are_told_from_other_pictures(train, held_out) -> None:
    g = torch.Generator().manual_seed(1)
    for images, _ in (train, held_out):
        some = images[:300]
        for changed in (
            some,
            some.flip(-1),
            0.95 * some,
            some + 0.07 * torch.randn(some.shape, generator=g),
        ):
            assert copied(changed).float().mean() > 0.8
    # By definition a tenth of the held-out pictures is as near to a training picture as a copy.
    near = nearness(held_out[0], train[0])
    bound = near.quantile(0.1)
    assert float((near < bound).float().mean()) == pytest.approx(0.1, abs=0.005)
    assert copied(torch.randn(300, 3, 16, 16, generator=g)).float().mean() < 0.05


def test_calls_are_those_counted_or_what_the_time_says() -> None:
    n, each = SETTINGS.pictures, SETTINGS.call_seconds
    assert calls_for_a_sample(40 * n, 3 * each, SETTINGS) == 40
    assert calls_for_a_sample(n, 30 * each, SETTINGS) == 30


def test_samples_that_cant_be_measured() -> None:
    noise = torch.zeros(5, 3, 16, 16)
    assert complaint(noise, noise) == ""
    assert "[5, 3, 8, 8]" in complaint(noise[..., :8, :8], noise)
    assert "NaN" in complaint(noise / 0, noise)


def test_points_follow_the_curves() -> None:
    curve = ((2.0, 1.0), (6.0, 0.5), (10.0, 0.0))
    assert [along(curve, x) for x in (0, 2, 4, 6, 8, 10, 99)] == [1, 1, 0.75, 0.5, 0.25, 0, 0]
    (best, full), *_ = SETTINGS.distance
    assert SETTINGS.share(best, 1, 0) == full == 1
    assert SETTINGS.share(best, 1, SETTINGS.most_copies + 0.01) == 0
    assert SETTINGS.share(best, 10_000, 0) == SETTINGS.calls[-1][1]
    assert "more or less" in in_words(Measured(1, 1, 0.9), 20, SETTINGS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seconds": 0}, "must be positive"),
        ({"cores": "two"}, "must be positive"),
        ({"speed": 3}, "Look at 'speed'"),
        ({"calls": [[3, 1], [2, 0]]}, "values that rise"),
        ({"calls": [[1, 0.2], [2, 0.4]]}, "that falls"),
        ({"distance": [[1, 2]]}, "a share of the points"),
        ({"distance": []}, "must be a list"),
    ],
)
def test_settings_that_cannot_be_say_why(change: dict, says: str) -> None:
    course = read_course(course_file())
    with pytest.raises(ValueError, match=says):
        Settings.of({"challenge": course["challenge"] | change})
    with pytest.raises(ValueError, match="needs exactly"):
        Settings.of({})
