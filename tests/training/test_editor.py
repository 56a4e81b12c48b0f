"""The editor: stage I at the start, guided as diffusers' InstructPix2Pix is, stored in part."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from torch import nn

import pset
from pset._model import editor_weights
from training.data.edits import Edits
from training.data.stream import HELD_OUT
from training.judging import editing, judge, sample
from training.method import editor, loop, model, stage1

CLOSE = {"atol": 2e-4, "rtol": 1e-3}
"""In float32, with another order of summation: twelve blocks make some 1e-6 of one rounding, and
three steps with guidance times some tens."""


def chooser(size: int = 16):
    """Pairs of noise, with the stream's own instructions."""

    def choose(step: int, count: int, rng: np.random.Generator):
        pixels = rng.integers(256, size=(count, 6, size, size)).astype(np.uint8)
        return pixels, [Edits.item(step * count + k).instruction for k in range(count)]

    return choose


@pytest.fixture
def stage_1():
    return stage1.networks().eval()


@torch.inference_mode()
def test_at_the_start_it_is_stage_1_whatever_the_picture(stage_1):
    nets = editor.networks(stage_1).eval()
    g = torch.Generator().manual_seed(1)
    x, one, other = (torch.randn(2, 3, 32, 32, generator=g) for _ in range(3))
    context = model.embed(nets["text"], ["make it a cat", ""])
    assert torch.equal(context, model.embed(stage_1["text"], ["make it a cat", ""]))
    before = stage_1["unet"](x, 500, encoder_hidden_states=context).sample
    assert before.std() > 0.01
    for picture in (one, other, torch.zeros_like(one)):
        now = nets["unet"](editor.inputs(x, picture), 500, encoder_hidden_states=context).sample
        torch.testing.assert_close(now, before, **CLOSE)


def test_training_moves_the_new_channels_and_leaves_what_is_frozen(stage_1):
    trainer = loop.Trainer(editor.networks(stage_1), warm_up=1)
    state = next(loop.train(trainer, editor.loss_function(chooser(), batch=4)))
    assert state.seen == 4
    before = editor.networks(stage_1).state_dict()
    moved = {
        name for name, w in trainer.nets.state_dict().items() if not torch.equal(w, before[name])
    }
    assert "unet.conv_in.weight" in moved
    assert trainer.nets["unet"].conv_in.weight[:, 3:].abs().max() > 0
    assert any(name.startswith("text.") for name in moved)
    frozen = tuple(f"unet.{name}" for name in editor.FROZEN)
    assert not any(name.startswith(frozen) for name in moved)


def test_a_step_depends_on_its_number_alone(stage_1):
    nets = editor.networks(stage_1)
    loss_of = editor.loss_function(chooser(), batch=4)
    one, again, other = (loss_of(nets, step)[0].total.item() for step in (3, 3, 4))
    assert one == pytest.approx(again, rel=1e-4)
    assert one != pytest.approx(other, rel=1e-4)


def test_pictures_and_instructions_are_left_out_sometimes():
    u = torch.arange(2000) / 2000
    said = model.token_ids(["make it a cat"] * 2000)
    pictures, ids = editor.without(torch.ones(2000, 3, 1, 1), said, u)
    no_picture = pictures.flatten(1).sum(1) == 0
    no_words = (ids == model.token_ids([""])).all(1)
    assert torch.equal(ids[~no_words], said[~no_words])
    for share in (no_picture & no_words, no_picture & ~no_words, ~no_picture & no_words):
        assert share.float().mean() == pytest.approx(editor.DROP, abs=1e-3)


