"""An account without rights: another one where the grader is root, else one's own, without more."""

import os
import resource
from pathlib import Path

from autograder.sandbox.layers import kernel

FIRST, COUNT = 61184, 4000
"""User numbers that Debian, Fedora and systemd give to nobody for long."""


def number(k: int) -> int:
    """The account of the k-th process: its threads are counted by themselves."""
    return FIRST + k % COUNT


def switch(user: int, keep: int) -> None:
    """Become this user, in no group but its own, with no capabilities but those in `keep`.

    Raises:
        OSError: it is not allowed.
    """
    if os.geteuid() == 0:
        kernel.keep_capabilities_across_setuid()
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities(keep)
    os.umask(0o077)


def limit_threads(count: int) -> None:
    """Let this account have no more threads than this, in all."""
    resource.setrlimit(resource.RLIMIT_NPROC, (count, count))


def can_switch(needed: Path, keep: int) -> bool:
    """Whether another account could do its work: tried in a process of its own.

    Args:
        needed: a file that it must be able to read.
        keep: capabilities that it would keep.

    Raises:
        OSError: there is no switching at all.
    """
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            switch(number(0), keep)
            code = 1
            needed.read_bytes()  # not os.access, which leaves capabilities out
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
    """How many threads this user runs already: the kernel's limit counts them too."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.getuid():
                count += len(os.listdir(folder / "task"))
        except OSError:
            continue  # it has ended, or is hidden
    return count
