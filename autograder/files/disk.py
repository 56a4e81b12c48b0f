"""Turn disk errors, such as a full disk, into a clear message."""

import contextlib
import errno
from collections.abc import Iterator

from autograder.errors import CommandError

FULL = {errno.ENOSPC, errno.EDQUOT}
REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG}


def is_the_disks_fault(error: BaseException) -> bool:
    """Whether the disk caused this error, so that every submission would fail the same way."""
    return isinstance(error, OSError) and error.errno in FULL | REFUSED


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Turn disk errors in the block into a `CommandError`.

    Raises:
        CommandError: says what went wrong, with which file, and what to do.
    """
    try:
        yield
    except OSError as error:
        if not is_the_disks_fault(error):
            raise
        where = f" {error.filename}" if error.filename else ""
        what, do = (
            (f"The disk is full: there's no room for{where or ' a file'}.", "Free some space")
            if error.errno in FULL
            else (f"The file{where} couldn't be written ({error.strerror}).", "Fix that")
        )
        raise CommandError(
            f"{what} Everything graded so far is kept. {do}, then resume with the same command, or "
            "with --resume and the same --out."
        ) from error
