"""The warm parent: it has done all slow imports, and other processes are forked from it.

Importing torch takes seconds, a fork milliseconds. This process has no secrets: it's started with
a bare environment and one descriptor, and knows only public inputs. Where the computer allows it,
it can't see the grader's files either. Its children run one of two modules: `child` runs
notebooks, `reading_child` reads files.

It reads lines from the grader and answers each with a line of JSON: `start <folder>`, sent with
the descriptors of a socket and of control groups, and `end <pid>`. When the grader goes away, so
do this process and its children.
"""

import json
import os
import signal
import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

# Before torch is imported anywhere, since forking is safe only without other threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from autograder.sandbox import stranger
from autograder.sandbox.layers import cgroup
from autograder.sandbox.layers.warm import Warm


def main(descriptor: int, warm: Warm, canary: Path, work: str) -> None:
    """Serve the grader on a descriptor until the grader closes it.

    Args:
        descriptor: of a socket.
        warm: the isolation that can be set up already.
        canary: one of the grader's files, which no student process may read.
        work: the module that children run, with `warm_up()` and `serve(channel, folder)`.
    """
    control = socket.socket(fileno=descriptor)
    module = import_module(work)  # it may import torch, so only after isolation
    module.warm_up()
    warm.prove(canary)
    _reply(control, {"report": warm.report.as_json()})
    children: set[int] = set()
    try:
        for line, descriptors in _requests(control):
            word, _, argument = line.partition(" ")
            if word == "start":
                pid = _start(argument, descriptors, warm, module)
                children.add(pid)
                _reply(control, {"pid": pid})
            elif word == "end" and (pid := int(argument)) in children:
                children.remove(pid)
                _reply(control, _end(pid))
            else:
                raise ValueError(f"not a request: {line}")
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


def _start(folder: str, descriptors: list[int], warm: Warm, module: ModuleType) -> int:
    pid = warm.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        channel, *doors = descriptors
        cgroup.go_in(doors)  # they're closed with all the others
        stranger.enter()
        module.serve(*warm.student().enter(channel, Path(folder)))
    except MemoryError:
        os._exit(stranger.OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _end(pid: int) -> dict[str, object]:
    """Kill a child and its group. Only this process waits for it, so its PID is still valid."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        except PermissionError:
            continue
    _, status, usage = os.wait4(pid, 0)
    return {"status": status, "cpu_seconds": usage.ru_utime + usage.ru_stime}
