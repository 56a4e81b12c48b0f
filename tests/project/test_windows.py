"""Windows' own Python: what needs no student process works, and the rest says where to go.

Tried on any computer, in a Python whose `os.fork` and whose modules of Unix are not there for us.
Libraries look after themselves, and keep theirs.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.paths import ROOT

WITHOUT_UNIX = """
import builtins, os, pathlib, signal, sys

UNIX = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
find = builtins.__import__

def find_as_on_windows(name, globals=None, *rest, **more):
    asks = (globals or {}).get("__name__", "").split(".")[0]
    if name in UNIX and asks in ("autograder", "pset", "solutions"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return find(name, globals, *rest, **more)

builtins.__import__ = find_as_on_windows
for module, names in (
    (os, ["fork", "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK"]),
    (signal, ["SIGKILL", "SIGHUP", "SIGQUIT", "SIGSTOP"]),
):
    for name in names:
        delattr(module, name)

from autograder.commands import run

def command(*arguments):
    sys.argv = ["autograder", *arguments]
    return run()
"""


def on_windows(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has `command`, and says how it ended by an exit code or an error."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX + program],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_needs_no_student_process_works(tmp_path: Path) -> None:
    done = on_windows(f"""
folder = {str(tmp_path)!r}
from autograder.commands.app import app
for name in [""] + [c.callback.__name__.replace("_", "-") for c in app.registered_commands]:
    assert command(*filter(None, [name, "--help"])) == 0, name
assert command("release", "--check") == 0
assert command("report", folder) == command("canvas", folder) == 2

from autograder.course.figures import draw_figures
draw_figures(pathlib.Path(folder), only=["none of them"])
from autograder.files.lock import locked
with locked(pathlib.Path(folder)):
    pass
""")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["demo"], ["grade", "{0}", "--out", "{0}/r"], ["gallery", "{0}"]],
    ids=lambda arguments: arguments[0],
)
def test_grading_says_where_to_go(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "ada" / "01_denoising").mkdir(parents=True)
    arguments = [argument.format(tmp_path) for argument in arguments]
    done = on_windows(f"sys.exit(command(*{arguments!r}))")
    assert done.returncode == 1, done.stderr
    assert done.stderr.strip() == (
        "Grading needs Linux or macOS (os.fork). On Windows, grade inside WSL."
    )
    assert not (tmp_path / "r").exists()
