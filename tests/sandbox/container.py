"""Live as root does in a container: the system calls and rights that Docker leaves by default.

It is meant for a process that ends soon; there is no way back.
"""

import errno
import sys
import tempfile
from pathlib import Path

import pyseccomp as sc

from autograder.sandbox.layers import kernel

REFUSED = (
    "mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick "
    "pivot_root unshare setns bpf perf_event_open userfaultfd fanotify_init open_by_handle_at "
    "keyctl add_key request_key init_module finit_module delete_module kexec_load kexec_file_load "
    "reboot swapon swapoff acct quotactl settimeofday clock_settime clock_adjtime iopl ioperm "
    "lookup_dcookie nfsservctl io_uring_setup io_uring_enter io_uring_register sethostname"
)
"""Of what isolation and attacks use here, all that Docker's default profile refuses."""

LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
NEW_NAMESPACES = (1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30)
RIGHTS = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""Docker's default capabilities: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID and so on."""


def enter(with_landlock: bool) -> None:
    """Go in.

    Args:
        with_landlock: as current versions of Docker allow it, on a kernel that has it.

    Raises:
        OSError: this process has no right to; says to what.
    """
    _show_python_to_everybody()
    rules = sc.SyscallFilter(sc.ALLOW)
    rules.set_attr(sc.Attr.CTL_NNP, 0)
    for name in REFUSED.split():
        try:
            rules.add_rule(sc.ERRNO(errno.EPERM), name)
        except OSError:
            continue  # this kind of processor does not have it
    for flag in NEW_NAMESPACES:
        rules.add_rule(sc.ERRNO(errno.EPERM), "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    for name in ["clone3", *([] if with_landlock else LANDLOCK.split())]:
        rules.add_rule(sc.ERRNO(errno.ENOSYS), name)
    rules.load()
    kernel.drop_capabilities(sum(1 << right for right in RIGHTS))


def _show_python_to_everybody() -> None:
    """An image has Python in /usr; here it may lie in a folder of root's. Seen so by us alone."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    for prefix in {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()}:
        closed = [path for path in prefix.parents if not path.stat().st_mode & 0o001]
        if closed:
            aside = tempfile.mkdtemp()
            kernel.mount(str(prefix), aside, flags=kernel.MS_BIND | kernel.MS_REC)
            kernel.mount("tmpfs", str(closed[-1]), "tmpfs", options="mode=755")
            prefix.mkdir(parents=True)
            kernel.mount(aside, str(prefix), flags=kernel.MS_BIND | kernel.MS_REC)
            kernel.unmount(aside)
            Path(aside).rmdir()
