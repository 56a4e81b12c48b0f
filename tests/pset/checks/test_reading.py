"""What students are told to read is there to be read."""

import re

import pytest

from autograder.course.solution import read_solutions
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS

ADDRESS = r"https://arxiv\.org/abs/\d{4}\.\d{5}|https://openreview\.net/forum\?id=\w+|https://doi\.org/10\.\d{4}/.+"
HOME = {e: s.assignment for s in read_solutions().values() for e in s.exercises}


@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_the_section_is_a_heading_of_the_notebook(exercise: str) -> None:
    source = (ROOT / "solutions" / f"{HOME[exercise]}.py").read_text()
    headings = re.findall(r"^# #+ (.+)$", source, re.M)
    assert ALL_CHECKS[exercise].read.section in headings


@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_a_paper_has_an_address(exercise: str) -> None:
    reading = ALL_CHECKS[exercise].read
    if reading.paper:
        assert re.fullmatch(ADDRESS, reading.paper.url)
    else:
        assert not reading.at
