"""Messages between the grader and a student process, parsed without trusting them.

They're validated JSON, and tensors as safetensors bytes: a name, a number format, a shape and
plain bytes. There's no pickle anywhere.
"""

import json
import socket
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import load, save

from autograder.sandbox import frames
from autograder.sandbox.frames import ProtocolError
from autograder.text import printable
from pset.checks.calling import Outcome
from pset.checks.definition import Case, Prompt, StandIn
from pset.checks.judging import MAX_DIMENSIONS

MAX_REQUEST = 256 << 20
MAX_REPLY_JSON = 64 << 10
MAX_ANSWER = 64 << 20
MAX_TEXT = 4000
MAX_NAMES = 20
MAX_NAME = 100
LISTS = ("notes", "absent", "changed", "outside")


Names = Annotated[list[Annotated[str, Field(max_length=MAX_NAME)]], Field(max_length=MAX_NAMES)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Argument(_Message):
    """One argument of a call; a tensor's values are in the frame's tensors, under its name."""

    name: str
    kind: Literal["tensor", "value", "given", "prompt"]
    value: Any = None


class Request(_Message):
    """Run a notebook's cells, or call one of its functions.

    Args:
        exercise: of a call, if `pset`'s own answers to it are disabled during the call.
        global_seed: of torch's global generator before a call.
    """

    ask: Literal["run", "call"]
    cells: list[str] = []
    functions: list[str] = []
    everything: bool = False
    seconds: float
    exercise: str = ""
    global_seed: int = 0
    arguments: list[Argument] = []


class Reply(_Message):
    """The reply to a request.

    Args:
        status: "ready" after a run; after a call, the status of its `Outcome`.
        error: of the outcome.
        stopped: the cells had to be stopped, so later ones haven't been run.
        notes: on cells that couldn't be run, for the feedback.
        absent: modules that couldn't be imported; after a call, the one that it needed.
        parts, changed, outside: of the outcome.
    """

    status: Literal[
        "ready",
        "returned",
        "unusable",
        "not done",
        "missing",
        "raised",
        "borrowed",
        "out of time",
        "endless output",
    ]
    error: str = Field(default="", max_length=MAX_TEXT)
    stopped: bool = False
    notes: list[str] = Field(default=[], max_length=50)
    absent: Names = []
    parts: Annotated[int, Field(ge=0)] = 1
    changed: Names = []
    outside: Names = []


def send(
    channel: socket.socket,
    message: BaseModel,
    tensors: Mapping[str, torch.Tensor] | None = None,
    seconds: float | None = None,
) -> None:
    """Send a message, with tensors.

    Raises:
        Ended, TooLate: the other side doesn't receive it.
    """
    frames.send(channel, message.model_dump_json().encode(), packed(tensors or {}), seconds)


def packed(tensors: Mapping[str, torch.Tensor]) -> bytes:
    """Tensors as safetensors bytes; empty if there are no tensors."""
    if not tensors:
        return b""
    return save({name: x.detach().clone().contiguous() for name, x in tensors.items()})


def read_reply(text: bytes) -> Reply:
    """Parse and validate a reply.

    Raises:
        ProtocolError: it's invalid.
    """
    try:
        reply = Reply.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError("an invalid reply") from error
    shown = {name: [printable(text) for text in getattr(reply, name)] for name in LISTS}
    return reply.model_copy(update=shown | {"error": printable(reply.error)})


def read_answer(data: bytes) -> torch.Tensor:
    """The answer's only tensor: float32, dense, on the CPU, with its own memory.

    Raises:
        ProtocolError: it's anything else.
    """
    try:
        [(name, answer)] = load(data).items()
        if name == "answer" and answer.dtype == torch.float32 and answer.ndim <= MAX_DIMENSIONS:
            return answer.clone()
    except Exception as error:  # sizes that overflow, or anything else that a header may contain
        raise ProtocolError("an answer that isn't a tensor") from error
    raise ProtocolError("an answer that isn't one float32 tensor with few dimensions")


def write_case(case: Case) -> tuple[list[Argument], dict[str, torch.Tensor]]:
    """Convert a case for a request. `about` isn't sent, because it's only for judging."""
    arguments, tensors = [], {}
    for name, value in case.arguments.items():
        if isinstance(value, torch.Tensor):
            tensors[name] = value
            arguments.append(Argument(name=name, kind="tensor"))
        elif isinstance(value, StandIn):
            given = {"name": value.name, "arguments": value.arguments}
            arguments.append(Argument(name=name, kind="given", value=given))
        elif isinstance(value, Prompt):
            arguments.append(Argument(name=name, kind="prompt", value=value.text))
        else:
            arguments.append(Argument(name=name, kind="value", value=value))
    return arguments, tensors


def read_case(arguments: list[Argument], data: bytes) -> Case:
    """The case in a request, for the process that makes the call."""
    tensors = load(data) if data else {}

    def value(argument: Argument) -> Any:
        match argument.kind:
            case "tensor":
                return tensors[argument.name]
            case "given":
                return StandIn(**argument.value)
            case "prompt":
                return Prompt(argument.value)
            case _:
                return argument.value

    return Case("", {argument.name: value(argument) for argument in arguments})


def read_request(text: bytes) -> Request:
    """Parse a request; the grader is trusted."""
    return Request.model_validate(json.loads(text))


def outcome(reply: Reply, data: bytes) -> Outcome:
    """The outcome of a call, from its reply; only its tensor can earn points.

    Raises:
        ProtocolError: it isn't a reply to a call.
    """
    if reply.status == "ready":
        raise ProtocolError("a reply to another question")
    value = read_answer(data) if reply.status == "returned" else None
    return Outcome(
        reply.status,
        value,
        reply.error,
        "".join(reply.absent[:1]),
        reply.parts,
        tuple(reply.changed),
        tuple(reply.outside),
    )