class Pixels:
    """In place of a VAE: a picture is its own latent, but for a factor."""

    config = SimpleNamespace(latent_channels=3, block_out_channels=(1,), scaling_factor=1.0)
    dtype, device = torch.float32, torch.device("cpu")

    def encode(self, x: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(latents=editor.GAIN * x)


@torch.inference_mode()
@pytest.mark.parametrize("scales", [(1.5, 5.0), (1.0, 3.0), (2.5, 1.2)])
def test_guidance_equals_diffusers_pipeline(stage_1, scales):
    """The same weights, pictures and instructions, three steps of DDIM from the same noise.

    The pipeline guides only if s_I ≥ 1 and s_T > 1.
    """
    torch.manual_seed(2)
    # The pipeline guides all channels and its schedulers take no variance, so there is none here.
    shape = model.COMMON | model.STAGE_1 | {"in_channels": 6, "out_channels": 3}
    unet = UNet2DConditionModel(**shape).eval()
    nn.init.normal_(unet.conv_in.weight, std=0.3)
    m = sample.as_model(nn.ModuleDict({"text": stage_1["text"], "unet": unet}))
    scheduler = DDIMScheduler.from_config(
        m.scheduler.config, thresholding=False, clip_sample=False, variance_type=None
    )
    pictures, x = pset.noise((2, 3, 16, 16), 1).clamp(-1, 1), pset.noise((2, 3, 16, 16), 2)
    said = ["make it a cat", "add a hat"]
    pipe = StableDiffusionInstructPix2PixPipeline(
        vae=Pixels(), text_encoder=None, tokenizer=None, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    theirs = pipe(
        image=(pictures + 1) / 2,
        prompt_embeds=m.prompt_embeds(said),
        negative_prompt_embeds=m.prompt_embeds(["", ""]),
        latents=x.clone(),
        num_inference_steps=3,
        image_guidance_scale=scales[0],
        guidance_scale=scales[1],
        output_type="latent",
    ).images

    estimate = editing.guided(m, pictures, said, *scales)
    scheduler.set_timesteps(3)
    for t in scheduler.timesteps:
        x = scheduler.step(estimate(x, int(t))[0], t, x).prev_sample
    torch.testing.assert_close(x, theirs, **CLOSE)


@torch.inference_mode()
def test_without_guidance_it_is_one_call(stage_1):
    m = sample.as_model(editor.networks(stage_1).eval())
    pictures, x = pset.noise((1, 3, 16, 16), 1), pset.noise((1, 3, 16, 16), 2)
    noise, variance = editing.guided(m, pictures, ["make it a cat"], 1, 1)(x, 300)
    output = m.unet(editor.inputs(x, pictures), 300, m.prompt_embeds("make it a cat")).sample
    torch.testing.assert_close(noise, output[:, :3], **CLOSE)
    torch.testing.assert_close(variance, output[:, 3:], **CLOSE)


def test_what_was_trained_is_stored_and_goes_on_its_own_stage_1_only(stage_1, tmp_path):
    nets, path = editor.networks(stage_1), tmp_path / "editor.safetensors"
    nn.init.normal_(nets["unet"].conv_in.weight)
    editor_weights.save(nets.state_dict(), path)
    assert path.stat().st_size < 15e6
    again = editor.load(stage_1, path).state_dict()
    for name, weight in nets.state_dict().items():
        torch.testing.assert_close(again[name], weight, rtol=2**-10, atol=1e-6)  # float16
    with pytest.raises(ValueError, match="other weights of stage I"):
        editor.load(stage1.networks(seed=1), path)


def test_a_perfect_edit_and_none_are_measured_as_such():
    """On real pairs of the stream, with a judge that has read the captions."""
    edits = [Edits.item(HELD_OUT + n) for n in range(12)]
    g = torch.Generator().manual_seed(3)
    before = torch.rand(12, 3, 8, 8, generator=g)
    after = before.clone()
    after[..., :4] += 0.5
    pairs = torch.cat([before, after], 1)

    class Knowing(judge.Judge):
        def forward(self, x):
            known = judge.labels([e.after for e in edits])
            one_hot = nn.functional.one_hot
            return judge.Verdict(
                subject=known.there, style=one_hot(known.style, 6), present=known.there - 0.5,
                worn=one_hot(known.worn, 7), setting=one_hot(known.setting, 8), right=known.side,
            )  # fmt: skip

    perfect = editing.measure(Knowing(), after, pairs, edits)
    assert perfect == (1.0, 0.0)
    off = editing.measure(Knowing(), after + 0.1, pairs, edits)
    assert off.outside == pytest.approx(0.1, abs=1e-4)


def test_held_out_edits_of_every_kind():
    edits = [Edits.item(HELD_OUT + n) for n in range(200)]
    chosen = editing.spread(edits, 3)
    assert len(set(chosen.tolist())) == 3 * len(editing.KINDS)
    assert [e.before.style != e.after.style for e in (edits[i] for i in chosen)][-3:] == [True] * 3
