"""Training data drawn ahead: the stream's own pictures, labels and captions, as numbers."""

import numpy as np
import pytest
import torch

from training.data import ahead, edits, grammar, labels, stream
from training.data.resident import Resident, floats, one_of
from training.method import model


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(ahead, "SHARD", 4)


def test_a_shard_is_what_the_stream_would_draw(artwork, small, tmp_path):
    with np.load(ahead.write(3, "pictures", tmp_path, tmp_path)) as shard:
        pixels, things, ids = (shard[name] for name in ("pixels", "things", "ids"))
    numbers = range(12, 16)
    assert (pixels == stream.draw(numbers, tmp_path)).all()
    for row, n in enumerate(numbers):
        scene = stream.scene(n)
        assert (things[row] == labels.labels(scene, n, tmp_path)).all()
        # every caption is one that the scene can have, or none
        rng = np.random.default_rng(0)
        possible = {grammar.training_caption(scene, rng) for _ in range(400)} | {""}
        known = {tuple(x.tolist()) for x in model.token_ids(sorted(possible))}
        assert {tuple(x) for x in ids[row].tolist()} <= known


def test_pairs_come_with_their_instructions(artwork, small, tmp_path):
    with np.load(ahead.write(2, "edits", tmp_path, tmp_path)) as shard:
        pixels, ids = shard["pixels"], shard["ids"]
    numbers = range(8, 12)
    assert (pixels == edits.Edits.draw(numbers, tmp_path)).all()
    said = model.token_ids([edits.Edits.item(n).instruction for n in numbers])
    assert (ids[:, 0] == said.numpy()).all()


def test_a_shard_is_drawn_once(artwork, small, tmp_path, monkeypatch):
    first = ahead.write(0, "large", tmp_path, tmp_path).read_bytes()
    monkeypatch.setitem(ahead.KINDS, "large", None)
    assert ahead.write(0, "large", tmp_path, tmp_path).read_bytes() == first


def shards(folder, numbers):
    """Shards of four rows that hold their own number."""
    for n in numbers:
        values = np.arange(4 * n, 4 * n + 4)
        pixels = np.broadcast_to(values[:, None, None, None], (4, 3, 2, 2)).astype(np.uint8)
        np.savez(folder / f"{n:08d}.npz", pixels=pixels, ids=np.stack([values, -values], 1))


def test_what_comes_is_taken_in_once_and_chosen(tmp_path):
    held, g = Resident(tmp_path, 12, "cpu"), torch.Generator().manual_seed(1)
    shards(tmp_path, [5])
    held.wait(4)
    assert set(held.choose(50, g)["pixels"].unique().tolist()) == {20, 21, 22, 23}
    shards(tmp_path, [1])
    assert held.take() == held.take() == 8
    chosen = held.choose(200, g)
    assert set(chosen["pixels"].unique().tolist()) == {4, 5, 6, 7, 20, 21, 22, 23}
    assert torch.equal(chosen["pixels"][:, 0, 0, 0].long(), chosen["ids"][:, 0])
    shards(tmp_path, [2, 3])  # there's room for one
    assert held.take() == 12
    assert max(held.choose(200, g)["ids"][:, 0].tolist()) == 23


def test_waiting_ends_when_nobody_draws_any_more(tmp_path):
    shards(tmp_path, [0])
    with pytest.raises(RuntimeError, match="Only 4 rows were drawn"):
        Resident(tmp_path, 12, "cpu").wait(8, failed=lambda: 1)


def test_pixels_and_captions_are_as_networks_take_them():
    assert floats(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]
    ids = torch.tensor([[[1], [2]], [[3], [4]]], dtype=torch.int16)
    seen = {tuple(one_of(ids, torch.Generator().manual_seed(k))[:, 0].tolist()) for k in range(40)}
    assert seen == {(1, 3), (1, 4), (2, 3), (2, 4)}
