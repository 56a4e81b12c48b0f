"""What the benchmark of attention counts: swaps, places and shares, on small examples."""

import numpy as np
import pytest
import torch

import pset
from benchmarks import attention
from training.data import grammar


def test_swaps_change_one_word_and_its_article():
    for swap in attention.swaps(30):
        before, after = (prompt.split() for prompt in swap.prompts)
        changed = {pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]}
        articles = {("a", "an"), ("an", "a")}
        assert changed - articles == {(swap.old, swap.new)}
        assert grammar.SUBJECTS[swap.new_subject].phrase.split()[-1] == swap.new
        assert swap.new_subject in swap.edited.subjects


def test_a_region_is_where_a_map_is_high_and_one_pixel_further():
    map_ = torch.zeros(8, 8)
    map_[4, 4], map_[0, 0] = 1, attention.WORD_AT / 2
    there = attention.region([map_], 16)
    assert there[6:12, 6:12].all()
    assert there.sum() == 36


def test_regions_of_two_words_are_joined():
    first, second = torch.zeros(2, 8, 8)
    first[1, 1] = second[6, 6] = 1
    there = attention.region([first, second], 8)
    assert there[1, 1]
    assert there[6, 6]
    assert there.sum() == 18


def test_all_of_a_uniform_maps_share_is_the_things_own(monkeypatch):
    """And all of a map that looks at the thing alone."""
    model = pset.load_model("pocket", device="cpu")
    mask = np.zeros((64, 64))
    mask[:32, :16] = 1  # an eighth
    shares = {"cat": torch.full((64, 64), 0.3), "dog": torch.from_numpy(mask).float()}
    monkeypatch.setattr(
        attention, "function", lambda name: lambda *inputs: torch.stack(list(shares.values()))
    )
    found = attention.maps_of(
        model,
        "a photo of a cat and a dog",
        torch.zeros(1, 3, 64, 64),
        dict.fromkeys(shares, mask),
        400,
    )
    assert [one.area for one in found] == [0.125, 0.125]
    assert [one.finest for one in found] == pytest.approx([0.125, 1])
    assert [one.every for one in found] == pytest.approx([0.125, 1])


def test_rows_are_means_over_the_swaps():
    edits = [
        [attention.Edit(0, 0.4, 0.6, True), attention.Edit(1, 0.1, 0.5, False)],
        [attention.Edit(0, 0.2, 0.4, True), attention.Edit(1, 0.1, 0.5, True)],
    ]
    first, second = attention.table_of_swaps(edits)
    assert first == {
        "tau": 0, "swaps": 2, "outside": pytest.approx(0.3), "inside": pytest.approx(0.5),
        "new_is_there": 1,
    }  # fmt: skip
    assert second["new_is_there"] == 0.5
    maps = [{"t": 200, "words": 2, "area": 0.1, "finest": 0.4, "every": 0.2, "above": 1.0}]
    page = attention.page(maps, [first, second], 1, "a/folder", "images/curve.png")
    assert "| 1 | 0.100 | 33% | 0.500 | 50% |" in page
    assert "| 200 | 2 | 10% | 40% | 20% | 100% |" in page
    assert "{" not in page
