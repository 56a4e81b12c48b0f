"""The goals: which scenes are asked, and what counts as reached."""

from collections import Counter

import pytest
import torch

from training.data.grammar import ATTRIBUTES, SETTINGS, STYLES
from training.judging import goals, judge


def test_what_is_asked_is_fixed_and_spread():
    two, worn, settings = goals.two_subjects(), goals.worn(), goals.settings()
    assert len(set(two)) == 120
    assert two == goals.two_subjects()
    assert all(s.relation >= 0 and s.subject != s.other for s in two)
    assert set(Counter(s.attribute for s in worn).values()) == {len(worn) // len(ATTRIBUTES)}
    assert set(Counter(s.setting for s in settings).values()) == {len(settings) // len(SETTINGS)}
    assert set(Counter(s.style for s in two).values()) == {120 // len(STYLES)}


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "reached"), (0.7, "floor"), (0.6, "")])
def test_verdicts(share, verdict):
    assert goals.Result("two subjects, both there", 120, share).verdict == verdict


def test_results_of_samples_without_anything(monkeypatch):
    monkeypatch.setattr(
        "training.judging.sample.prompted",
        lambda m, prompts, *a, **k: torch.zeros(len(prompts), 3, 32, 32),
    )
    torch.manual_seed(0)
    found = list(goals.results(None, judge.Judge(8).eval(), every=12))
    names = [r.name for r in found]
    assert names[0] == "two subjects, both there"
    assert set(names) <= set(goals.GOALS)
    assert sum(r.pictures for r in found if r.name == "worn") == 5
    listed, images = goals.listed(None, judge.Judge(8).eval())
    assert len(listed) == len(images)
