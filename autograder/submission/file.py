"""Read the bytes of a submitted file, without looking at what's in them."""

import os
import stat
from pathlib import Path

from autograder.submission.notebook import MAX_BYTES, TOO_LARGE, Unreadable


def read_bytes(path: Path) -> bytes:
    """Read a submitted file; never follow a link, wait for a pipe, or read without end.

    Raises:
        Unreadable: it isn't a regular file, or is too large.
    """
    if path.is_symlink():
        raise Unreadable(f"{path.name} is a link, not a file. Hand in the notebook itself.")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"{path.name} can't be opened: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{path.name} isn't a file. Hand in the notebook itself.")
        if status.st_size > MAX_BYTES:
            raise Unreadable(
                f"{path.name} is {status.st_size >> 20} MB, which is too large. {TOO_LARGE}"
            )
        return file.read(MAX_BYTES + 1)
