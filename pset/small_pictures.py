"""Read the data of notebook 16: handwritten digits, and pictures of ten classes."""

from typing import Literal

import numpy as np
import torch

from pset.assets import assets_dir


def small_pictures(
    split: Literal["train", "test"] = "train", size: int = 32
) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    """The pictures to train on, or those that are held out (`assets/small/README.md`).

    Args:
        split: "train", 1,500 pictures, or "test", 500.
        size: height and width in pixels: 32, or 16 or 8, by averaging.

    Returns:
        float32 images `[N, 3, size, size]` in [-1, 1]; their labels, int64 `[N]`; and the names of
        the ten classes. The classes take turns.
    """
    if size not in (8, 16, 32):
        raise ValueError(f"The pictures have 32, 16 or 8 pixels a side, not {size}.")
    with np.load(assets_dir() / "small" / "pictures.npz") as data:
        pixels = torch.from_numpy(data[f"{split}_images"]).permute(0, 3, 1, 2)
        labels = torch.from_numpy(data[f"{split}_labels"]).long()
        classes = data["classes"].tolist()
    images = pixels.float() / 127.5 - 1
    return torch.nn.functional.avg_pool2d(images, 32 // size), labels, classes


TRAINED_ON = 1500
"""So many digits are to train on; the rest are held out."""


def digits(split: Literal["train", "test"] = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """Handwritten digits, 8×8 (`assets/small/README.md`).

    Args:
        split: "train", 1,500 digits, or "test", the other 297.

    Returns:
        float32 images `[N, 1, 8, 8]` in [-1, 1], and their labels, int64 `[N]`, from 0 to 9.
    """
    with np.load(assets_dir() / "small" / "digits.npz") as data:
        images = torch.from_numpy(data["images"])[:, None].float() / 8 - 1
        labels = torch.from_numpy(data["labels"]).long()
    chosen = slice(TRAINED_ON) if split == "train" else slice(TRAINED_ON, None)
    return images[chosen], labels[chosen]
