"""The model and its denoiser, against the stock network and scheduler from the same folder."""

import copy
import math
import shutil
import subprocess
import sys

import pytest
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnAddedKVProcessor
from diffusers.utils import logging as diffusers_logging

from pset._model.denoiser import Denoiser
from pset._model.errors import ModelNotFound, ModelUnavailable, NoGPU
from pset.checks.difference import difference
from pset.model import DiffusionModel, load_model
from tests.rounding import assert_same_numbers, rounding
from tests.small_cascade import EMBEDDING_WIDTH

SIZE = 16  # pixels; the networks are convolutional and take any size


def randn(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(dtype)


@pytest.fixture(scope="module")
def model(cascade_folder) -> DiffusionModel:
    return load_model(cascade_folder)


def stock(folder) -> UNet2DConditionModel:
    """diffusers' own network, as diffusers loads it."""
    return UNet2DConditionModel.from_pretrained(folder / "unet", variant="fp16").eval()


@pytest.fixture(scope="module")
def raw_unet(cascade_folder) -> UNet2DConditionModel:
    return stock(cascade_folder / "stage-1")


@pytest.fixture(scope="module")
def embeds() -> torch.Tensor:
    return randn(1, 77, EMBEDDING_WIDTH)


def predict(unet, x_t, t, embeds, **options) -> torch.Tensor:
    return unet(x_t, t, encoder_hidden_states=embeds, return_dict=False, **options)[0]


class TestAgainstDiffusers:
    @torch.no_grad()
    def test_prediction_is_the_networks(self, model, raw_unet):
        x_t, embeds = randn(2, 3, SIZE, SIZE), randn(2, 77, EMBEDDING_WIDTH)
        ours = predict(model.unet, x_t, 500, embeds)
        assert ours.shape == (2, 6, SIZE, SIZE)
        assert_same_numbers(ours, predict(raw_unet, x_t, 500, embeds))

    @torch.no_grad()
    def test_the_layout_is_the_networks_own_affair(self, model, embeds):
        """Whichever is fast inside, what comes out can be viewed as rows."""
        weight = model.unet.network.conv_in.weight
        assert weight.is_contiguous(memory_format=torch.channels_last)
        assert predict(model.unet, randn(1, 3, SIZE, SIZE), 500, embeds).is_contiguous()

    @torch.no_grad()
    def test_one_embedding_serves_the_whole_batch(self, model, raw_unet, embeds):
        x_t = randn(3, 3, SIZE, SIZE)
        expected = predict(raw_unet, x_t, 10, embeds.repeat(3, 1, 1))
        assert_same_numbers(predict(model.unet, x_t, 10, embeds), expected)

    @torch.no_grad()
    def test_dictionary_output_as_in_diffusers(self, model, embeds):
        x_t = randn(1, 3, SIZE, SIZE)
        sample = model.unet(x_t, 10, encoder_hidden_states=embeds).sample
        assert torch.equal(sample, predict(model.unet, x_t, 10, embeds))

    @torch.no_grad()
    @pytest.mark.parametrize("t", [torch.tensor(7), torch.tensor([7]), torch.tensor([7, 7]), 7.0])
    def test_every_form_of_timestep(self, model, embeds, t):
        x_t = randn(2, 3, SIZE, SIZE)
        expected = predict(model.unet, x_t, 7, embeds)
        assert torch.equal(predict(model.unet, x_t, t, embeds), expected)
        assert not torch.equal(predict(model.unet, x_t, 8, embeds), expected)

    @torch.no_grad()
    def test_stage_2_is_the_networks(self, model, cascade_folder, embeds):
        raw = stock(cascade_folder / "stage-2")
        x_t, level = randn(2, 6, SIZE, SIZE), torch.tensor([250, 250])
        expected = predict(raw, x_t, 500, embeds.repeat(2, 1, 1), class_labels=level)
        ours = predict(model.stage_2.unet, x_t, 500, embeds, class_labels=250)
        assert_same_numbers(ours, expected)
        other_level = predict(model.stage_2.unet, x_t, 500, embeds, class_labels=251)
        assert difference(other_level, expected) > 2 * rounding(torch.float32)

    def test_schedule_is_the_schedulers_and_the_papers(self, model, cascade_folder):
        scheduler = DDPMScheduler.from_pretrained(cascade_folder / "stage-1" / "scheduler")
        assert model.alphas_cumprod.dtype == torch.float32
        assert torch.equal(model.alphas_cumprod, scheduler.alphas_cumprod.float())
        assert model.scheduler.config == scheduler.config
        # Improved DDPM, eq. 17, with its betas cut at 0.999; independent of diffusers.
        f = [math.cos((i / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2 for i in range(1001)]
        alpha_bar = 1.0
        for t in range(1000):
            alpha_bar *= 1 - min(1 - f[t + 1] / f[t], 0.999)
            assert model.alphas_cumprod[t] == pytest.approx(alpha_bar, rel=1e-3, abs=1e-9)

    def test_image_noising_schedule(self, model, cascade_folder):
        expected = DDPMScheduler.from_pretrained(
            cascade_folder / "stage-2" / "image_noising_scheduler"
        )
        ours = model.stage_2.image_noising_scheduler
        assert torch.equal(ours.alphas_cumprod, expected.alphas_cumprod)
        assert model.image_noising_scheduler is None


class TestNumberFormats:
    @torch.no_grad()
    def test_float16_network_float32_schedule_and_answer(self, cascade_folder, raw_unet):
        model = load_model(cascade_folder, dtype=torch.float16)
        x_t = randn(1, 3, SIZE, SIZE)
        embeds = model.prompt_embeds("a lithograph of a skull")
        assert model.dtype == embeds.dtype == torch.float16
        assert model.alphas_cumprod.dtype == torch.float32
        assert 1 - model.alphas_cumprod[0] > 0  # rounds to 0 in float16
        half = copy.deepcopy(raw_unet).half()
        ours = predict(model.unet, x_t, 500, embeds)
        assert ours.dtype == torch.float32
        assert_same_numbers(ours, predict(half, x_t.half(), 500, embeds), torch.float16)

    @torch.no_grad()
    @pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
    def test_takes_any_real_input(self, model, embeds, dtype):
        x_t = randn(1, 3, SIZE, SIZE, dtype=dtype)
        ours = predict(model.unet, x_t, 500, embeds.to(dtype))
        assert ours.dtype == torch.float32
        assert torch.equal(ours, predict(model.unet, x_t.float(), 500, embeds.to(dtype).float()))

    @torch.no_grad()
    def test_pocket_model_is_float32_whatever_lies_on_disk(self, monkeypatch):
        monkeypatch.delenv("PSET_MODEL", raising=False)
        model = load_model()
        assert model.name == "pocket"
        assert model.image_size == 64
        assert model.dtype == model.alphas_cumprod.dtype == torch.float32
        embeds = model.prompt_embeds("an oil painting of an old man")
        assert embeds.dtype == torch.float32
        assert embeds.shape[:2] == (1, 77)
        prediction = predict(model.unet, randn(1, 3, 64, 64), 990, embeds)
        assert prediction.shape == (1, 6, 64, 64)
        assert prediction.isfinite().all()
        assert model.stage_2.image_size == 256


class TestTheNetworkBehindTheDenoiser:
    def test_frozen_and_in_evaluation_mode(self, model):
        assert not model.unet.training
        assert not any(parameter.requires_grad for parameter in model.unet.parameters())

    def test_gradients_reach_image_and_embedding(self, model, embeds):
        x_t = randn(2, 3, SIZE, SIZE).requires_grad_()
        embeds = embeds.clone().requires_grad_()
        predict(model.unet, x_t, 500, embeds).square().mean().backward()
        assert x_t.grad.abs().sum() > 0
        assert embeds.grad.abs().sum() > 0
        assert embeds.grad.shape == (1, 77, EMBEDDING_WIDTH)
        assert all(parameter.grad is None for parameter in model.unet.parameters())

    @torch.no_grad()
    def test_attention_processors_can_be_exchanged(self, model, embeds):
        seen = []

        class Recorder(AttnAddedKVProcessor):
            def __call__(self, attn, hidden_states, encoder_hidden_states=None, **options):
                seen.append(encoder_hidden_states.shape)
                return super().__call__(attn, hidden_states, encoder_hidden_states, **options)

        x_t = randn(2, 3, SIZE, SIZE)
        expected = predict(model.unet, x_t, 500, embeds)
        unet = copy.deepcopy(model.unet)
        unet.set_attn_processor(Recorder())
        assert_same_numbers(predict(unet, x_t, 500, embeds), expected)
        assert len(seen) == len(unet.attn_processors) > 0
        assert {shape[0] for shape in seen} == {2}

    @torch.no_grad()
    def test_a_copy_can_be_tuned_without_touching_the_model(self, model, embeds):
        x_t = randn(1, 3, SIZE, SIZE)
        before = predict(model.unet, x_t, 500, embeds)
        tuned = copy.deepcopy(model.unet)
        assert isinstance(tuned, Denoiser)
        tuned.train().requires_grad_(True)
        next(tuned.parameters()).add_(1)
        assert not torch.equal(predict(tuned, x_t, 500, embeds), before)
        assert torch.equal(predict(model.unet, x_t, 500, embeds), before)
        assert not model.unet.training

    def test_unknown_attribute_is_an_attribute_error(self, model):
        with pytest.raises(AttributeError, match="no_such_thing"):
            model.unet.no_such_thing  # noqa: B018


class TestPlainWords:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"x_t": torch.zeros(3, SIZE, SIZE)}, r"\[B, 3, H, W\].*\[3, 16, 16\]"),
            ({"x_t": torch.zeros(1, 6, SIZE, SIZE)}, r"\[B, 3, H, W\].*\[1, 6, 16, 16\]"),
            ({"x_t": torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8)}, "floats.*uint8"),
            ({"embeds": None}, "encoder_hidden_states is missing"),
            ({"embeds": torch.zeros(77, EMBEDDING_WIDTH)}, r"\[B, 77, 16\].*\[77, 16\]"),
            ({"embeds": torch.zeros(1, 77, 4096)}, r"\[B, 77, 16\].*4096"),
            ({"embeds": torch.zeros(3, 77, EMBEDDING_WIDTH)}, "2 images and .* 3 prompts"),
            ({"t": 1000}, "between 0 and 999.*1000"),
            ({"t": -1}, "between 0 and 999.*-1"),
            ({"t": torch.tensor([5, 1000])}, "between 0 and 999"),
            ({"t": 0.5}, "integer.*0.5"),
            ({"t": torch.tensor([1, 2, 3])}, "one number for all 2 images"),
            ({"class_labels": 3}, "stage II"),
        ],
    )
    def test_wrong_input(self, model, change, words):
        call = {"x_t": torch.zeros(2, 3, SIZE, SIZE), "t": 5} | {
            "embeds": torch.zeros(1, 77, EMBEDDING_WIDTH)
        }
        with pytest.raises(ValueError, match=words):
            predict(model.unet, **(call | change))

    def test_wrong_type(self, model, embeds):
        with pytest.raises(TypeError, match="torch tensor, not ndarray"):
            predict(model.unet, torch.zeros(1, 3, SIZE, SIZE).numpy(), 5, embeds)
        with pytest.raises(TypeError, match=r"prompt_embeds.*not str"):
            predict(model.unet, torch.zeros(1, 3, SIZE, SIZE), 5, "a photo of a cat")

    def test_stage_2(self, model, embeds):
        unet = model.stage_2.unet
        with pytest.raises(ValueError, match=r"\[B, 6, H, W\].*small image"):
            predict(unet, torch.zeros(1, 3, SIZE, SIZE), 5, embeds, class_labels=250)
        with pytest.raises(ValueError, match="class_labels is missing"):
            predict(unet, torch.zeros(1, 6, SIZE, SIZE), 5, embeds)
        with pytest.raises(ValueError, match="class_labels must be between 0 and 999"):
            predict(unet, torch.zeros(1, 6, SIZE, SIZE), 5, embeds, class_labels=1000)


