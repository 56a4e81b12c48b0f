"""Pictures depend on their scene and seed alone."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training import compositions, grammar, pictures, scenes, styles
from training.grammar import Scene


@pytest.fixture
def artwork(monkeypatch):
    """A disc and a square in place of the artwork, which the tests do not install."""

    def drawings(emoji, root):
        image = Image.new("RGBA", (256, 256))
        pen = ImageDraw.Draw(image)
        pen.ellipse((20, 20, 236, 236), fill=(200, 60, 40, 255))
        pen.rectangle((90, 90, 160, 200), fill=(250, 240, 220, 255))
        return (image, image.rotate(90))

    monkeypatch.setattr(pictures, "_drawings", drawings)


@pytest.mark.parametrize("style", range(len(grammar.STYLES)))
def test_same_seed_same_bytes(artwork, style, tmp_path):
    a, b = (pictures.picture(Scene(6, style), 3, tmp_path) for _ in range(2))
    assert a.shape == (64, 64, 3)
    assert a.dtype == np.uint8
    assert a.tobytes() == b.tobytes()
    assert a.tobytes() != pictures.picture(Scene(6, style), 4, tmp_path).tobytes()


def test_styles_differ_and_show_something(artwork, tmp_path):
    made = [pictures.picture(Scene(6, k), 0, tmp_path).astype(float) for k in range(6)]
    for i, a in enumerate(made):
        assert a.std() > 8
        for b in made[:i]:
            assert np.abs(a - b).mean() > 5
    grey = [np.abs(a - a.mean(-1, keepdims=True)).max() for a in made]
    assert grey[3] < 3  # a pencil sketch has no colour


@pytest.mark.parametrize("size", [64, 128, 256])
def test_a_style_looks_alike_at_every_size(artwork, size, tmp_path):
    small = pictures.picture(Scene(6, 4), 0, tmp_path, 64).astype(float)
    large = Image.fromarray(pictures.picture(Scene(6, 4), 0, tmp_path, size))
    again = np.asarray(large.resize((64, 64), Image.BOX)).astype(float)
    assert np.abs(small - again).mean() < 10


def test_compositions_can_be_drawn(artwork, tmp_path):
    rng = np.random.default_rng(1)
    for scene in [compositions.random_scene(rng) for _ in range(12)]:
        assert pictures.picture(scene, 0, tmp_path).shape == (64, 64, 3)


@pytest.mark.parametrize("name", sorted(scenes.SCENES))
def test_scenes_are_deterministic(name):
    one, two = (scenes.SCENES[name](np.random.default_rng(5)) for _ in range(2))
    assert one == two


def test_filters_keep_the_range():
    rng = np.random.default_rng(0)
    x = rng.random((64, 64, 3)).astype(np.float32)
    for fun in styles.FILTERS:
        y = fun(x, np.random.default_rng(1))
        assert y.shape == x.shape
        assert y.min() >= 0
        assert y.max() <= 1


def test_build_writes_what_picture_draws(artwork, tmp_path, monkeypatch):
    class Pool:
        def __init__(self, workers): ...
        def __enter__(self):
            return self

        def __exit__(self, *_): ...

        map = staticmethod(map)

    monkeypatch.setattr(pictures, "ProcessPoolExecutor", Pool)
    todo = list(pictures.plan(1))[:70]
    assert list(pictures.build(tmp_path, tmp_path, todo))[-1] == 70
    made = pictures.Pictures(tmp_path)
    assert len(made) == 70
    assert made.scenes[69] == todo[69][0]
    want = pictures.picture(*todo[69], tmp_path).transpose(2, 0, 1)
    assert (made.at(64)[69] == want).all()
    assert made.at(32).shape == (70, 3, 32, 32)
