"""The grader's warm parent with a clock in it: what the students' own functions take.

The clock is memory that a student's process shares with its parent, so it tells what went on inside
without a word more in the protocol. For honest submissions: theirs is the process that writes it.
It's a program that a launcher starts in place of its own; once isolated, it couldn't be read.
"""

import mmap
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CLOCK = mmap.mmap(-1, mmap.PAGESIZE)  # shared with forks
_SECONDS = struct.Struct("dd")


def _clocked(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **options: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            before = _SECONDS.unpack_from(_CLOCK)
            now = (time.perf_counter() - wall, time.process_time() - cpu)
            _SECONDS.pack_into(_CLOCK, 0, *(a + b for a, b in zip(before, now, strict=True)))

    return wrapper


def _ending(end: Callable[[int], dict[str, object]]) -> Callable[[int], dict[str, object]]:
    def ended(pid: int) -> dict[str, object]:
        answer = end(pid)
        wall, cpu = _SECONDS.unpack_from(_CLOCK)
        _SECONDS.pack_into(_CLOCK, 0, 0.0, 0.0)
        return answer | {"own_wall": wall, "own_cpu": cpu}

    return ended


def _serving(serve: Callable[..., None]) -> Callable[..., None]:
    def main(*arguments: Any) -> None:
        from pset.checks import calling  # with torch: only after isolation

        calling.call = _clocked(calling.call)
        warm_parent._end = _ending(warm_parent._end)
        serve(*arguments)

    return main


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

    from autograder.sandbox import start_warm_parent, warm_parent

    warm_parent.main = _serving(warm_parent.main)
    start_warm_parent.main()
