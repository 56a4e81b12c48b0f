"""Looks at a run: what is drawn and written down, and how often."""

import json
from collections import Counter

import pytest
import torch
from PIL import Image

from training.data.grammar import STYLES, SUBJECTS
from training.judging import look
from training.method import stage1
from training.method.loop import Trainer


def test_scenes_are_spread_over_subjects_and_styles():
    scenes = look.scenes(36)
    assert len({s.subject for s in scenes}) == 36
    assert scenes[0].subject == 0
    assert scenes[-1].subject == len(SUBJECTS) - 1
    assert set(Counter(s.style for s in scenes).values()) == {36 // len(STYLES)}


@pytest.fixture(scope="module")
def nets():
    torch.manual_seed(0)
    return stage1.networks().eval()


def test_a_look_writes_a_sheet_and_a_score(tmp_path, nets, monkeypatch):
    monkeypatch.setattr("training.judging.sample.prompted", lambda m, prompts, *a, **k: torch.rand(
        len(prompts), 3, 32, 32) * 2 - 1)  # fmt: skip
    row = look.SampleMonitor(tmp_path, size=32, every=1, count=12).look(nets, 500)
    assert json.loads((tmp_path / "scores.jsonl").read_text()) == row
    assert row["pictures"] == 12
    assert 0 <= row["subject"] <= 1
    with Image.open(tmp_path / "500-32.jpg") as sheet:
        assert sheet.width >= 12 * 64


def test_it_looks_as_often_as_asked(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(look.time, "monotonic", lambda: now[0])
    monitor = look.SampleMonitor(tmp_path, size=32, every=10)
    seen = []
    monkeypatch.setattr(monitor, "look", lambda nets, n: seen.append(n))
    trainer = Trainer.__new__(Trainer)
    trainer.ema = None
    for minute in range(0, 36, 4):
        now[0] = minute * 60.0
        trainer.seen = minute
        monitor(trainer)
    assert seen == [12, 24]
