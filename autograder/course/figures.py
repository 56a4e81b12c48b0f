"""Draw the notebooks' figures by running the solutions and saving what they publish."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, Any

from autograder.course.dependencies import Module, hashes_behind
from autograder.course.references import hash_of_folder
from autograder.course.solution import Solution, read_solutions
from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.assets import assets_dir
from pset.checks.references import read_manifest, write_manifest
from pset.files import write_whole

FIGURES = ROOT / "assets" / "figures"

Progress = Callable[[str, int, int], None]
"""Called with an assignment, the number of cells run, and the number of cells in total."""


def draw_figures(
    folder: Path = FIGURES,
    model: str = "pocket",
    again: bool = False,
    progress: Progress = lambda assignment, done, of: None,
    only: Collection[str] | None = None,
) -> dict[str, list[Path]]:
    """Bring the figures in `folder` up to date: `<folder>/<assignment>/<name>.png`.

    An assignment is drawn again if its cells, what they use of the package, or the model have
    changed, or if a picture has been modified. Pictures that a notebook saves for later ones are
    kept in `<folder>/<assignment>/pictures/`, and count as inputs of the notebooks that read them.

    Args:
        folder: where to write them; a model other than the pocket one gets a folder in it.
        model: as `pset.load_model` takes it.
        again: draw all, changed or not.
        progress: called after each cell.
        only: these assignments; all, if None.

    Returns:
        Assignment → its pictures, by name.

    Raises:
        CommandError: a cell raises.
    """
    if Path(model).expanduser().is_dir():  # it's drawn from another folder
        model = str(Path(model).expanduser().resolve())
    if model != "pocket":
        folder = folder / model.strip("/").replace("/", "_")
    drawn = {}
    for name, solution in read_solutions().items():
        if only is not None and name not in only:
            continue
        inputs = inputs_of(solution, model, folder)
        manifest = read_manifest(folder)
        about = manifest.get(name, {})
        if again or about.get("inputs") != inputs or not _as_written(folder / name, about):
            files = _draw(solution, folder / name, model, progress)
            write_manifest(folder, manifest | {name: {"inputs": inputs, "files": files}})
        drawn[name] = sorted((folder / name).glob("*.png"))
    return drawn


def _draw(solution: Solution, folder: Path, model: str, progress: Progress) -> dict[str, str]:
    """Run one solution in a separate process, and replace the pictures in `folder`."""
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile("w+") as errors:
        drawn, workplace = Path(scratch, "drawn"), Path(scratch, "workplace")
        given = _kept_by_others(folder)
        for name, data in given.items():
            write_whole(workplace / "pictures" / name, data)
        workplace.mkdir(exist_ok=True)
        environment = os.environ | {
            "PSET_FIGURES": str(drawn),
            "PSET_MODEL": model,
            "MPLBACKEND": "Agg",
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.course.draw", str(solution.source.path)],
            cwd=workplace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        failed = None
        with process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    said = json.loads(line)
                    failed = said.get("failed")
                    if failed is None:
                        progress(solution.assignment, said["done"], said["of"])
            except BaseException:
                process.terminate()  # or it would go on, and `with` would wait for it
                raise
        if process.returncode or failed:
            raise CommandError(failed or _last_words(solution, process.returncode, errors))
        pictures = {path.name: path.read_bytes() for path in sorted(drawn.glob("*.png"))}
        for path in sorted(workplace.glob("pictures/*.png")):
            if given.get(path.name) != path.read_bytes():
                pictures[f"pictures/{path.name}"] = path.read_bytes()
    if folder.is_dir():
        shutil.rmtree(folder)
    for name, data in pictures.items():
        write_whole(folder / name, data)
    return {name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()}


def _last_words(solution: Solution, code: int, errors: IO[str]) -> str:
    """For a process that ended without saying why: killed, or out of memory."""
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    return (
        f"Drawing {solution.assignment} ended with exit code {code} before it was done. The last "
        f"line on stderr: {lines[-1] if lines else '(none)'}"
    )


def _kept_by_others(folder: Path) -> dict[str, bytes]:
    """The pictures that the other assignments have kept for later ones, by file name."""
    paths = sorted(folder.parent.glob("*/pictures/*.png"))
    return {path.name: path.read_bytes() for path in paths if path.parent.parent != folder}


def _as_written(folder: Path, about: dict[str, Any]) -> bool:
    there = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for pattern in ("*.png", "pictures/*.png")
        for p in folder.glob(pattern)
    }
    return there == about.get("files")


def inputs_of(solution: Solution, model: str, folder: Path) -> dict[str, str]:
    """Everything that an assignment's figures in `folder` are made from, by name, with hashes."""
    code = hashlib.sha256()
    cells = [c for c in solution.source.cells if c.kind == "code" and c.role != "check"]
    for cell in cells:
        code.update(cell.text.encode())
    home = Module("cells", "\n\n".join(cell.text for cell in cells))
    used = hashes_behind([(home, home.statements)])
    package = hashlib.sha256(json.dumps(used, sort_keys=True).encode())
    small = {}
    if "pset/small_pictures.py" in used:
        small["assets/small"] = hash_of_folder(assets_dir() / "small")
    weights = assets_dir() / "pocket-if" if model == "pocket" else Path(model)
    path = solution.source.path
    earlier = {}
    if any('Path("pictures")' in cell.text for cell in cells):
        kept = hashlib.sha256()
        for name, data in _kept_by_others(folder / solution.assignment).items():
            kept.update(name.encode() + hashlib.sha256(data).digest())
        earlier["pictures of the other notebooks"] = kept.hexdigest()[:16]
    return (
        earlier
        | small
        | {
            "model": model,
            f"{path.parent.name}/{path.name}": code.hexdigest()[:16],
            "pset": package.hexdigest()[:16],
            "assets/images": hash_of_folder(assets_dir() / "images"),
        }
        | {
            f"assets/{part.relative_to(weights.parent).as_posix()}": hash_of_folder(part)
            for part in _parts_used(weights, "\n".join(cell.text for cell in cells))
        }
    )


PARTS = {"stage-2": "stage_2", "editor": "load_editor"}
"""Folders of a model's weights that only those notebooks use which mention this."""


def _parts_used(weights: Path, code: str) -> list[Path]:
    """The folders of a model's weights, but for those that the code never mentions."""
    if not weights.is_dir():
        return []
    if not (weights / "stage-1").is_dir():
        return [weights]
    there = sorted(part for part in weights.iterdir() if part.is_dir())
    return [part for part in there if PARTS.get(part.name, "") in code]
