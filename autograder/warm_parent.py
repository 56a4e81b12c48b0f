"""The process that student processes are forked from: it has imported all that takes long.

Importing torch takes seconds, a fork milliseconds. This process holds no secret: it is started
with a bare environment and one descriptor, and knows public inputs only.

It reads lines from the grader, `start <folder>` with a descriptor, and `end <pid>`, and answers
each with a line of JSON. When the grader goes away, so do this process and its children.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator

# Before torch is imported anywhere: forking is safe only while there are no other threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from autograder import child
from autograder.limits import Limits, confine
from pset.checks import ALL_CHECKS, calling
from pset.seeded_noise import SEED


def warm_up() -> None:
    """Import, load and compute once what every submission would wait for."""
    torch.set_num_threads(1)
    import matplotlib.pyplot  # noqa: F401
    from IPython.display import display  # noqa: F401

    for check in ALL_CHECKS.values():
        for case in check.cases(SEED):  # the public ones
            try:
                calling.resolve(case)
            except Exception as error:  # then it fails in the call too, and is reported there
                print(f"{check.exercise}: {error}", file=sys.stderr)


def main(descriptor: int, limits: Limits) -> None:
    """Serve the grader on a descriptor until it closes it."""
    control = socket.socket(fileno=descriptor)
    warm_up()
    _reply(control, {"ready": True})
    children: set[int] = set()
    try:
        for line, channel in _requests(control):
            word, _, argument = line.partition(" ")
            if word == "start":
                pid = _start(argument, channel, control, limits)
                children.add(pid)
                _reply(control, {"pid": pid})
            elif word == "end" and (pid := int(argument)) in children:
                children.remove(pid)
                _reply(control, _end(pid))
    finally:
        for pid in children:
            _end(pid)


def _requests(control: socket.socket) -> Iterator[tuple[str, int | None]]:
    while True:
        # One request at a time: the grader waits for the answer before it sends the next.
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        if not data:
            return
        yield data.decode().strip(), descriptors[0] if descriptors else None


def _reply(control: socket.socket, answer: dict[str, object]) -> None:
    control.sendall(json.dumps(answer).encode() + b"\n")


def _start(folder: str, channel: int | None, control: socket.socket, limits: Limits) -> int:
    pid = os.fork()
    if pid:
        os.close(channel)
        return pid
    try:
        os.setsid()
        control.close()
        child.enter(folder)
        confine(limits)
        child.serve(socket.socket(fileno=channel))
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
