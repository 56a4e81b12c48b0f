"""The sampler equals DDPMScheduler and IFPipeline; stock diffusers opens both folders."""

import pytest
import torch
from diffusers import DDPMScheduler

import pset
from pset.assets import assets_dir
from pset.checks.difference import difference
from tests.solutions import pipelines
from training.data import grammar
from training.judging import sample
from training.method import model
from training.publishing import export

FOLDER = assets_dir() / "pocket-if"
TIMES = (990, 780, 570, 360, 150, 30, 0)
ROUNDING = 0.01
"""Between two ways of drawing a sample: at t = 990 guidance and 1/√ᾱ make a thousandth of a last
digit. Two memory layouts are 0.002 apart, root mean square; another kernel may be further."""


@pytest.fixture(scope="module")
def stage_1():
    from diffusers import IFPipeline

    pipe = IFPipeline.from_pretrained(FOLDER / "stage-1")
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
@pytest.mark.parametrize("thresholding", [True, False])
def test_a_guided_sample_equals_the_pipelines(stage_1, thresholding):
    """The same weights, prompt, timesteps and noise, through stock diffusers and through pset."""
    prompt, frames = "a lithograph of a skull", []
    scheduler = stage_1.scheduler
    stage_1.scheduler = DDPMScheduler.from_config(
        scheduler.config, thresholding=thresholding, clip_sample=False
    )
    with pipelines.our_noise(TIMES):
        stage_1(
            prompt, timesteps=list(TIMES), guidance_scale=7.0, output_type="pt",
            generator=torch.Generator().manual_seed(pset.SEED),
            callback=lambda step, t, x: frames.append(x),
        )  # fmt: skip
    stage_1.scheduler = scheduler

    m = pset.load_model(FOLDER)
    estimate = pset.guided(m, prompt, 7.0)
    if thresholding:
        estimate = pset.thresholded(m, estimate)
    x_T = pset.noise((1, 3, 64, 64))
    ours = pset.iterative_denoise(x_T, 0, estimate, m.alphas_cumprod, TIMES)
    # The pipeline's last frame has gone one step further, from t = 0 to its estimate of x_0.
    assert difference(ours, frames[-2]) < ROUNDING


def test_networks_in_training_are_sampled_like_a_model():
    """The judge sees what a student with the exported folder would see."""
    m = pset.load_model(FOLDER)
    nets = export.from_folder(FOLDER / "stage-1").eval()
    prompts = ["a photo of a cat", "a lithograph of a skull"]
    judged = sample.prompted(sample.as_model(nets), prompts, [5, 5], size=32)
    x_T = pset.noise((1, 3, 32, 32), 5)
    for k, prompt in enumerate(prompts):
        estimate = pset.thresholded(m, pset.guided(m, prompt, 7.0))
        alone = pset.iterative_denoise(x_T, 0, estimate, m.alphas_cumprod, seed=5)
        assert difference(judged[k : k + 1], alone) < ROUNDING


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
    small = pset.noise((1, 3, 64, 64)).clamp(-1, 1)
    out = pipe(
        image=small, prompt="a photo of a cat", num_inference_steps=2, output_type="pt",
        noise_level=100,
    ).images  # fmt: skip
    assert out.shape == (1, 3, 256, 256)
    assert torch.isfinite(out).all()
    # both stages read the same words the same way
    assert torch.equal(pipe.encode_prompt("a cat")[0], stage_1.encode_prompt("a cat")[0])


@torch.no_grad()
def test_stage_2_adds_the_least_noise():
    m = pset.load_model(FOLDER)
    output = m.stage_2.unet(
        pset.noise((1, 6, 32, 32)), 300, m.prompt_embeds("a photo of a cat"), class_labels=100
    ).sample
    assert torch.equal(output[:, 3:], torch.full((1, 3, 32, 32), -1.0))
    assert output[:, :3].std() > 0.1


def test_tokenizer_on_disk_is_the_grammars(stage_1):
    for word in grammar.vocabulary():
        assert len(stage_1.tokenizer(word).input_ids) == 2


@pytest.mark.parametrize(("parts", "most"), [(("stage-1", "stage-2"), 40e6), (("editor",), 15e6)])
def test_folders_are_small(parts, most):
    files = [p for part in parts for p in (FOLDER / part).rglob("*") if p.is_file()]
    assert 1e6 < sum(p.stat().st_size for p in files) <= most
