"""What attacks leave where it outlasts them: all of it has "planted" in its name or content."""

import os
import site
from collections.abc import Iterator
from pathlib import Path

from autograder.paths import ROOT

KEY = 0x706C616E
"""Of shared memory, semaphores and message queues: the letters "plan"."""


def planted() -> Iterator[str]:
    """Files of this computer and memory that attacks have left."""
    folders = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/home", str(Path.home())]
    folders += [*site.getsitepackages(), os.path.dirname(os.__file__)]
    for folder in map(Path, folders):
        if (folder / "planted").exists() or (folder / "planted.ipynb").exists():
            yield str(folder / "planted")
        for name in ("sitecustomize.py", "usercustomize.py"):
            path = folder / name
            if path.is_file() and "planted" in path.read_text(errors="replace"):
                yield str(path)
    for folder in (ROOT / "pset", ROOT / "autograder", ROOT / "assets"):
        for path in folder.rglob("*"):
            is_code = path.suffix == ".py"
            if "planted" in path.name and (is_code or path.suffix in ("", ".pyc")):
                yield str(path)
            if is_code and "# planted" in path.read_text(errors="replace"):
                yield str(path)
    if (start := Path.home() / ".ipython/profile_default/startup/planted.py").exists():
        yield str(start)
    yield from planted_in_memory()


def planted_in_memory() -> Iterator[str]:
    """What of the system's own shared memory, semaphores and queues has attacks' key."""
    for kind in ("shm", "sem", "msg"):
        table = Path("/proc/sysvipc") / kind
        if table.is_file() and str(KEY) in table.read_text():
            yield f"shared {kind}"
