"""What the grader and the process that reads a file say to each other.

A question is JSON with the file's bytes behind it; an answer is JSON, or a picture's pixels behind
it. Both are read without trust in what a stranger's file may have done to the process.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from autograder.sandbox.frames import ProtocolError
from autograder.submission.notebook import MAX_ANSWER_CODE, Cell, Notebook

MAX_REQUEST_JSON = 64 << 10
MAX_DESCRIPTION = 64 << 20
"""Bytes of JSON: twelve million characters at most, of up to six bytes each where escaped."""
MAX_WIDTH = 2000
MAX_PIXELS_BYTES = MAX_WIDTH * 4 * MAX_WIDTH * 3

AnswerCode = Annotated[str, StringConstraints(max_length=MAX_ANSWER_CODE)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class FileRequest(_Message):
    """What the grader wants to know of a file.

    Args:
        ask: first "open", with the file's bytes; then any of the others.
        name: of the file.
        functions: whose code, for "answers".
        picture, width: which picture, and how wide it may be.
    """

    ask: Literal["open", "notebook", "suspicions", "answers", "cells", "picture"]
    name: str = ""
    functions: list[str] = []
    picture: int = 0
    width: int = 0


class FileReply(_Message):
    """What is in it.

    Args:
        unreadable: why it cannot be graded, if so.
        notebook, suspicions, cells: as asked for.
        answers: function → its code.
        size: width and height of a picture, whose pixels follow; None where it cannot be read.
    """

    unreadable: str = ""
    notebook: Notebook | None = None
    suspicions: list[str] = []
    answers: dict[str, AnswerCode] = {}
    cells: list[Cell] = []
    size: tuple[int, int] | None = None


def read_answer(text: bytes) -> FileReply:
    """Validate an answer.

    Raises:
        ProtocolError: it is none.
    """
    try:
        return FileReply.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError("an answer that is none") from error


def read_pixels(text: bytes, data: bytes, width: int) -> tuple[tuple[int, int], bytes] | None:
    """The size and the RGB pixels of a picture; None where it could not be read.

    Raises:
        ProtocolError: there are not as many pixels as the size says, or too many.
    """
    size = read_answer(text).size
    if size is None:
        return None
    if not (0 < size[0] <= width and 0 < size[1] <= 4 * width):
        raise ProtocolError("a picture of another size")
    if len(data) != size[0] * size[1] * 3:
        raise ProtocolError("a picture with other than its pixels")
    return size, data
