"""Write something that lasts: marks, code, or into the next student's work."""

from tests.attacks.attack import EACH, RIGHT, Attack, trying

FULL = 2 * EACH
"""The attack comes to nothing, and the answer after it is right."""

LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)"
PLANT = """
def plant(path, text='planted'):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
"""

ATTACKS = {
    "own-results": Attack(
        trying(
            "plant('@RESULTS@/writing-own-results/01_denoising/results.json', '{\"score\": 100}')"
        ),
        PLANT,
        FULL,
    ),
    "grades": Attack(
        trying("open('@RESULTS@/grades.csv', 'a').write('planted,01_denoising,100')"), PLANT, FULL
    ),
    "gradebook": Attack(
        trying(
            "import sqlite3\n"
            "for path in ('@RESULTS@/gradebook.db', '@RESULTS@/../gradebook.db'):\n"
            "    base = sqlite3.connect(path)\n"
            "    base.execute('create table planted (x)')\n"
            "    base.commit()"
        ),
        points=FULL,
    ),
    "everybodys-marks": Attack(
        trying(
            "import sqlite3\n"
            "for path in ('@RESULTS@/gradebook.db', '@RESULTS@/../gradebook.db'):\n"
            "    base = sqlite3.connect(path, timeout=1)\n"
            "    base.execute('update grade set extra_credit = 100')\n"
            "    base.commit()"
        ),
        points=FULL,
    ),
    "package": Attack(
        trying(
            "plant('@ROOT@/pset/planted.py')",
            "open('@ROOT@/pset/checks/judging.py', 'a').write('# planted')",
            "open('@ROOT@/autograder/judge_planted.py', 'w').write('# planted')",
            "os.replace('@ROOT@/pset/images.py', '@ROOT@/pset/planted.py')",
        ),
        PLANT,
        FULL,
    ),
    "sitecustomize": Attack(
        trying(
            "import site\n"
            "for folder in [*site.getsitepackages(), os.path.dirname(os.__file__)]:\n"
            "    plant(folder + '/sitecustomize.py', 'planted = 1')",
            "plant(os.path.expanduser('~/.local/lib/python3/site-packages/usercustomize.py'))",
        ),
        PLANT,
        FULL,
    ),
    "compiled-modules": Attack(
        trying(
            "import importlib.util, pset.images\n"
            "path = importlib.util.cache_from_source(pset.images.__file__)\n"
            "plant(path, 'planted')",
            "import py_compile\n"
            "py_compile.compile(os.__file__, cfile='@ROOT@/pset/__pycache__/planted.pyc')",
        ),
        PLANT,
        FULL,
    ),
    "next-submission": Attack(
        trying(
            "for student in os.listdir('@SUBMITTED@'):\n"
            "    open(f'@SUBMITTED@/{student}/01_denoising/01_denoising.ipynb', 'w').write('{}')",
            "open('@SUBMITTED@/witness/01_denoising/01_denoising.ipynb', 'w').write('planted')",
        ),
        points=FULL,
    ),
    "references": Attack(
        trying(
            "for root, folders, files in os.walk('@CACHE@'):\n"
            "    for name in files:\n"
            "        open(os.path.join(root, name), 'wb').write(b'planted')",
            "import pset.assets\nplant(str(pset.assets.assets_dir() / 'references' / 'planted'))",
        ),
        PLANT,
        FULL,
    ),
    "rights": Attack(
        trying(
            "for path in ('@SECRET@', '@RESULTS@', '@SUBMITTED@', '@ROOT@/pset/images.py'):\n"
            "    for mode in (0o777, 0o666):\n"
            "        try:\n"
            "            os.chmod(path, mode)\n"
            "            os.utime(path, (0, 0))\n"
            "        except OSError:\n"
            "            pass",
            "os.setxattr('@SECRET@', 'user.planted', b'1')",
        ),
        points=FULL,
    ),
    "cut-off": Attack(
        trying(
            "os.truncate('@SECRET@', 0)",
            "os.open('@SECRET@', os.O_RDONLY | os.O_TRUNC)",
            "os.unlink('@SECRET@')",
            "os.rename('@SECRET@', '@SECRET@.planted')",
        ),
        points=FULL,
    ),
    "temporary-folders": Attack(
        trying(
            "for folder in ('/tmp', '/var/tmp', '/dev/shm', '/run', '/', '..', '/home', '/root'):\n"
            "    try:\n"
            "        plant(folder + '/planted')\n"
            "    except OSError:\n"
            "        pass"
        ),
        PLANT,
        FULL,
    ),
    "warm-parents-models": Attack(
        "from pset.checks import stand_ins\n"
        "model = stand_ins.pocket()\n"
        "for parameter in model.unet.parameters():\n"
        "    parameter.data.fill_(float('nan'))\n"
        "torch.Tensor.sqrt = lambda self: self\n"
        "sys.modules['pset.images'] = None\n"
        "torch.set_default_dtype(torch.float64)\n"
        "return im"
    ),
    "remounting": Attack(
        trying(
            "libc.mount(None, b'/', None, 0x1020, None)",
            "libc.mount(b'tmpfs', b'/work', b'tmpfs', 0, None)",
            "libc.umount2(b'/', 2)",
            "plant('@ROOT@/pset/planted.py')",
        ),
        PLANT + LIBC,
        FULL,
    ),
    "exit-handlers": Attack(
        f"import atexit\natexit.register(lambda: plant('@RESULTS@/planted'))\n{RIGHT}", PLANT, FULL
    ),
}
