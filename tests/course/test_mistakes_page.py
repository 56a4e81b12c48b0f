"""docs/mistakes.md says what the manifest of the public references says."""

import copy
import json

import pytest

from autograder.course.mistakes_page import PAGE, page
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS
from solutions.variants import variants_of


@pytest.fixture(scope="module")
def manifest() -> dict:
    path = ROOT / "assets" / "references" / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_page_is_up_to_date(manifest: dict) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(manifest), "`make references` writes it anew."


def test_every_mistake_is_on_it_with_what_students_read() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    mistakes = [mistake for check in ALL_CHECKS.values() for mistake in check.mistakes]
    assert len(rows) == len(mistakes) > 100
    for row, mistake in zip(rows, mistakes, strict=True):
        assert row.startswith(f"| `{mistake.key}` | {mistake.says} |")
        assert row.count(" | ") == 4


def test_every_distance_has_been_measured(manifest: dict) -> None:
    for exercise, check in ALL_CHECKS.items():
        about = manifest["exercises"][exercise]
        if check.properties is None:
            assert set(about["mistakes"]) == {mistake.key for mistake in check.mistakes}
            assert set(about["right"]) == {v.__name__ for v in variants_of(exercise)}
            assert max(about["right"].values()) < check.tolerance < min(about["mistakes"].values())


def test_another_number_is_another_page(manifest: dict) -> None:
    other = copy.deepcopy(manifest)
    other["exercises"]["1.1"]["mistakes"]["t_off_by_one"] = 0.5
    assert page(other) != page(manifest)
