"""Write files that nobody else on the computer may read, not even for a moment."""

import os
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole, readable for its owner only from the beginning.

    Raises:
        OSError: the disk is full, or can't be written. The old file stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)  # it might have been made with other rights
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
