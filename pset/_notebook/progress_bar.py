"""A progress bar for a loop, shown only if the loop takes more than a second.

In a notebook the bar is plain text in an output of its own, which is emptied when the loop is
done: nothing of it stays in the saved notebook, and it needs no widgets.
"""

import os
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from tqdm.std import tqdm

from pset._notebook.in_notebook import in_notebook

Item = TypeVar("Item")

DELAY = 1  # seconds; shorter loops show nothing


def progress(items: Collection[Item], what: str) -> Iterable[Item]:
    """Go through `items` and show how far it is.

    There is no bar where `PSET_FIGURES` asks for figures: nobody looks, and it would stand in the
    way of an error.

    Args:
        items: what the loop goes through.
        what: a word or two for what is going on, such as "denoising".
    """
    return tqdm(
        items,
        desc=what,
        leave=False,
        delay=DELAY,
        disable="PSET_FIGURES" in os.environ,
        file=_CellOutput() if in_notebook() else None,
        ncols=72 if in_notebook() else None,
    )


class _CellOutput:
    """Looks like a file to tqdm; shows the line that was last written to it below the cell."""

    def __init__(self) -> None:
        self.handle: Any = None

    def write(self, text: str) -> None:
        line = text.replace("\r", "").rstrip()
        if self.handle is None:
            from IPython.display import DisplayHandle

            self.handle = DisplayHandle()
            self.handle.display(_as_output(line), raw=True)
        else:
            self.handle.update(_as_output(line), raw=True)

    def flush(self) -> None:
        """Nothing is held back."""


def _as_output(line: str) -> dict[str, str]:
    return {"text/plain": line} if line else {}
