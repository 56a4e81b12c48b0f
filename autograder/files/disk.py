"""A disk that takes no more: a sentence, and nothing half written."""

import contextlib
import errno
from collections.abc import Iterator

from autograder.errors import CommandError

FULL = {errno.ENOSPC, errno.EDQUOT}
REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG}


def is_the_disks_fault(error: BaseException) -> bool:
    """Whether this would be the same with every submission."""
    return isinstance(error, OSError) and error.errno in FULL | REFUSED


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Give a sentence where the block fails because of a disk.

    Raises:
        CommandError: what the disk said, about which file, and what to do.
    """
    try:
        yield
    except OSError as error:
        if not is_the_disks_fault(error):
            raise
        where = f" {error.filename}" if error.filename else ""
        what, do = (
            (f"The disk is full: there is no room for{where or ' a file'}.", "Make room")
            if error.errno in FULL
            else (f"The file{where} could not be written ({error.strerror}).", "See to that")
        )
        raise CommandError(
            f"{what} What has been graded until now is kept, whole. {do}, then give the same "
            "command, or the same folder with --resume: it goes on from there."
        ) from error
