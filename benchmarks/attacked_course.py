"""An nbgrader course for the attacks to be handed in to: exercises 1.1 and 1.2, and one that is
checked as most courses do it, by an assert on a fixed input.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.nbgrader_course import write_nbgrader_course
from autograder.course.references import write_references
from autograder.course.release import to_bytes
from autograder.course.secret import find_secret
from autograder.demo.samples import hand_in
from autograder.paths import ROOT
from benchmarks.attacking_submission import ASSIGNMENT, asserting_cell, submission
from tests.attacks.attack import IMPORTS, Attack, Notebook

KEPT = ("exercise-1-1", "check-1-1", "exercise-1-2", "check-1-2")
TIMEOUT = 60
"""Seconds that nbgrader gives a cell: enough for these, and bombs do not hold up the rest."""

ASSERTS = """\
im = torch.linspace(-1, 1, 192).reshape(1, 3, 8, 8)
noise = im.flip(-1).sin()
alphas_cumprod = torch.linspace(0.999, 0.001, 1000)
### BEGIN HIDDEN TESTS
a = alphas_cumprod[300]
assert torch.allclose(
    forward(im, 300, alphas_cumprod, noise), a.sqrt() * im + (1 - a).sqrt() * noise, atol=1e-5
)
### END HIDDEN TESTS
"""


def make_course(folder: Path) -> None:
    """Write the course, its hidden references, and a checkout for students to import from.

    Args:
        folder: gets `course/`, with one student graded, `hidden/` and `checkout/`.
    """
    course = folder / "course"
    write_nbgrader_course(course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.Execute.timeout = {TIMEOUT}\n")
    for path in (course / "source").iterdir():
        notebook = path / f"{path.name}.ipynb"
        if path.name == ASSIGNMENT:
            notebook.write_bytes(to_bytes(_shortened(nbformat.read(notebook, as_version=4))))
    secret = find_secret(None, folder)
    write_references(folder / "hidden", secret.seed, exercises=("1.1", "1.2"))
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in ("pset", "autograder", "solutions", "assets", "course.toml"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(checkout)], check=True)
    _nbgrader(course, "generate_assignment", ASSIGNMENT)
    hand_in(course / "submitted", "neighbour", ASSIGNMENT, as_notebook(submission(Attack())))
    _nbgrader(course, "autograde", ASSIGNMENT)
    (course / "submitted").chmod(0o777)  # whoever watches is not nbgrader's user


def as_notebook(content: Notebook) -> NotebookNode:
    """Plain data as nbformat has it."""
    return nbformat.from_dict(content)


def _shortened(notebook: NotebookNode) -> NotebookNode:
    """Two of its exercises, and the one with asserts."""
    cells = [cell for cell in notebook.cells if cell.id in KEPT]
    notebook.cells = [
        nbformat.v4.new_code_cell(IMPORTS),
        *cells,
        nbformat.v4.new_code_cell(ASSERTS, metadata=asserting_cell(ASSERTS)["metadata"]),
    ]
    return notebook


def _nbgrader(course: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=course, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader {arguments[0]} failed:\n{done.stdout}{done.stderr}")
