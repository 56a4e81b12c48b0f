"""Talk to a sandboxed process: ask, wait for the answer, and end it if it misbehaves."""

import os
from collections.abc import Callable
from typing import Literal, TypeVar

from autograder.sandbox import frames
from autograder.sandbox.closing import Closing
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.stranger import OUT_OF_MEMORY

T = TypeVar("T")


class Broken(Exception):
    """The process can't answer any more. The message is a sentence for a person.

    Args:
        how: it took too long, it ended (or was killed), or it sent nonsense.
    """

    def __init__(self, how: Literal["out of time", "ended", "nonsense"], sentence: str) -> None:
        super().__init__(sentence)
        self.how = how


class Conversation(Closing):
    """A running process and its limits. A context manager.

    Args:
        launcher: starts the process.

    Attributes:
        cpu_seconds: the CPU time it used, once it's closed.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._process = launcher.start()
        self._ended = False
        self._status = 0
        self.cpu_seconds = 0.0

    def ask(
        self,
        text: bytes,
        data: bytes,
        read: Callable[[bytes, bytes], T],
        seconds: float,
        max_text: int,
        max_data: int = 0,
    ) -> T:
        """Send a question and read the answer.

        Args:
            text, data: the question's frame.
            read: parses and validates the answer's frame; raises `ProtocolError`.
            seconds: the time limit for the answer.
            max_text, max_data: longer answers are refused before they're read.

        Raises:
            Broken: there's no answer, or no usable one; the process has been ended.
        """
        channel = self._process.channel
        patience = seconds + self._launcher.limits.grace_seconds
        try:
            frames.send(channel, text, data, patience)
            return read(*frames.receive(channel, max_text, max_data, patience))
        except frames.TooLate as error:
            self.close()
            sentence = f"It hadn't finished after {seconds:.0f} seconds."
            raise Broken("out of time", sentence) from error
        except frames.Ended as error:
            self.close()
            raise Broken("ended", f"Its process ended: {_how(self._status)}.") from error
        except frames.ProtocolError as error:
            self.close()
            raise Broken("nonsense", f"Its process sent {error}.") from error

    def close(self) -> None:
        """End the process and everything it started."""
        if not self._ended:
            self._ended = True
            ended = self._launcher.end(self._process)
            self.cpu_seconds = float(ended["cpu_seconds"])
            self._status = int(ended["status"])


def _how(status: int) -> str:
    """How a process ended, for a person."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) != 9:
        return f"it crashed (signal {os.WTERMSIG(status)})"
    if os.WIFSIGNALED(status):
        return "it was killed, probably because it ran out of memory"
    if os.waitstatus_to_exitcode(status) == OUT_OF_MEMORY:
        return "it ran out of memory"
    return f"it exited by itself, with exit code {os.waitstatus_to_exitcode(status)}"
