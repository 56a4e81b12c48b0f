"""DeepFloyd's path, on a small cascade in its layout, with the hub replaced at one place."""

import errno
import gc
import sys
import weakref
from pathlib import Path

import huggingface_hub
import pytest
import torch
from diffusers import IFPipeline, UNet2DConditionModel
from huggingface_hub import errors as hub_errors

from pset._model import deepfloyd, diffusers_folder
from pset._model.errors import (
    AccessDenied,
    DownloadFailed,
    MissingPackage,
    ModelNotFound,
    ModelUnavailable,
    NoGPU,
    OutOfMemory,
)
from pset.checks.difference import difference
from pset.model import load_model
from tests.rounding import assert_same_numbers, rounding
from tests.small_hub import Hub, text_encoders

NAME = "DeepFloyd/IF-I-L-v1.0"
OLD_MAN = "an oil painting of an old man"


@pytest.fixture
def hub(cascade_folder, tmp_path, monkeypatch) -> Hub:
    hub = Hub(cascade_folder, tmp_path / "hub")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    monkeypatch.setenv("PSET_CACHE", str(tmp_path / "cache"))
    return hub


def http_error(kind: type, status: int) -> BaseException:
    """A hub error as the hub's own client raises it."""
    try:
        import httpx2 as http_client
    except ImportError:
        http_client = pytest.importorskip("httpx")
    request = http_client.Request("GET", "https://hub.test")
    return kind(
        f"{status} Client Error.\n\nMore lines.",
        response=http_client.Response(status, request=request),
    )


class TestRunning:
    @torch.no_grad()
    def test_same_numbers_as_diffusers_in_float16(self, hub, cascade_folder):
        model = load_model(NAME, device="cpu")
        assert (model.name, model.dtype) == (NAME, torch.float16)
        assert model.alphas_cumprod.dtype == torch.float32

        folder = cascade_folder / "stage-1"
        pipeline = IFPipeline.from_pretrained(
            folder, variant="fp16", torch_dtype=torch.float16, unet=None
        )
        expected, null = pipeline.encode_prompt(OLD_MAN, device="cpu")
        embeds = model.prompt_embeds(OLD_MAN)
        assert embeds.dtype == torch.float16
        assert_same_numbers(embeds, expected, torch.float16)
        assert_same_numbers(model.prompt_embeds(""), null, torch.float16)

        raw = UNet2DConditionModel.from_pretrained(
            folder / "unet", variant="fp16", torch_dtype=torch.float16
        ).eval()
        x_t = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
        ours = model.unet(x_t, 990, encoder_hidden_states=embeds, return_dict=False)[0]
        theirs = raw(x_t.half(), 990, embeds.repeat(2, 1, 1), return_dict=False)[0]
        assert ours.dtype == torch.float32
        assert_same_numbers(ours, theirs, torch.float16)
        earlier = model.unet(x_t, 991, encoder_hidden_states=embeds, return_dict=False)[0]
        assert difference(earlier, theirs) > 2 * rounding(torch.float16)

    @torch.no_grad()
    def test_stage_2(self, hub):
        model = load_model(NAME, device="cpu")
        assert hub.requests == [NAME]
        second = model.stage_2
        assert hub.requests == [NAME, "DeepFloyd/IF-II-L-v1.0"]
        assert (second.name, second.image_size) == ("DeepFloyd/IF-II-L-v1.0", 256)
        assert second.dtype == torch.float16
        assert second.image_noising_scheduler.alphas_cumprod.shape == (1000,)
        output = second.unet(
            torch.zeros(1, 6, 16, 16),
            990,
            encoder_hidden_states=model.prompt_embeds(OLD_MAN),
            class_labels=250,
            return_dict=False,
        )[0]
        assert output.shape == (1, 6, 16, 16)
        assert output.isfinite().all()

    @pytest.mark.parametrize(("size", "second"), [("M", "M"), ("L", "L"), ("XL", "L")])
    def test_which_second_stage(self, hub, size, second):
        model = load_model(f"DeepFloyd/IF-I-{size}-v1.0", device="cpu")
        assert model.stage_2.name == f"DeepFloyd/IF-II-{second}-v1.0"

    def test_encoder_comes_with_the_first_prompt_and_goes(self, hub, monkeypatch):
        encoders = text_encoders(monkeypatch)
        model = load_model(NAME, device="cpu")
        assert not (hub.disk / NAME / "text_encoder").exists()
        model.prompt_embeds([OLD_MAN, "a lithograph of a skull"])
        assert (hub.disk / NAME / "text_encoder").exists()
        gc.collect()
        assert [reference() for reference in encoders] == [None]

    @torch.no_grad()
    @pytest.mark.parametrize("device", ["cpu", "cuda"])
    def test_accelerate_places_the_encoder(self, hub, device):
        """For a GPU accelerate decides where it goes; where there is none, to the CPU."""
        encoder = deepfloyd.load_text_encoder(NAME, torch.device(device), torch.float16)
        assert encoder.dtype == torch.float16
        token_ids = torch.ones(1, 77, dtype=torch.long, device=encoder.device)
        assert encoder(token_ids)[0].isfinite().all()

    def test_prompts_on_disk_need_no_encoder(self, hub, monkeypatch):
        expected = load_model(NAME, device="cpu").prompt_embeds([OLD_MAN, ""])

        def unloadable(*_, **__):
            raise AssertionError("the text encoder was loaded")

        monkeypatch.setattr(diffusers_folder, "load_text_encoder", unloadable)
        again = load_model(NAME, device="cpu")
        assert torch.equal(again.prompt_embeds([OLD_MAN, ""]), expected)
        with pytest.raises(AssertionError, match="was loaded"):
            again.prompt_embeds("a lithograph of a skull")

    def test_vocabulary_is_open(self, hub):
        embeds = load_model(NAME, device="cpu").prompt_embeds("a zebra in Żywiec")
        assert embeds.isfinite().all()

    def test_global_random_state_is_left_alone(self, hub):
        before = torch.random.get_rng_state()
        model = load_model(NAME, device="cpu")
        model.prompt_embeds(OLD_MAN)
        model.stage_2  # noqa: B018
        assert torch.equal(torch.random.get_rng_state(), before)


