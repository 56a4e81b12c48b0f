import copy

import pytest
import torch
from torch import nn

from training.method.loop import Trainer
from training.method.merging import merged


def gone_on(start, seed, pictures):
    """A checkpoint after one optimiser step with a gradient of its own."""
    trainer = Trainer(nn.ModuleDict({"a": nn.Linear(3, 2)}))
    trainer.load_state_dict(copy.deepcopy(start))
    g = torch.Generator().manual_seed(seed)
    for p in trainer.nets.parameters():
        p.grad = torch.randn(p.shape, generator=g)
    trainer.optimiser.step()
    trainer.seen, trainer.step = trainer.seen + pictures, trainer.step + 1
    trainer.minutes += 1.5
    return trainer.state_dict()


@pytest.fixture
def start():
    torch.manual_seed(180)
    return gone_on(Trainer(nn.ModuleDict({"a": nn.Linear(3, 2)})).state_dict(), 0, 100)


def test_a_run_merged_with_nothing_else_stays_as_it_is(start):
    run = gone_on(start, 1, 30)
    made = merged(start, [run])
    assert made["seen"] == 130
    torch.testing.assert_close(made["nets"], run["nets"])
    torch.testing.assert_close(made["optimiser"]["state"], run["optimiser"]["state"])


def test_each_counts_by_what_it_has_seen(start):
    a, b = gone_on(start, 1, 30), gone_on(start, 2, 10)
    made = merged(start, [a, b])
    assert (made["seen"], made["step"], made["minutes"]) == (140, 2, 4.5)
    for key, value in made["nets"].items():
        torch.testing.assert_close(value, 0.75 * a["nets"][key] + 0.25 * b["nets"][key])
    moments = [x["optimiser"]["state"][0]["exp_avg"] for x in (a, b, made)]
    torch.testing.assert_close(moments[2], 0.75 * moments[0] + 0.25 * moments[1])


def test_what_is_made_can_be_trained_on(start):
    made = merged(start, [gone_on(start, 1, 30), gone_on(start, 2, 10)])
    assert gone_on(made, 3, 8)["seen"] == 148


def test_a_run_that_has_not_gone_on_is_refused(start):
    with pytest.raises(ValueError, match="where they all began"):
        merged(start, [gone_on(start, 1, 30), start])
