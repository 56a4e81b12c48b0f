"""The small data set: what's in the file, that the parts differ, and that its pictures do."""

import numpy as np
import pytest
import torch

from pset.assets import assets_dir
from pset.small_pictures import digits as handwritten
from pset.small_pictures import small_pictures
from training.commands.app import WORK
from training.data import artwork, attribution, digits, small_set, textures

FOLDER = assets_dir() / "small"


@pytest.fixture(scope="module")
def data():
    with np.load(FOLDER / "pictures.npz") as stored:  # without pickle, as anybody reads it
        return dict(stored)


def test_every_class_has_as_many_pictures(data):
    assert data["classes"].tolist() == list(small_set.CLASSES)
    for split, each in (("train", small_set.TRAIN), ("test", small_set.TEST)):
        images, labels = data[f"{split}_images"], data[f"{split}_labels"]
        assert images.shape == (10 * each, 32, 32, 3)
        assert images.dtype == labels.dtype == np.uint8
        assert np.bincount(labels).tolist() == [each] * 10
        assert labels[:10].tolist() == list(range(10))


def test_no_held_out_picture_is_among_those_to_train_on(data):
    train = {image.tobytes() for image in data["train_images"]}
    test = {image.tobytes() for image in data["test_images"]}
    assert len(train) == 1500
    assert len(test) == 500
    assert not train & test


def test_a_nearest_neighbour_knows_the_class_far_better_than_chance(data):
    """The labels belong to the pictures: right for 10 % by chance."""
    train, test = (data[f"{s}_images"].reshape(-1, 3072) / 255 for s in ("train", "test"))
    similar = test @ train.T - (train**2).sum(1) / 2
    found = data["train_labels"][similar.argmax(1)]
    assert (found == data["test_labels"]).mean() > 0.4


@pytest.mark.slow
@pytest.mark.skipif(
    not (WORK / "artwork" / "node_modules").is_dir(), reason="the artwork isn't installed"
)
def test_the_command_draws_the_same_pictures(tmp_path):
    """Run `python -m training small-set` once, and the artwork is there.

    On another processor, a pixel in 100,000 may be rounded to the next of its 256 levels.
    """
    artwork.install(WORK / "artwork")
    textures.install(WORK / "artwork")
    path = small_set.write(tmp_path, WORK / "artwork")
    with np.load(path) as drawn, np.load(FOLDER / "pictures.npz") as kept:
        assert drawn.files == kept.files
        for name in kept.files:
            if "images" in name:
                off = np.abs(drawn[name].astype(int) - kept[name])
                assert off.max() <= 1
                assert (off > 0).mean() < 1e-4
            else:
                assert np.array_equal(drawn[name], kept[name])


@pytest.mark.usefixtures("artwork")
def test_another_set_is_drawn_in_the_same_way(tmp_path):
    """With other drawings: as often, the same bytes; the parts have seeds of their own."""
    once, twice = (small_set.write(tmp_path / name, tmp_path, 3, 2) for name in ("one", "two"))
    assert once.read_bytes() == twice.read_bytes()
    with np.load(once) as stored:
        assert stored["train_images"].shape == (30, 32, 32, 3)
        assert not np.array_equal(stored["train_images"][:20], stored["test_images"])


def test_its_page_names_everybody_whose_drawings_are_in_it():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in attribution.PACKAGES:
        assert name in page
    assert page == small_set.page()
    assert "CC BY 4.0" in digits.ATTRIBUTION


def test_tensors_are_the_pixels(data):
    images, labels, classes = small_pictures("test")
    assert torch.equal(((images + 1) * 127.5).round().byte().permute(0, 2, 3, 1),
                       torch.from_numpy(data["test_images"]))  # fmt: skip
    assert labels[13] == 3
    assert classes[3] == "butterfly"
    small, _, _ = small_pictures("test", size=8)
    torch.testing.assert_close(small[0, 0, 0, 0], images[0, 0, :4, :4].mean())
    with pytest.raises(ValueError, match="not 20"):
        small_pictures(size=20)


def test_digits_are_what_was_written():
    """297 of 1,797 are held out; each picture's ink is where its pixels are large."""
    (train, train_labels), (test, test_labels) = (handwritten(split) for split in ("train", "test"))
    assert (train.shape, test.shape) == ((1500, 1, 8, 8), (297, 1, 8, 8))
    assert train.min() == -1
    assert train.max() == 1
    assert train_labels.bincount().min() > 140
    similar = test.flatten(1) @ train.flatten(1).T - train.flatten(1).square().sum(1) / 2
    found = train_labels[similar.argmax(1)]
    assert (found == test_labels).float().mean() > 0.9  # by chance, it would be 0.1
