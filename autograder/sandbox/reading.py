"""Read submitted files in the sandbox: a file goes in, plain data comes out."""

import time
from collections.abc import Sequence

from PIL import Image

from autograder.sandbox.closing import Closing
from autograder.sandbox.conversation import Broken, Conversation
from autograder.sandbox.launcher import READ, Launcher
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.reading_protocol import (
    MAX_DESCRIPTION,
    MAX_PIXELS_BYTES,
    FileReply,
    FileRequest,
    read_answer,
    read_pixels,
)
from autograder.submission.notebook import TOO_LARGE, Cell, Notebook, Unreadable

READING = Limits(
    call_seconds=20,
    cpu_seconds=60,
    memory=2 << 30,
    file_size=1 << 20,
    threads=8,
    disk=1 << 20,
)
"""Limits for reading one file. A 200 MB notebook full of pictures takes half of that."""
PICTURE_SECONDS = 10
"""For all pictures of one notebook together."""


class Reader(Closing):
    """Reads submitted files. A context manager; several threads may share one.

    No student code is run here, so it uses whatever layers are available, even if they wouldn't be
    enough to run code.

    Args:
        isolation: layers to use; by default all that the computer offers.
        limits: of each process.
    """

    def __init__(self, isolation: Isolation | None = None, limits: Limits = READING) -> None:
        off = isolation.off if isolation else ()
        self._launcher = Launcher(limits, Isolation(off=off, trusted=True), READ)

    def close(self) -> None:
        """End all processes."""
        self._launcher.close()

    def stop(self) -> None:
        """Kill all processes immediately; other threads' requests fail."""
        self._launcher.stop()

    def open(self, data: bytes, name: str) -> "OpenFile":
        """Start reading a file.

        Args:
            data: its bytes.
            name: its name, for messages and as a hint.

        Raises:
            Unreadable: it has no cells; the message says what to do.
        """
        return OpenFile(self._launcher, data, name)


class OpenFile(Closing):
    """A submitted file, opened in a separate process. A context manager."""

    def __init__(self, launcher: Launcher, data: bytes, name: str) -> None:
        self._name = name
        self._seconds = launcher.limits.call_seconds
        self._left = float(PICTURE_SECONDS)
        self._conversation = Conversation(launcher)
        try:
            self._ask(FileRequest(ask="open", name=_encodable(name)), data)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End its process."""
        self._conversation.close()

    def notebook(self) -> Notebook:
        """The parts of it that matter for a grade.

        Raises:
            Unreadable: it has no code, or too much.
        """
        notebook = self._ask(FileRequest(ask="notebook")).notebook
        if notebook is None:
            raise Unreadable(f"{self._name} could not be read.")
        return notebook

    def suspicions(self) -> list[str]:
        """What's suspicious in its code, one line each, for the instructor."""
        return self._ask(FileRequest(ask="suspicions")).suspicions

    def answers(self, functions: Sequence[str]) -> dict[str, str]:
        """The code of its functions, each with what it needs; "" for those that aren't there."""
        found = self._ask(FileRequest(ask="answers", functions=list(functions))).answers
        return {name: found.get(name, "") for name in functions}

    def cells(self) -> list[Cell]:
        """Its cells, as they will be displayed."""
        return self._ask(FileRequest(ask="cells")).cells

    def picture(self, number: int, width: int) -> Image.Image | None:
        """One of its pictures, redrawn from its pixels.

        Args:
            number: as `cells` names it.
            width: in pixels, at most.

        Returns:
            RGB; None if the picture can't be read, is too large, or earlier pictures have used up
            the time.
        """
        if self._left <= 0:
            return None
        began = time.monotonic()
        try:
            found = self._conversation.ask(
                FileRequest(ask="picture", picture=number, width=width).model_dump_json().encode(),
                b"",
                lambda text, data: read_pixels(text, data, width),
                self._left,
                MAX_DESCRIPTION,
                MAX_PIXELS_BYTES,
            )
        except Broken:
            self._left = 0
            return None
        self._left -= time.monotonic() - began
        return found and Image.frombytes("RGB", *found)

    def _ask(self, request: FileRequest, data: bytes = b"") -> FileReply:
        try:
            answer = self._conversation.ask(
                request.model_dump_json().encode(),
                data,
                lambda text, data: read_answer(text),
                self._seconds,
                MAX_DESCRIPTION,
            )
        except Broken as broken:
            what = {
                "out of time": "takes too long to read",
                "ended": "needs more memory to read than the grader allows",
                "nonsense": "could not be read",
            }[broken.how]
            raise Unreadable(f"{self._name} {what}. {TOO_LARGE}") from broken
        if answer.unreadable:
            raise Unreadable(answer.unreadable)
        return answer


def _encodable(name: str) -> str:
    """A file's name in a form that JSON can hold, whatever bytes it's made of."""
    return name.encode("utf-8", "replace").decode()
