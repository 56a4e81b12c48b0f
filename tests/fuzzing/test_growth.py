"""Reading twice as much takes twice the steps: lines of our own code are counted, not seconds."""

import contextlib
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import pytest

from autograder.paths import PACKAGE
from autograder.similarity.alike import alike
from autograder.submission.answers import answers
from autograder.submission.magics import without_magics
from autograder.submission.notebook import Unreadable
from autograder.submission.read import read_cells, to_notebook
from autograder.submission.shown import shown
from autograder.submission.slicing import needed, parse
from autograder.submission.suspicion import suspicious_code
from tests.fuzzing.files import to_bytes, with_cells

OURS = str(PACKAGE)
N = 40
TOLERANCE = 1.3
"""What is quadratic would be at 2."""

FAMILIES: dict[str, Callable[[int], bytes]] = {
    "empty lines in a script": lambda n: b"\n" * n + b"import torch\n",
    "spaces in a script": lambda n: b" \n" * n + b"import x",
    "words in a script": lambda n: b"import \n" * n,
    "cells in a script": lambda n: b"# %%\nimport x\n" * n,
    "first marks of a merge": lambda n: b"<<<<<<< HEAD\n" * n + b'{"cells": []}',
    "marks of a merge": lambda n: b"<<<<<<< a\n=======\n>>>>>>> b\n" * n + to_bytes({"cells": []}),
    "cells": lambda n: with_cells(*["x = 1"] * n),
    "cells with magics": lambda n: with_cells(*["%time x = 1\n!ls"] * n),
    "shell lines": lambda n: with_cells("!ls\n" * n),
    "magics": lambda n: with_cells("%matplotlib inline\n" * n),
    "assigned shell lines": lambda n: with_cells("x = !ls\n" * n),
    "questions": lambda n: with_cells("x?\n" * n),
    "continued shell lines": lambda n: with_cells("!a \\\n" * n),
    "continued lines": lambda n: with_cells("!ls\n" + "x = \\\n" * n),
    "open quotes": lambda n: with_cells("!ls\n" + "'\n" * n),
    "triple quotes": lambda n: with_cells("!ls\n" + '"""\n' * n),
    "open brackets": lambda n: with_cells("!ls\n" + "(\n" * n),
    "closed brackets": lambda n: with_cells("!ls\n" + ")\n" * n),
    "comments": lambda n: with_cells("!ls\n" + "# '\n" * n),
    "prompts": lambda n: with_cells(">>> x\n" * n),
    "a long line": lambda n: with_cells("!ls\nx = " + "1 + " * n + "1"),
    "spaces": lambda n: with_cells("!ls\n" + " " * n + "x"),
    "definitions": lambda n: with_cells(
        "\n".join(f"def f{k}(): return f{k - 1}()" for k in range(n))
    ),
    "changes of one name": lambda n: with_cells("x = []\n" + "x.append(x)\n" * n),
    "headings": lambda n: to_bytes(
        {"cells": [{"cell_type": "markdown", "source": "# \n" * n}, {"cell_type": "code"}] * 2}
    ),
    "lines of a cell": lambda n: to_bytes(
        {"cells": [{"cell_type": "code", "source": ["x = 1\n", 7] * n}]}
    ),
}  # fmt: skip
"""What grows → a file with so much of it."""


def work(data: bytes) -> None:
    """All that is done with a file's text."""
    cells, notes = read_cells(data, "a.ipynb")
    shown(cells)
    code = to_notebook([*cells, {"cell_type": "code", "source": "pass"}], "a.ipynb", notes).code
    suspicious_code(code)
    found = answers(code, ["forward", "f9"])
    alike({"ada": found["forward"], "bob": found["f9"]}, frozenset())
    needed(parse(code).statements, ["forward", "x", "f9"])
    for cell in code:
        without_magics(cell)


def lines(data: bytes) -> int:
    """How many lines of this package run."""
    count = 0

    def in_a_function(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return in_a_function

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        code: CodeType = frame.f_code
        return in_a_function if code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        with contextlib.suppress(Unreadable):
            work(data)
    finally:
        sys.settrace(before)
    return count


def grows_faster(count: Callable[[int], int]) -> bool:
    """Whether what is added by another as much grows: what every file costs does not count."""
    once, twice, four = (count(n) for n in (N, 2 * N, 4 * N))
    return four - twice > TOLERANCE * 2 * (twice - once) + 50


@pytest.mark.parametrize("family", FAMILIES)
def test_twice_as_much_takes_twice_the_steps(family: str) -> None:
    assert not grows_faster(lambda n: lines(FAMILIES[family](n)))


def test_what_is_quadratic_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""

    def slow(data: bytes) -> None:
        for k in range(len(data)):
            for _ in range(k):
                pass

    monkeypatch.setitem(globals(), "OURS", __file__)
    monkeypatch.setitem(globals(), "work", slow)
    assert grows_faster(lambda n: lines(b"x" * n))
