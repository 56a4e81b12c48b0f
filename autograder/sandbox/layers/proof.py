"""Before any submission is run, try to break out of the isolation, and report what worked.

A layer that reports that it's on may still not do its job, on an unfamiliar kernel or in an
unfamiliar container.
"""

import contextlib
import ctypes
import json
import os
import resource
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.paths import ROOT

PTRACE_SEIZE = 0x4206


def attempts(private: Path, grader: int, warm_parent: int) -> dict[str, Callable[[], object]]:
    """The attempts: each one fails with an OSError, or has broken out.

    Args:
        private: a file that only the grader may read, in a folder that only it may write.
        grader, warm_parent: their process IDs outside.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def trace(process: int) -> None:
        if libc.ptrace(PTRACE_SEIZE, process, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def plant(folder: Path) -> None:
        descriptor, path = tempfile.mkstemp(dir=folder)
        os.close(descriptor)
        os.unlink(path)

    def list_private_folder() -> None:
        if private.name not in os.listdir(private.parent):
            raise OSError("another, empty folder lies there")

    def start_process() -> None:
        # Ask the kernel itself: an audit hook may block os.fork, but a student can get around that.
        pid = libc.fork()
        if pid < 0:
            raise OSError(ctypes.get_errno(), "fork")
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    def raise_a_limit() -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard + 1))

    return {
        "read a file of the grader's": private.read_bytes,
        "list a folder of the grader's": list_private_folder,
        "list the course's folder": lambda: os.listdir(ROOT / "solutions"),
        "see processes": lambda: os.listdir(f"/proc/{grader}"),
        "write beside the grader's files": lambda: plant(private.parent),
        "change a file of the grader's": lambda: private.open("r+b").close(),
        "change rights on a file of the grader's": lambda: private.chmod(0o600),
        "write in the package": lambda: plant(ROOT / "pset"),
        "write in Python's library": lambda: plant(Path(os.__file__).parent),
        "write in /tmp": lambda: plant(Path("/tmp")),
        "write in /var/tmp": lambda: plant(Path("/var/tmp")),
        "write in /dev/shm": lambda: plant(Path("/dev/shm")),
        "open a network socket": lambda: socket.socket(socket.AF_INET),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX),
        "signal the grader": lambda: os.kill(grader, 0),
        "signal its own parent": lambda: os.kill(warm_parent, 0),
        "trace the grader": lambda: trace(grader),
        "trace its own parent": lambda: trace(warm_parent),
        "start a process": start_process,
        "raise a limit": raise_a_limit,
        "become root": lambda: os.setresuid(0, 0, 0),
    }


def breaches(private: Path, grader: int, warm_parent: int) -> list[str]:
    """Which attempts succeeded. To be called in an isolated process."""
    found = []
    for name, attempt in attempts(private, grader, warm_parent).items():
        with contextlib.suppress(OSError, ValueError):  # setrlimit raises ValueError
            attempt()
            found.append(name)
    return found


def say(channel: socket.socket, found: list[str]) -> None:
    """Send the breaches that were found."""
    channel.sendall(json.dumps(found).encode() + b"\n")


def hear(channel: socket.socket) -> list[str]:
    """Receive the breaches; a process that sends nothing has proved nothing."""
    channel.settimeout(60)
    said = b""
    with contextlib.suppress(OSError):
        while not said.endswith(b"\n") and (part := channel.recv(4096)):
            said += part
    try:
        return [str(name) for name in json.loads(said)]
    except ValueError:
        return ["end before the attempts to break out were made"]
