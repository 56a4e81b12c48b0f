"""Use up time, memory, processes, threads, disk, output.

Each bomb has a bound of its own, so that a computer on which a limit fails survives the test.
"""

from tests.attacks.attack import EACH, Attack, telling, trying

FULL = 2 * EACH

ATTACKS = {
    "swallows-interrupts": Attack(
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        says="hadn't finished",
    ),
    "blocks-signals": Attack(
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True: pass",
        says="hadn't finished",
    ),
    "in-c": Attack("sum(range(10**13))\nreturn im", says="hadn't finished"),
    "regular-expression": Attack(
        "import re\nre.match('(a|a)*b', 'a' * 60)\nreturn im", says="hadn't finished"
    ),
    "sleeps": Attack("import time\ntime.sleep(10**6)\nreturn im", says="hadn't finished"),
    "forks": Attack(
        "import time\n"
        "started = 0\n"
        "for _ in range(20):\n"
        "    try:\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(20)\n"
        "            os._exit(0)\n"
        "        started += 1\n"
        "    except OSError:\n"
        "        pass\n" + telling("f'started {started}'"),
        says="started 0",
    ),
    "programs": Attack(
        "import subprocess\n"
        "started = 0\n"
        "for command in (['sleep', '20'], [sys.executable, '-c', ''], ['/bin/sh', '-c', 'true']):\n"
        "    try:\n"
        "        subprocess.Popen(command)\n"
        "        started += 1\n"
        "    except OSError:\n"
        "        pass\n"
        "started += os.system('sleep 20') == 0\n" + telling("f'started {started}'"),
        says="started 0",
    ),
    "threads": Attack(
        "import threading, time\n"
        "threading.stack_size(65536)\n"
        "started = 0\n"
        "try:\n"
        "    for _ in range(900):\n"
        "        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()\n"
        "        started += 1\n"
        "except RuntimeError:\n"
        "    pass\n" + telling("f'all {started}' if started == 900 else 'limited'"),
        says="limited",
    ),
    "memory": Attack(
        "import mmap\n"
        "private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS\n"
        "rooms = [mmap.mmap(-1, 1 << 30, private) for _ in range(8)]\n"  # untouched: no cost
        "return im",
        says="Cannot allocate memory",
    ),
    "memory-in-torch": Attack("torch.empty(10**11)\nreturn im"),
    "memory-that-is-not-counted": Attack(
        trying(
            "d = os.memfd_create('planted')\nos.truncate(d, 1 << 26)\nraise SystemExit",
            "import ctypes\n"
            "if ctypes.CDLL(None).shmget(0x5e7, 1 << 20, 0o1666) >= 0:\n"
            "    raise SystemExit",
        ),
        points=FULL,
    ),
    "disk": Attack(
        "written = 0\n"
        "try:\n"
        "    for k in range(48):\n"  # 384 MB
        "        with open(f'planted{k}', 'wb') as file:\n"
        "            written += file.write(bytes(8 << 20))\n"
        "except OSError:\n"
        "    pass\n" + telling("f'all {written}' if written >= 48 * (8 << 20) else 'limited'"),
        says="limited",
    ),
    "files": Attack(
        "written = 0\n"
        "try:\n"
        "    for k in range(9000):\n"
        "        open(f'planted{k}', 'wb').close()\n"
        "        written += 1\n"
        "except OSError:\n"
        "    pass\n" + telling("f'all {written}' if written == 9000 else 'limited'"),
        says="limited",
    ),
    "one-large-file": Attack(
        "with open('planted', 'wb') as file:\n    file.truncate(1 << 40)\nreturn im"
    ),
    "output": Attack("while True:\n    print('noise' * 1000)", says="printed more than 1 MB"),
    "output-below-python": Attack(
        "while True:\n    os.write(1, b'noise' * 1000)", says="hadn't finished"
    ),
    "depth": Attack(
        "sys.setrecursionlimit(10**9)\ndef down(k):\n    return down(k + 1)\nreturn down(0)"
    ),
    "processor-time": Attack(
        "import threading\n"
        "def burn():\n"
        "    while True:\n"
        "        pass\n"
        "for _ in range(4):\n"
        "    threading.Thread(target=burn, daemon=True).start()\n"
        "burn()",
        says="hadn't finished",
    ),
    # There's no such function, or on a busy machine no answer: millions of classes go slowly.
    "while-defining": Attack(
        "Endless\nreturn im", "while True:\n    class Endless: pass", says="`forward`"
    ),
}
