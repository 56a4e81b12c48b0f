"""Leave something running, or lying about, for later."""

from tests.attacks.attack import EACH, RIGHT, Attack, trying

FULL = 2 * EACH
LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)"
LINGER = "for _ in range(100):\n    time.sleep(0.2)\nos._exit(0)"
"""What a process does that is left behind: bounded, for a computer on which that works."""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


ATTACKS = {
    "daemon": Attack(
        trying(
            f"import time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork():\n"
            f"        os._exit(0)\n{_indented(LINGER)}"
        ),
        points=FULL,
    ),
    "clone-without-the-library": Attack(
        trying(
            "import time\n"
            "pid = libc.syscall(56, 17, None, None, None, None)\n"  # clone(SIGCHLD)
            f"if pid == 0:\n{_indented(LINGER)}"
        ),
        LIBC,
        FULL,
    ),
    "clone3": Attack(
        trying(
            "import time\n"
            "arguments = (ctypes.c_uint64 * 11)()\n"
            "arguments[4] = 17\n"
            "pid = libc.syscall(435, arguments, 88)\n"
            f"if pid == 0:\n{_indented(LINGER)}"
        ),
        LIBC,
        FULL,
    ),
    "vfork-and-spawn": Attack(
        trying("os.posix_spawn('/bin/sleep', ['sleep', '20'], {})"), points=FULL
    ),
    "session-of-its-own": Attack(
        trying("os.system('setsid sleep 20 > /dev/null 2>&1 < /dev/null &')"), points=FULL
    ),
    "start-of-the-next-kernel": Attack(
        trying(
            "folder = os.path.expanduser('~/.ipython/profile_default/startup')\n"
            "os.makedirs(folder, exist_ok=True)\n"
            "open(folder + '/planted.py', 'w').write('planted = True')"
        ),
        points=FULL,
    ),
    "pool": Attack(
        trying(
            "import multiprocessing\n"
            "p = multiprocessing.get_context('fork').Process(target=print)\np.start()"
        ),
        points=FULL,
    ),
    "becomes-another-program": Attack(
        trying("os.execv('/bin/sleep', ['sleep', '20'])", "os.execv(sys.executable, ['python'])"),
        points=FULL,
    ),
    "threads-that-stay": Attack(
        "import threading, time\n"
        "for _ in range(8):\n"
        f"    threading.Thread(target=time.sleep, args=(20,), daemon=False).start()\n{RIGHT}",
        points=FULL,
    ),
    "shared-memory": Attack(
        trying(
            "from multiprocessing import shared_memory\n"
            "shared_memory.SharedMemory('planted', True, 4096)",
            "libc.shmget(0x706c616e, 4096, 0o1666)",
            "libc.semget(0x706c616e, 1, 0o1666)",
            "libc.msgget(0x706c616e, 0o1666)",
            "libc.mq_open(b'/planted', 0o102, 0o666, None)",
        ),
        LIBC,
        FULL,
    ),
    "keys": Attack(
        trying(
            "libc.syscall(248, b'user', b'planted', b'x', 1, -3)", "libc.syscall(250, 0, -3, 1)"
        ),
        LIBC,
        FULL,
    ),
    "timers": Attack(
        trying(
            "import signal, threading\n"
            "threading.Timer(0.05, lambda: os.kill(os.getppid(), 9)).start()\n"
            "signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)"
        ),
        points=FULL,
    ),
    "files": Attack(
        trying("open('planted', 'w').write('for the next one')", "os.makedirs('a/' * 100)"),
        points=FULL,
    ),
}
