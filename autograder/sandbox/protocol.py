"""Messages between the grader and a student process, parsed without trusting them.

They're validated JSON, and tensors as safetensors bytes: a name, a number format, a shape and
plain bytes. There's no pickle anywhere.
"""

import json
import math
import socket
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import load, save

from autograder.sandbox import frames
from autograder.sandbox.frames import ProtocolError
from autograder.text import printable
from pset.checks.calling import GLOBAL_SEED, Outcome
from pset.checks.definition import Case, Prompt, StandIn
from pset.checks.judging import MAX_DIMENSIONS
from pset.checks.trials import Trial
from pset.checks.watching import MOST_SIGHTS, Sight

MAX_REQUEST = 256 << 20
MAX_REPLY_JSON = 64 << 10
MAX_ANSWER = 64 << 20
MAX_TEXT = 4000
MAX_NAMES = 20
MAX_NAME = 100
MAX_SIGHTS_JSON = 32 << 10
SEEN = "seen"
LISTS = ("notes", "absent", "changed", "outside")


Names = Annotated[list[Annotated[str, Field(max_length=MAX_NAME)]], Field(max_length=MAX_NAMES)]


class Message(BaseModel):
    """What all messages have in common: nothing unknown in them, and no conversion."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Argument(Message):
    """One argument of a call; a tensor's values are in the frame's tensors, under its name."""

    name: str
    kind: Literal["tensor", "value", "tuple", "given", "prompt"]
    value: Any = None


class Request(Message):
    """Run a notebook's cells, or call one of its functions.

    Args:
        exercise: of a call, if `pset`'s own answers to it are disabled during the call.
        global_seed: of torch's global generator before a call.
        watch: note what a call asks of its stand-ins.
        trial: of the case, if it has one.
    """

    ask: Literal["run", "call"]
    cells: list[str] = []
    functions: list[str] = []
    everything: bool = False
    seconds: float
    exercise: str = ""
    global_seed: int = GLOBAL_SEED
    watch: bool = False
    arguments: list[Argument] = []
    trial: str = ""


Name = Annotated[str, Field(max_length=MAX_NAME)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Seen(Message):
    """One call of a stand-in; its tensors are in the frame, by the sight's place and these names.

    Args:
        who, numbers: of the sight.
        tensors: parameters that tensors were passed as.
        answers: how many came back.
    """

    who: Name
    numbers: Annotated[dict[Name, Number], Field(max_length=MAX_NAMES)] = {}
    tensors: Names = []
    answers: Annotated[int, Field(ge=0, le=MAX_NAMES)] = 0


class Reply(Message):
    """The reply to a request.

    Args:
        status: "ready" after a run; after a call, the status of its `Outcome`.
        error: of the outcome.
        stopped: the cells had to be stopped, so later ones haven't been run.
        notes: on cells that couldn't be run, for the feedback.
        absent: modules that couldn't be imported; after a call, the one that it needed.
        parts, changed, outside: of the outcome.
        sights: of a call that was watched. They only ever decide what a student reads.
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
    sights: Annotated[list[Seen], Field(max_length=MOST_SIGHTS)] | None = None


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


def write_sights(
    sights: Sequence[Sight] | None,
) -> tuple[list[Seen] | None, dict[str, torch.Tensor]]:
    """Sights for a reply, as many of the first ones as there's room for; None if there are none."""
    if sights is None:
        return None, {}
    seen: list[Seen] = []
    tensors: dict[str, torch.Tensor] = {}
    room = MAX_SIGHTS_JSON
    for k, sight in enumerate(sights[:MOST_SIGHTS]):
        given = dict(list(sight.tensors.items())[:MAX_NAMES])
        numbers = {n: x for n, x in list(sight.numbers.items())[:MAX_NAMES] if math.isfinite(x)}
        answers = sight.answers[:MAX_NAMES]
        names = [sight.who, *numbers, *given]
        room -= 80 + sum(len(name.encode()) + 30 for name in names)
        if room < 0 or any(len(name) > MAX_NAME for name in names):
            break
        seen.append(Seen(who=sight.who, numbers=numbers, tensors=list(given), answers=len(answers)))
        tensors |= {f"{SEEN}/{k}/{name}": x for name, x in given.items()}
        tensors |= {f"{SEEN}/{k}//{j}": x for j, x in enumerate(answers)}
    return seen, tensors


def read_sights(seen: Sequence[Seen], tensors: Mapping[str, torch.Tensor]) -> tuple[Sight, ...]:
    """The sights of a reply.

    Raises:
        ProtocolError: a tensor is missing, or isn't float32 with few dimensions.
    """

    def tensor(name: str) -> torch.Tensor:
        x = tensors.get(name)
        if x is None or x.dtype != torch.float32 or x.ndim > MAX_DIMENSIONS:
            raise ProtocolError("a sight without its tensors")
        return x.clone()

    return tuple(
        Sight(
            printable(one.who),
            {printable(name): x for name, x in one.numbers.items()},
            {printable(name): tensor(f"{SEEN}/{k}/{name}") for name in one.tensors},
            tuple(tensor(f"{SEEN}/{k}//{j}") for j in range(one.answers)),
        )
        for k, one in enumerate(seen)
    )


def read_tensors(data: bytes) -> tuple[torch.Tensor | None, dict[str, torch.Tensor]]:
    """The answer, where there's one: float32, dense, with its own memory; and the sights' tensors.

    Raises:
        ProtocolError: it's anything else.
    """
    try:
        tensors = load(data) if data else {}
    except Exception as error:  # sizes that overflow, or anything else that a header may contain
        raise ProtocolError("an answer that isn't a tensor") from error
    answer = tensors.pop("answer", None)
    if all(name.startswith(f"{SEEN}/") for name in tensors) and (
        answer is None or (answer.dtype == torch.float32 and answer.ndim <= MAX_DIMENSIONS)
    ):
        return None if answer is None else answer.clone(), tensors
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
        elif isinstance(value, tuple):  # JSON would make it a list, and (3,) + size an error
            arguments.append(Argument(name=name, kind="tuple", value=list(value)))
        else:
            arguments.append(Argument(name=name, kind="value", value=value))
    return arguments, tensors


def read_case(arguments: list[Argument], data: bytes, trial: str = "") -> Case:
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
            case "tuple":
                return tuple(argument.value)
            case _:
                return argument.value

    read = {argument.name: value(argument) for argument in arguments}
    return Trial("", read, trial=trial) if trial else Case("", read)


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
    value, tensors = read_tensors(data)
    if (value is None) is (reply.status == "returned") or (tensors and not reply.sights):
        raise ProtocolError("an answer that isn't one float32 tensor with few dimensions")
    return Outcome(
        reply.status,
        value,
        reply.error,
        "".join(reply.absent[:1]),
        reply.parts,
        tuple(reply.changed),
        tuple(reply.outside),
        None if reply.sights is None else read_sights(reply.sights, tensors),
    )
