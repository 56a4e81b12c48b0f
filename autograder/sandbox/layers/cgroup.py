"""Control groups: the kernel counts the threads and all the memory of one submission together.

Other limits are of one process's address space; a group's also count files in memory, and what the
kernel keeps for a process, such as pipes. The grader makes the groups; a student's process goes
into one by a descriptor, before it gives up its rights, and never sees them.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from autograder.sandbox.layers.limits import Limits

PREFIX = "pset-grading-"
WANTED = ("pids", "memory")


@dataclass(frozen=True)
class Tree:
    """One tree of groups.

    Args:
        version: 1 has a tree for each of `WANTED`, 2 has one for all.
        controllers: which of these it counts.
        here: this process's own group in it.
        top: beyond which there is nothing to be seen.
    """

    version: int
    controllers: tuple[str, ...]
    here: Path
    top: Path


class Groups:
    """Groups for submissions, one at a time or many.

    Args:
        limits: of each.

    Raises:
        OSError: none can be made here; says why.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._numbers = count()
        self._parents: dict[Path, Tree] = {}
        trouble: list[str] = []
        for tree in trees():
            try:
                self._parents[_parent_in(tree)] = tree
            except OSError as error:
                trouble.append(f"{' and '.join(tree.controllers)}: {error.strerror}")
        if not self._parents:
            raise OSError(f"no group can be made ({'; '.join(trouble) or 'there are none'})")
        try:
            self._try()
        except OSError:
            self.close()
            raise

    @property
    def about(self) -> str:
        """What they count, in a word or two."""
        counted = [name for tree in self._parents.values() for name in tree.controllers]
        return f"{' and '.join(counted)}, version {next(iter(self._parents.values())).version}"

    def make(self) -> list[Path]:
        """A group for one submission: its folder in each tree."""
        name = str(next(self._numbers))
        return [self._folder(parent / name, tree) for parent, tree in self._parents.items()]

    def remove(self, folders: list[Path]) -> None:
        """Remove a group whose processes have ended."""
        for folder in folders:
            _remove(folder)

    def close(self) -> None:
        """Remove all that was made."""
        for parent in self._parents:
            for folder in _below(parent):
                _remove(folder)
            _remove(parent)

    def _folder(self, folder: Path, tree: Tree) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in _settings(self._limits, tree).items():
            (folder / name).write_text(str(value))
        if tree.version == 2:
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                with contextlib.suppress(OSError):  # a computer without swap cannot limit it
                    (folder / name).write_text(value)
        return folder

    def _try(self) -> None:
        """Let a process go in, and leave."""
        folders = self.make()
        descriptors = doors(folders)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                go_in(descriptors)
                code = 0
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for descriptor in descriptors:
            os.close(descriptor)
        self.remove(folders)
        if code:
            raise OSError("no process can go into a group")


def doors(folders: list[Path]) -> list[int]:
    """Descriptors by which a process goes into a group; to be closed by whoever asked."""
    return [os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in folders]


def go_in(descriptors: list[int]) -> None:
    """Put this process into the groups of these descriptors."""
    for descriptor in descriptors:
        os.write(descriptor, b"0")


def trees(process: Path = Path("/proc/self")) -> list[Tree]:
    """The trees that this process can see and that count what is wanted.

    Raises:
        OSError: this is no Linux.
    """
    found = []
    mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
    for line in (process / "cgroup").read_text().splitlines():
        _, names, own = line.split(":", 2)
        for fields in mounts:
            kind, options = fields[fields.index("-") + 1], fields[-1].split(",")
            top = Path(fields[4])
            if kind == "cgroup2" and not names:
                offered = _words(top / "cgroup.controllers")
                controllers = tuple(name for name in WANTED if name in offered)
            elif kind == "cgroup" and names and set(names.split(",")) <= set(options):
                controllers = tuple(name for name in WANTED if name in names.split(","))
            else:
                continue
            if controllers:
                inside = os.path.relpath(own, fields[3])
                here = top if inside.startswith("..") else top / inside
                found.append(Tree(2 if kind == "cgroup2" else 1, controllers, here, top))
            break
    return found


def _parent_in(tree: Tree) -> Path:
    """Make a group for groups: in this process's own, or the nearest around it.

    In version 2 a group that holds processes, as this process's own does, may not hold others
    with limits, so there it is one further out.

    Raises:
        OSError: it works nowhere.
    """
    trouble = OSError("there is no place for one")
    for place in (tree.here, *tree.here.parents) if tree.version == 2 else (tree.here,):
        if not place.is_relative_to(tree.top):
            break
        _sweep(place)
        parent = place / f"{PREFIX}{os.getpid()}-{time.monotonic_ns()}"
        try:
            _pass_on(place, tree)
            parent.mkdir()
            _pass_on(parent, tree)
            return parent
        except OSError as error:
            trouble = error
            _remove(parent)
    raise trouble


def _pass_on(folder: Path, tree: Tree) -> None:
    """In version 2 a group's controllers have to be switched on for the groups below it."""
    if tree.version == 2:
        switch = folder / "cgroup.subtree_control"
        missing = [name for name in tree.controllers if name not in _words(switch)]
        if missing:
            switch.write_text(" ".join(f"+{name}" for name in missing))


def _settings(limits: Limits, tree: Tree) -> dict[str, int]:
    memory = "memory.max" if tree.version == 2 else "memory.limit_in_bytes"
    settings = {"pids": ("pids.max", limits.threads), "memory": (memory, limits.memory)}
    return dict(settings[name] for name in tree.controllers)


def _sweep(place: Path) -> None:
    """Remove what graders have left here that are no more."""
    for folder in place.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            for below in _below(folder):
                _remove(below)
            _remove(folder)


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if path.is_dir()]


def _remove(folder: Path) -> None:
    """The kernel may take a moment until it knows that a group is empty."""
    for _ in range(50):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.002)
        else:
            return


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
