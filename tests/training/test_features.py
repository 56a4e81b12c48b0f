"""The classifier whose features the challenge compares: what it learns from, and that it learns."""

import statistics

import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from pset.challenge.features import Features, features_file, load_features
from pset.small_pictures import small_pictures
from training.commands import app
from training.judging import features


def test_blends_keep_the_mean_and_most_of_the_covariance():
    """So only what isn't Gaussian about pictures tells them from blends."""
    images, labels, _ = small_pictures("train", 16)
    blends = features.blended(images, labels, torch.Generator().manual_seed(0))
    for label in range(10):
        own, other = images[labels == label], blends[labels == label]
        assert (own.mean(0) - other.mean(0)).square().mean().sqrt() < 0.15 * own.std()
        ratio = other.flatten(1).var(0).sum() / own.flatten(1).var(0).sum()
        assert 0.3 < ratio < 1.1  # from ½² to 1², on average 0.58


def test_changes_keep_what_there_is_to_see():
    images, labels, _ = small_pictures("test", 16)
    changed = features.changed(images, torch.Generator().manual_seed(0))
    assert changed.shape == images.shape
    assert not torch.equal(changed, images)
    found = load_features().logits(changed)[:, :10].argmax(1)
    assert (found == labels).float().mean() > 0.85


def test_it_knows_held_out_pictures_and_blends():
    net = load_features()
    images, labels, _ = small_pictures("test", 16)
    assert features.accuracy(net) > 0.9
    blends = features.blended(images, labels, torch.Generator().manual_seed(0))
    with torch.no_grad():
        real, blend = (net.logits(x)[:, -1] > 0 for x in (images, blends))
    assert real.float().mean() > 0.9 > 0.2 > blend.float().mean()


def test_training_lowers_the_loss_and_is_seeded():
    losses = []
    for _ in range(2):
        torch.manual_seed(7)
        losses.append(list(features.train(Features(), epochs=2)))
    assert len(losses[0]) == 30
    assert statistics.mean(losses[0][-5:]) < statistics.mean(losses[0][:5])
    assert all(abs(a - b) < 1e-3 for a, b in zip(*losses, strict=True))


def test_the_command_writes_what_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr("training.commands.features.prepare", lambda device, threads: None)
    path = tmp_path / "features.safetensors"
    said = CliRunner().invoke(app, ["features", "--epochs", "1", "--out", str(path)])
    assert said.exit_code == 0, said.output
    stored, ours = load_file(path), load_file(features_file())
    assert {k: (v.shape, v.dtype) for k, v in stored.items()} == {
        k: (v.shape, v.dtype) for k, v in ours.items()
    }
    assert path.stat().st_size < 200_000
