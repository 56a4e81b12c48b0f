"""From one prompt to another: the line between two embeddings, and the noise that a row shares."""

import pytest
import torch

import pset
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
