"""Handwritten digits, 8×8, as they come with scikit-learn: notebook 16's first, tiny example.

They're unpacked from scikit-learn's pinned wheel, without installing it.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np

from training.data import textures

FILE = "sklearn/datasets/data/digits.csv.gz"
ATTRIBUTION = """
`digits.npz` has 1,797 handwritten digits, 8×8 pixels: `images`, uint8 `[1797, 8, 8]` from 0 to 16,
and `labels`, uint8 `[1797]`. They come from scikit-learn, which has them from the UCI Machine
Learning Repository: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, 1998,
<https://doi.org/10.24432/C50P49>, CC BY 4.0. Nothing was changed but the format.
`python -m training digits` made it.
"""


def write(folder: Path, root: Path) -> Path:
    """Write `digits.npz`, the digits of the wheel, and return its path.

    Args:
        folder: where it goes.
        root: for the wheel.
    """
    version = textures.TEXTURES["flower"]["version"]
    with zipfile.ZipFile(textures.wheel(f"scikit-learn=={version}", root)) as archive:
        text = gzip.decompress(archive.read(FILE)).decode()
    rows = np.loadtxt(io.StringIO(text), delimiter=",").astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "digits.npz"
    np.savez_compressed(path, images=rows[:, :-1].reshape(-1, 8, 8), labels=rows[:, -1])
    return path
