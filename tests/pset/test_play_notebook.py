"""In a notebook that is run without anybody looking: what is left in it when it is saved."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from pset._notebook.data_uri import from_uri

SETUP = """
import time
import torch
import pset

def estimate(x_t, t):
    time.sleep(0.08)
    return x_t, torch.zeros_like(x_t)

alphas_cumprod = pset.ClosedFormModel().alphas_cumprod
x_T = pset.noise((1, 3, 16, 16))
"""
CELLS = {
    "setup": SETUP,
    "bar": "x = pset.iterative_denoise(x_T, 0, estimate, alphas_cumprod)",
    "film": """
with pset.Film(x_T, 990, name="film") as film:
    x = pset.iterative_denoise(x_T, 20, estimate, alphas_cumprod, after_step=film)
""",
    "broken film": """
try:
    with pset.Film(x_T, 990) as film:
        film(x_T, 960)
        raise RuntimeError
except RuntimeError:
    print("said below")
""",
    "board": """
board = pset.DrawingBoard(pset.photo("coffee"))
display(board)
""",
    "drawn": 'assert board.image().equal(pset.photo("coffee"))',
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """The outputs of `CELLS`, and as "seen" everything that was ever shown for the bar."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    seen = []
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    process = client.process_message

    def listen(message, cell, index):
        if message["msg_type"] in ("display_data", "update_display_data") and index == 1:
            seen.append(message["content"]["data"].get("text/plain", ""))
        return process(message, cell, index)

    client.process_message = listen
    client.execute()
    nbformat.validate(notebook)
    found = {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}
    return found | {"seen": seen}


def test_a_slow_loop_shows_a_bar_that_leaves_nothing_behind(outputs):
    assert any("denoising" in text and "%" in text for text in outputs["seen"])
    assert outputs["seen"][-1] == ""
    assert [output.data for output in outputs["bar"]] == [{}]


def test_a_film_is_a_player_in_the_end_and_nothing_else(outputs):
    film = [output for output in outputs["film"] if output.data]
    (player,) = film
    assert {"text/html", "image/png", "text/plain"} <= set(player.data)
    assert player.data["text/plain"] == "<Player, step: 14 pictures, 't = 990' to 't = 0'>"
    assert from_uri("data:image/png;base64," + player.data["image/png"].replace("\n", "")).ndim == 4


def test_half_a_film_does_not_stand_above_an_error(outputs):
    texts = [output.get("text", "") for output in outputs["broken film"]]
    assert "said below\n" in texts
    assert all(not output.get("data") for output in outputs["broken film"])


def test_the_board_is_there_and_the_drawing_is_the_one_it_began_with(outputs):
    (board,) = outputs["board"]
    assert "DrawingBoard" in board.data["text/plain"]
    assert outputs["drawn"] == []


def test_where_figures_are_drawn_there_is_no_bar(capsys, monkeypatch, tmp_path: Path):
    from pset._notebook.progress_bar import progress

    monkeypatch.setattr("pset._notebook.progress_bar.DELAY", 0)
    assert list(progress([1, 2, 3], "counting")) == [1, 2, 3]
    assert "counting" in capsys.readouterr().err
    monkeypatch.setenv("PSET_FIGURES", str(tmp_path))
    assert list(progress([1, 2, 3], "counting")) == [1, 2, 3]
    assert capsys.readouterr().err == ""