def refusal(error: type[ModelUnavailable], name: str = NAME, **options) -> str:
    """The message with which loading fails: one line, not too long, a way out in it."""
    with pytest.raises(error) as caught:
        load_model(name, **options)
    message = str(caught.value)
    assert isinstance(caught.value, ModelUnavailable)
    assert "\n" not in message
    assert len(message) < 500
    return message


class TestNames:
    def test_misspelt(self, hub):
        assert "Did you mean 'DeepFloyd/IF-I-XL-v1.0'?" in refusal(
            ModelNotFound, "DeepFloyd/IF-I-XL-v1"
        )
        assert hub.requests == []

    def test_second_stage_on_its_own(self, hub):
        message = refusal(ModelNotFound, "DeepFloyd/IF-II-M-v1.0")
        assert "model.stage_2" in message
        assert "DeepFloyd/IF-I-M-v1.0" in message


class TestAccess:
    @pytest.mark.parametrize(
        "failure",
        [
            http_error(hub_errors.GatedRepoError, 401),
            http_error(hub_errors.RepositoryNotFoundError, 401),
            http_error(hub_errors.HfHubHTTPError, 401),
            hub_errors.LocalTokenNotFoundError("Token is required, but no token found."),
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_not_logged_in(self, hub, failure):
        hub.failure = failure
        message = refusal(AccessDenied, device="cpu")
        assert "log in with `hf auth login`" in message
        assert f"https://huggingface.co/{NAME}" in message

    @pytest.mark.parametrize("kind", [hub_errors.GatedRepoError, hub_errors.HfHubHTTPError])
    def test_licence_not_accepted(self, hub, kind):
        hub.failure = http_error(kind, 403)
        message = refusal(AccessDenied, device="cpu")
        assert "haven't accepted the licence" in message
        assert f"co/{NAME}" in message
        assert "log in" not in message

    def test_second_stage_and_encoder_say_it_too(self, hub):
        model = load_model(NAME, device="cpu")
        hub.failure = http_error(hub_errors.GatedRepoError, 403)
        with pytest.raises(AccessDenied, match="IF-II-L"):
            model.stage_2  # noqa: B018
        with pytest.raises(AccessDenied, match="IF-I-L"):
            model.prompt_embeds(OLD_MAN)
        hub.failure = None  # and once it is put right, the same object goes on
        assert model.stage_2.image_size == 256
        assert model.prompt_embeds(OLD_MAN).shape[0] == 1


class TestNetworkAndDisk:
    @pytest.mark.parametrize(
        "failure",
        [
            hub_errors.LocalEntryNotFoundError("Cannot find the files.\nMore lines."),
            hub_errors.OfflineModeIsEnabled("Offline mode is enabled."),
            http_error(hub_errors.HfHubHTTPError, 503),
            ConnectionResetError("Connection reset by peer"),
            OSError(""),
            hub_errors.HTTPError("Server disconnected"),
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_cannot_be_fetched(self, hub, failure):
        hub.failure = failure
        message = refusal(DownloadFailed, device="cpu")
        assert "network" in message
        assert "HF_HUB_OFFLINE" in message
        assert NAME in message

    def test_fetched_in_part_and_now_offline(self, hub, monkeypatch):
        folder = Path(hub.snapshot_download(NAME, ["scheduler/*", "tokenizer/*"]))
        monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(folder))
        assert "unet/config.json" in refusal(DownloadFailed, device="cpu")

    def test_full_disk(self, hub):
        hub.failure = OSError(errno.ENOSPC, "No space left on device")
        message = refusal(DownloadFailed, device="cpu")
        assert "disk is full" in message
        assert "HF_HOME" in message

    def test_a_bug_is_not_dressed_up(self, hub):
        hub.failure = AttributeError("a bug")
        with pytest.raises(AttributeError, match="a bug"):
            load_model(NAME, device="cpu")


class TestTheMachine:
    def test_no_gpu_is_said_before_anything_is_fetched(self, hub, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        message = refusal(NoGPU)
        assert "about 4 GB" in message
        assert 'device="cpu"' in message
        assert 'load_model("pocket")' in message
        assert "PyTorch can't find a GPU" in refusal(NoGPU, device="cuda")
        assert hub.requests == []

    @pytest.mark.parametrize(
        ("modules", "command"),
        [
            (["accelerate"], "pip install accelerate`"),
            (["google.protobuf"], "pip install protobuf`"),
            (["accelerate", "sentencepiece"], "pip install accelerate sentencepiece`"),
        ],
    )
    def test_missing_packages(self, hub, monkeypatch, modules, command):
        for module in modules:
            monkeypatch.setitem(sys.modules, module, None)
        assert command in refusal(MissingPackage, device="cpu")
        assert hub.requests == []


class TestMemory:
    """The GPU runs full: real exception, raised where the weights would be moved."""

    @pytest.fixture
    def allocated(self, monkeypatch) -> list[weakref.ref]:
        allocated = []

        def run_full(network, *_, **__):
            allocated.append(weakref.ref(network))
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB.")

        monkeypatch.setattr(UNet2DConditionModel, "to", run_full)
        return allocated

    @pytest.mark.parametrize(
        ("size", "needed", "smaller"),
        [("XL", "11 GB", "'DeepFloyd/IF-I-L-v1.0'"), ("L", "4 GB", "'DeepFloyd/IF-I-M-v1.0'")],
    )
    def test_names_the_need_and_a_smaller_model(self, hub, allocated, size, needed, smaller):
        message = refusal(OutOfMemory, f"DeepFloyd/IF-I-{size}-v1.0", device="cpu")
        assert needed in message
        assert smaller in message
        assert "pocket" in message

    def test_the_smallest_names_no_smaller_one(self, hub, allocated):
        message = refusal(OutOfMemory, "DeepFloyd/IF-I-M-v1.0", device="cpu")
        assert "Restart Python" in message
        assert "or load 'DeepFloyd" not in message

    def test_what_was_allocated_is_freed_while_the_error_is_still_shown(self, hub, allocated):
        with pytest.raises(OutOfMemory) as caught:
            load_model(NAME, device="cpu")
        assert [reference() for reference in allocated] == [None]
        assert caught.value.__context__ is None  # a traceback would hold on to the network

    def test_second_stage(self, hub, monkeypatch):
        model = load_model(NAME, device="cpu")

        def run_full(*_, **__):
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

        monkeypatch.setattr(UNet2DConditionModel, "to", run_full)
        with pytest.raises(OutOfMemory, match=r"IF-II-L.*about 5 GB.*'DeepFloyd/IF-I-M-v1\.0'"):
            model.stage_2  # noqa: B018

    def test_text_encoder(self, hub, monkeypatch):
        model = load_model(NAME, device="cpu")

        def run_full(*_, **__):
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

        monkeypatch.setattr(diffusers_folder, "load_text_encoder", run_full)
        with pytest.raises(OutOfMemory, match=r"text encoder.*12 GB.*in one call"):
            model.prompt_embeds(OLD_MAN)

    def test_every_model_has_a_number(self):
        names = {*deepfloyd.STAGE_2, *deepfloyd.STAGE_2.values()}
        assert names < set(deepfloyd.GPU_MEMORY_GB)
