"""Submitted files that nobody would think of: damaged, of odd types, full of odd lines."""

import copy
import importlib.util
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.attacks.attack import Attack, Notebook, code_cell

NAME = "01_denoising.ipynb"
HONEST = Attack().notebook()
"""Right in both of its exercises."""

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


def to_bytes(notebook: Any) -> bytes:
    """As a file."""
    return json.dumps(notebook).encode()


def with_cells(*sources: str, honest: bool = True) -> bytes:
    """A notebook with more cells, behind those of the honest one if it is to be."""
    cells = [code_cell(source) for source in sources]
    return to_bytes(Attack().notebook(*cells) if honest else {**HONEST, "cells": cells})


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """As an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def small() -> Notebook:
    """One of everything that a notebook may hold."""
    data = {"image/png": PNG, "text/plain": ["a ", "picture"]}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t", "u"]},
    ]
    question = {"nbgrader": {"grade_id": "question-1.1-question", "grade": True, "points": 2}}
    return {
        "cells": [
            {"cell_type": "markdown", "metadata": question, "source": ["# Title\n", "words"]},
            {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "x = 1",
             "outputs": outputs},
        ],
        "metadata": {"kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }  # fmt: skip


def old() -> Notebook:
    """The same, as before nbformat 4."""
    output = {"output_type": "pyout", "text": ["a"], "png": PNG}
    code = {"cell_type": "code", "input": ["x = 1"], "outputs": [output], "language": "python"}
    return {"worksheets": [{"cells": [code]}], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}


BASES = {
    NAME: to_bytes(HONEST),
    "small.ipynb": to_bytes(small()),
    "old.ipynb": to_bytes(old()),
    "stored.zip": zipped({f"hw/{NAME}": to_bytes(small())}, zipfile.ZIP_STORED),
    "deflated.zip": zipped({NAME: to_bytes(HONEST)}, zipfile.ZIP_DEFLATED),
    "bzip2.zip": zipped({NAME: to_bytes(HONEST)}, zipfile.ZIP_BZIP2),
    "lzma.zip": zipped({NAME: to_bytes(HONEST)}, zipfile.ZIP_LZMA),
    "wide.ipynb": json.dumps(small()).encode("utf-16"),
    "script.py": b"# %%\nimport torch\n\n# In [2]:\ndef forward(im):\n    return im\n",
    "merge.ipynb": b"<<<<<<< HEAD\n" + to_bytes(small()) + b"\n=======\n{}\n>>>>>>> theirs\n",
}
"""Real files, by the name under which they are handed in."""

EDITS = st.tuples(
    st.sampled_from(["flip", "drop", "insert", "cut", "copy"]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=8),
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real file with a few bytes changed, lost, added, moved or cut off."""
    name, data = draw(st.sampled_from(sorted(BASES.items())))
    data = bytearray(data)
    for kind, where, some in draw(st.lists(EDITS, min_size=1, max_size=6)):
        at = int(where * len(data))
        match kind:
            case "flip":
                data[at : at + len(some)] = some
            case "drop":
                del data[at : at + len(some)]
            case "insert":
                data[at:at] = some
            case "cut":
                del data[at:]
            case "copy":
                data[at:at] = data[at : at + 64]
    return name, bytes(data)


ODD: list[Any] = [
    None, True, 0, -1, 10**30, 1e999, float("nan"), "", "x", "\ud800", "\x00\x1b[2J\u202e",
    [], [None, 1, ["x"]], {}, {"x": {"y": None}},
]  # fmt: skip
"""Values of every type that JSON has, and some that it has not."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a notebook."""
    yield path
    inside = value.items() if isinstance(value, dict) else []
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, part in inside:
        yield from places(part, (*path, key))


def replaced(value: Any, path: Sequence[Any], odd: Any) -> Any:
    """A notebook with something else at one place."""
    if not path:
        return odd
    value = copy.deepcopy(value)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    return value


LINES = [
    "!ls", "!pip install 'x", "%time x = 1", "%matplotlib inline", "%%bash", "%%time", "x = !ls",
    "a, b = %who", "?", "x?", "x??", "%", "!", ">>> x = 1", "... y", "In [1]: x", "    x", "\tx",
    "x = (", ")", "]]]", "{", '"""', "'''", "'", '"', 'f"{x!r:{y}}"', "rb'\\'", "\\", "x = \\",
    "# %%", "#%% md", "# In[3]", "<<<<<<< HEAD", "=======", ">>>>>>> theirs", "|||||||", "",
    "\f", "\r", "\x00", "\ufeff", "\u2028", "\x85", "é = 1", "𝒻 = 1", "\ud800", "def f(x):",
    "def forward(im): return im", "import torch", "from x import *", "return", "await x", "lambda:",
    "x = 1" + " + 1" * 99, "(" * 60, "[" * 60 + "]" * 60, "0" * 5000, "1_" * 99, "x" * 9999,
    "class A: pass", "if x:", "else:", "match x:", "async def f(): pass", "del x", "global x",
    "type X = int", "print 'x'", "exec 'x'", "# -*- coding: latin-1 -*-", "# coding: nonsense",
    "get_ipython().system('ls')", "😀", "x = '😀", "%%", "%%x\n%%y", "%%writefile x.py", "$x",
]  # fmt: skip
"""What a cell may consist of."""

CELLS = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join) | st.text(max_size=200)

NAMES = st.text(max_size=30) | st.binary(max_size=30).map(lambda b: b.decode("latin-1"))


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Archives whose entries are called anything, and hold anything."""
    ends = st.sampled_from(["", ".ipynb", "/", ".zip", ".py"])
    inside = {
        f"x{name}{draw(ends)}".replace("\x00", ""): data
        for name, data in draw(
            st.dictionaries(
                NAMES.map(lambda name: name.encode("utf-8", "replace").decode()),
                st.sampled_from([BASES[NAME], b"", b"PK\x03\x04", b"{}"]),
                max_size=4,
            )
        ).items()
    }
    return zipped(inside, draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])))


@cache
def pythons_own(longest: int = 40_000) -> dict[str, str]:
    """Files of Python's own tests, those of its syntax and those with bad syntax; or none."""
    found = importlib.util.find_spec("test")
    if found is None or not found.submodule_search_locations:
        return {}
    folder = Path(next(iter(found.submodule_search_locations)))
    patterns = ("*bad*syntax*.py", "bad_coding*.py", "test_[a-g]*.py", "test_[p-z]*.py")
    wanted = ("grammar", "fstring", "syntax", "bad", "coding", "unicode", "patma", "generators",
              "decorators", "named_expr", "scope", "lambda", "unpack", "string_lit", "eof", "with",
              "tokenize", "type_", "positional", "global", "except")  # fmt: skip
    files = sorted({path for pattern in patterns for path in folder.rglob(pattern)})
    chosen = [path for path in files if any(word in path.name for word in wanted)]
    texts = {path.name: path.read_bytes().decode("utf-8", "replace") for path in chosen}
    return {name: text for name, text in texts.items() if len(text) <= longest and text}
