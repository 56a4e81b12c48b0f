"""Read what is not meant to be read. What is found is told in an error, and looked for there."""

from tests.attacks.attack import Attack, telling

LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)"
WALK = """
def walk(folder):
    found = []
    for root, folders, files in os.walk(folder):
        for name in files:
            try:
                found.append(open(os.path.join(root, name), errors='replace').read())
            except OSError as error:
                found.append(str(error))
    return found
"""

ATTACKS = {
    "the-secret": Attack(telling("open('@SECRET@').read()")),
    "the-secret-by-descriptor": Attack(
        "import fcntl\n"
        "said = ''\n"
        "for d in range(256):\n"
        "    try:\n"
        "        said += os.pread(d, 4096, 0).decode(errors='replace')\n"
        "    except OSError:\n"
        "        pass\n" + telling("said")
    ),
    "hidden-references": Attack(
        "from safetensors.torch import load_file\n"
        "for root, folders, files in os.walk('@CACHE@'):\n"
        "    if '1.1.safetensors' in files:\n"
        "        answers = load_file(os.path.join(root, '1.1.safetensors'))\n"
        "        calls.append(t)\n"
        "        return answers[f'expected/{len(calls) - 1}']",
        "calls = []",
    ),
    "another-submission": Attack(telling("walk('@SUBMITTED@')"), WALK),
    "through-a-link": Attack(
        "os.symlink('@SUBMITTED@', 'link')\n" + telling("walk('link') + os.listdir('link')"), WALK
    ),
    "results": Attack(telling("walk('@RESULTS@')"), WALK),
    "environment-of-the-parents": Attack(
        "said = str(dict(os.environ))\n"
        "for who in ('self', os.getppid(), 1, @GRADER@):\n"
        "    for what in ('environ', 'cmdline', 'maps', 'root/@SECRET@', 'cwd/secret'):\n"
        "        try:\n"
        "            said += open(f'/proc/{who}/{what}').read()\n"
        "        except OSError:\n"
        "            pass\n" + telling("said")
    ),
    "memory-of-the-parents": Attack(
        "said = b''\n"
        "for who in (os.getppid(), @GRADER@):\n"
        "    try:\n"
        "        for line in open(f'/proc/{who}/maps'):\n"
        "            start, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "            if '[heap]' in line:\n"
        "                with open(f'/proc/{who}/mem', 'rb', 0) as memory:\n"
        "                    memory.seek(start)\n"
        "                    said += memory.read(min(end - start, 1 << 24))\n"
        "    except OSError:\n"
        "        pass\n"
        "at = said.find(b'canary')\n" + telling("said[at - 50 : at + 200]")
    ),
    "process-vm-readv": Attack(
        "buffer = ctypes.create_string_buffer(64)\n"
        "vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)\n"
        "remote = (ctypes.c_void_p * 2)(id(None), 64)\n"
        "said = [libc.process_vm_readv(p, vector, 1, remote, 1, 0) for p in "
        "(os.getppid(), @GRADER@)]\n"
        "if max(said) > 0:\n"
        "    raise ValueError('canary-read-memory')\n"
        "return im",
        LIBC,
    ),
    "frames": Attack(
        "frame, said = sys._getframe(), []\n"
        "while frame:\n"
        "    said.append([k for k in frame.f_locals if 'expected' in k or 'secret' in k])\n"
        "    said.append(repr(frame.f_globals.get('secret'))[:200])\n"
        "    for value in list(frame.f_locals.values()):\n"
        "        expected = getattr(value, 'expected', None)\n"
        "        if expected:\n"
        "            return expected[len(frame.f_locals.get('outcomes', []))]\n"
        "    frame = frame.f_back\n"
        "raise ValueError(said)"
    ),
    "garbage-collector": Attack(
        "import gc\n"
        "said = []\n"
        "calls.append(t)\n"
        "for thing in gc.get_objects():\n"
        "    if type(thing).__name__ == 'References' and thing.expected:\n"
        "        return thing.expected[len(calls) - 1]\n"
        "    if type(thing).__name__ in ('References', 'Secret', 'Judge'):\n"
        "        said.append(repr(vars(thing)))\n"
        "    elif isinstance(thing, dict) and any(str(k).startswith('expected') for k in thing):\n"
        "        said.append('canary-in-memory')\n" + telling("said"),
        "calls = []",
    ),
    "solutions": Attack(
        "sys.path[:0] = ['@ROOT@', '@ROOT@/solutions']\n"
        "import solutions.mistakes\n"
        "from autograder.course.solution import read_solutions\n"
        "return read_solutions()['01_denoising'].function('forward')"
        "(im, t, alphas_cumprod, noise)"
    ),
    "solutions-as-text": Attack(
        "import re\n"
        "for folder in ('@ROOT@', '..', '../..', '../../..', os.path.dirname(sys.prefix)):\n"
        "    path = f'{folder}/solutions/01_denoising.py'\n"
        "    if os.path.exists(path):\n"
        "        text = open(path).read()\n"
        "        raise ValueError('canary-solution' + text[:100])\n"
        "return im"
    ),
    "by-handle": Attack(
        "class Handle(ctypes.Structure):\n"
        "    _fields_ = [('bytes', ctypes.c_uint), ('type', ctypes.c_int), "
        "('f', ctypes.c_ubyte * 128)]\n"
        "handle, mount = Handle(128), ctypes.c_int()\n"
        "if libc.name_to_handle_at(-100, b'@SECRET@', ctypes.byref(handle), "
        "ctypes.byref(mount), 0) == 0:\n"
        "    d = libc.open_by_handle_at(os.open('/usr/lib', 0), ctypes.byref(handle), 0)\n"
        "    raise ValueError(os.read(d, 100))\n"
        "return im",
        LIBC,
    ),
    "back-to-the-old-root": Attack(
        "for flags in (0x10000000, 0x20000, 0x10020000):\n"
        "    libc.unshare(flags)\n"
        "for d in range(3, 60):\n"
        "    libc.setns(d, 0)\n"
        "    libc.fchdir(d)\n"
        "libc.chroot(b'.')\n"
        "os.chdir('../../../../../../..')\n"
        "raise ValueError(open('.' + '@SECRET@').read())",
        LIBC,
    ),
    "what-others-left": Attack(
        "said = []\n"
        "for folder in ('.', '..', '/tmp', '/var/tmp', '/dev/shm', os.environ['HOME']):\n"
        "    try:\n"
        "        said += walk(folder)\n"
        "    except OSError:\n"
        "        pass\n" + telling("said"),
        WALK,
    ),
}