class TestLoading:
    def test_cascade_in_a_folder(self, model, cascade_folder):
        assert (model.name, model.image_size) == (str(cascade_folder), 64)
        assert (model.device, model.dtype) == (torch.device("cpu"), torch.float32)
        second = model.stage_2
        assert second is model.stage_2
        assert second.image_size == 256
        assert second.unet.config.class_embed_type == "timestep"
        prompt = "a high quality photo"
        assert torch.equal(second.prompt_embeds(prompt), model.prompt_embeds(prompt))
        with pytest.raises(ModelNotFound, match="doesn't have a second stage"):
            second.stage_2  # noqa: B018

    def test_single_stage(self, cascade_folder):
        model = load_model(str(cascade_folder / "stage-1"))
        with pytest.raises(ModelNotFound, match=r"unet/config\.json.*missing.*doesn't exist"):
            model.stage_2  # noqa: B018

    def test_name_from_the_environment(self, cascade_folder, monkeypatch):
        monkeypatch.setenv("PSET_MODEL", str(cascade_folder))
        assert load_model().name == str(cascade_folder)
        assert load_model("pocket").name == "pocket"

    def test_wrong_folder_names_its_neighbours(self, cascade_folder):
        with pytest.raises(ModelNotFound, match=r"stage-1, stage-2.*Did you mean 'stage-1'\?"):
            load_model(cascade_folder / "stage1")

    def test_wrong_name(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ModelNotFound, match=r"Did you mean 'pocket'\?"):
            load_model("pockett")

    def test_folder_without_a_model(self, tmp_path):
        (tmp_path / "holiday.jpg").touch()
        with pytest.raises(ModelNotFound, match=r"neither unet/.*holiday\.jpg"):
            load_model(tmp_path)

    @pytest.mark.parametrize(
        "lost", ["text_encoder/config.json", "unet/*.safetensors", "scheduler/*.json"]
    )
    def test_incomplete_folder_names_the_file(self, cascade_folder, tmp_path, lost):
        folder = shutil.copytree(cascade_folder / "stage-1", tmp_path / "model")
        for file in folder.glob(lost):
            file.unlink()
        with pytest.raises(ModelNotFound, match=r"is missing\.") as caught:
            load_model(folder)
        assert lost.split("/")[0] + "/" in str(caught.value)

    @pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
    def test_gpu_asked_for_and_not_there(self, cascade_folder):
        with pytest.raises(NoGPU, match="cuda"):
            load_model(cascade_folder, device="cuda")
        assert issubclass(NoGPU, ModelUnavailable)

    def test_leaves_no_trace(self, cascade_folder, capfd):
        before = torch.random.get_rng_state()
        verbosity = diffusers_logging.get_verbosity()
        for name in ("pocket", cascade_folder):
            model = load_model(name)
            model.prompt_embeds("a high quality photo")
            model.stage_2  # noqa: B018
        assert torch.equal(torch.random.get_rng_state(), before)
        assert diffusers_logging.get_verbosity() == verbosity
        assert diffusers_logging.is_progress_bar_enabled()
        assert capfd.readouterr() == ("", "")

    def test_import_is_light(self):
        code = (
            "import sys, pset.model; "
            "print([m for m in ('diffusers', 'transformers') if m in sys.modules])"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.stdout.strip() == "[]", run.stderr
