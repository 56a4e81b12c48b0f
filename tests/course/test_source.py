"""A source that would go wrong later is refused, with file, line, and what to do."""

from pathlib import Path

import pytest

from autograder.course.source import SourceError, read_source

FUNCTIONS = {"1.1": "forward", "1.2": "blur"}
POINTS = {"1.1", "1.2", "1.1-question"}

GOOD = """\
# %% [markdown]
# # A title

# %% setup=true
import torch

# %% exercise="1.1"
def forward(im):
    ### BEGIN SOLUTION
    return im
    ### END SOLUTION

# %% needs="1.1"
with pset.your_code():
    forward(1)

# %% check="1.1"
check(
    "1.1",
    ### BEGIN HIDDEN TESTS
    hidden=True,
    ### END HIDDEN TESTS
)

# %% [markdown] question="1.1-question"
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
"""


def read(folder: Path, text: str):
    path = folder / "01_test.py"
    path.write_text(text, encoding="utf-8")
    return read_source(path, FUNCTIONS, POINTS)


def test_a_good_source_is_read_with_roles_and_lines(tmp_path: Path):
    source = read(tmp_path, GOOD)
    assert source.name == "01_test"
    assert [(cell.role, cell.exercises, cell.line) for cell in source.cells] == [
        (None, (), 1),
        ("setup", (), 4),
        ("exercise", ("1.1",), 7),
        ("needs", ("1.1",), 13),
        ("check", ("1.1",), 17),
        ("question", ("1.1-question",), 25),
    ]
    assert source.cells[2].marked("SOLUTION") == ["    return im"]
    assert source.cells[4].marked("HIDDEN TESTS") == ["    hidden=True,"]


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ('exercise="1.1"', 'excercise="1.1"', 7, "unknown key excercise=. Did you mean exercise=?"),
        ('exercise="1.1"', 'exercise="9.9"', 7, "there's no check for exercise '9.9'"),
        ('exercise="1.1"', "exercise=1.1", 7, 'write exercise="1.1", with quotation marks'),
        ('exercise="1.1"', 'exercise="1.1,1.2"', 7, "names one exercise, not 2"),
        ('exercise="1.1"', 'exercise="1.1" check="1.1"', 7, "has exercise and check"),
        ('exercise="1.1"', "", 9, "BEGIN SOLUTION outside a cell with exercise= or question="),
        ('exercise="1.1"', 'exercise="1.2"', 7, "which this cell does not define"),
        ("def forward(im):", "def forwards(im):", 7, "checked as forward(…)"),
        ("def forward(im):", "def forward(im)):", 8, "not valid Python"),
        ("    return im\n", "", 7, "needs its solution between"),
        ("    ### END SOLUTION\n\n", "\n", 9, "BEGIN SOLUTION without its END"),
        ("    ### BEGIN SOLUTION\n", "", 10, "END SOLUTION without its BEGIN"),
        ("    ### BEGIN SOLUTION", "    ### Begin solution", 9, "looks like a mark, but isn't one"),
        ("    ### BEGIN SOLUTION", "    # BEGIN SOLUTION", 9, "looks like a mark, but isn't one"),
        (
            "    return im\n",
            "    ### BEGIN SOLUTION\n    return im\n",
            10,
            "BEGIN SOLUTION inside BEGIN SOLUTION",
        ),
        ('check="1.1"', "", 20, "BEGIN HIDDEN TESTS outside a cell with check="),
        ('needs="1.1"', 'needs="1.1,1.2"', 13, 'comes before a cell with exercise="1.2"'),
        ("with pset.your_code():\n    forward(1)", "forward(1)", 13, "with pset.your_code():"),
        ('"1.1-question"', '"1.2-question"', 25, "course.toml gives no points for '1.2-question'"),
        ("[markdown] question", "question", 25, "question= belongs on a markdown cell"),
        ("setup=true", "[markdown] setup=true", 4, "setup= belongs on a code cell"),
        ("[markdown]\n", "[raw]\n", 1, "an assignment can't have a raw cell"),
        ('    "1.1",\n', '    "1.2",\n', 17, 'does not call check("1.1")'),
    ],
)
def test_a_bad_source_is_refused(tmp_path: Path, before: str, after: str, line: int, message: str):
    assert before in GOOD
    with pytest.raises(SourceError) as caught:
        read(tmp_path, GOOD.replace(before, after, 1))
    assert message in str(caught.value)
    assert f"01_test.py, line {line}:" in str(caught.value)


def test_a_check_without_its_exercise_is_refused(tmp_path: Path):
    text = GOOD.replace('check="1.1"', 'check="1.2"').replace('    "1.1",', '    "1.2",')
    with pytest.raises(SourceError, match=r'line 17: check="1\.2" comes before'):
        read(tmp_path, text)


def test_points_are_asked_for(tmp_path: Path):
    path = tmp_path / "01_test.py"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 17: course\.toml gives no points for '1\.1'"):
        read_source(path, FUNCTIONS, {"1.1-question"})


@pytest.mark.parametrize("role", ["exercise", "check", "question"])
def test_a_second_cell_of_the_same_name_is_refused(tmp_path: Path, role: str):
    cells = GOOD.split("\n# %% ")
    (twice,) = (cell for cell in cells if cell.split("\n")[0].find(f"{role}=") >= 0)
    with pytest.raises(SourceError, match=f'a second cell with {role}="1.1'):
        read(tmp_path, GOOD + "\n# %% " + twice)


def test_an_exercise_without_a_check_is_refused(tmp_path: Path):
    cells = [cell for cell in GOOD.split("\n# %% ") if not cell.startswith("check=")]
    with pytest.raises(SourceError, match=r'line 7: exercise 1\.1 has no cell with check="1\.1"'):
        read(tmp_path, "\n# %% ".join(cells))


def test_text_before_the_first_marker_is_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="jupytext reads 7 cells"):
        read(tmp_path, "import os\n\n" + GOOD)
