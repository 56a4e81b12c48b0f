"""One at a time: a lock on a folder, which goes away with whoever holds it, however that ends."""

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
    """Hold a folder, made if need be, to the end of the block.

    Args:
        folder: on which graders must not work at once.
        wait: for whoever holds it now; otherwise that is an error.

    Raises:
        CommandError: another process holds it; says which. Or its disk knows no locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a+", encoding="utf-8") as file:
        try:
            flock(file.fileno(), wait)
        except BlockingIOError as error:
            raise CommandError(
                f"Another grader writes into {folder} already: {_holder(file)}. Wait until it has "
                "ended, or name another folder with --out."
            ) from error
        except OSError as error:
            raise CommandError(
                f"The disk of {folder} cannot lock files ({error.strerror}), so two graders could "
                "spoil each other's work. Name a folder on another disk with --out."
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
    """Lock an open file or folder until it is closed.

    Windows has no such locks. Nothing is graded there, so nothing needs one.

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
    return file.read(200).strip() or "it has just begun"
