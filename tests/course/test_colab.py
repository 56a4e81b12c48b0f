"""A notebook as Colab saves it, checked in a kernel like any other."""

from pathlib import Path

import pytest

from autograder.course.execute import Executed, execute_notebook
from autograder.course.solution import read_solutions
from autograder.demo import samples
from tests.colab import colab_shape

pytestmark = pytest.mark.slow


def checked(name: str, notebook, folder: Path, kind: str = "solutions") -> Executed:
    """Saved by Colab and run, without the cells that draw: those need minutes and check nothing."""
    saved = colab_shape(notebook)
    saved.cells = [cell for cell in saved.cells if "needs" not in cell.metadata.get("tags", ())]
    assert saved.nbformat_minor == 0
    assert all("id" not in cell and not cell.get("outputs") for cell in saved.cells)
    return execute_notebook(name, kind, saved, folder)


@pytest.mark.parametrize("name", ["01_denoising", "06_visual_anagrams"])
def test_a_solved_notebook_from_colab_checks_as_right(name: str, tmp_path: Path) -> None:
    solution = read_solutions()[name]
    done = checked(name, samples.right(solution), tmp_path)
    assert done.failures == ()
    said = str(done.notebook)
    assert all(f"{exercise} " in said for exercise in solution.exercises)
    assert said.count(": right, ") >= len(solution.exercises)


def test_an_unwritten_notebook_from_colab_checks_as_not_done(tmp_path: Path) -> None:
    name = "01_denoising"
    untouched = samples.untouched(read_solutions()[name])
    assert checked(name, untouched, tmp_path, kind="release").failures == ()
    (said, *_) = checked(name, untouched, tmp_path).failures
    assert "not done" in said
