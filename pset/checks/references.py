"""Read and write references: the expected values, and those of the known mistakes.

There's one file per exercise, `<exercise>.safetensors`, with tensors `expected/<case>` and
`mistake/<key>/<case>`. `manifest.json` next to them records the versions and the seed they were
made with, and their hashes.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from pset.files import write_whole

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class References:
    """The expected tensor for each case, and what each known mistake returns instead."""

    expected: list[torch.Tensor]
    mistakes: dict[str, list[torch.Tensor]]


def load_references(folder: Path, exercise: str) -> References:
    """Read one exercise's references.

    Raises:
        FileNotFoundError: there are none; says how to make them.
        ValueError: the file is damaged.
    """
    path = folder / f"{exercise}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(
            f"There are no references for exercise {exercise} in {folder}. Run `make references` "
            "to make them."
        )
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged ({error}). Reinstall the package, or run `make references`."
        ) from error
    expected: dict[int, torch.Tensor] = {}
    mistakes: dict[str, dict[int, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        *kind, index = name.split("/")
        if kind == ["expected"]:
            expected[int(index)] = tensor
        else:
            mistakes.setdefault(kind[1], {})[int(index)] = tensor
    return References(
        [expected[k] for k in sorted(expected)],
        {key: [values[k] for k in sorted(values)] for key, values in sorted(mistakes.items())},
    )


def save_references(folder: Path, exercise: str, references: References) -> str:
    """Write one exercise's references atomically. Returns the file's sha256."""
    tensors = {f"expected/{k}": v.contiguous() for k, v in enumerate(references.expected)}
    for key, values in references.mistakes.items():
        tensors |= {f"mistake/{key}/{k}": v.contiguous() for k, v in enumerate(values)}
    data = save(tensors)
    write_whole(folder / f"{exercise}.safetensors", data)
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder of references; empty if there isn't one yet."""
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, with sorted keys."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(folder / MANIFEST, text.encode())
