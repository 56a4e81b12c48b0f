"""Lock a folder, so that only one process uses it; a lock ends with its process."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from autograder.errors import CommandError

FILE = ".lock"


@contextlib.contextmanager
def locked(folder: Path, wait: bool = False) -> Iterator[None]:
    """Lock a folder until the end of the block; creates it if it doesn't exist.

    Args:
        folder: that only one grader may use at a time.
        wait: until whoever holds the lock releases it; otherwise, a held lock is an error.

    Raises:
        CommandError: another process holds the lock (says which), or the disk has no locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a+", encoding="utf-8") as file:
        try:
            flock(file.fileno(), wait)
        except BlockingIOError as error:
            raise CommandError(
                f"Another grader is already writing to {folder}: {_holder(file)}. Wait until it's "
                "done, or name another folder with --out."
            ) from error
        except OSError as error:
            raise CommandError(
                f"The disk of {folder} can't lock files ({error.strerror}), so two graders could "
                "corrupt each other's results. Name a folder on another disk with --out."
            ) from error
        file.truncate(0)
        file.write(
            f"process {os.getpid()} on {socket.gethostname()}, since "
            f"{time.strftime('%Y-%m-%d %H:%M:%S')}"
        )
        file.flush()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                file.truncate(0)


def flock(descriptor: int, wait: bool = False) -> None:
    """Lock an open file or folder until it's closed.

    Windows doesn't have such locks. Nothing is graded there, so none are needed.

    Raises:
        BlockingIOError: somebody else holds it.
        OSError: its disk knows no locks.
    """
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _holder(file: TextIO) -> str:
    file.seek(0)
    return file.read(200).strip() or "it has just started"
