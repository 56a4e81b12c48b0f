"""Control groups: the kernel counts the threads and all the memory of one submission.

Other limits apply to one process's address space. A group's limits also count files in memory and
what the kernel holds for a process, such as pipes. The grader creates the groups; a student process
enters one through a descriptor, before it drops its privileges, and never sees the groups.
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
    """One hierarchy of groups.

    Args:
        version: 1 has a hierarchy for each of `WANTED`, 2 has one for all.
        controllers: which of these it counts.
        here: this process's own group in it.
        top: the topmost visible group.
    """

    version: int
    controllers: tuple[str, ...]
    here: Path
    top: Path


class Groups:
    """Creates groups for submissions, one at a time or many.

    Args:
        limits: of each.

    Raises:
        OSError: groups can't be created here; says why.
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
            raise OSError(f"can't create groups ({'; '.join(trouble) or 'there are none'})")
        try:
            self._try()
        except OSError:
            self.close()
            raise

    @property
    def about(self) -> str:
        """What they count, in a few words."""
        counted = [name for tree in self._parents.values() for name in tree.controllers]
        return f"{' and '.join(counted)}, version {next(iter(self._parents.values())).version}"

    def make(self) -> list[Path]:
        """Create a group for one submission; returns its folder in each hierarchy."""
        name = str(next(self._numbers))
        return [self._folder(parent / name, tree) for parent, tree in self._parents.items()]

    def remove(self, folders: list[Path]) -> None:
        """Remove a group whose processes have ended."""
        for folder in folders:
            _remove(folder)

    def close(self) -> None:
        """Remove everything that was created."""
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
                with contextlib.suppress(OSError):  # without swap, there's nothing to limit
                    (folder / name).write_text(value)
        return folder

    def _try(self) -> None:
        """Test that a process can enter a group."""
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
            raise OSError("a process can't enter a group")


def doors(folders: list[Path]) -> list[int]:
    """Descriptors through which a process enters a group; the caller closes them."""
    return [os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in folders]


def go_in(descriptors: list[int]) -> None:
    """Move this process into the groups of these descriptors."""
    for descriptor in descriptors:
        os.write(descriptor, b"0")


def trees(process: Path = Path("/proc/self")) -> list[Tree]:
    """The hierarchies that this process can see and that count what's wanted.

    Raises:
        OSError: this isn't Linux.
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
    """Create a parent group: in this process's own group, or the nearest one above it.

    In version 2, a group that contains processes, such as this process's own, can't contain groups
    with limits, so there it's one level up.

    Raises:
        OSError: it can't be created anywhere.
    """
    trouble = OSError("no place for a group")
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
    """In version 2, a group's controllers must be enabled for the groups below it."""
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
    """Remove what dead graders have left here."""
    for folder in place.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            for below in _below(folder):
                _remove(below)
            _remove(folder)


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if path.is_dir()]


def _remove(folder: Path) -> None:
    """Remove a group; the kernel may take a moment to notice that it's empty."""
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
