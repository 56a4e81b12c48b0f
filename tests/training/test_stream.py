"""The stream: numbered pictures, drawn once, read in a window that moves on."""

import numpy as np
import pytest

from training.data import stream


@pytest.fixture
def drawn(monkeypatch):
    """Each picture's number in its pixels, and the numbers that were drawn."""
    calls = []

    def draw(numbers, root):
        calls.append(numbers.start)
        values = np.array(list(numbers))[:, None, None, None] // 1024
        return np.broadcast_to(values, (len(numbers), 3, 64, 64)).astype(np.uint8)

    monkeypatch.setattr(stream, "draw", draw)
    return calls


def test_shards_are_drawn_once(drawn, tmp_path):
    one, two = (stream.Stream(tmp_path, tmp_path) for _ in range(2))
    pixels, scenes = one.shard(2)
    again, same = two.shard(2)
    assert drawn == [2048]
    assert (pixels == again).all()
    assert scenes == same == [stream.scene(n) for n in range(2048, 3072)]


def test_the_window_moves_on(drawn, tmp_path):
    """After a shard's pictures were used ``reuse`` times, it is never chosen again."""
    choose = stream.Stream(tmp_path, tmp_path, window=3, reuse=2.0).chooser(32)
    rng = np.random.default_rng(0)
    for step, shards in ((0, {0, 1, 2}), (8, {2, 3, 4})):
        pixels, scenes = choose(step, 512, rng)
        assert pixels.shape == (512, 3, 32, 32)
        assert len(scenes) == 512
        assert set(np.unique(pixels)) == shards


def test_a_step_chooses_the_same_whoever_asks(drawn, tmp_path):
    def chosen(folder):
        choose = stream.Stream(folder, tmp_path, window=2).chooser(32)
        return choose(5, 64, np.random.default_rng(3))

    (a, one), (b, two) = chosen(tmp_path / "a"), chosen(tmp_path / "b")
    assert (a == b).all()
    assert one == two


def test_held_out_numbers_are_others(drawn, tmp_path):
    stream.Stream(tmp_path, tmp_path, first=stream.HELD_OUT).shard(0)
    assert drawn == [stream.HELD_OUT]
    assert stream.scene(0) == stream.scene(0)
    assert any(stream.scene(n) != stream.scene(stream.HELD_OUT + n) for n in range(5))
