"""Whatever is in a file, reading it gives a notebook or a sentence, and nothing else."""

import json
import zipfile
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox.reading_child import File
from autograder.sandbox.reading_protocol import (
    MAX_DESCRIPTION,
    FileReply,
    FileRequest,
    read_answer,
    read_pixels,
)
from autograder.submission.notebook import Notebook
from autograder.submission.slicing import needed, parse
from tests.fuzzing import files

FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
WIDTH = 300
LONGEST_SENTENCE = 1000


def sent(answer: FileReply) -> FileReply:
    """An answer as the grader gets it: small enough, and valid."""
    text = answer.model_dump_json().encode()
    assert len(text) <= MAX_DESCRIPTION
    return read_answer(text)


def is_a_sentence(text: str) -> bool:
    """Whether a student can be told that."""
    return 20 < len(text) < LONGEST_SENTENCE and text.rstrip()[-1] in ".?)" and text[0] != " "


def read(data: bytes, name: str = files.NAME) -> Notebook | str:
    """All that is ever asked of a file, as the sandbox asks it: a notebook, or the sentence."""
    file = File()
    opened = sent(file.open(name, data))
    if opened.unreadable:
        assert is_a_sentence(opened.unreadable), opened.unreadable
        return opened.unreadable
    cells = sent(file.answer(FileRequest(ask="cells"))[0]).cells
    numbers = [o.picture for cell in cells for o in cell.outputs if o.picture is not None]
    for number in numbers[:3]:
        answer, pixels = file.answer(FileRequest(ask="picture", picture=number, width=WIDTH))
        read_pixels(answer.model_dump_json().encode(), pixels, WIDTH)
    answer = sent(file.answer(FileRequest(ask="notebook"))[0])
    if answer.notebook is None:
        assert is_a_sentence(answer.unreadable), answer.unreadable
        return answer.unreadable
    sent(file.answer(FileRequest(ask="suspicions"))[0])
    sent(file.answer(FileRequest(ask="answers", functions=["forward"]))[0])
    parsed = parse(answer.notebook.code)
    needed(parsed.statements, ["forward"])
    return answer.notebook


@cache
def honest_code() -> list[str]:
    """What the honest notebook holds."""
    notebook = read(files.BASES[files.NAME])
    assert isinstance(notebook, Notebook)
    assert any("def forward" in code for code in notebook.code)
    return list(notebook.code)


@pytest.mark.parametrize("name", files.BASES)
def test_what_is_not_damaged_is_read(name: str) -> None:
    assert isinstance(read(files.BASES[name], name), Notebook)


@FUZZ
@given(files.damaged())
def test_damaged_files(file: tuple[str, bytes]) -> None:
    name, data = file
    read(data, name)


def test_every_byte_of_an_archive_may_be_the_wrong_one() -> None:
    small = files.zipped({"a.ipynb": files.to_bytes({"cells": []})}, zipfile.ZIP_DEFLATED)
    for at in range(len(small)):
        for byte in (0x00, 0xFF, small[at] ^ 0x55):
            read(small[:at] + bytes([byte]) + small[at + 1 :], "x.zip")


@pytest.mark.parametrize("make", [files.small, files.old], ids=["now", "before 4"])
def test_odd_types_at_every_place(make) -> None:
    notebook = make()
    for place in files.places(notebook):
        for odd in files.ODD:
            read(files.to_bytes(files.replaced(notebook, place, odd)))


@pytest.mark.parametrize("value", [None, "4", "four", [], [4], {}, True, -1, 1e999, 10**30])
def test_a_format_of_any_type_costs_nothing(value: object) -> None:
    notebook = read(files.to_bytes({**files.HONEST, "nbformat": value, "nbformat_minor": value}))
    assert isinstance(notebook, Notebook)
    assert notebook.code == honest_code()


@pytest.mark.parametrize(
    "text",
    [
        '{"cells": [], "cells": [{"cell_type": "code", "source": "x"}]}',
        '{"cells": [{"cell_type": "code", "source": "x", "source": 7}]}',
        '{"cells": ' + "[" * 900 + "]" * 900 + "}",
        '{"cells": ' + '{"a":' * 90_000,
        '{"cells": [{"cell_type": "code", "source": [' + "1," * 999 + '"x = 1"]}]}',
        '{"nbformat": ' + "9" * 10_000 + "}",
        '{"cells": [NaN, Infinity, -Infinity, 1e99999]}',
        '{"cells": [{"cell_type": "code", "source": "\\ud800\\udfff\\udbff"}]}',
        '{"worksheets": 7, "nbformat": "x"}',
        '{"cells": null, "worksheets": [null, {"cells": null}, {"cells": [null, 7]}]}',
        "{}",
        "[]",
        "{",
        "null",
        "<<<<<<< \n{\n=======\n",
    ],
)
def test_json_that_nobody_writes(text: str) -> None:
    read(text.encode())


@FUZZ
@given(st.lists(files.CELLS, min_size=1, max_size=6))
def test_odd_cells_leave_the_honest_ones_alone(cells: list[str]) -> None:
    notebook = read(files.with_cells(*cells))
    assert isinstance(notebook, Notebook)
    assert notebook.code[: len(honest_code())] == honest_code()
    parsed = parse(notebook.code)
    defined = set().union(*(s.defines for s in parsed.statements if s.cell < len(honest_code())))
    assert {"forward", "gaussian_denoise"} <= defined


@FUZZ
@given(files.CELLS, st.sampled_from(["a.py", "a.ipynb", "a.ipynb.txt", "a.txt", "a.zip", "x"]))
def test_anything_as_a_file(text: str, name: str) -> None:
    read(text.encode("utf-8", "surrogatepass"), name)
    read(text.encode("utf-16", "surrogatepass"), name)


@FUZZ
@given(files.archives())
def test_archives_whose_entries_have_any_name(data: bytes) -> None:
    read(data, "x.zip")


@FUZZ
@given(files.NAMES, st.sampled_from(sorted(files.BASES)))
def test_files_with_any_name(name: str, base: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    notebook = read(files.BASES[base], f"{name}{base}")
    assert isinstance(notebook, Notebook)
    assert all(len(note) <= 500 for note in notebook.notes)


@pytest.mark.skipif(not files.pythons_own(), reason="this Python came without its tests")
def test_cells_from_pythons_own_tests() -> None:
    for name, text in files.pythons_own().items():
        notebook = read(files.with_cells(text))
        assert isinstance(notebook, Notebook), name
        assert notebook.code[: len(honest_code())] == honest_code()
        read(text.encode("utf-8", "replace"), name)


def test_a_notebook_of_json_is_json() -> None:
    assert json.loads(files.BASES[files.NAME]) == files.HONEST
