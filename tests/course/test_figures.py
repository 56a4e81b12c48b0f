"""Figures: the same bytes each time, drawn only where something has changed, and never half."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

import autograder.course.figures as drawing
from autograder.course import dependencies
from autograder.course.figures import draw_figures, inputs_of
from autograder.course.solution import read_solution, read_solutions
from autograder.errors import CommandError
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


TINY = """# %%
import matplotlib.pyplot as plt
import pset

# %%
figure, axis = plt.subplots(figsize=(1, 1))
pset.publish(figure, "NAME")

# %%
done = True
"""


class Notebooks:
    """Two tiny notebooks, and what happens when they are drawn."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sources = folder / "solutions"
        self.sources.mkdir()
        self.figures = folder / "figures"
        for name in ("01_one", "02_two"):
            (self.sources / f"{name}.py").write_text(TINY.replace("NAME", name))
        monkeypatch.setattr(drawing, "read_solutions", self.read)

    def read(self) -> dict:
        return {path.stem: read_solution(path) for path in sorted(self.sources.glob("*.py"))}

    def change(self, name: str, old: str, new: str) -> None:
        path = self.sources / f"{name}.py"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def draw(self, interrupt: tuple[str, int] | None = None) -> list[str]:
        """Draw, or be interrupted at a cell of one of them; what was worked on, in order."""
        happened = []

        def progress(name: str, done: int, of: int) -> None:
            if (name, done) == interrupt:
                raise KeyboardInterrupt
            happened.append(name)

        if interrupt is None:
            draw_figures(self.figures, progress=progress)
        else:
            with pytest.raises(KeyboardInterrupt):
                draw_figures(self.figures, progress=progress)
        return list(dict.fromkeys(happened))

    def drawn(self) -> list[str]:
        return sorted(path.stem for path in self.figures.rglob("*.png"))


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebooks:
    return Notebooks(tmp_path, monkeypatch)


def test_an_interrupted_run_goes_on_and_a_change_redoes_its_own(notebooks: Notebooks) -> None:
    # Inside the first notebook: nothing of it is kept half.
    assert notebooks.draw(interrupt=("01_one", 2)) == ["01_one"]
    assert notebooks.drawn() == []
    # Between the two.
    assert notebooks.draw(interrupt=("02_two", 0)) == ["01_one"]
    assert notebooks.drawn() == ["01_one"]
    # The rest, then nothing, then what a change touches.
    assert notebooks.draw() == ["02_two"]
    assert notebooks.drawn() == ["01_one", "02_two"]
    assert notebooks.draw() == []
    notebooks.change("02_two", "figsize=(1, 1)", "figsize=(1, 2)")
    assert notebooks.draw() == ["02_two"]
    manifest = json.loads((notebooks.figures / "manifest.json").read_text())
    stage_1 = "assets/pocket-if/stage-1"
    assert {"model", "solutions/02_two.py", "pset", "assets/images", stage_1} == set(
        manifest["02_two"]["inputs"]
    )


def test_a_part_of_the_model_counts_where_it_is_used(tmp_path: Path) -> None:
    parts = {
        name: {key for key in inputs_of(one, "pocket", tmp_path) if "pocket-if" in key}
        for name, one in read_solutions().items()
    }
    both = {"assets/pocket-if/stage-1", "assets/pocket-if/stage-2"}
    assert parts["08_upsampling"] == both
    assert parts["06_visual_anagrams"] == {"assets/pocket-if/stage-1"}


def test_the_message_is_the_cells_error_whatever_else_is_printed(notebooks: Notebooks) -> None:
    noise = "import os, sys; os.write(1, b'{'); print('50%', file=sys.stderr, end=''); 1 / 0"
    notebooks.change("01_one", "done = True", noise)
    with pytest.raises(CommandError, match=r"01_one\.py: the cell at line 9.*ZeroDivisionError"):
        notebooks.draw()
    assert notebooks.drawn() == []


def test_a_drawing_process_that_ends_without_a_word_is_named(notebooks: Notebooks) -> None:
    dies = "import os; os.write(2, b'last words'); os._exit(3)"
    notebooks.change("01_one", "done = True", dies)
    with pytest.raises(CommandError, match=r"01_one ended with exit code 3.*last words"):
        notebooks.draw()


def test_what_one_notebook_keeps_is_an_input_of_the_one_that_reads_it(notebooks: Notebooks) -> None:
    keep = 'import torch; pset.save_image(torch.zeros(3, 8, 8), "pictures/1.1 kept.png")'
    read = 'from pathlib import Path; assert list(Path("pictures").glob("*.png")), "nothing kept"'
    notebooks.change("01_one", "done = True", keep)
    notebooks.change("02_two", "done = True", read)
    assert notebooks.draw() == ["01_one", "02_two"]
    assert notebooks.draw() == []
    assert notebooks.drawn() == ["01_one", "02_two", "1.1 kept"]
    # The second is drawn again because of what the first keeps, and nothing of the old is left.
    notebooks.change("01_one", "1.1 kept", "1.1 chosen")
    assert notebooks.draw() == ["01_one", "02_two"]
    assert notebooks.drawn() == ["01_one", "02_two", "1.1 chosen"]


@pytest.mark.parametrize(
    ("name", "old", "new", "drawn_again"),
    [
        (
            "pset.attention.edit",
            "before = dict(",
            "before = {} | dict(",
            {"09_text", "15_prompt_to_prompt"},
        ),
        ("pset.small_pictures", "/ 127.5 - 1", "/ 127.5 - 1.0", {"16_train"}),
        ("pset.checks.notebook", "def check(", "def check(  # a check draws nothing\n", set()),
    ],
)
def test_a_changed_helper_redoes_the_figures_that_use_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, old: str, new: str, drawn_again: set
) -> None:
    def inputs() -> dict[str, dict]:
        return {key: inputs_of(one, "pocket", tmp_path) for key, one in read_solutions().items()}

    before, found = inputs(), dependencies.module
    text = Path(str(find_spec(name).origin)).read_text(encoding="utf-8")
    assert old in text
    edited = dependencies.Module(name.replace(".", "/") + ".py", text.replace(old, new))
    monkeypatch.setattr(dependencies, "module", lambda n: edited if n == name else found(n))
    after = inputs()
    assert {key for key in before if after[key] != before[key]} == drawn_again
