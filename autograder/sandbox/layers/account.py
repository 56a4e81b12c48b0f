"""Switch to an unprivileged account: another user if the grader is root, else the same user."""

import os
import resource
from pathlib import Path

from autograder.sandbox.layers import kernel

FIRST, COUNT = 61184, 4000
"""User IDs that Debian, Fedora and systemd don't assign permanently."""


def number(k: int) -> int:
    """The user ID of the k-th process, so that its threads are counted separately."""
    return FIRST + k % COUNT


def switch(user: int, keep: int) -> None:
    """Become this user, in no other group, with no capabilities except those in `keep`.

    Raises:
        OSError: it's not allowed.
    """
    if os.geteuid() == 0:
        kernel.keep_capabilities_across_setuid()
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities(keep)
    os.umask(0o077)


def limit_threads(count: int) -> None:
    """Limit the total number of threads of this account."""
    resource.setrlimit(resource.RLIMIT_NPROC, (count, count))


def can_switch(needed: Path, keep: int) -> bool:
    """Try, in a separate process, whether another account could do the work.

    Args:
        needed: a file that it must be able to read.
        keep: capabilities that it would keep.

    Raises:
        OSError: switching isn't possible at all.
    """
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            switch(number(0), keep)
            code = 1
            needed.read_bytes()  # not os.access, which ignores capabilities
            code = 0
        except OSError:
            pass
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 2:
        raise OSError("root may not become another user here")
    return code == 0


def tasks_of_this_user() -> int:
    """How many threads this user is already running, because the kernel's limit counts them too."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.getuid():
                count += len(os.listdir(folder / "task"))
        except OSError:
            continue  # it has ended, or is hidden
    return count
