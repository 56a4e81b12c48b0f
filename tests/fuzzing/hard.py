"""Files that once ended or hung the grading of a whole class, each small to hand in."""

import base64
import copy
import io
import json
import os
import zipfile
from collections.abc import Callable

from PIL import Image

from tests.attacks.attack import EACH, Attack, Notebook
from tests.fuzzing.files import HONEST, NAME, to_bytes, with_cells, zipped
from tests.submission.corpus import HandedIn

FULL = 2 * EACH


def _changed(change: Callable[[Notebook], None]) -> bytes:
    notebook = copy.deepcopy(HONEST)
    change(notebook)
    return to_bytes(notebook)


def _format(value: object) -> bytes:
    return _changed(lambda notebook: notebook.update(nbformat=value))


def _damaged_zip(method: int) -> bytes:
    """One byte is another, in the middle of what is packed."""
    data = bytearray(zipped({NAME: to_bytes(HONEST)}, method))
    middle = data.index(NAME.encode()) + len(NAME) + 40
    data[middle : middle + 4] = bytes(byte ^ 0xFF for byte in data[middle : middle + 4])
    return bytes(data)


def _zip_with_a_damaged_name() -> bytes:
    """It says that its name is in UTF-8, and is not."""
    data = zipped({"Pr\u00e1ctica.ipynb": to_bytes(HONEST)})
    return data.replace("\u00e1".encode(), b"\xff\xff")


def _merge_marks() -> bytes:
    return b"<<<<<<< HEAD\n=======\n>>>>>>> theirs\n" * 1700


def _many_objects() -> bytes:
    """100 MB of the smallest objects, which take more than twenty times as much memory.

    A file may be twice as large, and would only take longer to be refused.
    """
    return zipped({NAME: b'{"cells": [' + b"{}," * (32 << 20) + b"{}]}"}, zipfile.ZIP_DEFLATED)


def big_pictures(count: int = 20) -> bytes:
    """Pictures of 29 megapixels that are small as files."""
    buffer = io.BytesIO()
    Image.new("L", (5400, 5400)).save(buffer, "PNG", compress_level=9)
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return _changed(lambda notebook: notebook["cells"][1].update(outputs=[output] * count))


def _forward(body: str) -> bytes:
    return json.dumps(Attack(body).notebook()).encode()


def _deep(text: str) -> bytes:
    return with_cells(f"x = {text}")


HARD: dict[str, HandedIn] = {
    "damaged-zip": HandedIn({"x.zip": _damaged_zip(zipfile.ZIP_DEFLATED)}, 0, "damaged or locked"),
    "damaged-lzma": HandedIn({"x.zip": _damaged_zip(zipfile.ZIP_LZMA)}, 0, "damaged or locked"),
    "damaged-name": HandedIn({"x.zip": _zip_with_a_damaged_name()}, 0, "damaged or locked"),
    "format-text": HandedIn({NAME: _format("4")}, FULL),
    "format-null": HandedIn({NAME: _format(None)}, FULL),
    "format-list": HandedIn({NAME: _format([4])}, FULL),
    "latin-1-file": HandedIn({os.fsdecode(b"Pr\xe1ctica.ipynb"): to_bytes(HONEST)}, FULL),
    "latin-1-text": HandedIn({NAME: to_bytes(HONEST)[:-1] + b"\xe1}"}, 0, "UTF-8 text"),
    "shell-lines": HandedIn({NAME: with_cells("!ls\n" * 600)}, FULL),
    "many-magics": HandedIn({NAME: with_cells(*["%matplotlib inline\n" * 60] * 200)}, FULL),
    "empty-lines": HandedIn({"x.py": b"\n" * (1 << 20)}, 0, "is empty"),
    "empty-lines-and-a-word": HandedIn({"x.py": b"\n" * (1 << 20) + b"x"}, 0, "isn't a notebook"),
    "merge-marks": HandedIn({NAME: _merge_marks()}, 0, "damaged"),
    "many-objects": HandedIn({"x.zip": _many_objects()}, 0, "Clear the outputs"),
    "big-pictures": HandedIn({NAME: big_pictures()}, FULL),
    "overflowing-stride": HandedIn(
        {NAME: _forward("return torch.zeros([0, 1 << 31, 1 << 31, 1 << 31])")}, EACH
    ),
    "many-dimensions": HandedIn({NAME: _forward("return torch.zeros([1] * 60000)")}, EACH),
    "deep-brackets": HandedIn({NAME: _deep("(" * 150 + ")" * 150)}, FULL),
    "deep-signs": HandedIn({NAME: _deep("-" * 100_000 + "1")}, FULL),
    "deep-attributes": HandedIn({NAME: _deep("x" + ".x" * 100_000)}, FULL),
    "deep-sums": HandedIn({NAME: _deep("1" + "+1" * 100_000)}, FULL),
    "long-line": HandedIn({NAME: with_cells("x = '" + "x" * (1 << 20) + "'")}, FULL),
    "long-number": HandedIn({NAME: with_cells("x = " + "9" * 100_000)}, FULL),
    "null-bytes": HandedIn({NAME: with_cells("x = 1\x00")}, FULL),
    "endless-string": HandedIn({NAME: with_cells("'''" + "\\\n" * 10_000)}, FULL),
}
"""What is hard → what is handed in, what the honest code in it earns, and what is said."""
