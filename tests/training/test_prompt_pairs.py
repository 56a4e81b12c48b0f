"""Pairs that a model makes: captions that fit prompt-to-prompt, the filter, the two pictures."""

from itertools import islice

import pytest
import torch

import pset
from training.data import edits, grammar
from training.data.grammar import SUBJECTS, Scene
from training.judging import judge, prompt_pairs, sample
from training.method import stage1

KEYS = [subject.key for subject in SUBJECTS]
CAT, DOG = (KEYS.index(key) for key in ("cat", "dog"))


def test_captions_have_their_words_in_the_same_places():
    for edit in islice(prompt_pairs.edits(), 50):
        before, after = (grammar.caption(s).split() for s in (edit.before, edit.after))
        assert len(before) == len(after)
        assert before != after


def verdict(scenes: list[Scene]) -> judge.Verdict:
    """Of a judge that's certain, and right."""
    known = judge.labels(scenes)
    certain = {
        name: 40.0 * torch.nn.functional.one_hot(getattr(known, name), count)
        for name, count in (("style", 6), ("worn", 7), ("setting", 8))
    }
    return judge.Verdict(
        subject=known.there, present=80 * known.there - 40, right=known.side, **certain
    )


def score(*shown: Scene, asked: Scene) -> list[float]:
    """Of a pair that shows these two scenes, where the caption asked for another second one."""
    seen = prompt_pairs.of_pictures(lambda x: verdict(list(shown)), torch.zeros(2, 3, 8, 8))
    said = prompt_pairs.of_scenes([shown[0], asked])
    pair_scores = sample.solution(prompt_pairs.NOTEBOOK, "pair_scores")
    return pair_scores(seen[:1], seen[1:], said[:1], said[1:])[0].tolist()


def test_a_pair_that_shows_its_captions_has_the_best_direction():
    cat, dog = Scene(CAT, 0), Scene(DOG, 0)
    similarity, direction = score(cat, dog, asked=dog)
    assert direction == pytest.approx(1, abs=1e-4)
    assert similarity == pytest.approx(3 / 4, abs=1e-4)  # style, nothing worn, no setting: the same
    same, direction = score(cat, cat, asked=dog)
    assert same == pytest.approx(1, abs=1e-4)
    assert direction == pytest.approx(0, abs=1e-4)
    different, _ = score(cat, Scene(DOG, 2, setting=3), asked=dog)
    assert different < similarity
    assert different < prompt_pairs.MIN_SIMILARITY < similarity


@torch.inference_mode()
def test_both_pictures_of_a_pair_are_the_same_if_the_captions_are(monkeypatch):
    """And the first one is what the model draws without any editing."""
    times = [990, 660, 330, 30, 0]
    monkeypatch.setattr(prompt_pairs, "STRIDED_TIMESTEPS", times)
    m = sample.as_model(stage1.networks().eval())
    prompt = "a photo of a cat"
    first, second = prompt_pairs.draw(m, [prompt, prompt], 0.5, 7)
    torch.testing.assert_close(first, second, atol=1e-2, rtol=0)
    estimate = pset.thresholded(m, pset.guided(m, prompt))
    x_T = pset.noise((1, 3, 64, 64), 7)
    alone = pset.iterative_denoise(x_T, 0, estimate, m.alphas_cumprod, times, 7)[0]
    torch.testing.assert_close(first, alone, atol=1e-2, rtol=0)


def test_a_seed_gives_the_same_edits_always():
    one, again = (list(islice(prompt_pairs.edits(), 5)) for _ in range(2))
    assert one == again
    assert all(isinstance(edit, edits.Edit) for edit in one)
