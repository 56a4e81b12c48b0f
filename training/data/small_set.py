"""The small data set of notebook 16: ten of the grammar's subjects, 32×32, in watercolour.

It's one `.npz` file, so that numpy reads it without this package. The held-out pictures have seeds
from `HELD_OUT` on: the same artwork, placed and coloured anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data import attribution, digits, styles
from training.data.grammar import SUBJECTS, Scene
from training.data.pictures import picture

CLASSES = (
    "cat", "penguin", "fish", "butterfly", "sunflower",
    "tree", "mushroom", "strawberry", "pizza", "skull",
)  # fmt: skip
SIZE = 32
TRAIN, TEST = 150, 50  # pictures of each class
HELD_OUT = 10_000  # the first held-out seed

README = f"""\
# A small data set

{len(CLASSES)} classes, {SIZE}×{SIZE} pixels, RGB: {TRAIN} pictures of each class to train on, and
{TEST} of each that are held out. Notebook 16 trains on it. `python -m training small-set` made it.

```python
data = numpy.load("pictures.npz")
data["train_images"]  # uint8 [{TRAIN * len(CLASSES)}, {SIZE}, {SIZE}, 3]
data["train_labels"]  # uint8 [{TRAIN * len(CLASSES)}]: an index into data["classes"]
data["test_images"], data["test_labels"], data["classes"]
```

The classes take turns, so the first 10·n pictures have n of each. All pictures are watercolours of
the pocket model's grammar, made from emoji artwork.

`features.safetensors` is a small classifier of these pictures, at 16×16 pixels. The challenge of
notebook 16 compares its features. `python -m training features` made it.

"""


def page() -> str:
    """The page beside the set: what's in the folder, and by whom."""
    return README + attribution.of_drawings() + digits.ATTRIBUTION


def scenes() -> list[Scene]:
    """A scene for each class."""
    keys = [subject.key for subject in SUBJECTS]
    return [Scene(keys.index(name), styles.WATERCOLOR) for name in CLASSES]


def drawn(each: int, first_seed: int, root: Path) -> tuple[np.ndarray, np.ndarray]:
    """`each` pictures of every class: uint8 [N, SIZE, SIZE, 3], and their labels, uint8 [N]."""
    seeds = range(first_seed, first_seed + each)
    pixels = [picture(scene, seed, root, SIZE) for seed in seeds for scene in scenes()]
    labels = np.tile(np.arange(len(CLASSES), dtype=np.uint8), each)
    return np.stack(pixels), labels


def write(folder: Path, root: Path, train: int = TRAIN, test: int = TEST) -> Path:
    """Draw the set, and write `pictures.npz` and `README.md`.

    Args:
        folder: where they go.
        root: the installed artwork and photographs.
        train, test: pictures of each class.

    Returns:
        The path of `pictures.npz`.
    """
    train_images, train_labels = drawn(train, 0, root)
    test_images, test_labels = drawn(test, HELD_OUT, root)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pictures.npz"
    np.savez_compressed(
        path,
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=np.array(CLASSES),
    )
    (folder / "README.md").write_text(page(), encoding="utf-8")
    return path
