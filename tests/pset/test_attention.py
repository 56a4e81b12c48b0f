"""The recorder and the editor of attention: on the pocket model, and in DeepFloyd's layout."""

import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnAddedKVProcessor2_0

import pset
from pset.attention import Layer, edit_attention, record_attention
from pset.checks.judging import difference
from pset.model import DiffusionModel

CLOSE = 1e-4
"""Two ways through the same float32 network; see `tests/rounding.py` for less than that."""


@pytest.fixture(scope="module")
def pocket() -> DiffusionModel:
    return pset.load_model("pocket", device="cpu")


@pytest.fixture(scope="module")
def cascade(cascade_folder) -> DiffusionModel:
    return pset.load_model(cascade_folder, device="cpu", dtype=torch.float32)


@pytest.fixture(params=["pocket", "cascade"])
def model(request) -> DiffusionModel:
    return request.getfixturevalue(request.param)


def output(model: DiffusionModel, batch: int = 2, size: int = 64) -> torch.Tensor:
    x_t = pset.noise((batch, 3, size, size))
    embeds = torch.cat([model.prompt_embeds(text) for text in ("", "a pop art of a cat")])[:batch]
    with torch.no_grad():
        return model.unet(x_t, 500, embeds, return_dict=False)[0]


def unchanged(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
    return probabilities


def text_share(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
    return probabilities[..., : layer.tokens].sum(-1)


def stock(model: DiffusionModel) -> bool:
    return all(type(p) is AttnAddedKVProcessor2_0 for p in model.unet.attn_processors.values())


def test_an_edit_that_changes_nothing_changes_nothing(model):
    before = output(model)
    with edit_attention(model, unchanged):
        edited = output(model)
    assert difference(edited, before) < CLOSE


def test_the_recorder_changes_nothing(model):
    before = output(model)
    with record_attention(model, text_share):
        recorded = output(model)
    assert difference(recorded, before) < CLOSE


def test_also_for_images_that_are_not_square(pocket):
    x_t, embeds = pset.noise((1, 3, 32, 64)), pocket.prompt_embeds("a photo of a cat")
    with torch.no_grad():
        before = pocket.unet(x_t, 500, embeds, return_dict=False)[0]
        with record_attention(pocket, text_share) as records:
            recorded = pocket.unet(x_t, 500, embeds, return_dict=False)[0]
    assert difference(recorded, before) < CLOSE
    assert {(r.layer.height, r.layer.width) for r in records} == {(8, 16), (4, 8)}


def test_text_and_pixels_share_one_softmax(model):
    def keep(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        batch, _, pixels, keys = probabilities.shape
        assert (batch, pixels) == (2, layer.height * layer.width)
        assert keys == 77 + pixels
        assert layer.tokens == 77
        return torch.stack([probabilities.sum(-1), text_share(probabilities, layer)])

    with record_attention(model, keep) as records:
        output(model)
    for _, (row, text) in records:
        assert torch.allclose(row, torch.ones_like(row), atol=1e-5)
        assert text.min() >= 0
        assert text.max() <= 1 + 1e-5
        assert text.mean() < 0.999  # something is left for the pixels


def test_probabilities_are_a_softmax_of_scaled_products(pocket):
    """Written out for one layer, from the inputs that a hook sees."""
    name = "mid_block.attentions.0"
    attn = pocket.unet.get_submodule(name)
    inputs: dict[str, torch.Tensor] = {}

    def see(module: torch.nn.Module, arguments: tuple, options: dict) -> None:
        inputs["pixels"], inputs["text"] = arguments[0], options["encoder_hidden_states"]

    handle = attn.register_forward_pre_hook(see, with_kwargs=True)
    try:
        with record_attention(pocket, lambda p, _: p) as records:
            output(pocket)
    finally:
        handle.remove()
    (kept,) = (kept for layer, kept in records if layer.name == name)
    with torch.no_grad():
        pixels = attn.group_norm(inputs["pixels"].flatten(2)).mT
        text = attn.norm_encoder_hidden_states(inputs["text"])
        keys = torch.cat([attn.add_k_proj(text), attn.to_k(pixels)], dim=1)
        q, k = (
            x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (attn.to_q(pixels), keys)
        )
        expected = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    assert difference(kept, expected) < CLOSE


def test_an_edit_reaches_the_output(model):
    def no_text(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        probabilities[..., : layer.tokens] = 0
        return probabilities

    before = output(model)
    with edit_attention(model, no_text):
        assert difference(output(model), before) > 100 * CLOSE


def test_an_edit_of_one_image_leaves_the_other(model):
    def of_the_second(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        return torch.cat([probabilities[:1], 0.5 * probabilities[1:]])

    before = output(model)
    with edit_attention(model, of_the_second):
        edited = output(model)
    assert difference(edited[:1], before[:1]) < CLOSE
    assert difference(edited[1:], before[1:]) > 100 * CLOSE


@pytest.mark.parametrize("block", [edit_attention, record_attention])
def test_nothing_is_left_behind(model, block: Callable):
    with block(model, unchanged):
        assert not stock(model)
    assert stock(model)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_behind_by_an_exception(model, error: type[BaseException]):
    before = output(model)
    with pytest.raises(error), edit_attention(model, unchanged):
        raise error
    assert stock(model)
    assert torch.equal(output(model), before)


def test_nothing_is_left_behind_by_an_exception_in_the_edit(model):
    def fails(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        raise RuntimeError("in the edit")

    with pytest.raises(RuntimeError, match="in the edit"), edit_attention(model, fails):
        output(model)
    assert stock(model)


def test_an_inner_block_sees_what_the_outer_one_made(model):
    def halved(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        return probabilities / 2

    with edit_attention(model, halved), record_attention(model, lambda p, _: p.sum(-1)) as records:
        output(model)
    assert all(torch.allclose(kept, kept.new_tensor(0.5), atol=1e-5) for _, kept in records)
    with edit_attention(model, halved):
        with edit_attention(model, unchanged):
            output(model)
        assert not stock(model)
    assert stock(model)


def test_a_wrong_shape_is_refused(model):
    with (
        pytest.raises(ValueError, match=r"returned probabilities of shape \[2, "),
        edit_attention(model, lambda p, layer: p[..., :77]),
    ):
        output(model)


def test_each_call_adds_a_record_for_each_layer(model):
    with record_attention(model, text_share) as records:
        output(model)
        output(model, batch=1)
    names = [layer.name for layer, _ in records]
    assert len(names) == 2 * len(model.unet.attn_processors)
    assert {f"{name}.processor" for name in names} == set(model.unet.attn_processors)
    assert [len(kept) for _, kept in records] == [2] * (len(names) // 2) + [1] * (len(names) // 2)


def test_only_what_was_asked_for_stays_in_memory(pocket):
    seen: list[weakref.ref] = []

    def keep(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        seen.append(weakref.ref(probabilities))
        return probabilities[1, 0, :, 4]

    with record_attention(pocket, keep) as records:
        output(pocket)
    gc.collect()
    assert seen
    assert not any(ref() is not None for ref in seen)
    for layer, kept in records:
        assert kept.untyped_storage().nbytes() == 4 * layer.height * layer.width


def test_sizes_of_the_docstrings(pocket):
    """1.4 MB is the largest layer's; 231 records, 173 MB and 135 KB are the recorder's."""
    with record_attention(pocket, lambda p, _: torch.tensor([p[0].numel()])) as records:
        output(pocket)
    sizes = [4 * int(kept) for _, kept in records]
    pixels = [4 * layer.height * layer.width for layer, _ in records]
    assert 33 * len(records) == 231
    assert max(sizes) == pytest.approx(1.4e6, rel=0.05)
    assert 33 * sum(sizes) == pytest.approx(173e6, rel=0.05)
    assert 33 * sum(pixels) == pytest.approx(135e3, rel=0.05)


def test_gradients_go_through(pocket):
    x_t = pset.noise((1, 3, 64, 64)).requires_grad_()
    with record_attention(pocket, text_share) as records:
        pocket.unet(x_t, 500, pocket.prompt_embeds("a photo of a cat")).sample.sum().backward()
    assert x_t.grad is not None
    assert x_t.grad.abs().sum() > 0
    assert not any(kept.requires_grad for _, kept in records)


def test_another_kind_of_attention_is_refused_and_left_alone(pocket):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(180)
        network = UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8,),
            down_block_types=("CrossAttnDownBlock2D",),
            up_block_types=("CrossAttnUpBlock2D",),
            norm_num_groups=4,
            cross_attention_dim=8,
            attention_head_dim=4,
        )
    before = network.attn_processors
    other = DiffusionModel(
        "other", network, pocket.scheduler, pocket.alphas_cumprod, pocket.prompts
    )
    with pytest.raises(TypeError, match="DeepFloyd IF"), edit_attention(other, unchanged):
        pass
    assert network.attn_processors == before


def test_words_of_the_pocket_model(pocket):
    assert pocket.prompts.words("A photo of a lemon cake.") == [
        (word, [k]) for k, word in enumerate(["a", "photo", "of", "a", "lemon", "cake"])
    ]
    assert pocket.prompts.words("") == []


def test_a_word_has_all_of_its_tokens(cascade):
    prompt = "an oil painting of waterfalls"
    words = cascade.prompts.words(prompt)
    assert [word for word, _ in words] == prompt.split()
    ids = cascade.prompts.tokenizer(prompt).input_ids
    assert [k for _, columns in words for k in columns] == list(range(len(ids) - 1))
    assert max(len(columns) for _, columns in words) > 1
