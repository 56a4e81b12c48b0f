"""Read untrusted files and run untrusted code, each in separate processes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.sandbox.closing import Closing
from autograder.sandbox.launcher import COMPETE, Launcher
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.reading import Reader


class Sandbox(Closing):
    """A reader of files and a launcher of student processes. Several threads may share one.

    Args:
        limits: of each student's process.
        isolation: layers to use; by default all that the computer offers.
        launcher: to use instead of one with these limits and layers.

    Attributes:
        reader: reads submitted files.
        launcher: starts student processes.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        isolation: Isolation | None = None,
        launcher: Launcher | None = None,
    ) -> None:
        self.launcher = launcher or Launcher(limits, isolation)
        self.reader = Reader(self.launcher.isolation)
        self._lock = threading.Lock()
        self._training: Launcher | None = None
        self._places: threading.Semaphore | None = None

    @contextmanager
    def training(self, limits: Limits, at_once: int) -> Iterator[Launcher]:
        """A launcher for submissions to the challenge; it waits while enough of them run.

        Args:
            limits: of each process; those of the first call count.
            at_once: how many may run at the same time; likewise.

        Raises:
            CommandError: grading has been stopped.
        """
        with self._lock:
            if self._training is None:
                self._training = Launcher(limits, self.launcher.isolation, COMPETE)
                self._places = threading.Semaphore(at_once)
            launcher, places = self._training, self._places
        assert places is not None
        if self.is_stopped:
            launcher.stop()
        with places:
            yield launcher

    @property
    def report(self) -> Report:
        """Which layers are on for student processes, once the warm parent has started."""
        return self.launcher.report

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` has been called; anything that processes answer after that is invalid."""
        return self.launcher.is_stopped

    def warm(self) -> None:
        """Start the warm parent now, so that the first student doesn't have to wait for it.

        Raises:
            CommandError: it doesn't start, or isolation isn't sufficient.
        """
        self.launcher.warm()

    def stop(self) -> None:
        """Kill all processes immediately; other threads' requests fail."""
        self.launcher.stop()
        self.reader.stop()
        with self._lock:
            if self._training is not None:
                self._training.stop()

    def close(self) -> None:
        """End all processes, and clean up after them."""
        self.reader.close()
        self.launcher.close()
        if self._training is not None:
            self._training.close()
