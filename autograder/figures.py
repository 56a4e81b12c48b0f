"""Regenerate every figure of the notebooks: run the solutions, keep what they publish."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pset
from autograder.errors import CannotGoOn
from autograder.references import hash_of_folder
from autograder.solution import ROOT, Solution, read_solutions
from pset.assets import assets_dir
from pset.checks.references import read_manifest, write_manifest, write_whole

FIGURES = ROOT / "assets" / "figures"

Progress = Callable[[str, int, int], None]
"""Told an assignment, the number of cells that have been run, and that of all cells."""


def draw_figures(
    folder: Path = FIGURES,
    model: str = "pocket",
    again: bool = False,
    progress: Progress = lambda assignment, done, of: None,
    only: Collection[str] | None = None,
) -> dict[str, list[Path]]:
    """Bring the figures in `folder` up to date: `<folder>/<assignment>/<name>.png`.

    An assignment is drawn again if its cells, the package or the model have changed, or a picture
    is not the one that was written.

    Args:
        folder: where they go; those of another model than the pocket one, into a folder in it.
        model: as `pset.load_model` takes it.
        again: draw all, changed or not.
        progress: called after each cell.
        only: these assignments; all, if None.

    Returns:
        Assignment → its pictures, by name.

    Raises:
        CannotGoOn: a cell raises.
    """
    if model != "pocket":
        folder = folder / model.strip("/").replace("/", "_")
    drawn = {}
    for name, solution in read_solutions().items():
        if only is not None and name not in only:
            continue
        inputs = _hash_of_inputs(solution, model)
        manifest = read_manifest(folder)
        about = manifest.get(name, {})
        if again or about.get("inputs") != inputs or not _as_written(folder / name, about):
            files = _draw(solution, folder / name, model, progress)
            write_manifest(folder, manifest | {name: {"inputs": inputs, "files": files}})
        drawn[name] = sorted((folder / name).glob("*.png"))
    return drawn


def _draw(solution: Solution, folder: Path, model: str, progress: Progress) -> dict[str, str]:
    """Run one solution in a process of its own, and replace the pictures in `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {
            "PSET_FIGURES": scratch,
            "PSET_MODEL": model,
            "MPLBACKEND": "Agg",
            "PYTHONPATH": str(ROOT),
        }
        # What one notebook keeps in `pictures/`, a later one reads.
        workplace = ROOT / "build" / "drawing"
        workplace.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.draw", str(solution.source.path)],
            cwd=workplace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                progress(solution.assignment, *json.loads(line))
            errors = process.stderr.read()
        if process.returncode:
            raise CannotGoOn(errors.strip().splitlines()[-1] if errors else "Drawing failed.")
        pictures = {path.name: path.read_bytes() for path in sorted(Path(scratch).glob("*.png"))}
    if folder.is_dir():
        shutil.rmtree(folder)
    for name, data in pictures.items():
        write_whole(folder / name, data)
    return {name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()}


def _as_written(folder: Path, about: dict[str, Any]) -> bool:
    there = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.png")}
    return there == about.get("files")


def _hash_of_inputs(solution: Solution, model: str) -> str:
    digest = hashlib.sha256(model.encode())
    for cell in solution.source.cells:
        if cell.kind == "code" and cell.role != "check":
            digest.update(cell.text.encode())
    package = Path(pset.__file__).parent
    for path in sorted(package.glob("*.py")):  # not its checks: no figure uses them
        digest.update(path.read_bytes())
    weights = assets_dir() / "pocket-if" if model == "pocket" else Path(model)
    for inputs in (assets_dir() / "images", weights):
        digest.update(hash_of_folder(inputs).encode() if inputs.is_dir() else b"")
    return digest.hexdigest()
