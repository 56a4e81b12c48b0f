"""How many processor cores this process may really use.

A container or a shared machine often gives a process fewer cores than the computer has. More
threads than cores slow a network down, because in every layer each thread waits for all the others.
"""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")
NO_LIMIT = ("max", "-1")


def available_cores(groups: Path = CGROUPS, ours: Path = OURS) -> int:
    """The cores of this process: those it may run on, or fewer if its time is limited.

    Args:
        groups: where Linux shows control groups, version 1 or 2.
        ours: where it says which of them this process is in.

    Returns:
        1 or more. A part of a core doesn't count: a thread without time left holds up the others.
    """
    if hasattr(os, "sched_getaffinity"):  # Linux
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *(int(quota) for quota in _quotas(groups, ours))]))


def use_available_cores() -> None:
    """Give torch no more threads than there are cores; what's lower already stays."""
    import torch

    torch.set_num_threads(min(torch.get_num_threads(), available_cores()))


def _quotas(groups: Path, ours: Path) -> Iterator[float]:
    """The limits, in cores, of our control groups and all groups that these are in."""
    try:
        lines = ours.read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:  # version 2
            tree, read = groups, _quota_2
        elif "cpu" in controllers.split(","):
            tree = next((t for t in (groups / controllers, groups / "cpu") if t.is_dir()), groups)
            read = _quota_1
        else:
            continue
        # In a container the path may be the host's, and the tree begins with our group.
        group = tree / path.lstrip("/")
        while True:
            yield from read(group)
            if group == tree or tree not in group.parents:
                break
            group = group.parent


def _quota_2(group: Path) -> Iterator[float]:
    """`cpu.max` holds microseconds of processor time, and of the period in which they count."""
    yield from _ratio(_words(group / "cpu.max"))


def _quota_1(group: Path) -> Iterator[float]:
    yield from _ratio(_words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us"))


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _ratio(words: list[str]) -> Iterator[float]:
    if len(words) == 2 and words[0] not in NO_LIMIT:
        yield float(words[0]) / float(words[1])
