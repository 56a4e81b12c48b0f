"""Set up the layers in a student process, in the one order that works."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.layers import account, kernel, landlock, namespaces, seccomp
from autograder.sandbox.layers.limits import Limits, confine
from autograder.sandbox.layers.options import ACCOUNT, LANDLOCK, LIMITS, NAMESPACES, SECCOMP


@dataclass(frozen=True)
class Student:
    """The isolation of one process.

    Args:
        layers: to set up. If one fails, the process ends.
        limits: of the process.
        scratch: the warm parent's folder.
        readable: for Landlock.
        user: the account to switch to, for root.
        keep: capabilities to keep.
        threads: the most that the kernel allows.
    """

    layers: frozenset[str]
    limits: Limits
    scratch: Path
    readable: tuple[Path, ...] = ()
    user: int = 0
    keep: int = 0
    threads: int = 0

    def enter(self, channel: int, folder: Path) -> tuple[socket.socket, Path]:
        """Set up all layers, permanently.

        Args:
            channel: the only descriptor that stays open.
            folder: created for this process by the grader. If there's a private one in memory,
                it's used instead; otherwise nothing can be written anywhere.

        Returns:
            The channel, and the process's folder.
        """
        os.setsid()
        kept = os.dup2(channel, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        writable = None
        is_root = os.geteuid() == 0
        if NAMESPACES in self.layers:
            owner = self.user if is_root and ACCOUNT in self.layers else os.getuid()
            writable = folder = namespaces.private_folder(self.scratch, self.limits.disk, owner)
        if LIMITS in self.layers:
            confine(self.limits)
        # Before switching accounts, since the new one may not enter the grader's folder.
        os.chdir(folder)
        if {LANDLOCK, SECCOMP, ACCOUNT} & self.layers:
            kernel.no_new_privileges()
        if LANDLOCK in self.layers:
            landlock.confine((*self.readable, folder), writable)
        if ACCOUNT in self.layers:
            if NAMESPACES in self.layers and not is_root:
                kernel.unshare(kernel.CLONE_NEWUSER)  # so that its threads are counted separately
            account.switch(self.user, self.keep)
            account.limit_threads(self.threads)
        if NAMESPACES in self.layers or SECCOMP in self.layers:
            kernel.die_with_parent()  # after the switch, since that would undo it
        if SECCOMP in self.layers:
            seccomp.confine()
        return socket.socket(fileno=kept), folder
