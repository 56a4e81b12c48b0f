"""Which files a student process can see: what Python and the package need, and no more."""

import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from autograder.paths import ROOT

SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/share/zoneinfo",
    "/lib",
    "/lib64",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/sys/devices/system/cpu",
    "/proc/cpuinfo",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
COURSE = (
    "pset",
    "autograder/__init__.py",
    "autograder/errors.py",
    "autograder/paths.py",
    "autograder/sandbox",
    "autograder/submission",
    "autograder/text.py",
    "assets",
    "course.toml",
)
"""The visible parts of a checkout. Not `solutions`, `tests`, results, or the code that judges."""


def readable() -> list[Path]:
    """Files and folders that may be read, each once, and none inside another."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    paths = {Path(prefix) / lib for prefix in prefixes for lib in ("lib", "lib64")}
    paths |= {
        Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    paths |= {Path(name) for name in SYSTEM}
    paths |= {ROOT / name for name in COURSE}
    existing = {path for path in paths if path.exists()}
    return sorted(p for p in existing if not any(q in existing for q in p.parents))


def exposed(private: Iterable[Path]) -> list[Path]:
    """The private files and folders among these that would be visible."""
    seen = [path.resolve() for path in readable()]
    return [path for path in private if any(path.resolve().is_relative_to(s) for s in seen)]
