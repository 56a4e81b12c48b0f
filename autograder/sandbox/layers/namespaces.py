"""Namespaces: a separate file tree, network and set of process IDs.

The warm parent enters them once, before it imports anything large. From then on it sees only what
students may see, so each fork only needs a new PID namespace and a small folder.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox.layers import kernel
from autograder.sandbox.layers.view import DEVICES

HOME = Path("/student")
"""A student process's folder, in memory; it disappears with the process."""

_KINDS = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)


def possible(readable: Sequence[Path], scratch: Path) -> None:
    """Try everything in a separate process.

    Raises:
        OSError: it doesn't work; says why.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _leave()
            if os.fork() == 0:
                processes = _go_in(readable, scratch)
                if processes.fork() == 0:
                    os.write(writer, b"fine")
                    os._exit(0)
                os.wait()  # if this process ended, so would all others in the namespace
                os._exit(0)
            os.wait()
        except BaseException as error:
            os.write(writer, str(error).encode()[:500])
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    if said != "fine":
        raise OSError(f"this computer doesn't allow it ({said or 'no process starts in them'})")


def enter(readable: Sequence[Path], scratch: Path) -> "Processes":
    """Enter. The caller continues as the first process inside; another one waits outside.

    Args:
        readable: files and folders that are visible inside, read-only.
        scratch: a folder for the caller's own use, empty inside.
    """
    _leave()
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent()
        return _go_in(readable, scratch)
    os.closerange(0, 256)  # or the grader would never see the end of its pipes
    os._exit(0 if os.waitpid(pid, 0)[1] == 0 else 1)


class Processes:
    """Starts processes in PID namespaces of their own, each with process ID 1."""

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def fork(self) -> int:
        """Like os.fork; the child is alone in its namespace, which ends with it."""
        kernel.unshare(kernel.CLONE_NEWPID)
        try:
            pid = os.fork()
        except OSError:
            self._take_back()
            raise
        if pid:
            self._take_back()
        return pid

    def _take_back(self) -> None:
        """Go back; otherwise the next child would start in the same namespace as the last one."""
        kernel.setns(self._own, kernel.CLONE_NEWPID)


def private_folder(scratch: Path, size: int, user: int) -> Path:
    """In the child, first of all: unmount the warm parent's folder, and mount its own.

    Args:
        scratch: the warm parent's folder.
        size: of the new folder in memory, in bytes.
        user: the new folder's owner.
    """
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
    kernel.unmount(str(scratch))
    options = f"size={size},nr_inodes=4096,mode=700,uid={user},gid={user}"
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("tmpfs", str(HOME), "tmpfs", flags, options)
    return HOME


def _leave() -> None:
    """Leave the host's namespaces; processes started from now on are inside."""
    user, group = os.getuid(), os.getgid()
    if user == 0:
        kernel.unshare(_KINDS)
        return
    kernel.unshare(_KINDS | kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _go_in(readable: Sequence[Path], scratch: Path) -> Processes:
    """Build the file tree, and make it the root."""
    processes = Processes()
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    root = scratch / "root"
    root.mkdir(exist_ok=True)
    kernel.mount("tmpfs", str(root), "tmpfs", kernel.MS_NOSUID, "mode=755,size=16m")
    for path in (*readable, *map(Path, DEVICES)):
        _show(path, root)
    own = root / scratch.relative_to("/")
    for folder in (own, root / HOME.relative_to("/")):
        folder.mkdir(parents=True, exist_ok=True)
    kernel.make_read_only(str(root))
    kernel.mount(
        "tmpfs", str(own), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=700,size=64m"
    )
    kernel.change_root(str(root))
    return processes


def _show(path: Path, root: Path) -> None:
    """Bind-mount a file or folder, with links resolved, to the same path below another root."""
    target = root / path.relative_to("/")
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    kernel.mount(str(path.resolve()), str(target), flags=kernel.MS_BIND | kernel.MS_REC)
