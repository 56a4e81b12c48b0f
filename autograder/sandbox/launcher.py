"""Start and stop student processes.

Each one is forked from a warm parent and isolated (see `autograder.sandbox.layers`). The rest of
the grader uses only `Launcher` and `StudentProcess`.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CommandError
from autograder.sandbox.closing import Closing
from autograder.sandbox.layers.cgroup import Groups, doors
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import GROUPS, Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.scratch import Scratch, sweep
from autograder.sandbox.start_warm_parent import PROGRAM, Settings

START_SECONDS = 180
"""On a cold disk and a busy machine, importing torch and diffusers may take a minute."""

RUN = "autograder.sandbox.child"
READ = "autograder.sandbox.reading_child"
COMPETE = "autograder.sandbox.contest_child"


def need_fork() -> None:
    """Stop where no student process could ever be started, before anything else is done.

    Raises:
        CommandError: this is Windows' own Python.
    """
    if not hasattr(os, "fork"):
        raise CommandError("Grading needs Linux or macOS (os.fork). On Windows, grade inside WSL.")


@dataclass
class StudentProcess:
    """One running student process.

    Args:
        channel: for `protocol` frames; anything received on it is untrusted.
        pid: its process ID, valid until `Launcher.end`, for the warm parent it was forked from.
        folder: its working folder, removed at the end.
        groups: its control groups, if any; also removed at the end.
        parent: that warm parent.
    """

    channel: socket.socket
    pid: int
    folder: Path
    groups: list[Path]
    parent: "subprocess.Popen[bytes] | None"


class Launcher(Closing):
    """Starts student processes. A context manager; several threads may share one.

    Args:
        limits: of each student's process.
        isolation: layers to use; by default all that the computer offers.
        work: the module that the processes run: `RUN`, `READ` or `COMPETE`.

    Attributes:
        program: what the warm parent runs.
        report: which layers are on, once the warm parent has started.
    """

    program = PROGRAM

    def __init__(
        self,
        limits: Limits | None = None,
        isolation: Isolation | None = None,
        work: str = RUN,
    ) -> None:
        need_fork()
        self.limits = limits or Limits()
        self.isolation = isolation or Isolation()
        self.report = Report()
        self._work = work
        self._lock = threading.Lock()
        self._parent: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._groups: Groups | None = None
        self._no_groups = "it was switched off"
        self._stopped = threading.Event()
        sweep()
        self._own = Scratch()
        self._scratch = self._own.path
        self._canary = self._scratch / "canary"
        self._canary.touch(0o600)

    def close(self) -> None:
        """End all processes, and remove what they left."""
        with self._lock:
            self._stop_parent()
            if self._groups is not None:
                self._groups.close()
        self._own.close()

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` has been called; anything that processes answer after that is invalid."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Kill all processes immediately; other threads' requests fail."""
        self._stopped.set()
        control = self._control
        if control is not None:
            with contextlib.suppress(OSError):  # the warm parent is gone already
                control.shutdown(socket.SHUT_RDWR)

    def warm(self) -> None:
        """Start the warm parent now, instead of with the first student.

        Raises:
            CommandError: it doesn't start, or isolation isn't sufficient.
        """
        with self._lock:
            self._ensure_parent()

    def start(self) -> StudentProcess:
        """Start a process that waits for requests.

        Raises:
            CommandError: it can't be started.
        """
        ours, theirs = socket.socketpair()
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        folder.chmod(0o755)  # it's in a private folder, and its process may belong to another user
        with theirs:
            for attempt in (1, 2):  # a student may have killed the warm parent
                with self._lock:
                    try:
                        self._ensure_parent()
                        groups = self._groups.make() if self._groups else []
                        with contextlib.ExitStack() as closing:
                            entries = doors(groups)
                            for descriptor in entries:
                                closing.callback(os.close, descriptor)
                            answer = self._ask(f"start {folder}", [theirs.fileno(), *entries])
                        return StudentProcess(ours, answer["pid"], folder, groups, self._parent)
                    except (OSError, ValueError) as error:
                        self._stop_parent()
                        if attempt == 2:
                            raise CommandError(
                                f"Couldn't start a process for student code: {error}"
                            ) from error
        raise AssertionError("unreachable")

    def end(self, process: StudentProcess) -> dict[str, Any]:
        """Kill a process and its group, remove its folder; returns its exit status and CPU time."""
        process.channel.close()
        # A process dies with the warm parent it was forked from.
        ended: dict[str, Any] = {"status": signal.SIGKILL, "cpu_seconds": 0.0}
        with self._lock:
            if process.parent is self._parent:  # a new one may have a process of the same number
                try:
                    ended = self._ask(f"end {process.pid}")
                except (OSError, ValueError):
                    self._stop_parent()
        if self._groups is not None:
            self._groups.remove(process.groups)
        shutil.rmtree(process.folder, ignore_errors=True)
        return ended

    def _ensure_parent(self) -> None:
        if self.is_stopped:
            raise CommandError("Grading has been stopped.")
        if self._parent is not None and self._parent.poll() is None:
            return
        self._find_groups()
        ours, theirs = socket.socketpair()
        log = self._scratch / "warm-parent.log"
        settings = Settings(
            isolation=self.isolation,
            limits=self.limits,
            scratch=str(self._scratch),
            groups=self._groups.about if self._groups else "",
            no_groups=self._no_groups,
            canary=str(self._canary),
            work=self._work,
        )
        command: list[str | Path] = [self.program, str(theirs.fileno()), settings.as_json()]
        with theirs, log.open("wb") as errors:
            self._parent = subprocess.Popen(
                [sys.executable, "-I", *command],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=self._environment(),
                cwd=self._scratch,
                start_new_session=True,
            )
        ours.settimeout(START_SECONDS)
        self._control = ours
        if self.is_stopped:  # stopped in the meantime
            self.stop()
        try:
            self.report = Report(**self._read_line()["report"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            said = log.read_text(errors="replace").strip().splitlines()[-1:] or [str(error)]
            self._stop_parent()
            raise CommandError(
                f"Couldn't start the parent process for student code: {said[0]}"
            ) from error
        if not self.report.holds and not self.isolation.trusted:
            self._stop_parent()
            raise CommandError(self.report.why_not())

    def _find_groups(self) -> None:
        if self._groups is None and self.isolation.wants(GROUPS):
            try:
                self._groups = Groups(self.limits)
            except OSError as error:
                self._no_groups = str(error)

    def _environment(self) -> dict[str, str]:
        """A bare environment; of the grader's own, only what's needed to find programs."""
        kept = {k: os.environ[k] for k in ("PATH", "LD_LIBRARY_PATH") if k in os.environ}
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "USER": "student",  # torch asks for it, and /etc/passwd can't be seen
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(self._scratch),
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
        } | kept

    def _ask(self, request: str, descriptors: Sequence[int] = ()) -> dict[str, Any]:
        if self._control is None:
            raise OSError("there is no warm parent")
        socket.send_fds(self._control, [request.encode() + b"\n"], descriptors)
        return self._read_line()

    def _read_line(self) -> dict[str, Any]:
        assert self._control is not None
        line = b""
        while not line.endswith(b"\n"):
            part = self._control.recv(4096)
            if not part:
                raise OSError("the warm parent is gone")
            line += part
        said: dict[str, Any] = json.loads(line)
        return said

    def _stop_parent(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._parent is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._parent.wait(timeout=5)  # it ends its children, then itself
            self._parent.kill()
            self._parent.wait()
            self._parent = None
