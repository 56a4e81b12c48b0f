"""What the grader and a student's process say to each other, and how it is read without trust.

JSON, which is validated, and tensors as safetensors bytes: a name, a number format, a shape and
plain bytes. There is no pickle anywhere.
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
from pset.checks.definition import Case, Given, Prompt
from pset.checks.judging import MAX_DIMENSIONS

MAX_REQUEST = 256 << 20
MAX_REPLY_JSON = 64 << 10
MAX_ANSWER = 64 << 20
MAX_TEXT = 4000
MAX_NAMES = 20
MAX_NAME = 100
LISTS = ("notes", "absent")


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
        exercise: of a call, if `pset`'s own answers to it are withdrawn meanwhile.
    """

    ask: Literal["run", "call"]
    cells: list[str] = []
    functions: list[str] = []
    everything: bool = False
    seconds: float
    exercise: str = ""
    arguments: list[Argument] = []


class Reply(_Message):
    """What came of a request.

    Args:
        status: "ready" after a run; after a call that of its `Outcome`.
        error: of the outcome.
        stopped: the cells had to be stopped, so the later ones have not been run.
        notes: on cells that could not be run, for the feedback.
        absent: modules that could not be imported; after a call, the one that it needed.
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
    absent: list[Annotated[str, Field(max_length=MAX_NAME)]] = Field(
        default=[], max_length=MAX_NAMES
    )


def send(
    channel: socket.socket,
    message: BaseModel,
    tensors: Mapping[str, torch.Tensor] | None = None,
    seconds: float | None = None,
) -> None:
    """Send a message, and tensors with it.

    Raises:
        Ended, TooLate: nobody takes it.
    """
    frames.send(channel, message.model_dump_json().encode(), packed(tensors or {}), seconds)


def packed(tensors: Mapping[str, torch.Tensor]) -> bytes:
    """Tensors as safetensors bytes; none at all where there are no tensors."""
    if not tensors:
        return b""
    return save({name: x.detach().clone().contiguous() for name, x in tensors.items()})


def read_reply(text: bytes) -> Reply:
    """Validate a reply.

    Raises:
        ProtocolError: it is none.
    """
    try:
        reply = Reply.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError("a reply that is none") from error
    shown = {name: [printable(text) for text in getattr(reply, name)] for name in LISTS}
    return reply.model_copy(update=shown | {"error": printable(reply.error)})


def read_answer(data: bytes) -> torch.Tensor:
    """The one tensor of an answer: float32, dense, on the CPU, nobody else's memory.

    Raises:
        ProtocolError: it is not that.
    """
    try:
        [(name, answer)] = load(data).items()
        if name == "answer" and answer.dtype == torch.float32 and answer.ndim <= MAX_DIMENSIONS:
            return answer.clone()
    except Exception as error:  # sizes that overflow, and whatever else a header may say
        raise ProtocolError("an answer that is no tensor") from error
    raise ProtocolError("an answer that is not one float32 tensor of a few dimensions")


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
    return Outcome(reply.status, value, reply.error, "".join(reply.absent[:1]))
