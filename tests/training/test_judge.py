"""The judge that is shipped, and the measures computed from it."""

import numpy as np
import pytest
import torch

from training import evaluate, grammar, judge


def test_weights_are_small_and_load():
    net = judge.load()
    assert judge.WEIGHTS.stat().st_size < 2e6
    subject, style = net(torch.zeros(2, 3, 64, 64))
    assert subject.shape == (2, len(grammar.SUBJECTS))
    assert style.shape == (2, len(grammar.STYLES))


def test_ceiling_is_known():
    subject, style = judge.ceiling()
    assert 0.95 < subject <= 1
    assert 0.95 < style <= 1


def test_it_learns_colours(monkeypatch):
    class Flat:
        scenes = [grammar.Scene(i % 3, i % 2) for i in range(256)]  # noqa: RUF012
        pixels = np.zeros((256, 3, 32, 32), np.uint8)

        def __len__(self):
            return 256

        def at(self, size):
            return self.pixels

    flat = Flat()
    for i in range(256):
        flat.pixels[i, i % 3] = 200
        flat.pixels[i, :, :16] //= 1 + i % 2
    torch.manual_seed(0)
    net = judge.Judge(width=8)
    losses = [s.loss for s in judge.train(net, flat, epochs=12)]
    assert losses[-1] < losses[0]
    assert judge.accuracy(net, flat)[0] > 0.9


def test_pairs_are_of_the_grammar():
    assert len(evaluate.PAIRS) == 20
    for pair in evaluate.PAIRS:
        assert len({evaluate.index_of(key) for key in pair}) == 2


def test_a_and_c():
    perfect = np.array([[[0.9, 0.0], [0.0, 0.8]]])
    a, c = evaluate.a_and_c(perfect)
    assert a == pytest.approx(0.8)
    assert c == pytest.approx(1, abs=1e-6)
    same = np.full((3, 2, 2), 0.3)
    assert evaluate.a_and_c(same) == (pytest.approx(0.3), pytest.approx(0.5))
