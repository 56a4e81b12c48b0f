"""`with pset.your_code():` around a figure that needs functions which may still be unwritten.

"Run all" stops at the first exception. A figure of something that is not written yet is no reason
to stop, so these two become a line of text, and the cells below run:

- the `NotImplementedError` that an exercise raises until it is written;
- a name that the block itself uses and that no cell has set, such as the picture of a figure
  further up that was skipped for the first reason.

Any other exception, such as an error inside a written function, is shown with its traceback, and
the notebook goes on to the check below, which says more. Outside a notebook it's raised as ever.
"""

import sys
from types import TracebackType

from pset._notebook.in_notebook import in_notebook


class your_code:
    """A block that uses the reader's functions, and that waits for them to be written."""

    def __enter__(self) -> None:
        self.open_before = set(_open_figures())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is None or trace is None:
            return False
        missing = what_is_missing(error, trace)
        is_shown = missing is None and isinstance(error, Exception) and in_notebook()
        if missing is None and not is_shown:
            return False
        for number in set(_open_figures()) - self.open_before:
            sys.modules["matplotlib.pyplot"].close(number)  # or its empty axes are shown
        if is_shown:
            _show_traceback(error, trace)
        else:
            print(f"Nothing to show yet: {missing}")
        return True


def what_is_missing(error: BaseException, trace: TracebackType) -> str | None:
    """Say what the block is waiting for; None if `error` is an error and not something missing."""
    block = trace.tb_frame.f_code
    while trace.tb_next is not None:
        trace = trace.tb_next
    origin = trace.tb_frame.f_code
    # With a message it is torch's, about an operation that a device lacks.
    if isinstance(error, NotImplementedError) and not error.args:
        return f"you haven't implemented `{origin.co_name}` yet."
    # A comprehension has a frame of its own in Python 3.11; its name is in angle brackets.
    in_the_block = origin.co_filename == block.co_filename and origin.co_name.startswith("<")
    if isinstance(error, NameError) and in_the_block:
        return f"`{error.name}` is defined in a cell above. Finish and run that one first."
    return None


def _show_traceback(error: BaseException, trace: TracebackType) -> None:
    """As Jupyter shows an exception that ends a cell, from the cell's own line on."""
    from IPython import get_ipython

    get_ipython().showtraceback((type(error), error, trace), tb_offset=0)


def _open_figures() -> list[int]:
    """The numbers of pyplot's open figures, without importing it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot.get_fignums() if pyplot else []
