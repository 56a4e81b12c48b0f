"""The sampler equals DDPMScheduler and IFPipeline; stock diffusers opens both folders."""

from pathlib import Path

import pytest
import torch

from training import grammar, model, sample

FOLDER = Path(__file__).parents[2] / "assets" / "pocket-if"
TIMES = (990, 780, 570, 360, 150, 30, 0)


@pytest.fixture(scope="module")
def stage_1():
    from diffusers import IFPipeline

    pipe = IFPipeline.from_pretrained(FOLDER / "stage-1")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def made_up(x, t):
    """A denoiser known in closed form: the best guess for standard normal pictures."""
    a = model.scheduler().alphas_cumprod[t]
    return (1 - a).sqrt() * x, torch.sin(3 * x)


@pytest.mark.parametrize("thresholding", [True, False])
def test_steps_equal_the_scheduler(thresholding):
    scheduler = model.scheduler()
    scheduler.register_to_config(thresholding=thresholding, clip_sample=False)
    scheduler.set_timesteps(timesteps=list(sample.TIMESTEPS))
    x = theirs = sample.noise((2, 3, 8, 8))
    g = torch.Generator().manual_seed(5)
    ours = sample.sample(
        made_up, x, scheduler.alphas_cumprod, thresholding=thresholding,
        draw=lambda shape, t: torch.randn(shape, generator=g),
    )  # fmt: skip
    g2 = torch.Generator().manual_seed(5)
    for t in sample.TIMESTEPS[:-1]:
        out = torch.cat(made_up(theirs, t), 1)
        theirs = scheduler.step(out, t, theirs, generator=g2).prev_sample
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_guided_sample_equals_the_pipeline(stage_1):
    text, null = stage_1.encode_prompt("a lithograph of a skull")
    theirs = stage_1(
        prompt_embeds=text, negative_prompt_embeds=null, timesteps=list(TIMES),
        guidance_scale=7.0, generator=torch.Generator().manual_seed(180), output_type="pt",
    ).images  # fmt: skip
    g = torch.Generator().manual_seed(180)
    x = torch.randn((1, 3, 64, 64), generator=g)
    abar = stage_1.scheduler.alphas_cumprod
    with torch.inference_mode():
        estimate = sample.guided(stage_1.unet, text, null)
        x = sample.sample(
            estimate, x, abar, timesteps=TIMES, draw=lambda s, t: torch.randn(s, generator=g)
        )
        ours = sample.last(estimate, x, abar)
    assert (ours - theirs).abs().max() < 1e-4


def test_embeddings_equal_the_pipelines(stage_1):
    prompts = ["a photo of a cat", "an oil painting of an old man", ""]
    theirs, _ = stage_1.encode_prompt(prompts, do_classifier_free_guidance=False)
    with torch.inference_mode():
        ours = model.embed(stage_1.text_encoder, prompts)
    torch.testing.assert_close(ours, theirs)


def test_stage_1_opens_alone_and_generates(stage_1):
    assert stage_1.unet.dtype == stage_1.text_encoder.dtype == torch.float32
    out = stage_1("a photo of a cat", num_inference_steps=2, output_type="pt").images
    assert out.shape == (1, 3, 64, 64)
    assert torch.isfinite(out).all()


def test_stage_2_opens_alone_and_generates(stage_1):
    from diffusers import IFSuperResolutionPipeline

    pipe = IFSuperResolutionPipeline.from_pretrained(FOLDER / "stage-2")
    pipe.set_progress_bar_config(disable=True)
    assert pipe.unet.dtype == pipe.text_encoder.dtype == torch.float32
    small = sample.noise((1, 3, 64, 64)).clamp(-1, 1)
    out = pipe(
        image=small, prompt="a photo of a cat", num_inference_steps=2, output_type="pt",
        noise_level=100,
    ).images  # fmt: skip
    assert out.shape == (1, 3, 256, 256)
    assert torch.isfinite(out).all()
    # both stages read the same words the same way
    assert torch.equal(pipe.encode_prompt("a cat")[0], stage_1.encode_prompt("a cat")[0])


def test_tokenizer_on_disk_is_the_grammars(stage_1):
    for word in grammar.vocabulary():
        assert len(stage_1.tokenizer(word).input_ids) == 2


def test_folders_are_small():
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    assert size <= 40e6


def test_low_pass_is_the_courses():
    x = torch.zeros(1, 3, 64, 64)
    x[..., 32, 32] = 1
    y = sample.low_pass(x)
    assert y.sum() == pytest.approx(3, rel=1e-4)
    assert y[0, 0].argmax() == 32 * 64 + 32
    assert y[0, 0, 32, 32] == pytest.approx(1 / (2 * torch.pi * 4), rel=0.02)


def test_step_noise_depends_on_the_timestep_alone():
    a, b = (sample.step_noise((1, 3, 4, 4), 60) for _ in range(2))
    assert torch.equal(a, b)
    assert not torch.equal(a, sample.step_noise((1, 3, 4, 4), 30))
