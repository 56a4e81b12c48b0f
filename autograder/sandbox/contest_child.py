"""In a student's process: train for the challenge and keep the network, or sample through it.

As in `child`, the grader trusts nothing from here. What's here besides the student's own code are
the training pictures, and later the noise and the labels to sample for.
"""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load

from autograder.sandbox import frames, protocol, stranger
from autograder.sandbox.child import import_libraries, run
from autograder.sandbox.contest_protocol import (
    IMAGE,
    MAX_BATCH,
    MAX_CALLED,
    Question,
    Said,
    Tensors,
)
from autograder.sandbox.leaving import no_way_out
from autograder.sandbox.protocol import MAX_NAME, MAX_REQUEST, MAX_TEXT
from pset.challenge import settings
from pset.challenge.distance import CLASSES
from pset.challenge.rehearsal import NO_NETWORK
from pset.checks.calling import Outcome, outcome_of, quiet, time_limit
from pset.checks.judging import to_tensor


def warm_up() -> None:
    """Import in advance what every submission would have to wait for."""
    import_libraries()


def serve(channel: socket.socket, folder: Path) -> None:
    """Answer questions until the grader closes the channel.

    Args:
        channel: where they come from.
        folder: the process's own folder.
    """
    stranger.bare_environment(folder)
    contestant = _Contestant(channel)
    with contextlib.suppress(frames.Ended):
        while True:
            text, data = frames.receive(channel, MAX_REQUEST, MAX_REQUEST)
            contestant.answer(text, data)


class _Contestant:
    """A notebook, and the network that it has trained."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._namespace: dict[str, Any] = {}
        self._net: Any = None

    def answer(self, text: bytes, data: bytes) -> None:
        """Do what a frame asks for, and say what came of it."""
        if not self._namespace:
            self._namespace, reply = run(protocol.read_request(text))
            protocol.send(self._channel, reply)
            return
        question = Question.model_validate_json(text)
        torch.set_num_threads(question.cores)
        do = {"train": self._train, "velocity": self._velocity, "sample": self._sample}
        with no_way_out():
            outcome = do[question.ask](question.seconds, load(data))
        self._say(outcome, self._called() if question.ask == "train" else "")

    def _train(self, seconds: float, given: Tensors) -> Outcome:
        def train() -> Outcome:
            function = self._function(settings.TRAIN)
            with quiet(), time_limit(seconds):
                self._net = function(given["images"], given["labels"], given["seconds"].item())
            if not callable(self._net):
                return Outcome("unusable", error=NO_NETWORK)
            return Outcome("returned")

        return self._outcome(settings.TRAIN, train, seconds)

    def _velocity(self, seconds: float, given: Tensors) -> Outcome:
        def evaluate() -> Outcome:
            with quiet(), torch.no_grad(), time_limit(seconds):
                if isinstance(self._net, torch.nn.Module):
                    self._net.eval()
                return _images(
                    self._net(given["x"], given["t"], given["label"]), len(given["x"]), "network"
                )

        return outcome_of(evaluate, seconds)

    def _sample(self, seconds: float, given: Tensors) -> Outcome:
        def sample() -> Outcome:
            function = self._function(settings.SAMPLE)
            with quiet(), torch.no_grad(), time_limit(seconds):
                samples = function(self._network, given["noise"], given["label"])
                return _images(samples, len(given["noise"]), settings.SAMPLE)

        return self._outcome(settings.SAMPLE, sample, seconds)

    def _network(self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """What `sample` is given as the network: it asks the grader, who counts."""
        count = len(x)
        if tuple(x.shape[1:]) != IMAGE or not 1 <= count <= MAX_BATCH:
            raise ValueError(f"The network takes images [B, 3, 16, 16], not {list(x.shape)}.")
        times = torch.as_tensor(t, dtype=torch.float32).expand(count)
        labels = torch.as_tensor(label, dtype=torch.int64).expand(count)
        if not ((labels >= 0) & (labels <= CLASSES)).all():
            raise ValueError(f"Labels run from 0 to {CLASSES}, which means no class.")
        asked = {"x": x.float(), "t": times, "label": labels}
        protocol.send(self._channel, Said(status="asks"), asked)
        _, data = frames.receive(self._channel, MAX_REQUEST, MAX_REQUEST)
        return load(data)["velocity"]

    def _function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = self._namespace[name]
        return function

    def _outcome(self, name: str, run: Callable[[], Outcome], seconds: float) -> Outcome:
        return outcome_of(run, seconds) if name in self._namespace else Outcome("missing")

    def _called(self) -> str:
        name = self._namespace.get(settings.NAME)
        return name[:MAX_CALLED] if type(name) is str else ""

    def _say(self, outcome: Outcome, called: str) -> None:
        said = Said(
            status=outcome.status,
            error=str(outcome.error)[:MAX_TEXT],
            absent=str(outcome.absent)[:MAX_NAME],
            called=called,
        )
        answer = {} if outcome.value is None else {"answer": outcome.value}
        protocol.send(self._channel, said, answer)


def _images(value: Any, count: int, whose: str) -> Outcome:
    """The outcome if these are `count` images, and if they aren't."""
    images = to_tensor(value)
    if isinstance(images, str):
        return Outcome("unusable", error=f"`{whose}`: {images}")
    if tuple(images.shape) != (count, *IMAGE):
        text = f"`{whose}` returns {list(images.shape)}; it should return {[count, *IMAGE]}."
        return Outcome("unusable", error=text)
    return Outcome("returned", images)
