"""Pairs in a folder: what the notebook's data set says comes out again, in the share asked for."""

import numpy as np
import pytest
import torch

from pset.instruction_pairs import Pair, save_pairs
from training.data.pair_folder import PairFolder, mixed

PAIRS = [Pair(f"a photo of {n}", f"make it {n}", f"an image of {n}") for n in ("a cat", "a dog")]


@pytest.fixture
def folder(tmp_path):
    before = torch.linspace(-1, 1, 2)[:, None, None, None].expand(2, 3, 16, 16)
    return PairFolder(save_pairs(tmp_path / "pairs", PAIRS, before, -before))


def test_pictures_and_instructions_come_out_again(folder):
    assert len(folder) == 2
    assert folder.instructions == ["make it a cat", "make it a dog"]
    pixels, said = folder.chooser(8)(0, 50, np.random.default_rng(1))
    assert pixels.shape == (50, 6, 8, 8)
    assert set(said) == set(folder.instructions)
    for pair, words in zip(pixels, said, strict=True):
        before, after = (0, 255) if words == "make it a cat" else (255, 0)
        assert (pair[:3] == before).all()
        assert (pair[3:] == after).all()


def constant(value: int):
    return lambda step, count, rng: (np.full((count, 6, 4, 4), value), [str(value)] * count)


def test_a_share_is_from_the_second():
    choose = mixed(constant(1), constant(2), 0.25)
    rng, found = np.random.default_rng(1), []
    for step in range(200):
        pixels, said = choose(step, 16, rng)
        assert [str(pair[0, 0, 0]) for pair in pixels] == said
        assert len(said) == 16
        found += said
    assert found.count("2") / len(found) == pytest.approx(0.25, abs=0.03)
    assert set(mixed(constant(1), constant(2), 0)(0, 8, rng)[1]) == {"1"}
