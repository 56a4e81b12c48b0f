"""What a real class hands in: each file with the points its code earns and what is said of it."""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jupytext
import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.release import to_bytes

Notebook = dict[str, Any]


@dataclass(frozen=True)
class HandedIn:
    """One student's folder.

    Args:
        files: name → bytes.
        points: that it earns.
        says: words that the feedback holds.
    """

    files: dict[str, bytes]
    points: float
    says: str = ""


def corpus(right: NotebookNode, name: str, points: float, first: float) -> dict[str, HandedIn]:
    """Every case by its name.

    Args:
        right: a notebook with all exercises done.
        name: of the assignment.
        points: that it earns.
        first: the points of the exercise whose function is `forward`.
    """
    data, file = to_bytes(right), f"{name}.ipynb"

    def changed(change: Callable[[Notebook], None]) -> dict[str, bytes]:
        notebook = json.loads(data)
        change(notebook)
        return {file: json.dumps(notebook).encode()}

    return {
        "empty-folder": HandedIn({}, 0, "Nothing was handed in"),
        "empty-file": HandedIn({file: b""}, 0, "is empty"),
        "cut-off": HandedIn({file: data[: len(data) // 2]}, 0, "damaged"),
        "no-notebook": HandedIn({"essay.docx": b"..."}, 0, "There's no notebook, only essay.docx"),
        "two-notebooks": HandedIn({"a.ipynb": data, "b.ipynb": data}, 0, "2 files"),
        "pdf": HandedIn({file: b"%PDF-1.7 ..."}, 0, "is a PDF"),
        "web-page": HandedIn({file: b"<!DOCTYPE html><html>"}, 0, "is a web page"),
        "no-code": HandedIn(changed(_no_code), 0, "no code in it"),
        "other-json": HandedIn({file: b'{"a": 1}'}, 0, "has no cells"),
        "deep-json": HandedIn({file: b'{"cells": ' + b"[" * 200_000}, 0, "damaged"),
        "wrong-notebook": HandedIn(changed(_wrong_notebook), 0, "Is it the right one?"),
        "two-in-a-zip": HandedIn({"x.zip": _zip({"a.ipynb": data, "b.ipynb": data})}, 0, "2 note"),
        "broken-zip": HandedIn({"x.zip": _zip({"a.ipynb": data})[:300]}, 0, "damaged or locked"),
        "zip": HandedIn(
            {"x.zip": _zip({"hw/x.ipynb": data, "__MACOSX/._x.ipynb": b""})}, points, "an archive"
        ),
        "zip-as-ipynb": HandedIn({file: _zip({"../x.ipynb": data})}, points, "an archive"),
        "ending-txt": HandedIn({f"{file}.txt": data}, points, "ending .ipynb"),
        "script": HandedIn(
            {"x.py": jupytext.writes(right, "py:percent").encode()}, points, "Python script"
        ),
        "merge-marks": HandedIn({file: _merge_marks(data)}, points, "unfinished merge"),
        "marks-in-a-cell": HandedIn(changed(_marks_in_a_cell), points - first, "not valid Python"),
        "byte-order-mark": HandedIn({file: b"\xef\xbb\xbf" + data}, points),
        "utf-16": HandedIn({file: data.decode().encode("utf-16")}, points),
        "windows-lines": HandedIn({file: data.replace(b"\n", b"\r\n")}, points),
        "another-name": HandedIn({"Untitled (3).ipynb": data}, points),
        "format-3": HandedIn({file: _format_3(right)}, points),
        "colab": HandedIn(changed(_colab), points),
        "colab-keeps-nbgrader": HandedIn(changed(_colab_that_keeps), points),
        "colab-leftovers": HandedIn(changed(_colab_leftovers), points),
        "split-cells": HandedIn(changed(_split), points),
        "copied-cells": HandedIn(changed(_copied), points),
        "deleted-cells": HandedIn(changed(_deleted), points),
        "deleted-exercise": HandedIn(changed(_deleted_exercise), points - first),
        "reordered-cells": HandedIn(changed(_reordered), points),
        "renamed-function": HandedIn(changed(_renamed), points - first),
        "token-in-a-cell": HandedIn(changed(_token), points),
        "much-output": HandedIn(changed(_much_output), points),
        "half-written-cell": HandedIn(changed(_half_written), points, "not valid Python"),
        "asks-for-input": HandedIn(changed(_asks), points),
        "names-by-exec": HandedIn(changed(_names_by_exec), points),
        "endless-demonstration": HandedIn(changed(_endless_demonstration), points),
        "odd-cells": HandedIn(changed(_odd_cells), points),
    }


def _code(source: str) -> Notebook:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }


def _cell_with(notebook: Notebook, words: str) -> Notebook:
    return next(c for c in notebook["cells"] if words in "".join(c["source"]))


def _no_code(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _wrong_notebook(notebook: Notebook) -> None:
    title = {"cell_type": "markdown", "source": "# Assignment 7: trees", "metadata": {}}
    notebook["cells"] = [title, _code("def depth(tree):\n    return 1")]


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _merge_marks(data: bytes) -> bytes:
    """A conflict in the notebook's metadata, as git leaves it."""
    lines = data.decode().splitlines(keepends=True)
    k = next(k for k, line in enumerate(lines) if '"nbformat_minor"' in line)
    conflict = ["<<<<<<< HEAD\n", lines[k], "=======\n", lines[k], ">>>>>>> origin/main\n"]
    return "".join(lines[:k] + conflict + lines[k + 1 :]).encode()


def _marks_in_a_cell(notebook: Notebook) -> None:
    cell = _cell_with(notebook, "def forward(")
    cell["source"] = ["<<<<<<< HEAD\n", *cell["source"], "\n=======\n>>>>>>> theirs\n"]


def _format_3(right: NotebookNode) -> bytes:
    return nbformat.writes(nbformat.convert(nbformat.from_dict(right), 3)).encode()


def _colab(notebook: Notebook) -> None:
    """As Colab gives a notebook back, with what people type there."""
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}}
    for k, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": f"x{k}"}
        cell.pop("id", None)
    notebook["cells"].insert(
        0,
        _code(
            "!pip install -q something\n%matplotlib inline\nfrom google.colab import drive\n"
            "drive.mount('/content/drive')\n"
        ),
    )


def _colab_that_keeps(notebook: Notebook) -> None:
    """As Colab does mostly: ids and minor version are its own, nbgrader's metadata stays."""
    notebook["nbformat_minor"] = 0
    for k, cell in enumerate(notebook["cells"]):
        cell["metadata"]["id"] = f"x{k}"
        cell.pop("id", None)


def _colab_leftovers(notebook: Notebook) -> None:
    """Cells that only work in Colab, and one that stops with an error in the middle."""
    notebook["cells"].insert(1, _code("from google.colab import files\nup = files.upload()"))
    notebook["cells"].insert(2, _code("%cd /content/drive/MyDrive\n!ls\nup['cat.png']"))
    notebook["cells"].insert(3, _code("%%bash\npip install torch"))


def _split(notebook: Notebook) -> None:
    """The weights in a cell of their own, behind the function that uses them."""
    k = notebook["cells"].index(_cell_with(notebook, "def forward("))
    notebook["cells"][k]["source"] = [
        "def forward(im, t, alphas_cumprod, noise):\n",
        "    image, added = weights(alphas_cumprod[t])\n",
        "    return image * im + added * noise\n",
    ]
    helper = "def weights(alpha_bar):\n    return alpha_bar**HALF, (1 - alpha_bar) ** HALF"
    notebook["cells"][k + 1 : k + 1] = [_code(helper), _code("HALF = 0.5")]


def _copied(notebook: Notebook) -> None:
    """A first attempt is left in the copy above, ids and all; checks are there twice."""
    cells = notebook["cells"]
    attempt = copy.deepcopy(_cell_with(notebook, "def forward("))
    attempt["source"] = ["def forward(im, t, alphas_cumprod, noise):\n", "    return im\n"]
    cells.insert(cells.index(_cell_with(notebook, "def forward(")), attempt)
    cells += [copy.deepcopy(cell) for cell in cells if "check(" in "".join(cell["source"])]


def _deleted(notebook: Notebook) -> None:
    """No text, no checks: only what defines something is left."""
    kept = ("def ", "import ", "load_model")
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and any(word in "".join(cell["source"]) for word in kept)
    ]


