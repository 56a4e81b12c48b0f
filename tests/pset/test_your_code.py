"""`with pset.your_code():` waits for what is missing, and hides nothing else."""

import matplotlib.pyplot as plt
import pytest
import torch

import pset

EXERCISES = """
def unwritten(x):
    # YOUR CODE HERE
    raise NotImplementedError()

def misspelt(x):
    return xx

def with_a_reason(x):
    raise NotImplementedError("no such thing")
"""


@pytest.fixture
def notebook():
    """A function that runs a cell after the cell with the exercises, as a notebook would."""
    namespace = {"pset": pset, "plt": plt, "torch": torch}
    exec(compile(EXERCISES, "<cell 1>", "exec"), namespace)

    def run(block: str) -> dict:
        body = "".join(f"    {line}\n" for line in block.split("\n"))
        exec(compile(f"with pset.your_code():\n{body}", "<cell 2>", "exec"), namespace)
        return namespace

    return run


def test_nothing_is_in_the_way_of_written_code(notebook, capsys):
    assert notebook("y = 1 + 1")["y"] == 2
    assert capsys.readouterr().out == ""


def test_an_unwritten_function_is_named(notebook, capsys):
    namespace = notebook("y = [unwritten(x) for x in range(3)]")
    assert "y" not in namespace
    assert "you haven't implemented `unwritten` yet" in capsys.readouterr().out


@pytest.mark.parametrize("block", ["z = noisy[0]", "z = [noisy for _ in range(2)]"])
def test_a_name_from_a_skipped_cell_is_named(notebook, capsys, block):
    notebook(block)
    out = capsys.readouterr().out
    assert "`noisy` is defined in a cell above" in out


@pytest.mark.parametrize(
    ("block", "error"),
    [
        ("misspelt(1)", NameError),
        ("def inner():\n    return xx\ninner()", NameError),
        ("with_a_reason(1)", NotImplementedError),
        ("1 / 0", ZeroDivisionError),
        ("torch.ones(2, device='meta').tolist()", NotImplementedError),
    ],
)
def test_an_error_stays_an_error(notebook, block, error):
    with pytest.raises(error):
        notebook(block)


def test_half_drawn_figures_are_closed_and_older_ones_stay(notebook):
    plt.close("all")
    older = plt.figure()
    notebook("plt.subplots(1, 3)\nunwritten(1)")
    assert plt.get_fignums() == [older.number]
    plt.close("all")
