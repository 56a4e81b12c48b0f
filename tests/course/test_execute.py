"""Whole notebooks in real kernels: what ends well, what fails, and how a failure is named."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from autograder.commands import app
from autograder.course.execute import (
    COLOUR_CODES,
    Executed,
    execute_notebook,
    execute_notebooks,
    keep,
    read_notebooks,
)
from autograder.course.release import NOTEBOOKS
from autograder.errors import CommandError
from tests.interrupted import interrupted

pytestmark = pytest.mark.slow

RIGHT = """
from pset import check

def forward(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise
"""
UNWRITTEN = """
from pset import check

def forward(im, t, alphas_cumprod, noise):
    raise NotImplementedError()
"""
CHECK = 'check("1.1")'


def notebook(*cells: str) -> nbformat.NotebookNode:
    """A text, and then these cells of code; those that call `check` are check cells."""
    made = new_notebook(cells=[new_markdown_cell("# Words")])
    for text in cells:
        tags = ["check", "1.1"] if text == CHECK else []
        made.cells.append(new_code_cell(text, metadata={"tags": tags}))
    return made


def run(folder: Path, *cells: str, kind: str = "solutions", **options) -> Executed:
    return execute_notebook("tiny", kind, notebook(*cells), folder, **options)


def failure(executed: Executed) -> str:
    (sentence,) = executed.failures
    return sentence


def test_right_checks_are_what_a_solution_needs(tmp_path: Path) -> None:
    heard = []
    done = run(tmp_path, RIGHT, CHECK, progress=lambda *what: heard.append(what))
    assert done.failures == ()
    assert done.cells == 2
    assert heard == [("tiny, solutions", k, 2) for k in range(3)]
    assert 0 < done.slowest[0] <= done.seconds
    keep(tmp_path / "kept", done)
    page = (tmp_path / "kept" / "tiny.html").read_text(encoding="utf-8")
    assert "1.1 The forward process: right, 10 of 10 points" in page
    kept = nbformat.read(tmp_path / "kept" / "tiny.ipynb", as_version=4)
    assert kept.cells[2].outputs


def test_the_same_notebook_is_no_release(tmp_path: Path) -> None:
    said = failure(run(tmp_path, RIGHT, CHECK, kind="release"))
    assert said.startswith('tiny, release, cell 3 (check("1.1")): it should say ')
    assert "not done, 0 of 10 points" in said
    assert "right, 10 of 10 points" in said


def test_unwritten_functions_are_what_a_release_needs_and_no_solution(tmp_path: Path) -> None:
    assert run(tmp_path, UNWRITTEN, CHECK, kind="release").failures == ()
    assert "not done, 0 of 10 points" in failure(run(tmp_path, UNWRITTEN, CHECK))


def test_an_error_is_named_by_cell_and_ends_the_notebook(tmp_path: Path) -> None:
    done = run(tmp_path, "x = 1", "\n# divide\nx / 0", "open('later', 'w')")
    assert (
        failure(done) == "tiny, solutions, cell 3 (# divide): ZeroDivisionError: division by zero"
    )
    assert not (tmp_path / "later").exists()


def test_an_endless_cell_is_stopped(tmp_path: Path) -> None:
    said = failure(run(tmp_path, "while True: pass", cell_seconds=1))
    assert said.endswith("cell 2 (while True: pass): timed out after 1 seconds.")


def test_a_dead_kernel_is_a_failure(tmp_path: Path) -> None:
    said = failure(run(tmp_path, "import os; os._exit(1)"))
    assert "cell 2" in said
    assert "kernel died" in said


def test_ctrl_c_stops_the_kernel_and_is_passed_on(tmp_path: Path) -> None:
    press = (
        "import os, signal, time\n"
        "open('kernel', 'w').write(str(os.getpid()))\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "time.sleep(60)"
    )
    assert interrupted(lambda: run(tmp_path, press))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "kernel").read_text()), 0)


def test_a_notebook_without_checks_proves_nothing(tmp_path: Path) -> None:
    assert "no check cell" in failure(run(tmp_path, "1 + 1"))


def test_a_check_that_says_nothing_is_a_failure(tmp_path: Path) -> None:
    silenced = f"{RIGHT}\ncheck = lambda exercise: None"
    assert "says 'nothing'" in failure(run(tmp_path, silenced, CHECK))


def test_the_kernel_sees_this_checkout_and_no_hidden_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSET_REFERENCES", str(tmp_path / "hidden"))
    monkeypatch.setenv("PSET_FIGURES", str(tmp_path / "figures"))
    look = (
        "import os, pset\n"
        "print(pset.__file__, os.getcwd(), [k for k in os.environ if k.startswith('PSET_')])"
    )
    printed = run(tmp_path, look).notebook.cells[1].outputs[0].text
    import pset

    assert printed.split() == [os.fspath(pset.__file__), os.fspath(tmp_path), "[]"]


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(CommandError, match="no assignment '09_more'; there are 01_denoising, "):
        read_notebooks("release", ["09_more"])


def test_the_instructors_notebooks_have_the_solutions_and_the_released_do_not() -> None:
    solved, released = (read_notebooks(kind, ["03_guidance"]) for kind in ("solutions", "release"))
    texts = ["\n".join(c.source for c in n["03_guidance"].cells) for n in (solved, released)]
    assert ["BEGIN SOLUTION" in text for text in texts] == [True, False]


def test_the_first_notebook_runs_to_its_end_as_released(tmp_path: Path) -> None:
    (done,) = execute_notebooks(["release"], ["01_denoising"], tmp_path)
    assert done.failures == ()
    cells = nbformat.read(NOTEBOOKS / "01_denoising.ipynb", as_version=4).cells
    assert done.cells == sum(cell.cell_type == "code" for cell in cells)
    kept = nbformat.read(tmp_path / "release" / "01_denoising.ipynb", as_version=4)
    assert sum("not done, 0 of" in str(cell.get("outputs")) for cell in kept.cells) == 4


def test_the_first_notebook_runs_to_its_end_solved(tmp_path: Path) -> None:
    (done,) = execute_notebooks(["solutions"], ["01_denoising"], tmp_path)
    assert done.failures == ()
    kept = nbformat.read(tmp_path / "solutions" / "01_denoising.ipynb", as_version=4)
    assert sum(": right, " in str(cell.get("outputs")) for cell in kept.cells) == 4


def test_the_command_fails_with_the_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    import autograder.course.execute as executing

    tiny = {"tiny": notebook("1 / 0")}
    monkeypatch.setattr(executing, "read_notebooks", lambda kind, names: tiny)
    result = CliRunner().invoke(app, ["execute", "--solutions"])
    assert isinstance(result.exception, CommandError)
    assert "tiny, solutions, cell 2 (1 / 0): ZeroDivisionError" in str(result.exception)
    assert result.exception.exit_code == 1


def test_an_error_in_a_students_function_is_shown_and_the_check_still_runs(tmp_path: Path) -> None:
    figure = "import pset\nwith pset.your_code():\n    forward(1, 2, [3], 4)\n    never = 1"
    done = run(tmp_path, RIGHT.replace("return", "return 1 / 0 +"), figure, CHECK, kind="release")
    (shown,) = [o for o in done.notebook.cells[2].outputs if o.output_type == "error"]
    traceback = "\n".join(shown.traceback)
    assert shown.ename == "ZeroDivisionError"
    assert "in forward" in COLOUR_CODES.sub("", traceback)
    assert "your_code.py" not in traceback
    assert "ZeroDivisionError" in str(done.notebook.cells[3].outputs), "the check ran, and says it"
    assert any("cell 3" in f and "ZeroDivisionError" in f for f in done.failures)


def test_a_check_shows_its_verdict_and_no_number_below(tmp_path: Path) -> None:
    done = run(tmp_path, UNWRITTEN, CHECK, kind="release")
    (value,) = [o for o in done.notebook.cells[2].outputs if o.output_type == "execute_result"]
    assert re.sub("<[^>]*>", "", value.data["text/html"]) == "", "what Jupyter shows"
    assert value.data["text/plain"] == "0.0", "what nbgrader reads"
