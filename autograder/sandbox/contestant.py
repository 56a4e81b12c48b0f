"""A submission to the challenge in a process of its own: it trains, or it samples."""

import time
from collections.abc import Callable

import torch

from autograder.sandbox import contest_protocol, frames, protocol
from autograder.sandbox.contest_protocol import MAX_JSON, MAX_TENSORS, Question, Said, Tensors
from autograder.sandbox.conversation import Broken
from autograder.sandbox.session import Session
from pset.checks.calling import Outcome

Network = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""From x `[B, 3, 16, 16]`, t `[B]` and label `[B]` to velocities like x."""


class Failed(Exception):
    """The submission has failed; no more comes of it.

    Attributes:
        outcome: what came of the call that failed.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


class Contestant(Session):
    """A notebook whose needed cells have run, for `train` or for `sample`. A context manager.

    Its launcher runs `contest_child`.

    Attributes:
        called: after training, what it wants to be called on the leaderboard.
    """

    called = ""
    cores = 1

    def train(self, images: torch.Tensor, labels: torch.Tensor, seconds: float) -> None:
        """Have it train; it's told how long it has.

        Raises:
            Failed: it doesn't end with a network.
        """
        given = {"images": images, "labels": labels, "seconds": torch.tensor(seconds)}
        said, _ = self._question("train", given, seconds + self._limits.grace_seconds / 2)
        _returned(said)
        self.called = said.called

    def velocity(
        self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor, seconds: float
    ) -> torch.Tensor:
        """What the trained network says.

        Raises:
            Failed: it says nothing, or no images like x.
        """
        said, data = self._question("velocity", {"x": x, "t": t, "label": label}, seconds)
        return self._images(said, data, len(x))

    def sample(
        self, noise: torch.Tensor, label: torch.Tensor, network: Network, seconds: float
    ) -> torch.Tensor:
        """Have it sample, with a network that's elsewhere.

        Args:
            noise: `[N, 3, 16, 16]`.
            label: `[N]`.
            network: asked for each call that the sampling makes.
            seconds: for all of it.

        Returns:
            Images like noise.

        Raises:
            Failed: it doesn't return images.
        """
        until = time.monotonic() + seconds
        said, data = self._question("sample", {"noise": noise, "label": label}, seconds)
        while said.status == "asks":
            try:
                asked = contest_protocol.read_asked(data)
            except frames.ProtocolError as error:
                raise Failed(self._nonsense(error)) from error
            velocity = network(*asked)
            left = max(0.0, until - time.monotonic())
            said, data = self._question("answer", {"velocity": velocity}, left)
        return self._images(said, data, len(noise))

    def _question(self, ask: str, tensors: Tensors, seconds: float) -> tuple[Said, bytes]:
        if self.over is not None:
            raise Failed(self.over)
        question = Question.model_validate({"ask": ask, "seconds": seconds, "cores": self.cores})
        try:
            return self._conversation.ask(
                question.model_dump_json().encode(),
                protocol.packed(tensors),
                lambda text, data: (contest_protocol.read_said(text), data),
                seconds,
                MAX_JSON,
                MAX_TENSORS,
            )
        except Broken as broken:
            raise Failed(self._end(broken)) from broken

    def _images(self, said: Said, data: bytes, count: int) -> torch.Tensor:
        _returned(said)
        try:
            return contest_protocol.read_images(data, count)
        except frames.ProtocolError as error:
            raise Failed(self._nonsense(error)) from error

    def _nonsense(self, error: frames.ProtocolError) -> Outcome:
        self.close()
        return self._end(Broken("nonsense", f"Its process sent {error}."))


def _returned(said: Said) -> None:
    if said.status != "returned":
        try:
            raise Failed(said.outcome())
        except frames.ProtocolError as error:
            raise Failed(Outcome("raised", error=f"Its process sent {error}.")) from error
