"""What students are called: as it is where that is safe, and safely where it is not."""

import os
import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.files.csv import is_risky
from autograder.submission.names import LONGEST, name_students, remark_on, why_not
from autograder.text import on_one_line, printable
from tests.submission.odd_names import ALIKE, BOMBS, PLAIN

HARMLESS = ("long-and-wide", "device", "null-symbol", "console-markup")
FOLDERS = st.binary(min_size=1, max_size=255).map(os.fsdecode) | st.text(min_size=1, max_size=99)
"""All that a Linux disk takes, and more."""


def is_safe_everywhere(name: str) -> bool:
    """Whether a name can stand in a terminal, a table, a page, a path and a database."""
    assert name.encode().decode() == name
    assert name.isprintable()
    assert 0 < len(name) <= LONGEST
    assert PurePosixPath("results", name).parts == ("results", name)
    assert not {"/", "\\"} & set(name)
    assert not name.startswith((".", "~"))
    assert not name.casefold().endswith((".csv", ".html", ".json", ".partial"))
    assert not is_risky(name)
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    return True


@pytest.mark.parametrize("name", PLAIN)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert name_students([name]) == {name: name}
    assert remark_on(name, name) == ""


@pytest.mark.parametrize("what", BOMBS)
def test_an_odd_name_is_replaced_and_the_instructor_is_told(what: str) -> None:
    folder = os.fsdecode(BOMBS[what])
    name = name_students([folder])[folder]
    assert is_safe_everywhere(name)
    if what in HARMLESS:
        assert name == folder
        return
    assert name != folder
    said = remark_on(folder, name)
    assert name in said
    assert "Rename the folder" in said
    assert said.isprintable()


def test_what_can_be_read_of_a_name_is_kept() -> None:
    folder = os.fsdecode(b"Jos\xe9 Garc\xeda")
    name = name_students([folder])[folder]
    assert name.startswith("Jos_ Garc_a~")
    assert r"“Jos\xe9 Garc\xeda”" in remark_on(folder, name)
    assert "not in UTF-8" in remark_on(folder, name)


@pytest.mark.parametrize("alike", ALIKE, ids=lambda names: names[0])
def test_names_that_look_alike_are_told_apart(alike: list[str]) -> None:
    names = name_students(alike)
    folded = {unicodedata.normalize("NFKC", name).casefold() for name in names.values()}
    assert len(folded) == len(alike)
    assert set(alike) & set(names.values()), "one of them keeps it"
    assert name_students(reversed(alike)) == names
    others = [folder for folder, name in names.items() if name not in alike]
    assert len(others) == len(alike) - 1
    assert all(remark_on(folder, names[folder]) for folder in others)


def test_accents_apart_from_their_letters_are_put_together() -> None:
    assert name_students(["Jose\u0301"]) == {"Jose\u0301": "Jos\u00e9"}
    assert remark_on("Jose\u0301", "Jos\u00e9") == "", "it looks the same"


def test_nobody_can_take_the_name_that_another_is_given() -> None:
    folder = "=ada"
    given_name = name_students([folder])[folder]
    names = name_students([folder, given_name, given_name.upper()])
    assert names[folder] == given_name
    assert len(set(names.values())) == 3


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(FOLDERS, max_size=12, unique=True))
@example(["\ud800", "\udcff", "\udc80"])
def test_all_names_are_safe_and_different(folders: list[str]) -> None:
    names = name_students(folders)
    assert names.keys() == set(folders)
    assert all(is_safe_everywhere(name) for name in names.values())
    assert len({name.casefold() for name in names.values()}) == len(folders)
    for folder, name in names.items():
        assert name in (folder, unicodedata.normalize("NFC", folder)) or remark_on(folder, name)
        assert remark_on(folder, name).isprintable()
        assert name_students([name]) == {name: name} or why_not(name), "a made name stays odd"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(FOLDERS)
def test_a_name_is_shown_on_one_line(name: str) -> None:
    shown = on_one_line(name)
    assert shown.isprintable()
    assert len(shown) <= 120
    assert shown.encode().decode() == shown == printable(shown)
    if name.isprintable() and len(name) <= 120:
        assert shown == name


def test_a_long_name_keeps_its_end() -> None:
    assert on_one_line("x" * 300 + ".ipynb").endswith("xx.ipynb")
