"""The two descriptions of a student's environment say the same."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _conda() -> list:
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def test_conda_and_pyproject_ask_for_the_same_packages():
    pip = next(entry["pip"] for entry in _conda() if isinstance(entry, dict))
    assert pip[-1] == "--editable ."
    project = _project()
    laptop = project["optional-dependencies"]["laptop"]
    assert sorted(pip[:-1]) == sorted([*project["dependencies"], *laptop])


def test_conda_and_pyproject_ask_for_the_same_python():
    (python,) = (e for e in _conda() if isinstance(e, str) and e.startswith("python"))
    assert python.removeprefix("python") == _project()["requires-python"]


def test_every_dependency_is_pinned_in_the_constraints():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    project = _project()
    asked = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        asked += extra
    names = {a.split(">=")[0].split("[")[0].lower().replace("_", "-") for a in asked}
    assert names - pinned == {"pocket-diffusion-pset"}


def test_students_are_not_given_a_fixed_torch():
    (torch,) = (d for d in _project()["dependencies"] if d.startswith("torch"))
    assert torch.startswith("torch>="), "Colab must keep its own"
