"""Turn a notebook's ways of ending its own process into an ordinary exception.

In Colab, people restart the runtime from a cell, with `os.kill(os.getpid(), 9)` after a `pip
install`. There's nothing to restart during grading. While a notebook's code runs, these calls raise
`SystemExit` instead: a cell goes on with its next statement, and a called function has failed.

This protects only the student's own process. Signals to other processes go through unchanged, and
the sandbox refuses them.
"""

import builtins
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

DEADLY = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGABRT, signal.SIGQUIT} | {
    signal.SIGHUP,
    signal.SIGSEGV,
    signal.SIGSTOP,
}


@contextlib.contextmanager
def no_way_out() -> Iterator[None]:
    """Keep Python code in the block from ending this process or restarting its kernel."""
    kill, raise_signal, killpg = os.kill, signal.raise_signal, os.killpg

    def kill_another(pid: int, number: int) -> None:
        if pid == os.getpid() and number in DEADLY:
            _leave("os.kill(os.getpid(), …)")
        kill(pid, number)

    def kill_another_group(group: int, number: int) -> None:
        if group in (0, os.getpgrp()) and number in DEADLY:
            _leave("os.killpg(…)")
        killpg(group, number)

    def raise_harmless(number: int) -> None:
        if number in DEADLY:
            _leave("signal.raise_signal(…)")
        raise_signal(number)

    instead: list[tuple[Any, str, Callable[..., Any]]] = [
        (os, "kill", kill_another),
        (os, "killpg", kill_another_group),
        (os, "_exit", lambda code=0: _leave("os._exit()")),
        (os, "abort", lambda: _leave("os.abort()")),
        (signal, "raise_signal", raise_harmless),
        (sys, "exit", lambda code=None: _leave("sys.exit()")),
        (builtins, "exit", lambda code=None: _leave("exit()")),
        (builtins, "quit", lambda code=None: _leave("quit()")),
    ]
    before = [(owner, name, getattr(owner, name, None)) for owner, name, _ in instead]
    for owner, name, harmless in instead:
        setattr(owner, name, harmless)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)


def _leave(how: str) -> NoReturn:
    raise SystemExit(f"{how} ends the program")
