"""The collage: rows that are full, figures whole and in their proportions, a kind word if not."""

from pathlib import Path

import pytest
from PIL import Image

from autograder.errors import CommandError
from autograder.showcase.collage import CAPTION, GAP, ROWS, collage

RED, BLUE = (255, 0, 0), (0, 0, 255)


def save(folder: Path, name: str, size: tuple[int, int], colour: tuple[int, int, int]) -> None:
    folder.mkdir(exist_ok=True)
    Image.new("RGB", size, colour).save(folder / name)


def test_a_row_is_full_and_its_figures_are_equally_high(tmp_path: Path) -> None:
    save(tmp_path / "a", "wide.png", (300, 100), RED)
    save(tmp_path / "a", "square.png", (50, 50), BLUE)
    row = [("wide", "a/wide"), ("square", "a/square")]
    picture = collage(tmp_path, [row], width=416)
    assert picture.size == (416, CAPTION + 100)  # 400 = (3 + 1) · 100 pixels for two figures
    for y in (CAPTION, CAPTION + 99):
        assert picture.getpixel((0, y)) == picture.getpixel((299, y)) == RED
        assert picture.getpixel((300, y)) == picture.getpixel((315, y)) == (255, 255, 255)
        assert picture.getpixel((316, y)) == picture.getpixel((415, y)) == BLUE


def test_rows_are_below_each_other(tmp_path: Path) -> None:
    save(tmp_path / "a", "one.png", (100, 50), RED)
    save(tmp_path / "a", "two.png", (100, 100), BLUE)
    picture = collage(tmp_path, [[("", "a/one")], [("", "a/two")]], width=100)
    assert picture.height == CAPTION + 50 + GAP + CAPTION + 100
    assert picture.getpixel((50, CAPTION + 25)) == RED
    assert picture.getpixel((50, picture.height - 1)) == BLUE


def test_a_caption_is_drawn(tmp_path: Path) -> None:
    save(tmp_path / "a", "one.png", (200, 50), RED)
    line = collage(tmp_path, [[("One", "a/one")]], width=200).crop((0, 0, 200, CAPTION))
    assert line.convert("L").getextrema()[0] < 100


def test_a_missing_figure_says_how_to_draw_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no\.png.*`make figures`"):
        collage(tmp_path, [[("none", "a/no")]])


def test_the_course_has_all_the_figures_of_the_readme() -> None:
    assert collage(width=240).width == 240
    assert len({name for row in ROWS for _, name in row}) == sum(map(len, ROWS))
