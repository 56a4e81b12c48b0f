"""Instruction pairs on disk: what's in the folder, and what `datasets` makes of it."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

import pset
from pset.images import to_pil
from pset.instruction_pairs import Pair, save_pairs

PAIRS = [
    Pair("a cat", "swap the cat with a dog", "a dog"),
    Pair("a cake", "make it a house", "a house"),
]
FEATURES = {"original_prompt", "original_image", "edit_prompt", "edited_prompt", "edited_image"}
"""Of timbrooks/instructpix2pix-clip-filtered, the set that InstructPix2Pix was trained on."""


@pytest.fixture
def images() -> torch.Tensor:
    return pset.noise((2, 2, 3, 8, 12)).clamp(-1, 1)


def test_there_is_a_line_for_each_pair_and_two_pictures(images, tmp_path):
    folder = save_pairs(tmp_path / "new" / "pairs", PAIRS, *images)
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    assert [row["edit_prompt"] for row in rows] == ["swap the cat with a dog", "make it a house"]
    for row, pictures in zip(rows, zip(*images, strict=True), strict=True):
        assert {key.removesuffix("_file_name") for key in row} == FEATURES
        names = (row["original_image_file_name"], row["edited_image_file_name"])
        for name, picture in zip(names, pictures, strict=True):
            with Image.open(folder / name) as opened:
                assert opened.tobytes() == to_pil(picture).tobytes()


def test_what_was_there_before_is_gone(images, tmp_path):
    save_pairs(tmp_path, PAIRS, *images)
    (tmp_path / "notes.txt").write_text("mine")
    save_pairs(tmp_path, PAIRS[1:], *images[:, 1:])
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"000000_original.png", "000000_edited.png", "metadata.jsonl", "notes.txt"}


def test_no_pairs_are_an_empty_data_set(images, tmp_path):
    save_pairs(tmp_path, [], *images[:, :0])
    assert (tmp_path / "metadata.jsonl").read_text() == ""


def test_a_picture_too_few_is_refused(images, tmp_path):
    with pytest.raises(ValueError, match="2 pairs, 1 original pictures and 2"):
        save_pairs(tmp_path, PAIRS, images[0, :1], images[1])


def test_datasets_opens_them(images, tmp_path: Path):
    """Where Hugging Face's library is installed, as on Colab; the course doesn't need it."""
    datasets = pytest.importorskip("datasets")
    folder = save_pairs(tmp_path / "pairs", PAIRS, *images)
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )["train"]
    assert set(loaded.features) == FEATURES
    assert loaded[0]["original_image"].size == (12, 8)
    assert loaded[1]["edited_prompt"] == "a house"
