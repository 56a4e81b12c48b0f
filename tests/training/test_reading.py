"""Reading what is where from inside the UNet: it's learned, it teaches, and it leaves no trace."""

import math

import numpy as np
import pytest
import torch

from tests.training.test_loop import FewPictures, advance, tiny
from training.commands.app import average
from training.data import labels
from training.data.stream import Stream
from training.method import loop, reading, stage1


class LabelledFew(Stream):
    """Four plain pictures, each of which shows one thing everywhere."""

    def __init__(self) -> None:
        self._few = FewPictures()

    def labelled_chooser(self, size: int):
        choose = self._few.chooser(size)

        def with_labels(step, count, rng):
            pixels, scenes = choose(step, count, rng)
            return pixels, scenes, np.stack([np.full((16, 16), 1 + s.subject) for s in scenes])

        return with_labels


@pytest.fixture
def nets():
    both = tiny(1)
    both["reader"] = reading.Reader(both["unet"])
    return both


def loss_of(weight: float):
    return stage1.loss_function(
        LabelledFew(), 16, batch=8, low_precision=False, reading_weight=weight
    )


def test_the_error_is_a_cross_entropy_of_what_is_known():
    class Sure(torch.nn.Module):
        def forward(self, features):
            return features

    things = torch.randint(0, labels.COUNT, (2, 8, 8), generator=torch.Generator().manual_seed(0))
    at_once = torch.nn.functional.one_hot(things, labels.COUNT).movedim(-1, 1) * 100.0
    assert reading.error(Sure(), [at_once], things).item() == pytest.approx(0, abs=1e-6)
    clueless = torch.zeros(2, labels.COUNT, 4, 4)
    assert reading.error(Sure(), [clueless] * 2, things).item() == pytest.approx(
        2 * math.log(labels.COUNT), rel=1e-6
    )
    wrong = things.clone()
    wrong[0] = labels.UNKNOWN
    assert reading.error(Sure(), [at_once], wrong).item() == pytest.approx(0, abs=1e-6)
    wrong[:] = labels.UNKNOWN
    assert reading.error(Sure(), [clueless], wrong).item() == 0


def test_it_learns_to_read(nets):
    torch.set_num_threads(1)
    trainer = loop.Trainer(nets, lr=2e-3, warm_up=5)
    losses = advance(trainer, loss_of(1.0), 60)
    assert np.mean(losses[:3]) > math.log(labels.COUNT)
    assert np.mean(losses[-10:]) < 0.25 * np.mean(losses[:3])


def test_it_teaches_the_unet_and_the_text_encoder(nets):
    """Its gradient reaches them, on top of that of the noise's error."""

    def gradients(weight: float) -> dict[str, torch.Tensor]:
        nets.zero_grad()
        loss_of(weight)(nets, 0)[0].total.backward()
        return {name: p.grad.clone() for name, p in nets.named_parameters() if p.grad is not None}

    without, with_it = gradients(1e-9), gradients(1.0)
    for part in ("unet.down_blocks.0", "unet.mid_block", "text.encoder"):
        names = [name for name in with_it if name.startswith(part) and with_it[name].any()]
        changed = [name for name in names if not torch.allclose(with_it[name], without[name])]
        assert len(changed) > len(names) / 2 > 0, part
    above = [name for name in with_it if name.startswith("unet.conv_out")]
    assert all(torch.allclose(with_it[name], without[name]) for name in above)


def test_no_hook_stays_behind(nets):
    with pytest.raises(RuntimeError, match="inside"), reading.inside(nets["unet"]):
        raise RuntimeError("inside")
    assert not any(part._forward_hooks for part in nets["unet"].modules())


def test_pictures_in_a_folder_have_no_labels():
    with pytest.raises(TypeError, match="from a stream"):
        stage1.loss_function(FewPictures(), 16, reading_weight=0.1)


def test_the_average_of_a_checkpoint_leaves_the_reader_out(tmp_path):
    nets = stage1.networks(seed=2)
    nets["reader"] = reading.Reader(nets["unet"])
    loop.save(loop.Trainer(nets), tmp_path / "stage-1.pt")
    found = average(tmp_path / "stage-1.pt", tmp_path)
    assert set(found) == {"text", "unet"}
    theirs = nets.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in found.state_dict().items())
