"""A grader that is killed takes everything with it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.paths import ROOT

GRADER = """
import sys
sys.path.insert(0, {root!r})
import torch
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.session import Session
from pset.checks.definition import Case

with Launcher(isolation=Isolation(trusted=True)) as launcher:
    launcher.warm()
    body = "    import signal\\n    signal.pthread_sigmask(0, range(1, 64))\\n    while True: pass"
    session = Session(launcher, [f"def f(x):\\n{{body}}"], ["f"], everything=False)
    print(launcher._scratch, flush=True)
    session.call("f", Case("", {{"x": torch.ones(1)}}), 60)
"""


def started_by(scratch: str) -> Iterator[int]:
    """The warm parent of this folder, what waits for it, and its forks."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if scratch.encode() in path.read_bytes():
                yield int(path.parent.name)
        except OSError:
            continue


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_killed_grader_leaves_no_process() -> None:
    command = [sys.executable, "-c", GRADER.format(root=str(ROOT))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        scratch = grader.stdout.readline().strip()
        time.sleep(0.5)  # the endless call has begun
        assert list(started_by(scratch))
        os.kill(grader.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (left := list(started_by(scratch))) and time.monotonic() < deadline:
        time.sleep(0.1)
    shutil.rmtree(scratch, ignore_errors=True)  # the next grader would
    assert left == []
