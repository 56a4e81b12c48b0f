"""Stage II, against `IFSuperResolutionPipeline` on the same weights."""

import pytest
import torch
from diffusers import IFSuperResolutionPipeline
from diffusers.schedulers import scheduling_ddpm

import pset
from pset.checks.stand_ins import closed_form_stage_2
from tests.small_cascade import EMBEDDING_WIDTH, save_small_cascade
from tests.solutions import pipelines
from tests.solutions.finding import function

SMALL, LARGE = 8, 32  # pixels; the network is convolutional and takes any size


upsample = function("upsample")


@pytest.fixture(scope="module")
def stage_2(tmp_path_factory) -> pset.DiffusionModel:
    return pset.load_model(save_small_cascade(tmp_path_factory.mktemp("cascade"))).stage_2


@torch.no_grad()
@pytest.mark.parametrize(("noise_level", "scale"), [(250, 4.0), (100, 2.0)])
def test_steps_are_the_pipelines(stage_2, monkeypatch, noise_level, scale):
    """Two steps without their random part: same start, same guess beside it, same guidance."""
    monkeypatch.setattr(
        scheduling_ddpm, "randn_tensor", lambda shape, **options: torch.zeros(shape)
    )
    prompt, null = (pset.noise((2, 77, EMBEDDING_WIDTH), seed) for seed in (1, 2))
    image = torch.cat([pset.photo(name, SMALL) for name in ("cat", "coffee")])
    pipeline = pipelines.pipeline(
        IFSuperResolutionPipeline, stage_2, image_noising_scheduler=stage_2.image_noising_scheduler
    )
    frames = []
    pipeline(
        image=image,
        prompt_embeds=prompt,
        negative_prompt_embeds=null,
        height=LARGE,
        width=LARGE,
        timesteps=[900, 600, 300],
        guidance_scale=scale,
        noise_level=noise_level,
        generator=torch.Generator().manual_seed(3),
        callback=lambda step, t, x: frames.append(x),
        output_type="pt",
    )
    generator = torch.Generator().manual_seed(3)
    x_T, noise = (torch.randn((2, 3, LARGE, LARGE), generator=generator) for _ in range(2))
    ours = upsample(
        image, x_T, noise, stage_2, prompt, null, noise_level, scale, timesteps=[900, 600, 300]
    )
    torch.testing.assert_close(ours, frames[1], rtol=1e-3, atol=1e-4)


def test_a_trusted_guess_is_followed_and_a_noisy_one_less():
    """With an exact denoiser: at level 0 the result is the enlarged picture; less so higher up."""
    model = closed_form_stage_2(scale=0.3)
    prompt = torch.tensor([[[0.5, -0.4, 0.2, 0, 0, 0, 0, 0, 0]]])
    image = torch.full((1, 3, SMALL, SMALL), -0.6)
    x_T, noise = (pset.noise((1, 3, LARGE, LARGE), seed) for seed in (1, 2))
    off = []
    for level in (0, 300, 900):
        result = upsample(image, x_T, noise, model, prompt, prompt, level, 1.0)
        off.append(float((result - -0.6).abs().mean()))
    assert off[0] < 0.03 < off[1] < off[2]
