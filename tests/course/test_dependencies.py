"""What stands behind a check: a change shows where it matters, and only there."""

import re
import shutil
from pathlib import Path

import pytest

import autograder.course.references as making
from autograder.course.dependencies import Module, hashes_behind, module
from autograder.course.references import changes, inputs_of
from autograder.course.solution import read_solution, read_solutions
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS

SEED = 5

SOURCE = """
import math
SIZE = 3
OTHER = 4

def used(x):
    return math.sqrt(x) * SIZE

def root():
    return used(2)

def apart():
    return OTHER
"""


def behind(text: str, root: str = "root") -> dict[str, str]:
    return hashes_behind([(Module("a.py", text), [root])])


@pytest.mark.parametrize(
    ("before", "after", "matters"),
    [
        ("used(2)", "used(3)", True),
        ("* SIZE", "/ SIZE", True),
        ("SIZE = 3", "SIZE = 5", True),
        ("OTHER = 4", "OTHER = 5", False),
        ("return OTHER", "return -OTHER", False),
    ],
)
def test_only_what_the_root_refers_to_matters(before: str, after: str, matters: bool) -> None:
    assert before in SOURCE
    assert (behind(SOURCE) != behind(SOURCE.replace(before, after))) is matters


def test_a_name_that_nothing_sets_stands_for_the_whole_file() -> None:
    changed = SOURCE.replace("OTHER = 4", "OTHER = 5")
    assert behind(SOURCE, "made_by_a_factory") != behind(changed, "made_by_a_factory")


def test_imports_are_followed_into_our_own_modules() -> None:
    by_name = "from pset import noise\ndef root():\n    return noise((1,))"
    by_dot = "import pset\ndef root():\n    return pset.noise((1,))"
    within = "def root():\n    from pset.seeded_noise import noise\n    return noise((1,))"
    for text in (by_name, by_dot, within):
        assert set(behind(text)) == {"a.py", "pset/seeded_noise.py"}
    assert set(behind("import torch\ndef root():\n    return torch.zeros(1)")) == {"a.py"}


def all_inputs(solutions: Path = ROOT / "solutions") -> dict[str, dict]:
    return {
        exercise: inputs_of(ALL_CHECKS[exercise], solution, SEED)
        for solution in read_solutions(solutions).values()
        for exercise in solution.exercises
    }


@pytest.fixture(scope="module")
def before() -> dict[str, dict]:
    return all_inputs()


def changed(before: dict[str, dict], after: dict[str, dict]) -> dict[str, list[str]]:
    """Exercise → the inputs that differ, for the exercises with any."""
    differ = {exercise: changes(before[exercise], after[exercise]) for exercise in before}
    return {exercise: names for exercise, names in differ.items() if names}


def test_every_reference_names_what_it_is_made_from(before: dict[str, dict]) -> None:
    for exercise, inputs in before.items():
        home = ALL_CHECKS[exercise].make_cases.__module__.replace(".", "/") + ".py"
        assert {"seed", "tolerance", "mistakes", home} <= set(inputs)
        assert any(re.match(r"solutions/\d", name) for name in inputs)
        assert any(name.startswith("solutions/mistakes/") for name in inputs)
    assert "assets/pocket-if/stage-1" in before["1.3"]
    assert "assets/pocket-if/stage-1" not in before["1.1"]


def test_a_changed_solution_touches_its_exercise_only(before: dict, tmp_path: Path) -> None:
    folder = tmp_path / "solutions"
    folder.mkdir()
    for path in (ROOT / "solutions").glob("[0-9]*.py"):
        shutil.copy(path, folder)
    path = folder / "01_denoising.py"
    text = path.read_text(encoding="utf-8")
    line = "    return -noise_estimate / (1 - model.alphas_cumprod[t]).sqrt()\n"
    assert line in text
    path.write_text(text.replace(line, line.replace("-noise_", "-1.0 * noise_")), encoding="utf-8")
    assert changed(before, all_inputs(folder)) == {"score": ["solutions/01_denoising.py"]}


@pytest.mark.parametrize(
    ("name", "old", "new", "exercises"),
    [
        ("pset.checks.topics.denoising", "(800, 950, 1,", "(800, 951, 1,", {"1.1"}),
        ("pset.checks.topics.denoising", "Think about variances", "Think about scales", set()),
        ("solutions.mistakes.denoising", '@mistake("1.2", "shifts")',
         '@mistake("1.2", "shifts")  # to one side', {"1.2"}),
    ],
)  # fmt: skip
def test_a_changed_check_touches_its_own_references_only(
    before: dict, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str, exercises: set
) -> None:
    path = ROOT / (name.replace(".", "/") + ".py")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    edited = Module(name.replace(".", "/") + ".py", text.replace(old, new))
    monkeypatch.setattr(making, "module", lambda n: edited if n == name else module(n))
    assert set(changed(before, all_inputs())) == exercises


def test_a_changed_helper_touches_all_that_use_it(before: dict) -> None:
    using = {exercise for exercise, inputs in before.items() if "pset/seeded_noise.py" in inputs}
    assert {"1.1", "1.4", "1.11"} <= using
    blurring = {exercise for exercise, inputs in before.items() if "pset/blur.py" in inputs}
    assert "1.10" in blurring
    assert "1.1" not in blurring


def test_reading_a_solution_elsewhere_gives_the_same_inputs(before: dict, tmp_path: Path) -> None:
    """Inputs are named from the repository's top, wherever it lies."""
    (tmp_path / "solutions").mkdir()
    path = shutil.copy(ROOT / "solutions" / "01_denoising.py", tmp_path / "solutions")
    assert inputs_of(ALL_CHECKS["1.1"], read_solution(Path(path)), SEED) == before["1.1"]
