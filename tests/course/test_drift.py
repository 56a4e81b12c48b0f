"""The notebooks in `notebooks/` are what `solutions/` says, and a difference is noticed."""

import shutil
from pathlib import Path

import pytest

from autograder.course.release import NOTEBOOKS, SOLUTIONS, Released, release
from autograder.course.source import SourceError

FIRST = "01_denoising"


def first(results: list[Released]) -> Released:
    """What came of the first notebook."""
    return next(result for result in results if result.path.stem == FIRST)


def test_notebooks_have_not_drifted_from_their_sources():
    drifted = [result for result in release(check=True) if not result.up_to_date]
    report = "\n\n".join(f"{r.path.name}: {r.status}\n{r.diff}" for r in drifted)
    assert not drifted, f"`make release` writes notebooks/ anew.\n{report}"


def test_a_second_release_writes_the_same_bytes(tmp_path: Path):
    once, twice = release(out=tmp_path / "once"), release(out=tmp_path / "twice")
    assert {result.status for result in once + twice} == {"written"}
    for one, other in zip(once, twice, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()
    assert {result.status for result in release(out=tmp_path / "once")} == {"unchanged"}


@pytest.fixture
def solutions(tmp_path: Path) -> Path:
    """A copy of the sources that a test may change."""
    folder = tmp_path / "solutions"
    folder.mkdir()
    for path in SOLUTIONS.glob("[0-9]*.py"):
        shutil.copy(path, folder)
    return folder


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} is not there once"
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_changed_text_is_drift_and_the_diff_shows_it(solutions: Path):
    change(solutions / "01_denoising.py", "takes one step apart", "takes two steps apart")
    result = first(release(check=True, solutions=solutions))
    assert result.status == "drifted"
    assert not result.up_to_date
    removed = [line for line in result.diff.splitlines() if line.startswith("-")]
    added = [line for line in result.diff.splitlines() if line.startswith("+")]
    assert any("takes one step apart" in line for line in removed)
    assert any("takes two steps apart" in line for line in added)
    assert len(result.diff.splitlines()) <= 21


def test_a_changed_solution_is_no_drift(solutions: Path):
    change(
        solutions / "01_denoising.py",
        "    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise\n",
        "    return im * alpha_bar.sqrt() + noise * (1 - alpha_bar).sqrt()\n",
    )
    assert first(release(check=True, solutions=solutions)).status == "unchanged"


def test_changed_points_are_drift(tmp_path: Path):
    course = tmp_path / "course.toml"
    text = (NOTEBOOKS.parent / "course.toml").read_text(encoding="utf-8")
    course.write_text(text.replace('"1.1" = 10', '"1.1" = 12'), encoding="utf-8")
    assert first(release(check=True, course=course)).status == "drifted"


def test_checking_writes_nothing(tmp_path: Path):
    assert first(release(check=True, out=tmp_path)).status == "missing"
    assert not any(tmp_path.iterdir())


def test_a_notebook_without_a_source_is_left_over(tmp_path: Path):
    (tmp_path / "00_old.ipynb").write_text("{}")
    results = {result.path.name: result for result in release(out=tmp_path)}
    assert results["00_old.ipynb"].status == "left over"
    assert not results["00_old.ipynb"].up_to_date


def test_a_source_that_the_course_does_not_list_is_refused(solutions: Path):
    shutil.copy(solutions / "01_denoising.py", solutions / "99_more.py")
    with pytest.raises(SourceError, match=r"99_more\.py isn't an assignment"):
        release(check=True, solutions=solutions)


def test_a_missing_source_is_refused(solutions: Path):
    (solutions / "01_denoising.py").unlink()
    with pytest.raises(SourceError, match=r"there's no .*01_denoising"):
        release(check=True, solutions=solutions)
