"""Image to image and inpainting, against diffusers on the same weights."""

import pytest
import torch
from diffusers import DDPMScheduler, IFImg2ImgPipeline
from diffusers.schedulers import scheduling_ddpm

import pset
from tests.small_cascade import EMBEDDING_WIDTH, save_small_cascade
from tests.solutions import pipelines
from tests.solutions.finding import function

SIZE = 16  # pixels; the network is convolutional and takes any size
STRIDED = list(pset.STRIDED_TIMESTEPS)


@pytest.fixture(scope="module")
def stage_1(tmp_path_factory) -> pset.DiffusionModel:
    return pset.load_model(save_small_cascade(tmp_path_factory.mktemp("cascade")) / "stage-1")


@pytest.fixture
def no_step_noise(monkeypatch):
    """A pipeline draws its step noise in its own order; without any, the loops are comparable."""
    zeros = lambda shape, **options: torch.zeros(shape)  # noqa: E731
    monkeypatch.setattr(scheduling_ddpm, "randn_tensor", zeros)


def embedding(seed: int) -> torch.Tensor:
    return pset.noise((1, 77, EMBEDDING_WIDTH), seed)


def guided(model, prompt, null, scale):
    def estimate(x_t, t):
        c = model.unet(x_t, t, prompt, return_dict=False)[0]
        u = model.unet(x_t, t, null, return_dict=False)[0]
        return u[:, :3] + scale * (c - u)[:, :3], c[:, 3:]

    return estimate


@pytest.mark.parametrize("i_start", [1, 10, 20, 32])
def test_sdedit_noises_as_the_scheduler(i_start):
    image, noise = pset.photo("cat", SIZE), pset.noise((1, 3, SIZE, SIZE))
    alphas_cumprod = DDPMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod
    seen = {}

    def denoise(x_t, i):
        seen[i] = x_t
        return x_t

    function("sdedit")(image, i_start, denoise, alphas_cumprod, noise)
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    expected = scheduler.add_noise(image, noise, torch.tensor([STRIDED[i_start]]))
    assert list(seen) == [i_start]
    torch.testing.assert_close(seen[i_start], expected)


@torch.no_grad()
@pytest.mark.parametrize("i_start", [24, 30])
def test_sdedit_is_the_pipelines(stage_1, no_step_noise, i_start):
    """`IFImg2ImgPipeline` with the same timesteps, guidance and starting noise."""
    prompt, null = embedding(1), embedding(2)
    image = pset.photo("coffee", SIZE)
    pipeline = pipelines.pipeline(IFImg2ImgPipeline, stage_1)
    frames = []
    pipeline(
        image=image,
        prompt_embeds=prompt,
        negative_prompt_embeds=null,
        timesteps=STRIDED,
        # The pipeline begins at (1 − strength) of the way; half a step more keeps it from rounding.
        strength=(len(STRIDED) - i_start + 0.5) / len(STRIDED),
        guidance_scale=7.0,
        generator=torch.Generator().manual_seed(3),
        callback=lambda step, t, x: frames.append(x),
        output_type="pt",
    )
    assert len(frames) == len(STRIDED) - i_start

    def denoise(x_t, i):
        estimate = guided(stage_1, prompt, null, 7.0)
        return pset.iterative_denoise(x_t, i, estimate, stage_1.alphas_cumprod)

    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(3))
    ours = function("sdedit")(image, i_start, denoise, stage_1.alphas_cumprod, noise)
    # Its last frame has gone one step further, from t = 0 to its estimate of the clean image.
    torch.testing.assert_close(ours, frames[-2], rtol=1e-3, atol=1e-4)


class TestInpainting:
    @pytest.fixture(scope="class")
    @torch.no_grad()
    def filled(self, stage_1):
        original = torch.cat([pset.photo(name, SIZE) for name in ("cat", "rocket")])
        mask = torch.zeros(1, 1, SIZE, SIZE)
        mask[..., 4:12, 3:9] = 1
        noise = pset.noise(original.shape)
        estimate = guided(stage_1, embedding(1), embedding(2), 3.0)
        steps = {}

        def spy(x_t, t):
            steps[t] = x_t
            return estimate(x_t, t)

        result = function("inpaint")(original, mask, spy, stage_1.alphas_cumprod, noise)
        return original, mask, noise, steps, result

    def test_known_pixels_are_exactly_the_originals(self, filled):
        original, mask, _, _, result = filled
        keep = (mask == 0).expand_as(original)
        assert torch.equal(result[keep], original[keep])
        assert not torch.equal(result[~keep], original[~keep])

    def test_known_pixels_have_the_noise_of_their_timestep_on_the_way(self, filled):
        original, mask, noise, steps, _ = filled
        scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
        keep = (mask == 0).expand_as(original)
        for t in STRIDED[1:-1]:
            expected = scheduler.add_noise(original, noise, torch.tensor([t]))
            torch.testing.assert_close(steps[t][keep], expected[keep])

    def test_a_mask_of_ones_is_sampling(self, stage_1):
        noise = pset.noise((1, 3, SIZE, SIZE))
        with torch.no_grad():
            estimate = guided(stage_1, embedding(1), embedding(2), 3.0)
            ones = torch.ones(1, 1, SIZE, SIZE)
            a = stage_1.alphas_cumprod
            ours = function("inpaint")(torch.zeros_like(noise), ones, estimate, a, noise)
            expected = pset.iterative_denoise(noise, 0, estimate, a)
        torch.testing.assert_close(ours, expected)


def test_inpainting_takes_the_colour_of_its_surroundings():
    """Images of one colour that nobody knows: the known half tells the model, and it fills in."""
    from pset.checks.stand_ins import coupled_estimate

    estimate = coupled_estimate([0.0] * 9, scale=0.01, cast=0.6)
    alphas_cumprod = pset.ClosedFormModel().alphas_cumprod
    for colour in (-0.7, 0.4):
        original = torch.full((1, 3, 12, 12), colour)
        mask = torch.zeros(1, 1, 12, 12)
        mask[..., :4] = 1
        result = function("inpaint")(
            original, mask, estimate, alphas_cumprod, pset.noise(original.shape)
        )
        assert float((result - colour).abs().max()) < 0.1
