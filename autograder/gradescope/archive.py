"""Build autograder.zip, from which Gradescope builds an image."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course.libraries import Libraries
from autograder.course.secret import Secret
from autograder.course.solution import Solution
from autograder.files.private import write_private
from autograder.gradescope.packed import FILE, FOLDER, Packed
from autograder.grading.assignment import Assignment
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS

PACKAGES = (
    "torch",
    "diffusers",
    "transformers",
    "accelerate",
    "safetensors",
    "sentencepiece",
    "protobuf",
    "numpy",
    "pillow",
    "matplotlib",
    "tqdm",
    # Other libraries that students may import, as in Colab; plus those in course.toml.
    "ipython",
    # The grader.
    "jinja2",
    "jupytext",
    "nbformat",
    "pydantic",
    "py-landlock",
    "pyseccomp",
    "rich",
)
"""Packages installed in the image, at the versions in constraints.txt."""

CARRIED = (
    "pset",
    "autograder",
    "assets/images",
    "assets/pocket-if/stage-1",
    "assets/pocket-if/stage-2",
    "course.toml",
)
"""Parts of the checkout that go in. Not the solutions: only what they return, and unreadable."""

SCRIPTS = ("setup.sh", "run_autograder")
SPARE = 45
"""Seconds between the end of grading and Gradescope's time-out; the container starts slowly."""

YEAR = (2020, 1, 1, 0, 0, 0)
"""The date of every file in the archive, so that the same contents give the same bytes."""


def make_archive(
    solution: Solution,
    secret: Secret,
    out: Path,
    minutes: float = 10,
    trusted: bool = False,
    torch_index: str | None = None,
) -> Path:
    """Write the archive for one assignment.

    Args:
        solution: of the assignment; only what it returns on the hidden inputs goes in.
        secret: from which the hidden inputs are generated.
        out: the file.
        minutes: Gradescope's time-out for this assignment.
        trusted: grade even if student code can't be isolated.
        torch_index: address of a package index with the CPU build of torch, several gigabytes
            smaller; None for pip's default.

    Raises:
        CommandError: a solution fails, or a known mistake can't be told apart from it.
    """
    assignment = Assignment.prepare(solution, secret)
    packed = Packed(
        name=solution.assignment,
        exercises=assignment.exercises,
        questions=assignment.questions,
        seed=secret.seed,
        key=assignment.key,
        trusted=trusted,
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, data: bytes, rights: int = 0o644) -> None:
            entry = zipfile.ZipInfo(name, YEAR)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | rights) << 16
            archive.writestr(entry, data)

        for name in SCRIPTS:
            add(name, Path(__file__).with_name(name).read_bytes(), 0o755)
        index = [f"--extra-index-url {torch_index}"] if torch_index else []
        lines = [*index, *dict.fromkeys([*PACKAGES, *Libraries.installed().allowed.values()])]
        add("requirements.txt", "".join(f"{line}\n" for line in lines).encode())
        add("constraints.txt", (ROOT / "constraints.txt").read_bytes())
        for path in _carried():
            add(path.relative_to(ROOT).as_posix(), path.read_bytes())
        add(f"{FOLDER}/{FILE}", packed.model_dump_json(indent=2).encode(), 0o600)
        add(f"{FOLDER}/seconds", f"{max(60, round(60 * minutes) - SPARE)}\n".encode())
        for exercise in solution.exercises:
            if ALL_CHECKS[exercise].properties is None:
                references = secret.cache / f"{exercise}.safetensors"
                add(f"{FOLDER}/{references.name}", references.read_bytes(), 0o600)
    write_private(out, content.getvalue())
    return out


def _carried() -> Iterator[Path]:
    for name in CARRIED:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                yield file
