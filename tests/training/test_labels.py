"""Which thing is where: the labels agree with the masks, and stay with their pictures."""

import numpy as np
import pytest

from training.data import grammar, labels, masks, stream
from training.data.grammar import RELATIONS, SUBJECTS, Scene

KEYS = [subject.key for subject in SUBJECTS]
CAT, DOG = KEYS.index("cat"), KEYS.index("dog")
RIDING = [words for words, _ in RELATIONS].index("riding")


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (Scene(CAT, 0), {1 + CAT: "cat"}),
        (Scene(CAT, 1, attribute=0), {1 + CAT: "cat", 1 + len(SUBJECTS): "hat"}),
        (Scene(CAT, 2, relation=RIDING, other=DOG), {1 + CAT: "cat", 1 + DOG: "dog"}),
    ],
    ids=lambda value: grammar.caption(value) if isinstance(value, Scene) else "",
)
def test_a_label_says_what_covers_most_of_its_place(artwork, scene, words, tmp_path):
    found = labels.labels(scene, 5, tmp_path)
    _, visible = masks.with_masks(scene, 5, tmp_path, size=labels.SIZE)
    assert found.shape == (16, 16)
    assert set(np.unique(found)) == {labels.NOTHING, *words}
    for label, word in words.items():
        assert (visible[word][found == label] > 1 / 3).all()  # the largest of at most three shares
        assert (found[visible[word] > 0.51] == label).all()


def test_nobody_has_said_where_in_a_real_photograph(artwork, tmp_path):
    assert (labels.labels(Scene(-1, 0, photograph=0), 5, tmp_path) == labels.NOTHING).all()
    assert (labels.labels(Scene(CAT, 0, photograph=0), 5, tmp_path) == labels.UNKNOWN).all()


def test_labels_come_with_their_pictures(monkeypatch, tmp_path):
    """Whoever reads with labels gets the same pictures as without them, and keeps the labels."""
    drawn = []

    def draw(numbers, root):
        values = np.array(list(numbers))[:, None, None, None] % 251
        return np.broadcast_to(values, (len(numbers), 3, 64, 64)).astype(np.uint8)

    def labelled(scene, number, root):
        drawn.append(number)
        return np.full((16, 16), number % 251, np.uint8)

    monkeypatch.setattr(stream, "draw", draw)
    monkeypatch.setattr(labels, "labels", labelled)

    def chosen(which):
        choose = getattr(stream.Stream(tmp_path, tmp_path, window=2), which)(32)
        return choose(5, 64, np.random.default_rng(3))

    pixels, scenes = chosen("chooser")
    same, also, seen = chosen("labelled_chooser")
    assert (pixels == same).all()
    assert scenes == also
    assert (seen[:, 0, 0] == same[:, 0, 0, 0]).all()
    assert len(np.unique(seen)) > 30
    before = len(drawn)
    chosen("labelled_chooser")
    assert len(drawn) == before, "read from the disk"
