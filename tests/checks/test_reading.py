"""What students are told to read is there to be read."""

import re

import pytest

from autograder.course.solution import read_solutions
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS
from pset.checks.reading import READING

HOME = {e: s.assignment for s in read_solutions().values() for e in s.exercises}


def test_every_check_has_something_to_read() -> None:
    assert list(READING) == list(ALL_CHECKS)


@pytest.mark.parametrize("exercise", READING)
def test_the_section_is_a_heading_of_the_notebook(exercise: str) -> None:
    source = (ROOT / "solutions" / f"{HOME[exercise]}.py").read_text()
    headings = re.findall(r"^# #+ (.+)$", source, re.M)
    assert READING[exercise].section in headings


@pytest.mark.parametrize("exercise", READING)
def test_a_paper_has_an_address(exercise: str) -> None:
    reading = READING[exercise]
    assert bool(reading.paper) == bool(reading.url)
    assert not reading.url or re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{5}", reading.url)
