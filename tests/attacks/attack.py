"""What an attack is: a submission, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.instructor_notebook import SCHEMA_VERSION, grade_id

HEAD = "def forward(im, t, alphas_cumprod, noise):\n"
RIGHT = "return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise"
WRONG = "return im"
EACH = 10.0
"""Points of each of the two exercises of these submissions, 1.1 `forward` and 1.2 the blur."""

BLUR = """\
def gaussian_denoise(x_t, t):
    radius = 6
    d = torch.arange(-radius, radius + 1.0)
    w = torch.exp(-(d**2) / (2 * (1 + t / 500) ** 2))
    w = (w / w.sum()).expand(3, 1, 1, -1)
    padded = torch.nn.functional.pad(x_t, (radius,) * 4, mode="replicate")
    rows = torch.nn.functional.conv2d(padded, w, groups=3)
    return torch.nn.functional.conv2d(rows, w.transpose(2, 3), groups=3)
"""
"""The honest half of every attack."""

IMPORTS = "import os\nimport sys\n\nimport torch\n\nfrom pset import check\n"

Notebook = dict[str, Any]


def code_cell(source: str, role: str = "", exercise: str = "") -> Notebook:
    """One cell; an exercise's and a check's with the metadata of the released notebook."""
    cell = {"cell_type": "code", "outputs": [], "execution_count": None, "source": source}
    if not role:
        return {**cell, "metadata": {}}
    metadata: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "grade_id": grade_id(role, exercise),
        "grade": role == "check",
        "solution": role == "exercise",
        "locked": role == "check",
        "task": False,
    }
    if role == "check":
        metadata["points"] = EACH
    return {**cell, "metadata": {"nbgrader": metadata}}


@dataclass(frozen=True)
class Attack:
    """One submission.

    Args:
        body: of `forward`. Words such as @SECRET@ stand for places that only the strongest
            attacker would know; see `arena.Arena.places`.
        before: what comes before `forward` in its cell.
        points: that the honest code in it earns.
        says: words that the verdict on `forward` holds.
        change: tampers with the notebook.
        pack: notebook's bytes → the files that are handed in instead.
        beside: makes what lies beside the notebook, given its folder and the places.
    """

    body: str = RIGHT
    before: str = ""
    points: float = EACH
    says: str = ""
    change: Callable[[Notebook], None] | None = None
    pack: Callable[[bytes], dict[str, bytes]] | None = None
    beside: Callable[[Path, Mapping[str, str]], None] | None = None

    @property
    def forward(self) -> str:
        """The cell that holds the attack."""
        lines = "".join(f"    {line}\n" for line in self.body.strip("\n").splitlines())
        return f"{self.before.strip()}\n\n\n{HEAD}{lines}"

    def notebook(self, *more: Notebook) -> Notebook:
        """As Jupyter writes it, with the cells that nbgrader knows by their metadata.

        Args:
            more: cells at the end, before anything is tampered with.
        """
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": "# Noise"},
            code_cell(IMPORTS),
            code_cell(self.forward, "exercise", "1.1"),
            code_cell('check("1.1")', "check", "1.1"),
            code_cell(BLUR, "exercise", "1.2"),
            code_cell('check("1.2")', "check", "1.2"),
            *more,
        ]
        python = {"display_name": "Python 3", "language": "python", "name": "python3"}
        metadata = {"kernelspec": python}
        content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
        if self.change is not None:
            self.change(content)
        return content


def at_once(*statements: str) -> str:
    """What comes before `forward`, and is done as it is defined: a decorator that does it."""
    body = "\n".join(statements).strip("\n").splitlines()
    lines = "".join(f"    {line}\n" for line in body)
    return f"def at_once(function):\n{lines}    return function\n\n\n@at_once"


def trying(*attempts: str, then: str = RIGHT) -> str:
    """A body that tries one statement after another, whatever becomes of each."""
    lines = []
    for attempt in attempts:
        lines += ["try:", *(f"    {line}" for line in attempt.strip("\n").splitlines())]
        lines += ["except Exception:", "    pass"]
    return "\n".join([*lines, then])


def telling(expression: str) -> str:
    """A body that gets words out by the only way there is: as an error."""
    return f"raise ValueError({expression})"
