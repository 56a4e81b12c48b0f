"""One student process with a notebook run in it, answering calls; and what goes wrong with it."""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from autograder.sandbox import protocol
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.protocol import MAX_ANSWER, MAX_REPLY_JSON, Reply, Request
from pset.checks.calling import Outcome
from pset.checks.definition import Case


class Session:
    """A notebook in a process of its own. After a failure of the process it is `over`.

    Args:
        launcher: starts the process.
        cells: of the notebook.
        functions: that will be called.
        everything: run all cells, not only what the functions need.

    Attributes:
        over: why the process can answer no more; None while it can.
        is_ready: whether its cells were run to their end.
        is_used: whether a function has been called.
        notes: about cells that could not be run.
    """

    def __init__(
        self, launcher: Launcher, cells: Sequence[str], functions: Sequence[str], everything: bool
    ) -> None:
        self._launcher = launcher
        self._process = launcher.start()
        self._ended = False
        self._status = 0
        self.cpu_seconds = 0.0
        self.over: Outcome | None = None
        self.is_ready = self.is_used = False
        self.notes: list[str] = []
        seconds = launcher.limits.notebook_seconds
        request = Request(
            ask="run",
            cells=list(cells),
            functions=list(functions),
            everything=everything,
            seconds=seconds,
        )
        answer = self._exchange(request, {}, seconds, max_data=0)
        if answer is not None:
            self.notes = answer[0].notes
            self.is_ready = not answer[0].stopped

    def call(self, function: str, case: Case, seconds: float) -> Outcome:
        """Call a function on a case."""
        if self.over is not None:
            return self.over
        self.is_used = True
        seconds = min(seconds, self._launcher.limits.call_seconds)
        arguments, tensors = protocol.write_case(case)
        request = Request(ask="call", functions=[function], arguments=arguments, seconds=seconds)
        answer = self._exchange(request, tensors, seconds, max_data=MAX_ANSWER)
        if answer is not None:
            try:
                return protocol.outcome(*answer)
            except protocol.ProtocolError as error:
                self._finish(Outcome("raised", error=f"Its process sent {error}."))
        assert self.over is not None
        return self.over

    def close(self) -> None:
        """End the process and all that it started."""
        if not self._ended:
            self._ended = True
            ended = self._launcher.end(self._process)
            self.cpu_seconds = float(ended["cpu_seconds"])
            self._status = int(ended["status"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(
        self, request: Request, tensors: dict, seconds: float, max_data: int
    ) -> tuple[Reply, bytes] | None:
        channel = self._process.channel
        patience = seconds + self._launcher.limits.grace_seconds
        try:
            protocol.send(channel, request, tensors, patience)
            text, data = protocol.receive(channel, MAX_REPLY_JSON, max_data, patience)
            return protocol.read_reply(text), data
        except protocol.TooLate:
            text = f"It had not finished after {seconds:.0f} seconds."
            self._finish(Outcome("out of time", error=text))
        except protocol.Ended:
            self.close()
            self._finish(Outcome("raised", error=f"Its process ended: {_how(self._status)}."))
        except protocol.ProtocolError as error:
            self._finish(Outcome("raised", error=f"Its process sent {error}."))
        return None

    def _finish(self, outcome: Outcome) -> None:
        self.close()
        self.over = outcome


def _how(status: int) -> str:
    """How a process ended, for a person."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) != 9:
        return f"it crashed (signal {os.WTERMSIG(status)})"
    if os.WIFSIGNALED(status):
        return "it was killed, perhaps for want of memory"
    return f"it left by itself, with exit code {os.waitstatus_to_exitcode(status)}"
