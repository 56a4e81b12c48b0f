"""Write instruction pairs as a data set, under the names that InstructPix2Pix's own set has.

Hugging Face's `datasets` opens the folder, and isn't needed to write it:

    datasets.load_dataset("imagefolder", data_dir="instruction_pairs")
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from pset.files import write_whole
from pset.images import to_pil


class Pair(NamedTuple):
    """A caption, an instruction, and the caption of what the instruction leads to.

    The names are those of the columns in InstructPix2Pix's set (Brooks et al. 2023).
    """

    original_prompt: str
    edit_prompt: str
    edited_prompt: str


def save_pairs(
    folder: str | Path, pairs: Sequence[Pair], before: torch.Tensor, after: torch.Tensor
) -> Path:
    """Write pictures as PNG, and a line for each pair in `metadata.jsonl`.

    The columns are `original_prompt`, `original_image`, `edit_prompt`, `edited_prompt` and
    `edited_image`. Pictures that an earlier call has written are deleted.

    Args:
        folder: made if it isn't there.
        pairs: N of them.
        before, after: their pictures, `[N, 3, H, W]` in [-1, 1].

    Returns:
        The folder.

    Raises:
        ValueError: the numbers of pairs and pictures differ.
    """
    if not len(pairs) == len(before) == len(after):
        raise ValueError(
            f"There are {len(pairs)} pairs, {len(before)} original pictures and {len(after)} "
            "edited ones. Each pair needs one of both."
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*_original.png"), *folder.glob("*_edited.png")):
        old.unlink()
    lines = []
    for number, (pair, *images) in enumerate(zip(pairs, before, after, strict=True)):
        row = pair._asdict()
        for name, image in zip(("original", "edited"), images, strict=True):
            file_name = f"{number:06}_{name}.png"
            to_pil(image).save(folder / file_name)
            row[f"{name}_image_file_name"] = file_name  # becomes a column of pictures, …_image
        lines.append(json.dumps(row) + "\n")
    write_whole(folder / "metadata.jsonl", "".join(lines).encode())
    return folder
