"""System calls that Python doesn't provide; each one fails with an OSError that names it."""

import ctypes
import os

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000
MNT_DETACH = 2

_ATTR_READ_ONLY, _ATTR_NOSUID = 1, 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_SYS_MOUNT_SETATTR = 442  # these two have the same number on every architecture but alpha
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_KEEPCAPS = 1, 24, 38, 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x2008_0522
_LAST_CAPABILITY = 63

CAP_DAC_READ_SEARCH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces of these kinds."""
    _done(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace of a descriptor."""
    _done(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    arguments = [text.encode() for text in (source, target, kind)]
    done = _libc.mount(*arguments, ctypes.c_ulong(flags), options.encode())
    _done(done, f"mount on {target}")


def unmount(target: str) -> None:
    """Unmount, immediately or when it's no longer in use."""
    _done(_libc.umount2(target.encode(), MNT_DETACH), f"umount of {target}")


def make_read_only(target: str) -> None:
    """Make a mount and everything below it read-only, and ignore setuid bits there."""

    class Attributes(ctypes.Structure):
        _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagate", "fd"))

    attributes = Attributes(_ATTR_READ_ONLY | _ATTR_NOSUID, 0, 0, 0)
    arguments = (target.encode(), _AT_RECURSIVE, ctypes.byref(attributes))
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _done(_libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, *arguments, size), "mount_setattr")


def change_root(folder: str) -> None:
    """Make a mount the root directory, and unmount the old root."""
    os.chdir(folder)
    _done(_libc.syscall(_SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    # The old root is now mounted over the new one. Unmount it, and nothing in it can be reached.
    unmount(".")
    os.chdir("/")


def die_with_parent() -> None:
    """Make the kernel kill this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def no_new_privileges() -> None:
    """From now on, no program gains privileges through its owner or its flags."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def keep_capabilities_across_setuid() -> None:
    """Keep permitted capabilities across setresuid, so that `drop_capabilities` can keep one."""
    _prctl(_PR_SET_KEEPCAPS, 1)


def drop_capabilities(keep: int = 0) -> None:
    """Drop all capabilities permanently, except those whose bits are set in `keep`."""
    for capability in range(_LAST_CAPABILITY + 1):
        if not keep >> capability & 1:
            _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # only root has any to drop
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = keep & 0xFFFF_FFFF, keep >> 32
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)  # effective, permitted, inheritable
    _done(_libc.capset(header, data), "capset")


def _prctl(option: int, value: int) -> None:
    _done(_libc.prctl(option, value, 0, 0, 0), "prctl")
