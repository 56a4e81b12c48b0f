"""Figures: the same bytes each time, and drawn only where something has changed."""

from pathlib import Path

from autograder.figures import draw_figures
from tests.grading.classroom import ASSIGNMENT


def test_figures_are_the_same_bytes_and_drawn_when_needed(tmp_path: Path) -> None:
    cells = []

    def note(*what: object) -> None:
        cells.append(what)

    first = draw_figures(tmp_path / "a", progress=note, only=[ASSIGNMENT])
    assert cells[-1][1] == cells[-1][2] > 5
    assert "1.1_forward" in [path.stem for path in first[ASSIGNMENT]]

    cells.clear()
    draw_figures(tmp_path / "a", progress=note, only=[ASSIGNMENT])
    assert cells == []

    before = [path.read_bytes() for path in first[ASSIGNMENT]]
    first[ASSIGNMENT][0].write_bytes(b"painted over")
    again = draw_figures(tmp_path / "a", progress=note, only=[ASSIGNMENT])
    assert cells
    assert [path.read_bytes() for path in again[ASSIGNMENT]] == before
