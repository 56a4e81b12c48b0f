"""A progress bar for loops that take more than a second.

In a notebook, the bar is plain text in an output of its own, which is cleared at the end. So it
needs no widgets, and leaves nothing behind in the saved notebook.
"""

import os
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from tqdm.std import tqdm

from pset._notebook.in_notebook import in_notebook

Item = TypeVar("Item")

DELAY = 1  # seconds; shorter loops show nothing


def progress(items: Collection[Item], what: str) -> Iterable[Item]:
    """Iterate over `items` with a progress bar.

    While figures are drawn (`PSET_FIGURES` is set) there's no bar: nobody's watching, and it would
    hide error messages.

    Args:
        items: what the loop iterates over.
        what: a label for the bar, such as "denoising".
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
    """A file-like object for tqdm that shows the last line written to it below the cell."""

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
        """Nothing is buffered."""


def _as_output(line: str) -> dict[str, str]:
    return {"text/plain": line} if line else {}