def _deleted_exercise(notebook: Notebook) -> None:
    notebook["cells"].remove(_cell_with(notebook, "def forward("))


def _reordered(notebook: Notebook) -> None:
    """Everything upside down: run in another order than it stands there."""
    notebook["cells"].reverse()


def _renamed(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = [line.replace("forward(", "my_forward(") for line in cell["source"]]


def _token(notebook: Notebook) -> None:
    source = "from huggingface_hub import login\nlogin(token='hf_abcdefghijklmnopqrstuvwxyz')"
    notebook["cells"].insert(1, _code(source))


def _much_output(notebook: Notebook) -> None:
    text = {"output_type": "stream", "name": "stdout", "text": ["noise\n" * 1000] * 9000}
    notebook["cells"][3]["outputs"] = [text]


def _half_written(notebook: Notebook) -> None:
    notebook["cells"].insert(4, _code("def try_again(x:\n    return"))


def _asks(notebook: Notebook) -> None:
    notebook["cells"].insert(2, _code("name = input('Your name? ')\nassert name"))


def _names_by_exec(notebook: Notebook) -> None:
    """The function needs a name that only running everything can find."""
    cell = _cell_with(notebook, "def forward(")
    cell["source"] = [
        "def forward(im, t, alphas_cumprod, noise):\n"
        "    a = one * alphas_cumprod[t]\n"
        "    return a.sqrt() * im + (1 - a).sqrt() * noise\n"
    ]
    notebook["cells"].insert(4, _code("exec('one = 1')"))


def _endless_demonstration(notebook: Notebook) -> None:
    notebook["cells"].insert(-2, _code("import time\nwhile True:\n    time.sleep(1)"))


def _odd_cells(notebook: Notebook) -> None:
    """Cells that nbformat would refuse: neither a source nor a known type."""
    notebook["cells"] += [{"cell_type": "code"}, {"cell_type": "heading"}, None, "text", 7]
    notebook["cells"].append(_code("x = 'a lone surrogate \ud800'"))
