"""A place where an attack may win: bubblewrap around all of nbgrader, thrown away each time."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import CommandError
from autograder.paths import ROOT

LAB = Path("/lab")
"""The only folder that can be written, in memory."""
BASE = Path("/base")
USER = 20001
"""Who runs nbgrader inside, where the host's user is root."""
SIZE = 1 << 30


def run(command: Sequence[str], base: Path, seconds: float) -> str:
    """Run a command with no network, no files of the host's, and nothing that outlives it.

    Inside, /base and the checkout can be read, and /lab written. What the command starts as
    another user cannot end it.

    Args:
        command: a program and its arguments.
        base: becomes /base.
        seconds: after these everything inside is killed.

    Returns:
        What it printed, or an empty text if it did not end in time.

    Raises:
        CommandError: there is no bubblewrap.
    """
    try:
        done = subprocess.run(
            [*_bubblewrap(base), *command], capture_output=True, text=True, timeout=seconds
        )
    except FileNotFoundError as error:
        raise CommandError(
            "These attacks are real, so nbgrader is run inside bubblewrap. Install it: "
            "apt-get install bubblewrap."
        ) from error
    except subprocess.TimeoutExpired:
        return ""
    if done.returncode and not done.stdout:
        raise CommandError(f"The sandbox does not work: {done.stderr.strip()[-500:]}")
    return done.stdout


def _bubblewrap(base: Path) -> list[str]:
    prefixes = (sys.prefix, sys.base_prefix)
    seen = {Path("/usr"), ROOT, *(Path(prefix).resolve() for prefix in prefixes)}
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--proc", "/proc"]
    options += ["--dev", "/dev", "--perms", "1777", "--size", str(SIZE), "--tmpfs", str(LAB)]
    options += ["--perms", "1777", "--size", str(SIZE), "--tmpfs", "/tmp"]
    parents = {parent for path in seen for parent in path.parents} - {Path("/"), Path("/tmp")}
    for path in sorted(parents):
        options += ["--perms", "0755", "--dir", str(path)]
    for path in sorted(seen):
        options += ["--ro-bind", str(path), str(path)]
    for name in ("bin", "lib", "lib64", "sbin"):
        options += ["--symlink", f"usr/{name}", f"/{name}"]
    for name in ("passwd", "group", "ld.so.cache", "localtime", "fonts"):
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    options += ["--ro-bind", str(base), str(BASE), "--chdir", str(ROOT), "--clearenv"]
    for name, value in {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "HOME": str(LAB),
    }.items():
        options += ["--setenv", name, value]
    if os.geteuid() == 0:
        # Root outside, so that whoever runs nbgrader inside can be somebody else.
        options.remove("--unshare-all")
        options += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        options += ["--cap-drop", "ALL", "--cap-add", "CAP_KILL"]
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    # Processes, address space: a bomb does not leave its crater.
    return ["bwrap", *options, "prlimit", "--nproc=400", f"--as={12 << 30}", "--core=0", "--"]
