"""Read and write references: the expected values, and those of the known mistakes.

There's one file per exercise, `<exercise>.safetensors`, with the expected values,
`expected/<case>`, and sketches: `mistakes` of what each known mistake returns, `slips` of what the
solution returns with one thing wrong, `asked` of what it asks its stand-ins about. Their names and
sentences, and how the solution answers each probe, are in the file's metadata.
`manifest.json` next to them records the versions and the seed they were made with, and their
hashes.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from pset.checks.watching import Query
from pset.files import write_whole

MANIFEST = "manifest.json"
ABOUT = "about"
NONE = torch.empty(0, 0, 0)


@dataclass(frozen=True)
class Slip:
    """The solution with one thing wrong: in its code, or in its arguments.

    Args:
        key: names the change.
        says: what a student reads whose answer is the same.
        sketches: of its answers, one for each case, `[32]` each.
    """

    key: str
    says: str
    sketches: list[torch.Tensor]


@dataclass(frozen=True)
class References:
    """What a check's answers are compared with.

    Args:
        expected: the right answer to each case.
        mistakes: key → a sketch of what that known mistake returns, for each case.
        slips: what the solution returns with one thing wrong.
        readings: a probe's key → case → the number that it reads off the solution.
        asked: case → what the solution asks of its stand-ins.
    """

    expected: list[torch.Tensor]
    mistakes: dict[str, list[torch.Tensor]]
    slips: tuple[Slip, ...] = ()
    readings: dict[str, dict[int, float]] = field(default_factory=dict)
    asked: dict[int, list[Query]] = field(default_factory=dict)


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
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {}).get(ABOUT, "{}"))
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged ({error}). Reinstall the package, or run `make references`."
        ) from error
    mistakes = tensors.pop("mistakes", NONE)
    slips = tensors.pop("slips", NONE)
    asked = tensors.pop("asked", NONE)
    return References(
        [tensors[f"expected/{k}"] for k in range(len(tensors))],
        {key: list(rows) for key, rows in zip(about.get("mistakes", []), mistakes, strict=True)},
        tuple(
            Slip(key, says, list(rows))
            for (key, says), rows in zip(about.get("slips", []), slips, strict=True)
        ),
        {
            key: {int(case): number for case, number in numbers.items()}
            for key, numbers in about.get("readings", {}).items()
        },
        {
            int(case): [
                Query(who, numbers, {name: asked[k] for name, k in places.items()})
                for who, numbers, places in those
            ]
            for case, those in about.get("asked", {}).items()
        },
    )


def save_references(folder: Path, exercise: str, references: References) -> str:
    """Write one exercise's references atomically. Returns the file's sha256."""
    tensors = {f"expected/{k}": v.contiguous() for k, v in enumerate(references.expected)}
    about = {
        "mistakes": list(references.mistakes),
        "slips": [[slip.key, slip.says] for slip in references.slips],
        "readings": references.readings,
    }
    about["asked"], sketches = _without_repeats(references.asked)
    if sketches:
        tensors["asked"] = torch.stack(sketches)
    if references.mistakes:
        rows = [torch.stack(sketches) for sketches in references.mistakes.values()]
        tensors["mistakes"] = torch.stack(rows)
    if references.slips:
        tensors["slips"] = torch.stack([torch.stack(slip.sketches) for slip in references.slips])
    # One entry: several would be written in an order of chance, and the bytes would differ.
    data = save(tensors, metadata={ABOUT: json.dumps(about, ensure_ascii=False, sort_keys=True)})
    write_whole(folder / f"{exercise}.safetensors", data)
    return hashlib.sha256(data).hexdigest()


def _without_repeats(
    asked: dict[int, list[Query]],
) -> tuple[dict[int, list[list[Any]]], list[torch.Tensor]]:
    """Queries with places in place of sketches, and the sketches: a prompt's comes again often."""
    sketches: list[torch.Tensor] = []
    places: dict[bytes, int] = {}

    def place(sketch: torch.Tensor) -> int:
        found = places.setdefault(sketch.numpy().tobytes(), len(sketches))
        if found == len(sketches):
            sketches.append(sketch)
        return found

    return {
        case: [
            [query.who, query.numbers, {name: place(s) for name, s in query.sketches.items()}]
            for query in those
        ]
        for case, those in asked.items()
    }, sketches


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder of references; empty if there isn't one yet."""
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, with sorted keys."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(folder / MANIFEST, text.encode())
