"""The descriptions of environments say the same: pyproject.toml, conda, the lanes, the workflow."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from autograder.paths import ROOT


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


def _requirements(*extras: str) -> dict[str, Requirement]:
    """Name → what pyproject.toml asks for: of students, and in these extras; all, if none."""
    project = _project()
    groups = [project["dependencies"]]
    groups += [g for e, g in project["optional-dependencies"].items() if not extras or e in extras]
    asked = [Requirement(text) for group in groups for text in group]
    return {canonicalize_name(r.name): r for r in asked if not r.extras}


def _lane(name: str) -> dict[str, str]:
    """Name → the version in a lane's file."""
    lines = (ROOT / "lanes" / f"{name}.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(len(pin.specifier) == 1 for pin in pins)
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}


def test_the_lowest_lane_is_made_of_pyprojects_lower_bounds():
    bounds = {
        name: [s.version for s in asked.specifier if s.operator == ">="]
        for name, asked in _requirements().items()
    }
    assert {name: [version] for name, version in _lane("lowest").items()} == bounds


def test_colabs_versions_are_allowed_where_its_lane_installs():
    # The laptop's widgets are newer; Colab keeps its own, and players and board have fall-backs.
    asked = _requirements("instructor", "cluster", "test")
    pins = _lane("colab")
    assert {"torch", "diffusers", "transformers", "huggingface-hub", "numpy"} <= set(pins)
    for name in set(pins) & set(asked):
        lowest = pins[name].removesuffix(".*")
        assert asked[name].specifier.contains(lowest), f"{asked[name]} and Colab's {lowest}"


def _workflow() -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())["jobs"]


def test_each_python_that_is_promised_is_tested():
    promised = [c.rpartition(" ")[2] for c in _project()["classifiers"] if re.search(r"3\.\d+$", c)]
    assert _workflow()["test"]["strategy"]["matrix"]["python"] == promised
    assert f">={min(promised, key=Version)}" == _project()["requires-python"]


@pytest.mark.parametrize("lane", ["colab", "lowest"])
def test_the_workflow_runs_a_lane_on_its_python(lane: str):
    in_makefile = re.search(
        rf"^build/lanes/{lane}/.ready: PYTHON := python(.*)$", (ROOT / "Makefile").read_text(), re.M
    )
    entries = _workflow()["lane"]["strategy"]["matrix"]["include"]
    assert {"lane": lane, "python": in_makefile[1]} in entries


def test_the_workflow_tries_what_a_mac_can_do():
    job = _workflow()["macos"]
    assert job["runs-on"].startswith("macos")
    assert job["steps"][-1]["run"] == "make test-macos"
    makefile = (ROOT / "Makefile").read_text()
    named = re.search(r"^ANYWHERE := (.*\\\n.*)$", makefile, re.M)[1].replace("\\\n", "").split()
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_pre_commit_runs_the_pinned_ruff():
    (pinned,) = re.findall(r"^ruff==(.*)$", (ROOT / "constraints.txt").read_text(), re.M)
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["rev"] == f"v{pinned}"
