"""From one prompt to another: the line, the noise that a row shares, and where words are read."""

import pytest
import torch

import pset
from pset.attention import record_attention
from pset.checks.stand_ins import denoise_embeds
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

TIMESTEPS = list(range(900, 0, -150))


@pytest.fixture
def ends():
    return pset.noise((1, 77, 16), seed=1), pset.noise((1, 77, 16), seed=2)


def test_ends_and_middle_of_the_line(ends):
    interpolate = function("interpolate")
    for w, expected in ((0, ends[0]), (1, ends[1]), (0.5, torch.stack(ends).mean(0))):
        assert_same_numbers(interpolate(*ends, w), expected)


def test_the_way_back_is_the_way_there(ends):
    interpolate = function("interpolate")
    assert_same_numbers(interpolate(*ends, 0.3), interpolate(*ends[::-1], 0.7))


def test_pictures_of_one_embedding_are_one_picture():
    """Which a batch with a single seed wouldn't give: each image has its own noise in the steps."""
    embeds = torch.full((3, 1, 9), 0.2)
    x_T, denoise = pset.noise((1, 3, 8, 8)), denoise_embeds(TIMESTEPS)
    row = function("draw_row")(embeds, x_T, denoise, 5)
    assert_same_numbers(row, row[:1].expand_as(row))
    batch = denoise(x_T.expand(3, -1, -1, -1), embeds, 5)
    assert (batch[1] - batch[0]).abs().max() > 0.1


def test_each_picture_is_what_it_would_be_by_itself():
    embeds = pset.noise((4, 1, 9), seed=3) / 4
    x_T, denoise = pset.noise((1, 3, 8, 8)), denoise_embeds(TIMESTEPS)
    row = function("draw_row")(embeds, x_T, denoise, 5)
    assert row.shape == (4, 3, 8, 8)
    for k, picture in enumerate(row):
        assert_same_numbers(picture[None], denoise(x_T, embeds[k : k + 1], 5))


def test_guidance_takes_embeddings_in_place_of_a_prompt():
    model = pset.load_model("pocket", device="cpu")
    x_t, prompt = pset.noise((1, 3, 64, 64)), "a photo of a cat"
    theirs = pset.guided(model, prompt)(x_t, 500)
    ours = pset.guided(model, model.prompt_embeds(prompt))(x_t, 500)
    for one, other in zip(ours, theirs, strict=True):
        assert_same_numbers(one, other)


def test_a_word_is_where_its_pixels_look():
    """One pixel looks at the first token alone, another one at an image pixel."""
    probabilities = torch.zeros(2, 1, 6, 4 + 6)
    probabilities[:, :, :, 4] = 1
    probabilities[1, 0, 2] = torch.eye(10)[0]  # the last one of the first row
    maps = function("word_maps")(probabilities, [[0], [1, 2]], 2, 3, (2, 3))
    assert_same_numbers(maps[0], torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    assert not maps[1].any()


def test_maps_of_all_tokens_add_up_to_the_share_of_the_text():
    probabilities = pset.noise((2, 3, 6, 4 + 6)).softmax(-1)
    maps = function("word_maps")(probabilities, [[0], [1, 2], [3]], 2, 3, (4, 9))
    share = probabilities[1, ..., :4].sum(-1).mean(0)
    assert maps.shape == (3, 4, 9)
    assert_same_numbers(maps.sum(0)[::2, ::3].flatten(), share)


def test_maps_of_the_pocket_model():
    """As the notebook takes them: a subject is read in the middle more than at the border."""
    model = pset.load_model("pocket", device="cpu")
    prompt = "a photo of a mushroom"
    columns = [numbers for _, numbers in model.prompts.words(prompt)]

    def keep(probabilities, layer):
        word_maps = function("word_maps")
        return word_maps(probabilities, columns, layer.height, layer.width, (16, 16))

    alphas_cumprod, estimate = model.alphas_cumprod, pset.guided(model, prompt)
    with record_attention(model, keep) as records:
        pset.iterative_denoise(
            pset.noise((1, 3, 64, 64)), 0, estimate, alphas_cumprod, [900, 700, 500, 300]
        )
    finest = [kept for layer, kept in records if layer.height == 16]
    mushroom = torch.stack(finest).mean(0)[-1]
    border = torch.cat([mushroom[:2].flatten(), mushroom[-2:].flatten()])
    assert mushroom[4:12, 4:12].mean() > border.mean()
