"""The warm parent's part of isolation: detect the layers, enter them, fork student processes."""

import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

from autograder.sandbox.layers import account, kernel, landlock, namespaces, proof, seccomp, view
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import (
    ACCOUNT,
    GROUPS,
    LANDLOCK,
    LIMITS,
    NAMESPACES,
    SECCOMP,
    Isolation,
)
from autograder.sandbox.layers.report import Report
from autograder.sandbox.layers.student import Student

BESIDES = 256
"""Threads that the user's other programs may start while a class is graded."""


class Warm:
    """Isolation in the warm parent. Create it before importing anything that starts threads.

    Args:
        wished: layers to use.
        limits: of a student's process.
        scratch: a private folder.
        groups: what control groups count, if the grader can create them.
        no_groups: the reason, if it can't.

    Attributes:
        report: which layers are on, and which aren't.
    """

    def __init__(
        self, wished: Isolation, limits: Limits, scratch: Path, groups: str, no_groups: str
    ) -> None:
        self.report = Report()
        self._limits, self._scratch = limits, scratch
        self._outside = (os.getppid(), os.getpid())
        self._started = 0
        self._processes: namespaces.Processes | None = None
        self._keep = self._threads = 0
        if not sys.platform.startswith("linux"):
            for layer in (NAMESPACES, LANDLOCK, SECCOMP, ACCOUNT, GROUPS):
                self.report.missing[layer] = "only Linux has it"
            if wished.wants(LIMITS):
                self.report.on[LIMITS] = ""
            return
        self._readable = view.readable()
        with contextlib.suppress(OSError):
            # If memory runs out all the same, the kernel should kill a student's process first.
            Path("/proc/self/oom_score_adj").write_text("1000")
        for layer, find in (
            (LANDLOCK, lambda: f"version {landlock.version()}"),
            (SECCOMP, lambda: f"pyseccomp {seccomp.available()}"),
            (LIMITS, lambda: ""),
            (NAMESPACES, lambda: self._enter(scratch)),
            (ACCOUNT, self._find_account),
        ):
            if not wished.wants(layer):
                self.report.missing[layer] = "it was switched off"
                continue
            try:
                self.report.on[layer] = find()
            except OSError as error:
                self.report.missing[layer] = str(error)
        if groups:
            self.report.on[GROUPS] = groups
        else:
            self.report.missing[GROUPS] = no_groups

    def fork(self) -> int:
        """Like os.fork; the child continues with `student().enter`."""
        self._started += 1
        return self._processes.fork() if self._processes else os.fork()

    def student(self) -> Student:
        """The layers for the next child."""
        return Student(
            layers=frozenset(self.report.on),
            limits=self._limits,
            scratch=self._scratch,
            readable=tuple(self._readable) if LANDLOCK in self.report.on else (),
            user=account.number(self._started),
            keep=self._keep,
            threads=self._threads,
        )

    def prove(self, canary: Path) -> None:
        """Try to break out, and add what worked to the report.

        Args:
            canary: one of the grader's files, which nobody else may read.
        """
        ours, theirs = socket.socketpair()
        folder = self._scratch / "proof"
        folder.mkdir(mode=0o755, exist_ok=True)
        pid = self.fork()
        if pid == 0:
            try:
                channel, _ = self.student().enter(theirs.fileno(), folder)
                proof.say(channel, proof.breaches(canary, *self._outside))
            finally:
                os._exit(0)
        theirs.close()
        with ours:
            self.report.breaches = proof.hear(ours)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def _enter(self, scratch: Path) -> str:
        namespaces.possible(self._readable, scratch)
        self._processes = namespaces.enter(self._readable, scratch)
        return "as root" if os.getuid() == 0 else "as an ordinary user"

    def _find_account(self) -> str:
        self._threads = self._limits.threads
        if os.geteuid() != 0:
            if self._processes is not None:
                return "the same user, in a user namespace"
            self._threads += account.tasks_of_this_user() + BESIDES
            return "the same user, without capabilities"
        needed = Path(os.__file__)
        if not account.can_switch(needed, 0):
            # Python is in root's home folder. Reading there doesn't mean leaving the view, which
            # holds against root as well, and seccomp refuses the calls that could get around it.
            self._keep = 1 << kernel.CAP_DAC_READ_SEARCH
            if not ({LANDLOCK, SECCOMP} <= set(self.report.on)) or not account.can_switch(
                needed, self._keep
            ):
                raise OSError(f"another user couldn't read Python's library ({needed.parent})")
        return f"user {account.FIRST} and up"
