"""The solutions on DeepFloyd's path, in its number format: prompts, guided sample, stage II.

The cascade is small and random, but its parts, its files and its float16 are DeepFloyd's. Its
pictures show nothing; what is looked at is that every step runs and how far half precision leads.
"""

import gc
import weakref
from collections.abc import Iterator

import huggingface_hub
import pytest
import torch

import pset
from tests.small_cascade import save_small_cascade
from tests.small_hub import Hub, text_encoders
from tests.solutions.finding import function

NAME = "DeepFloyd/IF-I-L-v1.0"
PROMPTS = ["an oil painting of an old man", "a lithograph of a skull"]
SMALL, LARGE = 20, 40  # pixels; the networks are convolutional and take any size
FEW = (990, 660, 330, 0)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = Hub(
        save_small_cascade(tmp_path_factory.mktemp("cascade")), tmp_path_factory.mktemp("disk")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
        patch.setenv("PSET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield hub


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def cascade(model: pset.DiffusionModel) -> tuple[torch.Tensor, torch.Tensor]:
    """A guided sample for both prompts, as in the notebooks, and what stage II makes of it."""
    prompts, null = model.prompt_embeds(PROMPTS), model.prompt_embeds("")

    def denoise(x_T, i_start):
        cfg = function("iterative_denoise_cfg")
        return cfg(x_T, i_start, model, prompts, null, scale=7)

    small = function("sample")(len(PROMPTS), denoise, SMALL, pset.SEED).clamp(-1, 1)
    x_T, noise = (pset.noise((len(PROMPTS), 3, LARGE, LARGE), seed) for seed in (1, 2))
    large = function("upsample")(
        small, x_T, noise, model.stage_2, prompts, null, 250, 4, timesteps=FEW
    )
    return small, large


def test_the_cascade_runs_in_half_precision(hub: Hub) -> None:
    model = pset.load_model(NAME, device="cpu")
    small, large = cascade(model)
    assert (model.dtype, model.stage_2.dtype) == (torch.float16, torch.float16)
    assert model.prompt_embeds(PROMPTS).dtype == torch.float16
    assert small.shape == (2, 3, SMALL, SMALL)
    assert large.shape == (2, 3, LARGE, LARGE)
    for image in (small, large):
        assert image.dtype == torch.float32
        assert image.isfinite().all()
        assert not image[0].equal(image[1])


def test_every_technique_runs_in_half_precision(hub: Hub) -> None:
    """The estimates and edits of the other notebooks, on the same model."""
    model = pset.load_model(NAME, device="cpu")
    a = model.alphas_cumprod
    cat, noise = pset.photo("cat", SMALL), pset.noise((1, 3, SMALL, SMALL))
    first, second = (pset.guided(model, prompt) for prompt in PROMPTS)
    noisy = function("forward")(cat, 690, a, noise)
    embeds = model.prompt_embeds(PROMPTS[0])
    mask = torch.zeros(1, 1, SMALL, SMALL)
    mask[..., 4:14, 4:14] = 1

    def denoise(x_t, i_start):
        return pset.iterative_denoise(x_t, i_start, first, a)

    results = {
        "one step": function("one_step_denoise")(noisy, 690, model, embeds),
        "score": function("score")(noisy, 690, model, embeds),
        "loop": function("iterative_denoise")(noisy, 25, first, a),
        "sdedit": function("sdedit")(cat, 25, denoise, a, noise),
        "inpaint": function("inpaint")(cat, mask, first, a, noise),
        "anagram": function("visual_anagram")(noisy, 690, first, second)[0],
        "hybrid": function("hybrid")(noisy, 690, first, second)[0],
    }
    for name, image in results.items():
        assert image.dtype == torch.float32, name
        assert image.shape == cat.shape, name
        assert image.isfinite().all(), name
    known = (mask == 0).expand_as(cat)
    assert torch.equal(results["inpaint"][known], cat[known])


def test_half_precision_is_a_small_difference(hub: Hub) -> None:
    """One estimate of each stage in float16 against float32, on the same weights."""
    half, full = (
        pset.load_model(NAME, device="cpu", dtype=dtype) for dtype in (torch.float16, torch.float32)
    )
    x_t = pset.noise((1, 3, SMALL, SMALL))
    six = pset.noise((1, 6, LARGE, LARGE))
    for t in (990, 300, 0):
        outputs = []
        for model in (half, full):
            embeds = model.prompt_embeds(PROMPTS[0])
            options = {"encoder_hidden_states": embeds, "return_dict": False}
            outputs.append(
                (
                    model.unet(x_t, t, **options)[0],
                    model.stage_2.unet(six, t, class_labels=250, **options)[0],
                )
            )
        for ours, theirs in zip(*outputs):
            assert not torch.equal(ours, theirs)
            assert float((ours - theirs).norm() / theirs.norm()) < 0.02


def test_a_stage_that_is_let_go_is_freed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text encoder goes when the prompts are read, stage I when only stage II is kept."""
    loaded = text_encoders(monkeypatch)
    model = pset.load_model(NAME, device="cpu")
    embeds = model.prompt_embeds("a lithograph of waterfalls")
    gc.collect()
    assert [reference() for reference in loaded] == [None]
    network = weakref.ref(model.unet.network)
    second = model.stage_2
    del model
    gc.collect()
    assert network() is None
    six = pset.noise((1, 6, LARGE, LARGE))
    output = second.unet(six, 300, encoder_hidden_states=embeds, class_labels=250)[0]
    assert output.isfinite().all()
