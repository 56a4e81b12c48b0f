"""Kill, stop, slow down or trace whoever runs the grading."""

from tests.attacks.attack import EACH, Attack, trying

FULL = 2 * EACH
LIBC = "import ctypes, signal\nlibc = ctypes.CDLL(None, use_errno=True)"

ATTACKS = {
    "the-parent": Attack(
        # In a namespace of its own it is number 1 itself.
        trying("os.kill(os.getppid(), 9)", "if os.getpid() != 1:\n    os.kill(1, 9)"),
        points=FULL,
    ),
    "the-grader": Attack(
        trying(
            "os.kill(@GRADER@, 9)", "os.kill(@GRADER@, 15)", "os.killpg(os.getpgid(@GRADER@), 9)"
        ),
        points=FULL,
    ),
    "everybody": Attack(trying("os.kill(-1, 9)", "os.kill(0, 9)"), points=FULL),
    "one-after-the-other": Attack(
        "for pid in [*range(2, 200), *range(@GRADER@ - 50, @GRADER@ + 400)]:\n"
        "    if pid != os.getpid():\n"
        "        try:\n"
        "            os.kill(pid, 15)\n"
        "        except OSError:\n"
        "            pass\n" + trying(),
        points=FULL,
    ),
    "stop": Attack(
        trying(
            "os.kill(os.getppid(), signal.SIGSTOP)",
            "os.kill(@GRADER@, signal.SIGSTOP)",
            "libc.tgkill(@GRADER@, @GRADER@, 19)",
            "libc.syscall(200, @GRADER@, 19)",  # tkill
            "libc.syscall(129, @GRADER@, 9, ctypes.create_string_buffer(128))",  # rt_sigqueueinfo
        ),
        LIBC,
        FULL,
    ),
    "by-descriptor-of-a-process": Attack(
        trying(
            "for pid in (os.getppid(), @GRADER@):\n"
            "    d = libc.syscall(434, pid, 0)\n"  # pidfd_open
            "    if d >= 0:\n"
            "        libc.syscall(424, d, 9, None, 0)"
        ),
        LIBC,
        FULL,
    ),
    "signal-by-the-kernel": Attack(
        trying(
            "import fcntl\n"
            "for d in range(3, 10):\n"
            "    try:\n"
            "        fcntl.fcntl(d, fcntl.F_SETOWN, @GRADER@)\n"
            "        fcntl.fcntl(d, fcntl.F_SETFL, os.O_ASYNC)\n"
            "    except OSError:\n"
            "        pass",
            "a, b = os.pipe()\n"
            "fcntl.fcntl(a, fcntl.F_SETOWN, @GRADER@)\n"
            "fcntl.fcntl(a, 10, 9)\n"
            "fcntl.fcntl(a, fcntl.F_SETFL, os.O_ASYNC)\n"
            "os.write(b, b'x')",
        ),
        LIBC,
        FULL,
    ),
    "trace": Attack(
        trying(
            "for pid in (os.getppid(), @GRADER@):\n"
            "    if libc.ptrace(16, pid, None, None) == 0:\n"  # PTRACE_ATTACH
            "        libc.ptrace(8, pid, None, None)",  # PTRACE_KILL
        ),
        LIBC,
        FULL,
    ),
    "limits-of-others": Attack(
        trying(
            "import resource\n"
            "for pid in {os.getppid(), @GRADER@} - {0}:\n"  # 0 would be itself
            "    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))",
            "os.setpriority(os.PRIO_PROCESS, @GRADER@, 19)",
            "os.sched_setaffinity(@GRADER@, {0})",
        ),
        points=FULL,
    ),
    "itself": Attack("os.kill(os.getpid(), 9)"),
    "no-end-for-the-timer": Attack(
        "import signal\n"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "while True:\n"
        "    pass",
        says="hadn't finished",
    ),
    "closes-everything": Attack("os.closerange(0, 256)\nreturn im", says="ended"),
    "immortal": Attack(
        trying("libc.prctl(1, 0, 0, 0, 0)", "libc.prctl(4, 0, 0, 0, 0)", "os.setsid()"), LIBC, FULL
    ),
}
