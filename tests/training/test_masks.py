"""Where the things in a training picture are: the same picture, and what's visible of each."""

import numpy as np
import pytest

from training.data import grammar, masks, pictures
from training.data.grammar import ATTRIBUTES, RELATIONS, SUBJECTS, Scene

KEYS = [subject.key for subject in SUBJECTS]
CAT, DOG, CAKE, LEMON = (KEYS.index(key) for key in ("cat", "dog", "cake", "lemon"))
BETWEEN = [words for words, _ in RELATIONS]


def related(first: int, words: str, second: int) -> Scene:
    return Scene(first, 0, relation=BETWEEN.index(words), other=second)


SCENES = [
    Scene(CAT, 0),
    Scene(CAT, 0, attribute=0),
    related(CAT, "and", DOG),
    related(CAT, "riding", DOG),
    related(CAT, "full of", DOG),
    related(LEMON, "cake", CAKE),
]


@pytest.mark.parametrize("scene", SCENES, ids=grammar.caption)
def test_the_picture_is_the_one_without_masks(artwork, scene, tmp_path):
    image, visible = masks.with_masks(scene, 5, tmp_path)
    assert image.tobytes() == pictures.picture(scene, 5, tmp_path).tobytes()
    words = grammar.caption(scene).split()
    assert set(visible) <= set(words)
    assert len(visible) == 1 + (scene.relation >= 0) + (scene.attribute >= 0)


@pytest.mark.parametrize("scene", SCENES, ids=grammar.caption)
def test_no_pixel_shows_more_than_all_of_itself(artwork, scene, tmp_path):
    _, visible = masks.with_masks(scene, 5, tmp_path)
    for mask in visible.values():
        assert mask.shape == (64, 64)
        assert mask.min() >= -1e-6
        assert mask.max() > 0.9  # something of each can be seen
    assert sum(visible.values()).max() <= 1 + 1e-6


def test_what_is_in_front_hides_what_is_behind(artwork, tmp_path):
    """The rim of what's full of something is drawn last, and whole."""
    alphas: list[np.ndarray] = []
    scene = related(CAT, "full of", DOG)
    pictures.picture(scene, 5, tmp_path, kept=alphas)
    _, visible = masks.with_masks(scene, 5, tmp_path, size=len(alphas[0]))
    assert masks.words_of_layers(scene) == ["dog", "dog", "dog", "cat"]
    assert np.allclose(visible["cat"], alphas[-1])
    assert visible["dog"][alphas[-1] == 1].max() < 1e-6


def test_the_first_of_two_side_by_side_is_on_the_left(artwork, tmp_path):
    _, visible = masks.with_masks(related(CAT, "and", DOG), 5, tmp_path)
    column = np.arange(64)
    where = {word: (mask.sum(0) * column).sum() / mask.sum() for word, mask in visible.items()}
    assert where["cat"] < where["dog"]


def test_a_hat_is_worn_at_the_top(artwork, tmp_path):
    assert ATTRIBUTES[0][0] == "wearing a hat"
    _, visible = masks.with_masks(Scene(CAT, 0, attribute=0), 5, tmp_path)
    row = np.arange(64)
    where = {word: (mask.sum(1) * row).sum() / mask.sum() for word, mask in visible.items()}
    assert where["hat"] < where["cat"]
