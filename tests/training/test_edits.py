"""Instruction pairs: one thing changes, and everything else stays as it is to the pixel."""

from dataclasses import astuple

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.data import compositions, edits, grammar, layers, pictures, styles, tokenizer
from training.data.edits import Edit, Edits
from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, SUBJECTS, Scene
from training.data.parts import Parts, part

KEYS = [subject.key for subject in SUBJECTS]
CAT, DOG, FISH = (KEYS.index(key) for key in ("cat", "dog", "fish"))
AND = [words for words, _ in RELATIONS].index("and")
BEACH = SETTINGS.index("on a beach")
SEEDS = (1, 2, 3)


@pytest.fixture
def shapes(monkeypatch):
    """Artwork that's something else for each character: a polygon with its own corners."""

    def hands(emoji, root):
        corners = 3 + sum(map(ord, emoji)) % 7
        image = Image.new("RGBA", (256, 256))
        ImageDraw.Draw(image).regular_polygon((128, 128, 110), corners, fill=(200, 60, 40, 255))
        return (layers.Drawing(image), layers.Drawing(image.rotate(30), flat=True))

    monkeypatch.setattr(layers, "hands", hands)


def both(before: Scene, after: Scene, root):
    """The two drawings, before their filter, and the alpha of their layers."""
    made = []
    for scene, other in ((before, after), (after, before)):
        kept: list[np.ndarray] = []
        x = edits.drawn(scene, other, SEEDS, root, 64, kept)
        made += [x, kept]
    return made


def test_every_instruction_is_made_of_known_words():
    said = {Edits.item(n).instruction for n in range(3000)}
    assert len(said) > 500
    assert all(2 not in tokenizer.encode(words)[0] for words in said)  # 2 is <unk>


def test_one_thing_changes_and_each_kind_as_often_as_it_should():
    found = [Edits.item(n) for n in range(2000)]
    changed = []
    for one in found:
        pairs = zip(astuple(one.before), astuple(one.after), strict=True)
        differing = [k for k, (a, b) in enumerate(pairs) if a != b]
        assert len(differing) == 1, one
        changed += differing
    names = list(Scene.__dataclass_fields__)
    shares = {name: changed.count(k) / len(found) for k, name in enumerate(names)}
    assert shares["subject"] + shares["other"] == pytest.approx(0.4, abs=0.04)
    for name in ("attribute", "setting", "style"):
        assert shares[name] == pytest.approx(0.2, abs=0.04)


def test_an_instruction_names_what_is_new():
    for n in range(500):
        before, said, after = Edits.item(n)
        words = said.split()
        if after.subject != before.subject:
            assert edits.name(after.subject).split()[-1] in words
        if after.style != before.style:
            assert said.endswith(grammar.STYLES[after.style][0])
        if after.setting != before.setting:
            assert said.endswith(SETTINGS[after.setting])
        if after.attribute not in (before.attribute, -1):
            assert words[-1] == ATTRIBUTES[after.attribute][0].split()[-1]


def test_the_same_number_gives_the_same_bytes(artwork, tmp_path):
    one, again, other = (Edits.draw(numbers, tmp_path)
                         for numbers in (range(3), range(3), range(1, 4)))  # fmt: skip
    assert one.shape == (3, 6, 64, 64)
    assert one.dtype == np.uint8
    assert one.tobytes() == again.tobytes()
    assert one[1:].tobytes() == other[:2].tobytes()


def test_a_generator_without_parts_is_used_for_all():
    rng = np.random.default_rng(1)
    assert part(rng, "light") is rng
    with_parts = Parts(1)
    first, again, other = (with_parts.of(name).random() for name in ("light", "light", "ground"))
    assert first == again != other


@pytest.mark.parametrize("style", [styles.POP, styles.PENCIL])
@pytest.mark.parametrize("which", ["subject", "other", "alone"])
def test_around_a_swapped_thing_nothing_changes(shapes, style, which, tmp_path):
    """These styles have no shadows."""
    if which == "alone":
        before, after = Scene(CAT, style), Scene(FISH, style)
    else:
        pair = {"subject": CAT, "other": DOG}
        before, after = (
            Scene(style=style, relation=AND, **pair | new) for new in ({}, {which: FISH})
        )
    x, kept, y, kept_after = both(before, after, tmp_path)
    k = 1 if which == "other" else 0
    around = np.maximum(kept[k], kept_after[k]) == 0
    assert around.mean() > 0.2
    assert np.array_equal(x[around], y[around])
    assert not np.array_equal(x[~around], y[~around])


def test_a_hat_is_put_on_a_head_that_stays_where_it_is(shapes, tmp_path):
    before, after = Scene(CAT, styles.POP), Scene(CAT, styles.POP, attribute=0)
    x, kept, y, kept_after = both(before, after, tmp_path)
    assert len(kept) == 1
    assert len(kept_after) == 2
    assert np.array_equal(kept[0], kept_after[0])
    around = kept_after[1] == 0
    assert np.array_equal(x[around], y[around])
    assert not np.array_equal(x[~around], y[~around])


def test_another_setting_is_behind_the_same_thing(shapes, tmp_path):
    before, after = Scene(CAT, styles.POP), Scene(CAT, styles.POP, setting=BEACH)
    x, kept, y, _ = both(before, after, tmp_path)
    inside = kept[0] == 1
    assert np.array_equal(x[inside], y[inside])
    assert np.abs(x - y)[kept[0] == 0].mean() > 0.05


def test_a_style_is_a_filter_on_one_drawing(shapes, monkeypatch, tmp_path):
    """Without filters, there's no difference left."""
    edit = Edit(Scene(CAT, styles.OIL), "make it a pop art", Scene(CAT, styles.POP))
    a, b = edits.pair(edit, 5, tmp_path)
    assert np.abs(a.astype(float) - b).mean() > 5
    monkeypatch.setattr(styles, "FILTERS", (lambda x, rng, dark: x,) * len(styles.FILTERS))
    a, b = edits.pair(edit, 5, tmp_path)
    assert a.tobytes() == b.tobytes()


def test_a_pair_shows_what_training_pictures_show(shapes, tmp_path):
    """With its seed's parts, a picture is drawn as any other is."""
    scene = compositions.random_scene(styles.POP, np.random.default_rng(3))
    x = edits.drawn(scene, scene, SEEDS, tmp_path, 64)
    dark = bool(Parts(*SEEDS).of("dark").random() < pictures.DARK)
    assert np.array_equal(x, pictures.draw(scene, 64, tmp_path, Parts(*SEEDS), dark))
