"""In a separate process: read one submitted file, and report what's in it.

It runs none of the student's code. But what a file can do to the libraries that read it, it does
here, where there is nothing to be had and little to be used up.
"""

import contextlib
import socket
from pathlib import Path

from PIL import Image, JpegImagePlugin, PngImagePlugin

from autograder.sandbox import frames, stranger
from autograder.sandbox.reading_protocol import MAX_REQUEST_JSON, FileReply, FileRequest
from autograder.submission.answers import answers
from autograder.submission.notebook import MAX_BYTES, Unreadable
from autograder.submission.pictures import decode
from autograder.submission.read import Cells, read_cells, to_notebook
from autograder.submission.shown import shown
from autograder.submission.suspicion import suspicious_code


def warm_up() -> None:
    """Import what every file needs."""
    assert PngImagePlugin
    assert JpegImagePlugin
    Image.preinit()


def serve(channel: socket.socket, folder: Path) -> None:
    """Answer questions until the grader closes the channel.

    Args:
        channel: where they come from.
        folder: the process's own.
    """
    stranger.bare_environment(folder)
    file = File()
    with contextlib.suppress(frames.Ended):
        while True:
            text, data = frames.receive(channel, MAX_REQUEST_JSON, MAX_BYTES)
            request = FileRequest.model_validate_json(text)
            del text
            if request.ask == "open":
                answer, pixels = file.open(request.name, data), b""
            else:
                answer, pixels = file.answer(request)
            del data
            frames.send(channel, answer.model_dump_json().encode(), pixels)


class File:
    """A submitted file, once it has been opened."""

    def __init__(self) -> None:
        self._name = ""
        self._cells: Cells = []
        self._notes: list[str] = []
        self._pictures: list[tuple[str, str]] | None = None

    def open(self, name: str, data: bytes) -> FileReply:
        """Find the cells."""
        self._name = name
        try:
            self._cells, self._notes = read_cells(data, name)
        except Unreadable as error:
            return FileReply(unreadable=str(error))
        return FileReply()

    def answer(self, request: FileRequest) -> tuple[FileReply, bytes]:
        """Say something about the cells."""
        match request.ask:
            case "notebook":
                try:
                    notebook = to_notebook(self._cells, self._name, self._notes)
                    return FileReply(notebook=notebook), b""
                except Unreadable as error:
                    return FileReply(unreadable=str(error)), b""
            case "suspicions":
                code = to_notebook(self._cells, self._name, []).code
                return FileReply(suspicions=suspicious_code(code)), b""
            case "answers":
                code = to_notebook(self._cells, self._name, []).code
                return FileReply(answers=answers(code, request.functions)), b""
            case "cells":
                cells, self._pictures = shown(self._cells)
                return FileReply(cells=cells), b""
            case _:
                return self._picture(request.picture, request.width)

    def _picture(self, number: int, width: int) -> tuple[FileReply, bytes]:
        if self._pictures is None:
            _, self._pictures = shown(self._cells)
        name, text = self._pictures[number]
        picture = decode(text, name, width)
        if picture is None:
            return FileReply(), b""
        return FileReply(size=picture.size), picture.tobytes()
