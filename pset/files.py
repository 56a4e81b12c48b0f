"""Write files atomically."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, shared: bool = False) -> None:
    """Write a file atomically: a reader, even after a crash, sees the old file or the new one.

    Args:
        path: the file; its folder is made if need be.
        data: its content.
        shared: whether other processes may write the same file at the same time. Otherwise, what
            a crash has left behind is overwritten by the next attempt.

    Raises:
        OSError: the disk is full, or can't be written. The old file stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    own = f".{os.getpid()}" if shared else ""
    partial = path.with_name(f"{path.name}{own}.partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
