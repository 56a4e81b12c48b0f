"""Read untrusted files and run untrusted code, each in separate processes."""

from autograder.sandbox.closing import Closing
from autograder.sandbox.launcher import Launcher
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

    def close(self) -> None:
        """End all processes, and clean up after them."""
        self.reader.close()
        self.launcher.close()
