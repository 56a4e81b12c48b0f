"""Ctrl-C in a process of its own: one that comes a moment late must not end the tests."""

import os
import signal
from collections.abc import Callable

OTHERWISE, INTERRUPTED = 1, 2


def interrupted(act: Callable[[], object]) -> bool:
    """Whether `act`, in a copy of this process, ends with KeyboardInterrupt."""
    pid = os.fork()
    if pid == 0:
        status = OTHERWISE
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a shell ignore it
            act()
        except KeyboardInterrupt:
            status = INTERRUPTED
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == INTERRUPTED
