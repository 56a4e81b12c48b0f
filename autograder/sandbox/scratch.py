"""A grader's folder for its own use, and the folders of graders that were killed.

A folder is locked as long as its grader lives. One that is not locked belongs to nobody any more.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.files.lock import flock

PREFIX = "pset-grading-"


class Scratch:
    """A private folder that exists until it's closed.

    Attributes:
        path: where it is, without links.
    """

    def __init__(self) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
            # Before it's locked, another grader may think it's left over and remove it.
            with contextlib.suppress(FileNotFoundError):
                self._lock = os.open(self.path, os.O_RDONLY)
                flock(self._lock, wait=True)
                if self.path.exists():
                    return
                os.close(self._lock)

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> None:
    """Remove what this user's earlier graders have left over on this computer."""
    for folder in left_behind():
        shutil.rmtree(folder, ignore_errors=True)


def left_behind() -> Iterator[Path]:
    """Folders of graders of this user that are no more."""
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.getuid():
                    flock(descriptor)
                    yield folder
            finally:
                os.close(descriptor)
