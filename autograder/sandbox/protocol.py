"""What the grader and a student's process say to each other, and how it is read without trust.

A frame is a header with two lengths, then JSON, then tensors as safetensors bytes. Lengths are
compared with what the reader is willing to take before anything is read; JSON is validated; a
tensor is a name, a number format, a shape and plain bytes. There is no pickle anywhere.
"""

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from autograder.text import printable
from pset.checks.calling import Outcome
from pset.checks.definition import Case, Given, Prompt

HEADER = struct.Struct("<4sII")
MAGIC = b"pset"
MAX_REQUEST = 256 << 20
MAX_REPLY_JSON = 64 << 10
MAX_ANSWER = 64 << 20
MAX_TEXT = 4000


class ProtocolError(Exception):
    """The other side does not keep to the protocol."""


class Ended(ProtocolError):
    """The other side is gone."""


class TooLate(ProtocolError):
    """No answer within the time given."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Argument(_Message):
    """One argument of a call; a tensor's values are in the frame's tensors, under its name."""

    name: str
    kind: Literal["tensor", "value", "given", "prompt"]
    value: Any = None


class Request(_Message):
    """Run a notebook's cells, or call one of its functions."""

    ask: Literal["run", "call"]
    cells: list[str] = []
    functions: list[str] = []
    everything: bool = False
    seconds: float
    arguments: list[Argument] = []


class Reply(_Message):
    """What came of a request.

    Args:
        status: "ready" after a run; after a call that of its `Outcome`.
        error: of the outcome.
        stopped: the cells had to be stopped, so the later ones have not been run.
        notes: on cells that could not be run, for the feedback.
    """

    status: Literal[
        "ready",
        "returned",
        "unusable",
        "not done",
        "missing",
        "raised",
        "out of time",
        "endless output",
    ]
    error: str = Field(default="", max_length=MAX_TEXT)
    stopped: bool = False
    notes: list[str] = Field(default=[], max_length=50)


def send(
    channel: socket.socket,
    message: BaseModel,
    tensors: Mapping[str, torch.Tensor] | None = None,
    seconds: float | None = None,
) -> None:
    """Send one frame.

    Raises:
        Ended, TooLate: nobody takes it.
    """
    text = message.model_dump_json().encode()
    data = (
        save({k: v.detach().clone().contiguous() for k, v in tensors.items()}) if tensors else b""
    )
    channel.settimeout(seconds)
    try:
        channel.sendall(HEADER.pack(MAGIC, len(text), len(data)) + text + data)
    except TimeoutError as error:
        raise TooLate from error
    except OSError as error:
        raise Ended from error


def receive(
    channel: socket.socket, max_text: int, max_data: int, seconds: float | None = None
) -> tuple[bytes, bytes]:
    """Read one frame: its JSON, and its safetensors bytes, both unread.

    Args:
        channel: the socket.
        max_text, max_data: longer ones are refused before they are read.
        seconds: for the whole frame, from its first byte's waiting on.

    Raises:
        Ended, TooLate, ProtocolError: there is no such frame.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    magic, text_length, data_length = HEADER.unpack(_exactly(channel, HEADER.size, deadline))
    if magic != MAGIC:
        raise ProtocolError("not a frame")
    if text_length > max_text or data_length > max_data:
        raise ProtocolError("a frame that is too large")
    return _exactly(channel, text_length, deadline), _exactly(channel, data_length, deadline)


def _exactly(channel: socket.socket, length: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TooLate
        channel.settimeout(left)
        try:
            part = channel.recv(min(length - len(parts), 1 << 20))
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Ended from error
        if not part:
            raise Ended
        parts += part
    return bytes(parts)


def read_reply(text: bytes) -> Reply:
    """Validate a reply.

    Raises:
        ProtocolError: it is none.
    """
    try:
        reply = Reply.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError("a reply that is none") from error
    notes = [printable(note) for note in reply.notes]
    return reply.model_copy(update={"error": printable(reply.error), "notes": notes})


def read_answer(data: bytes) -> torch.Tensor:
    """The one tensor of an answer: float32, dense, on the CPU, nobody else's memory.

    Raises:
        ProtocolError: it is not that.
    """
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ProtocolError("an answer that is no tensor") from error
    if set(tensors) != {"answer"} or tensors["answer"].dtype != torch.float32:
        raise ProtocolError("an answer that is not one float32 tensor")
    return tensors["answer"].clone()


def write_case(case: Case) -> tuple[list[Argument], dict[str, torch.Tensor]]:
    """A case as a request carries it. `about` stays here: it is for judging."""
    arguments, tensors = [], {}
    for name, value in case.arguments.items():
        if isinstance(value, torch.Tensor):
            tensors[name] = value
            arguments.append(Argument(name=name, kind="tensor"))
        elif isinstance(value, Given):
            given = {"name": value.name, "arguments": value.arguments}
            arguments.append(Argument(name=name, kind="given", value=given))
        elif isinstance(value, Prompt):
            arguments.append(Argument(name=name, kind="prompt", value=value.text))
        else:
            arguments.append(Argument(name=name, kind="value", value=value))
    return arguments, tensors


def read_case(arguments: list[Argument], data: bytes) -> Case:
    """The case of a request, in the process that calls."""
    tensors = load(data) if data else {}

    def value(argument: Argument) -> Any:
        match argument.kind:
            case "tensor":
                return tensors[argument.name]
            case "given":
                return Given(**argument.value)
            case "prompt":
                return Prompt(argument.value)
            case _:
                return argument.value

    return Case("", {argument.name: value(argument) for argument in arguments})


def read_request(text: bytes) -> Request:
    """A request; the grader is trusted."""
    return Request.model_validate(json.loads(text))


def outcome(reply: Reply, data: bytes) -> Outcome:
    """What a reply to a call means; only its tensor can earn anything.

    Raises:
        ProtocolError: it is no reply to a call.
    """
    if reply.status == "ready":
        raise ProtocolError("a reply to another question")
    value = read_answer(data) if reply.status == "returned" else None
    return Outcome(reply.status, value, reply.error)
