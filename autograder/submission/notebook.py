"""A submitted notebook as plain, bounded data, since it comes out of the sandbox."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_BYTES = 200 << 20
"""Even a notebook full of pictures stays below this."""
MAX_CELLS = 2000
MAX_CODE = 4 << 20
"""Characters of code and answers in a notebook."""
MAX_ANSWER_CODE = 10_000
"""Characters that are kept of the code of one answer."""
MAX_NOTES = 50
MAX_NOTE = 500

UNTOUCHED = "YOUR ANSWER HERE"
"""nbgrader's placeholder for an answer."""

TOO_LARGE = (
    "Clear the outputs (in Jupyter: Kernel → Restart and Clear Outputs; in Colab: Edit → Clear all "
    "outputs), save it, and hand it in again."
)

Note = Annotated[str, StringConstraints(max_length=MAX_NOTE)]


class Unreadable(Exception):
    """A submission can't be graded; the message says what the student should do."""


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Notebook(_Plain):
    """A notebook as the grader needs it.

    Args:
        code: the code cells, in order.
        title: its first heading, to recognise a wrong notebook.
        answers: nbgrader's grade_id → text, for markdown cells that have one.
        notes: on what was odd about the file.
    """

    code: list[str] = Field(max_length=MAX_CELLS)
    title: str = Field(default="", max_length=100)
    answers: dict[str, str] = {}
    notes: list[Note] = Field(default=[], max_length=MAX_NOTES)


class Output(_Plain):
    """One output of a cell: text, or the number of a picture in this notebook."""

    text: str = ""
    picture: int | None = None


class Cell(_Plain):
    """A cell as a person will see it, with its outputs; long ones are truncated."""

    is_code: bool
    source: str
    grade_id: str = ""
    outputs: list[Output] = []
