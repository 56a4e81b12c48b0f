"""Pictures depend on their scene and seed alone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.data import (
    compositions,
    grammar,
    lighting,
    mixture,
    photographs,
    pictures,
    placement,
    scenes,
    styles,
    textures,
)
from training.data.grammar import Scene


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
    assert grey[styles.PENCIL] < 3  # a pencil sketch has no colour


@pytest.mark.parametrize("size", [64, 128, 256])
def test_a_style_looks_alike_at_every_size(artwork, size, tmp_path):
    small = pictures.picture(Scene(6, 4), 0, tmp_path, 64).astype(float)
    large = Image.fromarray(pictures.picture(Scene(6, 4), 0, tmp_path, size))
    again = np.asarray(large.resize((64, 64), Image.BOX)).astype(float)
    assert np.abs(small - again).mean() < 10


def test_compositions_can_be_drawn(artwork, tmp_path):
    rng = np.random.default_rng(1)
    for scene in [compositions.random_scene(i % 6, rng) for i in range(12)]:
        assert pictures.picture(scene, 0, tmp_path).shape == (64, 64, 3)


@pytest.mark.parametrize("name", sorted(scenes.SCENES))
def test_scenes_are_deterministic(name):
    one, two = (scenes.SCENES[name](np.random.default_rng(5)) for _ in range(2))
    assert one == two


def test_filters_keep_the_range():
    rng = np.random.default_rng(0)
    x = rng.random((64, 64, 3)).astype(np.float32)
    for fun in styles.FILTERS:
        for dark in (False, True):
            y = fun(x, np.random.default_rng(1), dark)
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
    todo = list(pictures.plan(70))
    assert list(pictures.build(tmp_path, tmp_path, todo))[-1] == 70
    made = pictures.Pictures(tmp_path)
    assert len(made) == 70
    assert made.scenes[69] == todo[69][0]
    want = pictures.picture(*todo[69], tmp_path).transpose(2, 0, 1)
    assert (made.at(64)[69] == want).all()
    assert made.at(32).shape == (70, 3, 32, 32)


@pytest.mark.parametrize("style", range(len(grammar.STYLES)))
def test_light_on_dark_really_is(artwork, style, tmp_path):
    """The ground's corners, after the filter, are far darker than without."""

    def corners(dark):
        rng = np.random.default_rng(4)
        x = pictures.draw(Scene(6, style), 128, tmp_path, rng, dark)
        x = styles.FILTERS[style](x, rng, dark)
        return np.mean([x[:9, :9].mean(), x[:9, -9:].mean()])

    assert corners(True) < 0.55
    assert corners(True) < corners(False) - 0.15


def test_chalk_is_lighter_than_its_board():
    x = np.ones((64, 64, 3), np.float32)
    x[20:44, 20:44] = 0.3
    drawn = styles.pencil_sketch(x, np.random.default_rng(0), dark=True)
    assert drawn[0, 0].max() < 0.2
    assert drawn.max() > 0.5


def test_things_are_of_many_sizes_places_and_turns():
    rng = np.random.default_rng(0)
    poses = [placement.of_one(rng) for _ in range(500)]
    scales, turns = (np.array([getattr(p, name) for p in poses]) for name in ("scale", "turn"))
    assert scales.min() < 0.4
    assert scales.max() > 1.2
    assert np.abs(turns).max() > 0.4
    assert 0.6 < np.mean((scales > 0.7) & (np.abs(turns) < 0.3)) < 0.9  # most are portraits


def test_a_pose_within_a_pose():
    outer = placement.Pose(0.5, 0.25, 0.75, np.pi / 2)
    assert placement.Pose(1, 0.5, 0.5).within(outer) == pytest.approx(outer)
    right_end = placement.Pose(0.2, 1.0, 0.5).within(outer)  # a quarter turn takes it below
    assert right_end[:3] == pytest.approx((0.1, 0.25, 1.0))
    mirrored = placement.Pose(0.2, 1.0, 0.5).within(outer._replace(turn=0, mirror=True))
    assert mirrored[1:3] == pytest.approx((0.0, 0.75))


def test_the_light_brightens_the_side_it_comes_from():
    y, x = np.mgrid[0:64, 0:64] - 31.5
    alpha = (np.hypot(x, y) < 22).astype(np.float32)[..., None]
    layer = np.concatenate([alpha * 0.5, alpha * 0.5, alpha * 0.5, alpha], -1)
    lit = lighting.shaded(layer, lighting.Light(0.8, 0.5), 0.5)[..., 0]
    assert lit[24:40, 45].mean() > lit[24:40, 18].mean() + 0.02
    assert (lit <= layer[..., 3] + 1e-6).all()
    for shadow in (lighting.shadow_on_floor, lighting.shadow_on_wall):
        cast = shadow(layer, lighting.Light(0.8, 0.5))[..., 0]
        assert cast.max() > 0.1
        assert (cast * x).sum() < 0  # away from the light
        assert cast.min() >= 0
        assert cast.max() <= 0.75


def test_the_courses_own_photographs_are_held_out():
    """What students edit has never been trained on."""
    own = {p.source for p in photographs.PHOTOGRAPHS.values()}
    taken = {Path(about["file"]).stem for about in textures.TEXTURES.values()}
    assert not own & taken
    assert not {"chelsea", "coffee", "rocket", "astronaut"} & taken


def test_photographs_have_a_licence_that_allows_it():
    allowed = ("CC0", "CC-BY-2.0", "public domain", "no known copyright restrictions")
    for about in textures.TEXTURES.values():
        assert about["licence"].startswith(allowed)
        assert about["author"]


def test_a_photograph_that_is_named_shows_what_it_is_called(monkeypatch, tmp_path):
    """The named part alone is white: it is in every crop as a whole."""
    name = next(n for n in textures.NAMES if "box" in textures.TEXTURES[n])
    view = Image.new("RGB", (640, 427))
    x0, y0, x1, y1 = textures.TEXTURES[name]["box"]
    box = (round(x0 * 640) + 2, round(y0 * 427) + 2, round(x1 * 640) - 2, round(y1 * 427) - 2)
    ImageDraw.Draw(view).rectangle(box, fill="white")
    monkeypatch.setattr(textures, "photograph", lambda *_: view)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = textures.crop(textures.NAMES.index(name), 64, tmp_path, rng, showing=True)
        edge = np.concatenate([x[0], x[-1], x[:, 0], x[:, -1]])
        assert np.median(edge) < 0.4


def test_shares_of_the_mixture():
    rng = np.random.default_rng(0)
    drawn = [mixture.random_scene(rng) for _ in range(4000)]
    assert np.mean([s.composed for s in drawn]) == pytest.approx(mixture.COMPOSED, abs=0.03)
    assert np.mean([s.photograph >= 0 for s in drawn]) == pytest.approx(mixture.REAL, abs=0.015)
    photos = np.mean([s.style == styles.PHOTO for s in drawn])
    assert 0.25 < photos < 0.4
    singles = {s.subject for s in drawn if not s.composed}
    assert singles >= set(range(len(grammar.SUBJECTS)))
