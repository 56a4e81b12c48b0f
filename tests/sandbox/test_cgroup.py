"""Control groups: found in what the kernel says, made, and counted in."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers import cgroup
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import GROUPS, LAYERS, Isolation

VERSION_1 = (
    "39 31 0:36 / {root}/pids rw - cgroup cgroup rw,pids\n"
    "35 31 0:32 / {root}/memory rw - cgroup cgroup rw,memory\n"
    "41 31 0:38 / {root}/unified rw - cgroup2 cgroup2 rw\n",
    "8:pids:/\n4:memory:/of/this\n1:cpu:/\n0::/\n",
)
VERSION_2 = (
    "30 23 0:26 /outside {root} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
    "0::/outside/user.slice/run.scope\n",
)


def seen(root: Path, mounts: str, groups: str) -> list[cgroup.Tree]:
    """The trees of a process with these two files."""
    (root / "mountinfo").write_text(mounts.format(root=root))
    (root / "cgroup").write_text(groups)
    return cgroup.trees(root)


def test_two_trees_of_version_1(tmp_path: Path) -> None:
    pids, memory = seen(tmp_path, *VERSION_1)
    assert (pids.version, pids.controllers, pids.here) == (1, ("pids",), tmp_path / "pids")
    assert (memory.controllers, memory.here) == (("memory",), tmp_path / "memory" / "of" / "this")


def test_one_tree_of_version_2_seen_from_inside_a_container(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu memory pids\n")
    (tree,) = seen(tmp_path, *VERSION_2)
    assert (tree.version, tree.controllers) == (2, ("pids", "memory"))
    assert (tree.here, tree.top) == (tmp_path / "user.slice" / "run.scope", tmp_path)


@pytest.fixture
def groups() -> cgroup.Groups:
    try:
        groups = cgroup.Groups(Limits(threads=8, memory=64 << 20))
    except OSError as error:
        pytest.skip(str(error))
    yield groups
    groups.close()


def in_group(groups: cgroup.Groups, code: str) -> int:
    """The exit status of Python code in a group of its own."""
    folders = groups.make()
    descriptors = cgroup.doors(folders)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", f"import os\n{code}"],
            preexec_fn=lambda: cgroup.go_in(descriptors),
            stderr=subprocess.DEVNULL,
            check=False,
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
        groups.remove(folders)
    assert not any(folder.exists() for folder in folders)
    return done.returncode


@pytest.mark.root
def test_a_group_limits_processes_even_of_root(groups: cgroup.Groups) -> None:
    forks = (
        "started = 0\n"
        "try:\n"
        "    for _ in range(30):\n"
        "        if os.fork() == 0:\n"
        "            import time; time.sleep(60)\n"
        "        started += 1\n"
        "except BlockingIOError:\n"
        "    pass\n"
        "os.killpg(0, 0)\n"
        "import signal; signal.signal(15, signal.SIG_IGN); os.killpg(0, 15)\n"
        "while True:\n"
        "    try:\n"
        "        os.wait()\n"
        "    except ChildProcessError:\n"
        "        break\n"
        "os._exit(started)"
    )
    if "pids" not in groups.about:
        pytest.skip("processes are not counted here")
    assert in_group(groups, "os.setpgid(0, 0)\n" + forks) == 7


@pytest.mark.root
def test_a_group_limits_memory_that_no_address_space_shows(groups: cgroup.Groups) -> None:
    if "memory" not in groups.about:
        pytest.skip("memory is not counted here")
    write = "d = os.memfd_create('x')\nfor _ in range({}): os.write(d, bytes(1 << 20))\nos._exit(5)"
    assert in_group(groups, write.format(16)) == 5
    assert in_group(groups, write.format(128)) == -9


@pytest.mark.root
def test_what_a_dead_grader_left_is_removed(groups: cgroup.Groups) -> None:
    parent, *_ = groups._parents
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = parent.parent / f"{cgroup.PREFIX}{dead.pid}-1"
    (left / "0").mkdir(parents=True)
    cgroup.Groups(Limits()).close()
    assert not left.exists()
    assert parent.exists()


def wait_for(found: Callable[[], list[str]], seconds: float = 30) -> list[str]:
    """What it finds as soon as that is something; nothing, if it never is."""
    end = time.monotonic() + seconds
    while not (what := found()) and time.monotonic() < end:
        time.sleep(0.01)
    return what


@pytest.mark.root
def test_a_launcher_leaves_no_group() -> None:
    with Launcher(isolation=Isolation(off=tuple(set(LAYERS) - {GROUPS}), trusted=True)) as launcher:
        launcher.warm()
        if GROUPS not in launcher.report.on:
            pytest.skip(launcher.report.missing[GROUPS])
        process = launcher.start()
        for folder in process.groups:  # the process goes in by itself, a moment after its start
            assert wait_for(lambda folder=folder: (folder / "cgroup.procs").read_text().split())
        parents = [folder.parent for folder in process.groups]
        launcher.end(process)
    assert not any(parent.exists() for parent in parents)
