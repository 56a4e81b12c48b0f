"""Prompt-to-prompt: on the pocket model, against what must hold of every edit; pairs, by hand."""

import itertools
import random

import pytest
import torch

import pset
from pset.attention import edit_attention, record_attention
from pset.checks.judging import difference
from pset.checks.stand_ins import batch_estimate
from pset.closed_form import cosine_alphas_cumprod
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

PROMPTS = ["a photo of a lemon cake", "a photo of an apple cake"]
TIMESTEPS = [900, 600, 300, 0]
CLOSE = 1e-4


@pytest.fixture(scope="module")
def model():
    return pset.load_model("pocket", device="cpu")


def with_source_maps(probabilities, layer):
    return function("inject")(probabilities, layer.tokens)


def drawn(model, prompts, tau):
    """The pictures of a source and an edited prompt, by the solutions."""
    plain = pset.guided(model, prompts)

    def edited(x_t, t):
        with edit_attention(model, with_source_maps):
            return plain(x_t, t)

    x_T = pset.noise((1, 3, 64, 64))
    arguments = (model.alphas_cumprod, TIMESTEPS, 5)
    return function("draw_edits")(x_T, len(prompts), plain, edited, tau, *arguments)


def test_the_same_prompt_gives_the_same_picture(model):
    source, edit = drawn(model, [PROMPTS[0]] * 2, 0.7)
    assert difference(edit, source) < 1e-5


def test_with_tau_0_it_is_the_edited_prompts_own_picture(model):
    x_T = pset.noise((1, 3, 64, 64))
    alone = [
        pset.iterative_denoise(
            x_T, 0, pset.guided(model, prompt), model.alphas_cumprod, TIMESTEPS, seed=[5]
        )
        for prompt in PROMPTS
    ]
    assert difference(drawn(model, PROMPTS, 0), torch.cat(alone)) < CLOSE


def test_the_source_is_not_edited(model):
    plain, edited = drawn(model, PROMPTS, 0), drawn(model, PROMPTS, 1)
    assert difference(edited[0], plain[0]) < CLOSE
    assert difference(edited[1], plain[1]) > 100 * CLOSE


def test_the_edited_prompt_has_exactly_the_sources_maps_and_the_null_prompt_its_own(model):
    x_t = pset.noise((2, 3, 64, 64))
    estimate = pset.guided(model, PROMPTS)
    with record_attention(model, lambda p, _: p) as own:
        estimate(x_t, 600)
    with (
        edit_attention(model, with_source_maps),
        record_attention(model, lambda p, _: p) as records,
    ):
        estimate(x_t, 600)
    for layer, kept in records:
        assert torch.equal(kept[3, ..., : layer.tokens], kept[2, ..., : layer.tokens])
        assert torch.allclose(kept.sum(-1), torch.ones(()), atol=1e-5)
    # The first layer's inputs are still those of the plain run.
    assert difference(records[0].kept[:3], own[0].kept[:3]) < CLOSE


def test_pictures_of_equal_estimates_are_equal():
    """Which one seed for the batch wouldn't give."""
    estimate = batch_estimate([[0.2] * 9] * 3, 3)
    x_T = pset.noise((1, 3, 8, 8))
    arguments = (0.5, cosine_alphas_cumprod(), [700, 500, 300], 5)
    pictures = function("draw_edits")(x_T, 3, estimate, estimate, *arguments)
    assert_same_numbers(pictures, pictures[:1].expand_as(pictures))


@pytest.mark.parametrize(("tau", "edited_steps"), [(0, 0), (0.25, 1), (0.3, 2), (0.5, 2), (1, 4)])
def test_tau_is_the_share_of_the_first_steps(tau, edited_steps):
    asked = []

    def estimate(name):
        def of(x_t, t):
            asked.append(name)
            return torch.zeros_like(x_t), torch.zeros_like(x_t)

        return of

    arguments = (cosine_alphas_cumprod(), [900, 890, 880, 100, 0], 5)
    x_T = pset.noise((1, 3, 4, 4))
    function("draw_edits")(x_T, 2, estimate("plain"), estimate("edited"), tau, *arguments)
    assert asked == ["edited"] * edited_steps + ["plain"] * (4 - edited_steps)


def test_equal_prompts_have_only_common_words():
    source, edited = pset.noise((2, 5, 4), 1), pset.noise((2, 5, 4), 2)
    words = ["a", "dog", "and", "a"]
    assert torch.equal(function("align_maps")(source, edited, words, words), source)


def test_a_furry_cat():
    source, edited = pset.noise((2, 5, 2), 1), pset.noise((2, 5, 3), 2)
    maps = function("align_maps")(source, edited, ["a", "cat"], ["a", "furry", "cat"])
    assert torch.equal(maps[..., [0, 2]], source)
    assert torch.equal(maps[..., 1], edited[..., 1])


@pytest.mark.parametrize("seed", range(40))
def test_as_many_words_as_possible_are_common(seed):
    """Against all subsequences of both, which difflib's matching doesn't always reach."""
    rng = random.Random(seed)
    words, edited_words = ([rng.choice("abcd") for _ in range(rng.randint(1, 7))] for _ in "12")

    def subsequences(of: list[str]) -> set[tuple[str, ...]]:
        return {s for n in range(len(of) + 1) for s in itertools.combinations(of, n)}

    source = torch.arange(len(words)).float().expand(1, 1, -1)
    edited = torch.full((1, 1, len(edited_words)), -1.0)
    maps = function("align_maps")(source, edited, words, edited_words).flatten().int().tolist()
    common = [(i, j) for j, i in enumerate(maps) if i >= 0]
    assert all(words[i] == edited_words[j] for i, j in common)
    assert [i for i, _ in common] == sorted({i for i, _ in common})
    longest = max(map(len, subsequences(words) & subsequences(edited_words)))
    assert len(common) == longest


def test_weight_1_changes_nothing_and_weights_multiply():
    probabilities = pset.noise((4, 3, 6, 12)).softmax(-1)
    reweight = function("reweight")
    assert torch.equal(reweight(probabilities, [2], 1), probabilities)
    twice = reweight(reweight(probabilities, [2, 3], 2), [2, 3], -0.5)
    assert_same_numbers(twice, reweight(probabilities, [2, 3], -1))
    assert torch.equal(twice[:2], probabilities[:2])


def test_an_edit_along_the_text_scores_1_and_its_opposite_minus_1():
    images, texts = pset.noise((2, 8), 1), pset.noise((2, 8), 2)
    way = pset.noise((2, 8), 3)
    signs = torch.tensor([[1.0], [-1.0]])
    scores = function("pair_scores")(images, images + signs * way, texts, texts + 3 * way)
    assert_same_numbers(scores[:, 1], signs[:, 0])


def test_equal_images_have_similarity_1():
    images, texts = pset.noise((3, 8), 1), pset.noise((3, 8), 2)
    scores = function("pair_scores")(images, images, texts, texts + 1)
    assert_same_numbers(scores[:, 0], torch.ones(3))
