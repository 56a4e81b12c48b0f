"""Messages between the grader and the two processes of a submission to the challenge.

Frames as in `protocol`. One process trains and keeps the network; the other one samples, and asks
the grader for what the network says.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import torch
from pydantic import Field, ValidationError
from safetensors.torch import load

from autograder.sandbox.frames import ProtocolError
from autograder.sandbox.protocol import MAX_NAME, MAX_TEXT, Message
from autograder.text import printable
from pset.challenge.distance import CLASSES
from pset.challenge.features import SIZE
from pset.checks.calling import Outcome, Status

MAX_BATCH = 4096
"""Images in one call of the network."""

MAX_TENSORS = 64 << 20
MAX_JSON = 16 << 10
MAX_CALLED = 200
"""Characters of a leaderboard's name, before it's made fit to be shown."""

IMAGE = (3, SIZE, SIZE)
Tensors = Mapping[str, torch.Tensor]


class Question(Message):
    """What to do next; its tensors are in the frame.

    Args:
        ask: "train" on images and labels; "velocity" of the trained network at x, t and label;
            "sample" from noise and labels; "answer": go on sampling, with this velocity.
        seconds: the time limit.
        cores: threads to compute with.
    """

    ask: Literal["train", "velocity", "sample", "answer"]
    seconds: float
    cores: int


class Said(Message):
    """What came of it; images are in the frame, as "answer".

    Args:
        status: of the outcome; or "asks": sampling asks for the velocity at x, t and label.
        error, absent: of the outcome.
        called: after training, the name for the leaderboard.
    """

    status: Status | Literal["asks"]
    error: str = Field(default="", max_length=MAX_TEXT)
    absent: Annotated[str, Field(max_length=MAX_NAME)] = ""
    called: str = Field(default="", max_length=MAX_CALLED)

    def outcome(self, value: object = None) -> Outcome:
        """As an outcome.

        Raises:
            ProtocolError: it's none.
        """
        if self.status == "asks":
            raise ProtocolError("a reply to another question")
        return Outcome(self.status, value, self.error, self.absent)


def read_said(text: bytes) -> Said:
    """Parse and validate what a student's process says.

    Raises:
        ProtocolError: it's invalid.
    """
    try:
        said = Said.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError("an invalid reply") from error
    shown = {name: printable(getattr(said, name)) for name in ("error", "absent", "called")}
    return said.model_copy(update=shown)


def read_images(data: bytes, count: int) -> torch.Tensor:
    """The one answer in a frame: `count` images, float32 `[count, 3, 16, 16]`.

    Raises:
        ProtocolError: it's anything else.
    """
    return _exactly(data, {"answer": ((count, *IMAGE), torch.float32)})["answer"]


def read_asked(data: bytes) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What sampling asks of the network: x float32 `[B, 3, 16, 16]`, t float32 `[B]`, label `[B]`.

    Raises:
        ProtocolError: it's anything else, or a label is no class and isn't "no class".
    """
    t = _load(data).get("t")
    count = len(t) if t is not None and t.ndim == 1 else 0
    if not 1 <= count <= MAX_BATCH:
        raise ProtocolError(f"a batch of {count}")
    found = _exactly(
        data,
        {
            "x": ((count, *IMAGE), torch.float32),
            "t": ((count,), torch.float32),
            "label": ((count,), torch.int64),
        },
    )
    label = found["label"]
    if int(label.min()) < 0 or int(label.max()) > CLASSES:
        raise ProtocolError("a label that isn't a class")
    return found["x"], found["t"], label


def _exactly(
    data: bytes, wanted: Mapping[str, tuple[tuple[int, ...], torch.dtype]]
) -> dict[str, torch.Tensor]:
    found = _load(data)
    if {name: (tuple(x.shape), x.dtype) for name, x in found.items()} != dict(wanted):
        raise ProtocolError("tensors of other names, shapes or kinds than it should")
    return {name: x.clone() for name, x in found.items()}


def _load(data: bytes) -> dict[str, torch.Tensor]:
    try:
        return load(data)
    except Exception as error:  # sizes that overflow, or anything else that a header may contain
        raise ProtocolError("no tensors") from error
