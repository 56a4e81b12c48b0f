"""Which statements are run for a grade, and which are left alone."""

import ast

import pytest

from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.submission.slicing import needed, parse
from pset.checks import ALL_CHECKS


def chosen(cells: list[str], *names: str) -> list[str]:
    return [ast.unparse(statement.node) for statement in needed(parse(cells).statements, names)]


def test_imports_constants_and_helpers_are_found() -> None:
    cells = [
        "import torch, math\nfrom pset import noise",
        "scale = 2\nshift = scale + 1\nunused = torch.zeros(10**9)",
        "def helper(x):\n    return math.sqrt(x) * shift",
        "def f(x):\n    return helper(x)\nprint(f(1))",
    ]
    assert chosen(cells, "f") == [
        "import math",
        "scale = 2",
        "shift = scale + 1",
        "def helper(x):\n    return math.sqrt(x) * shift",
        "def f(x):\n    return helper(x)",
    ]


def test_parameters_and_locals_are_not_globals() -> None:
    cells = ["model = load()\nt = slow()", "def f(model, t):\n    x = t\n    return model(x)"]
    assert chosen(cells, "f") == ["def f(model, t):\n    x = t\n    return model(x)"]


@pytest.mark.parametrize(
    "change",
    [
        "table.append(2)",
        "table[0] = 2",
        "table += [2]",
        "for k in range(3):\n    table.append(k)",
        "shuffle(table)",
        "if True:\n    table = [3]",
        "with open('x') as file:\n    table = [file]",
        "table, other = ([], 1)",
        "(table := [4])",
    ],
)
def test_what_changes_a_needed_name_is_run(change: str) -> None:
    cells = ["table = [1]", change, "def f():\n    return table"]
    assert chosen(cells, "f")[1] == ast.unparse(ast.parse(change))


@pytest.mark.parametrize(
    "look", ["print(table)", "plt.plot(table)", "check('1.1', f)", "pset.show(table)", "len(table)"]
)
def test_what_only_looks_is_not_run(look: str) -> None:
    cells = ["table = [1]", "def f():\n    return table", look]
    if look == "len(table)":  # nobody knows what a function does to its argument
        assert len(chosen(cells, "f")) == 3
    else:
        assert len(chosen(cells, "f")) == 2


def test_the_later_definition_is_run_later() -> None:
    assert chosen(["f = 1", "f = 2"], "f") == ["f = 1", "f = 2"]


def test_a_global_set_in_a_function_is_found() -> None:
    cells = ["def prepare():\n    global table\n    table = [1]", "def f():\n    return table"]
    assert len(chosen(cells, "f")) == 2


def test_magics_and_shell_lines_do_not_stop_a_cell() -> None:
    parsed = parse(
        [
            "!pip install x\n%matplotlib inline\nx = 1",
            "%%time\ny = 2",
            "%%bash\nrm -rf /",
            "%%capture\n!pip install x\n%load_ext y\nimport math",
        ]
    )
    assert parsed.notes == []
    assert "y = 2" in parsed.sources[1]
    cells = {statement.cell for statement in parsed.statements}
    assert cells == {0, 1, 3}, "the shell does nothing"
    assert "import math" in parsed.sources[3]


def test_a_cell_that_is_no_python_costs_itself_only() -> None:
    parsed = parse(["def f(:", "x = 1", "<<<<<<< HEAD", "(" * 500, "'\0'"])
    assert [statement.cell for statement in parsed.statements] == [1]
    assert len(parsed.notes) == 4


def test_the_solutions_figures_are_left_alone(solution: Solution) -> None:
    """Only imports and the functions: no model is loaded, nothing is drawn."""
    cells = [c.source for c in samples.right(solution).cells if c.cell_type == "code"]
    functions = [ALL_CHECKS[exercise].function for exercise in solution.exercises]
    for statement in needed(parse(cells).statements, functions):
        assert isinstance(statement.node, ast.Import | ast.ImportFrom | ast.FunctionDef)


FIGURE = "with pset.your_code():\n    estimate = minutes()\n    only_here = 1"


def test_a_figure_that_uses_a_name_again_is_not_run() -> None:
    cells = ["def estimate(x):\n    return x", "def f(x):\n    return estimate(x)"]
    assert chosen([*cells, FIGURE], "f") == cells


def test_a_figure_is_run_for_what_nothing_else_defines() -> None:
    assert chosen(["def f():\n    return only_here", FIGURE], "f")[1] == FIGURE
