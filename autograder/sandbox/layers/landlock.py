"""Landlock: this process can only open the files listed, and can't signal other processes.

It needs no privileges, works inside a container, and can't be removed again.
"""

from collections.abc import Iterable
from pathlib import Path

WHY_NOT_INSTALLED = "the package py-landlock is not installed"


def version() -> int:
    """The kernel's Landlock version.

    Raises:
        OSError: it's not available; says why.
    """
    try:
        from py_landlock import LandlockError, get_abi_version
    except ImportError as error:
        raise OSError(WHY_NOT_INSTALLED) from error
    try:
        return int(get_abi_version())
    except (LandlockError, OSError) as error:
        raise OSError(f"the kernel doesn't support it ({error})") from error


def confine(readable: Iterable[Path], writable: Path | None = None) -> None:
    """Confine this process.

    Args:
        readable: files and folders that may be read.
        writable: a folder that may also be written.
    """
    from py_landlock import AccessFs, Landlock

    # An older kernel can't forbid what it doesn't know. `seccomp` covers those gaps.
    rules = Landlock(strict=False)
    look = AccessFs.READ_FILE | AccessFs.READ_DIR
    for path in readable:
        rules.add_path_rule(path, access=look if path.is_dir() else AccessFs.READ_FILE)
    nothing = Path("/dev/null")
    rules.add_path_rule(nothing, access=AccessFs.READ_FILE | AccessFs.WRITE_FILE)
    if writable is not None:
        rules.allow_read_write(writable).add_path_rule(writable, access=AccessFs.REFER)
    rules.apply()
