"""Training by replay: the same losses and the same steps as the loop on a CPU takes."""

import copy

import numpy as np
import pytest
import torch

from tests.training.test_loop import tiny
from training.data.resident import Resident
from training.method import diffusion, editor, loop, model, reading, replay, stage1, stage2


@pytest.fixture(autouse=True)
def uncompiled():
    with torch.compiler.set_stance("force_eager"):
        yield


def held(folder, **columns) -> Resident:
    np.savez(folder / "00000000.npz", **columns)
    resident = Resident(folder, 8, "cpu")
    resident.wait(1)
    return resident


@pytest.fixture
def picture(tmp_path):
    """One picture, one thing everywhere, one caption."""
    pixels = np.random.default_rng(0).integers(256, size=(1, 3, 16, 16), dtype=np.uint8)
    ids = model.token_ids(["a photo of a cat"]).numpy().astype(np.int16)
    return held(tmp_path, pixels=pixels, things=np.full((1, 16, 16), 3, np.uint8), ids=ids[:, None])


def test_the_loss_is_that_of_its_noise_and_time(picture):
    nets = tiny(1)
    nets["reader"] = reading.Reader(nets["unet"])
    weighted = stage1.resident_loss_function(nets, picture, 16, 4, 0.7, reading_weight=0.5)
    plain = stage1.resident_loss_function(nets, picture, 16, 4, 0.7)
    loss, t = weighted(torch.Generator().manual_seed(3))
    without, _ = plain(torch.Generator().manual_seed(3))

    g = torch.Generator().manual_seed(3)
    rows = picture.choose(4, g)
    x0 = rows["pixels"].float() / 127.5 - 1
    noise = torch.randn(x0.shape, generator=g)
    assert torch.equal(t, diffusion.timesteps(4, g, 0.7))
    s = diffusion.schedule()
    x_t = diffusion.forward(x0, t, noise, s)
    context = model.embed(nets["text"], ["a photo of a cat"] * 4)
    with reading.inside(nets["unet"]) as features:
        out = nets["unet"](x_t, t, encoder_hidden_states=context).sample
    expected = diffusion.losses(out, x0, x_t, t, noise, s)
    close = {"rtol": 0.05, "atol": 1e-3}  # bfloat16 has 8 bits
    torch.testing.assert_close(without.total, expected.total, **close)
    read = reading.error(nets["reader"], features, torch.full((4, 16, 16), 3))
    torch.testing.assert_close(loss.total - without.total, 0.5 * read, **close)


def test_a_smaller_size_is_the_mean_of_its_pixels(picture):
    seen = []
    nets = tiny(1)
    nets["unet"].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape))
    stage1.resident_loss_function(nets, picture, 8, 4)(torch.Generator())
    assert seen == [(4, 3, 8, 8)]


def test_every_trainable_weight_of_the_editor_and_of_stage_2_learns(tmp_path):
    rng = np.random.default_rng(1)
    pixels = rng.integers(256, size=(4, 6, 16, 16), dtype=np.uint8)
    ids = model.token_ids(["make it a cat"] * 4).numpy().astype(np.int16)
    (tmp_path / "a").mkdir()
    pairs = held(tmp_path / "a", pixels=pixels, ids=ids[:, None])
    nets = editor.networks(tiny(1))
    g = torch.Generator().manual_seed(0)
    for _ in range(2):
        editor.resident_loss_function(nets, pairs, 8)(g)[0].total.backward()
    assert nets["unet"].conv_in.weight.grad[:, 3:].abs().max() > 0

    (tmp_path / "b").mkdir()
    large = rng.integers(256, size=(2, 3, 256, 256), dtype=np.uint8)
    two = stage2.network()
    loss_of = stage2.resident_loss_function(two["unet"], held(tmp_path / "b", pixels=large), 16, 8)
    loss, t = loss_of(g)
    assert loss.mse.shape == t.shape == (8,)
    loss.total.backward()
    assert two["unet"].conv_in.weight.grad.abs().max() > 0


def test_crops_of_a_picture_and_of_what_it_becomes_small_and_large_again():
    full = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    x0, low = stage2.crops(full, 16, torch.Generator().manual_seed(1))
    large = stage2.enlarge(stage2.shrink(full), 64)
    assert x0.shape == low.shape == (2 * stage2.PER_PICTURE, 3, 16, 16)
    for k, (crop, blurred) in enumerate(zip(x0, low, strict=True)):
        windows = full[k // stage2.PER_PICTURE].unfold(1, 16, 1).unfold(2, 16, 1)
        where = (windows == crop[:, None, None]).all((0, 3, 4)).nonzero()
        assert len(where) == 1
        y, x = where[0].tolist()
        assert torch.equal(large[k // stage2.PER_PICTURE][:, y : y + 16, x : x + 16], blurred)
    assert len({tuple(crop.flatten().tolist()) for crop in x0}) == len(x0)


def test_it_takes_the_loops_steps():
    """From the same batch at every step, but for the noise of rounding."""
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))

    def loss(net):
        mse = (net(x) - x.flip(1)).square().mean(1)
        return diffusion.Loss(mse.mean(), mse.detach(), 0 * mse.detach()), torch.zeros(8)

    torch.manual_seed(0)
    nets = torch.nn.ModuleDict({"net": torch.nn.Linear(3, 3)})
    one, other = (
        loop.Trainer(copy.deepcopy(nets), lr=0.01, warm_up=1, ema_decay=0.9) for _ in range(2)
    )
    one.step = other.step = 10_000  # from where on the loop's average has its full length
    of_loop = loop.train(one, lambda n, step: loss(n["net"]))
    for _ in range(40):
        next(of_loop)
    busy = []
    of_replay = replay.train(
        other, lambda g: loss(other.nets["net"]), meanwhile=lambda: busy.append(1), every=20
    )
    states = [next(of_replay) for _ in range(2)]
    for a, b in zip(one.state_dict()["ema"].values(), other.state_dict()["ema"].values()):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert states[-1].step == one.step == other.step
    assert states[-1].seen == 320
    assert states[-1].loss < states[0].loss
    assert len(busy) == 2
