"""The loop learns, and a run that stopped equals one that did not."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from training.data.grammar import Scene
from training.method import diffusion, loop, model, run, stage1, stage2


class FewPictures:
    """Four plain pictures in memory, with the interface of Pictures."""

    def __init__(self, size: int = 16) -> None:
        rng = np.random.default_rng(0)
        colours = rng.integers(0, 255, (4, 3, 1, 1))
        self.pixels = np.broadcast_to(colours, (4, 3, size, size)).astype(np.uint8)
        self.scenes = [Scene(i, i) for i in range(4)]

    def __len__(self) -> int:
        return 4

    def chooser(self, size: int):
        def choose(step, count, rng):
            which = rng.integers(4, size=count)
            return self.pixels[which, :, :size, :size], [self.scenes[i] for i in which]

        return choose


def tiny(stage: int) -> nn.ModuleDict:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    shape = {
        "block_out_channels": (16, 32),
        "down_block_types": ("DownBlock2D", "SimpleCrossAttnDownBlock2D"),
        "up_block_types": ("SimpleCrossAttnUpBlock2D", "UpBlock2D"),
        "norm_num_groups": 8,
        "attention_head_dim": 16,
    }
    base = model.STAGE_1 if stage == 1 else model.STAGE_2
    return nn.ModuleDict({"text": model.text_encoder(),
                          "unet": UNet2DConditionModel(**model.COMMON | base | shape)})  # fmt: skip


def first_stage(nets: nn.ModuleDict, lr: float = 2e-3):
    loss_of = stage1.loss_function(FewPictures(), 16, batch=8, low_precision=False)
    return loop.Trainer(nets, lr=lr, warm_up=5), loss_of


def advance(trainer, loss_of, steps: int) -> list[float]:
    states = loop.train(trainer, loss_of)
    return [next(states).loss for _ in range(steps)]


def test_overfits_four_pictures():
    torch.set_num_threads(1)
    trainer, loss_of = first_stage(tiny(1))
    losses = advance(trainer, loss_of, 40)
    assert np.mean(losses[-10:]) < 0.35 * np.mean(losses[:5])
    assert trainer.seen == 320


def test_second_stage_learns():
    unet = tiny(2)
    loss_of = stage2.loss_function(FewPictures(128), crop=16, batch=8, low_precision=False)
    trainer = loop.Trainer(nn.ModuleDict({"unet": unet["unet"]}), lr=2e-3, warm_up=5)
    losses = advance(trainer, loss_of, 40)
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])


def test_stopping_changes_nothing(tmp_path):
    straight, loss_of = first_stage(tiny(1))
    advance(straight, loss_of, 6)

    stopped, loss_of = first_stage(tiny(1))
    advance(stopped, loss_of, 3)
    loop.save(stopped, tmp_path / "a.pt", mirror=tmp_path / "mirror")
    again, loss_of = first_stage(tiny(1))
    assert loop.resume(again, tmp_path / "none.pt", tmp_path / "mirror" / "a.pt") is not None
    advance(again, loss_of, 3)

    assert again.step == straight.step
    assert again.seen == straight.seen
    for which in ("nets", "ema"):
        ours, theirs = (t.state_dict()[which] for t in (again, straight))
        assert all(torch.equal(ours[k], theirs[k]) for k in theirs)


def test_log_checkpoint_and_time_limit(tmp_path, monkeypatch):
    clock = itertools.count(0, 0.1)  # a tenth of a second a step, on every machine
    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    trainer, loss_of = first_stage(tiny(1))
    places = run.Places(tmp_path / "c.pt", tmp_path / "run" / "log.jsonl")
    states = run.watched(loop.train(trainer, loss_of), trainer, places, 0.02, log_every=3)
    steps = [s.step for s in states]
    assert places.checkpoint.exists()
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) == pytest.approx(12, abs=1), "1.2 seconds"
    rows = [json.loads(line) for line in places.log.read_text().splitlines()]
    assert len(rows) == len(steps) // 3
    assert {"loss", "mse_0", "mse_750", "seen", "pictures_per_second"} <= set(rows[0])


def test_decay_is_constant_then_falls():
    assert loop.decay(0.0) == loop.decay(0.6) == 1.0
    assert loop.decay(1.0) == pytest.approx(0.03) == loop.decay(1.5)


def test_variance_term_teaches_the_variance_alone():
    s = diffusion.schedule()
    g = torch.Generator().manual_seed(0)
    x0 = torch.randn(4, 3, 8, 8, generator=g).clamp(-1, 1)
    noise = torch.randn(x0.shape, generator=g)
    t = torch.tensor([0, 10, 500, 999])
    out = torch.randn(4, 6, 8, 8, generator=g, requires_grad=True)
    x_t = diffusion.forward(x0, t, noise, s)
    loss = diffusion.losses(out, x0, x_t, t, noise, s)
    gradient = torch.autograd.grad(loss.total, out)[0]
    mse_only = torch.autograd.grad(
        (diffusion.weight(t, s) * (out[:, :3] - noise).square().mean((1, 2, 3))).mean(), out
    )[0]
    torch.testing.assert_close(gradient[:, :3], mse_only[:, :3])
    assert torch.isfinite(loss.kl).all()
    assert (loss.kl >= 0).all()


def test_variance_term_is_zero_at_the_posterior():
    s = diffusion.schedule()
    x0 = torch.zeros(1, 3, 4, 4)
    noise = torch.randn(x0.shape, generator=torch.Generator().manual_seed(1))
    out = torch.cat([noise, -torch.ones_like(noise)], 1)  # f = 0: σ² = β̃
    t = torch.tensor([300])
    loss = diffusion.losses(out, x0, diffusion.forward(x0, t, noise, s), t, noise, s)
    assert float(loss.kl) == pytest.approx(0, abs=1e-6)
    assert float(loss.mse) == 0


def test_timesteps_are_spread():
    g = torch.Generator().manual_seed(0)
    t = diffusion.timesteps(100, g).sort().values
    assert ((t - torch.arange(100) * 10) < 10).all()
    assert t.min() >= 0
    assert t.max() < 1000
    assert diffusion.timesteps(1000, g, 0.6).float().mean() > 550


def test_weights_of_noise_levels():
    """Both favour high noise over low: one by at most six, the other as SNR says."""
    s = diffusion.schedule()
    t = torch.arange(0, 1000, 50)
    for weight in (diffusion.weight, diffusion.min_snr):
        w = weight(t, s)
        assert (w.diff() >= 0).all()
    assert diffusion.weight(t, s)[0] == pytest.approx(1, abs=0.01)
    assert diffusion.weight(t, s).max() == 6
    assert diffusion.min_snr(t, s)[-1] == 1
