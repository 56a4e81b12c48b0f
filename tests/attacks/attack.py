"""What an attack is: a submission, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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

Notebook = dict[str, Any]


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
    """

    body: str = RIGHT
    before: str = ""
    points: float = EACH
    says: str = ""
    change: Callable[[Notebook], None] | None = None
    pack: Callable[[bytes], dict[str, bytes]] | None = None

    @property
    def cells(self) -> list[str]:
        """The code cells."""
        lines = "".join(f"    {line}\n" for line in self.body.strip("\n").splitlines())
        imports = "import os\nimport sys\n\nimport torch\n"
        return [imports, f"{self.before.strip()}\n\n\n{HEAD}{lines}", BLUR]

    @property
    def notebook(self) -> Notebook:
        """As Jupyter writes it."""
        code = {"cell_type": "code", "outputs": [], "execution_count": None, "metadata": {}}
        cells: list[dict[str, Any]] = [
            {"cell_type": "markdown", "metadata": {}, "source": "# Noise"},
            *({**code, "source": source} for source in self.cells),
        ]
        content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        if self.change is not None:
            self.change(content)
        return content


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
