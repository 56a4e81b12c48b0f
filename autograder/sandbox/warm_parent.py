"""The process that student processes are forked from: it has imported all that takes long.

Importing torch takes seconds, a fork milliseconds. This process holds no secret: it is started
with a bare environment and one descriptor, and knows public inputs only. Where the computer
allows it, it cannot see the grader's files either.

It reads lines from the grader, `start <folder>` with descriptors, a socket and the doors of control
groups, and `end <pid>`, and answers each with a line of JSON. When the grader goes away, so do
this process and its children.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

# Before torch is imported anywhere: forking is safe only while there are no other threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from autograder.sandbox import child
from autograder.sandbox.layers import cgroup
from autograder.sandbox.layers.warm import Warm
from pset.checks import ALL_CHECKS, calling
from pset.seeded_noise import SEED


def warm_up() -> None:
    """Import, load and compute once what every submission would wait for."""
    torch.set_num_threads(1)
    import matplotlib.pyplot  # noqa: F401
    from IPython.display import display  # noqa: F401

    # Libraries look at the computer once, in files that students' processes do not see.
    torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3)) @ torch.ones(1, 1)

    for check in ALL_CHECKS.values():
        for case in check.cases(SEED):  # the public ones
            try:
                calling.resolve(case)
            except Exception as error:  # then it fails in the call too, and is reported there
                print(f"{check.exercise}: {error}", file=sys.stderr)


def main(descriptor: int, warm: Warm, canary: Path) -> None:
    """Serve the grader on a descriptor until it closes it.

    Args:
        descriptor: of a socket.
        warm: isolation, as far as it can be on already.
        canary: a file of the grader's that no student's process may read.
    """
    control = socket.socket(fileno=descriptor)
    warm_up()
    warm.prove(canary)
    _reply(control, {"report": warm.report.as_json()})
    children: set[int] = set()
    try:
        for line, descriptors in _requests(control):
            word, _, argument = line.partition(" ")
            if word == "start":
                pid = _start(argument, descriptors, warm)
                children.add(pid)
                _reply(control, {"pid": pid})
            elif word == "end" and (pid := int(argument)) in children:
                children.remove(pid)
                _reply(control, _end(pid))
    finally:
        for pid in children:
            _end(pid)


def _requests(control: socket.socket) -> Iterator[tuple[str, list[int]]]:
    while True:
        # One request at a time: the grader waits for the answer before it sends the next.
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 8)
        if not data:
            return
        yield data.decode().strip(), descriptors


def _reply(control: socket.socket, answer: dict[str, object]) -> None:
    control.sendall(json.dumps(answer).encode() + b"\n")


def _start(folder: str, descriptors: list[int], warm: Warm) -> int:
    pid = warm.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        channel, *doors = descriptors
        cgroup.go_in(doors)  # they are closed with all others
        child.enter()
        child.serve(*warm.student().enter(channel, Path(folder)))
    finally:
        os._exit(0)


def _end(pid: int) -> dict[str, object]:
    """Kill a child and its group. It is waited for here alone, so its number is still its own."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        except PermissionError:
            continue
    _, status, usage = os.wait4(pid, 0)
    return {"status": status, "cpu_seconds": usage.ru_utime + usage.ru_stime}
