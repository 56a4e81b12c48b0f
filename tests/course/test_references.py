"""References: made from the solutions, only where something has changed."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import autograder.course.references as making
from autograder.course.references import compute, write_references
from autograder.course.solution import Solution
from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.checks import ALL_CHECKS
from pset.checks.references import load_references
from solutions.mistakes import mistakes_of
from solutions.variants.denoising import forward_by_angle

QUICK = ["1.1", "1.2", "score"]
"""Without the pocket model."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("references")
    write_references(folder, 7, QUICK)
    return folder


def happenings(folder: Path, seed: int, exercises: list[str]) -> list[tuple[str, str]]:
    happened = []
    write_references(folder, seed, exercises, progress=lambda *what: happened.append(what))
    return happened


def test_the_second_run_finds_all_up_to_date(written: Path) -> None:
    assert happenings(written, 7, QUICK) == [(exercise, "up to date") for exercise in QUICK]


def test_a_damaged_file_is_made_again_with_the_same_bytes(written: Path) -> None:
    path = written / "1.1.safetensors"
    before = path.read_bytes()
    path.write_bytes(before[:1000])
    assert happenings(written, 7, QUICK)[1] == ("1.1", "written")
    assert path.read_bytes() == before


def test_an_interrupted_run_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(check, *rest):
        if check.exercise == "score":
            raise KeyboardInterrupt
        return compute(check, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(making, "compute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_references(tmp_path, 7, ["1.1", "score"])
    assert happenings(tmp_path, 7, ["1.1", "score"]) == [
        ("1.1", "up to date"),
        ("score", "computing"),
        ("score", "written"),
    ]


KILLED = """
import os, signal, sys
from pathlib import Path
import autograder.course.references as making

compute = making.compute

def killed(check, *rest):
    if check.exercise == "score":
        os.kill(os.getpid(), signal.SIGKILL)
    return compute(check, *rest)

making.compute = killed
making.write_references(Path(sys.argv[1]), 7, ["1.1", "score"])
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert happenings(tmp_path, 7, ["1.1", "score"]) == [
        ("1.1", "up to date"),
        ("score", "computing"),
        ("score", "written"),
    ]


def test_only_what_a_change_touches_is_computed_again_and_it_says_why(
    written: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(written, tmp_path / "references")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["exercises"]["1.1"]["inputs"]["pset/checks/topics/denoising.py"] = "of another time"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert happenings(folder, 7, QUICK) == [
        ("1.1", "computing: pset/checks/topics/denoising.py changed"),
        ("1.1", "written"),
        ("1.2", "up to date"),
        ("score", "up to date"),
    ]


def test_right_answers_are_measured_where_they_are_given(tmp_path: Path) -> None:
    other = mistakes_of("1.1")["t_off_by_one"]
    manifest = write_references(
        tmp_path, 7, ["1.1"], right_answers=lambda exercise: [forward_by_angle, other]
    )
    about = manifest["exercises"]["1.1"]
    assert about["right"][other.__name__] == pytest.approx(about["mistakes"]["t_off_by_one"])
    assert about["right"]["forward_by_angle"] < 1e-5


def test_another_seed_gives_other_values(written: Path, tmp_path: Path) -> None:
    write_references(tmp_path, 8, ["score"])
    ours, theirs = (load_references(f, "score").expected[0] for f in (written, tmp_path))
    assert ours.shape == theirs.shape
    assert not ours.equal(theirs)


def test_a_mistake_that_cannot_be_told_apart_is_refused(solution: Solution) -> None:
    check = dataclasses.replace(ALL_CHECKS["1.1"], tolerance=0.5)
    with pytest.raises(CommandError, match="can't be told apart from a right answer"):
        compute(check, solution, 180)


def test_a_mistake_without_a_variant_is_refused(solution: Solution) -> None:
    check = dataclasses.replace(ALL_CHECKS["1.1"], mistakes=ALL_CHECKS["1.1"].mistakes[1:])
    with pytest.raises(CommandError, match=ALL_CHECKS["1.1"].mistakes[0].key):
        compute(check, solution, 180)


def test_a_failing_solution_is_refused(solution: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(solution.namespace, "forward", lambda *arguments: None)
    with pytest.raises(CommandError, match="the solution returns no answer"):
        compute(ALL_CHECKS["1.1"], solution, 180)


def test_the_manifest_says_where_the_public_values_come_from() -> None:
    manifest = json.loads((ROOT / "assets" / "references" / "manifest.json").read_text())
    assert manifest["seed"] == 180
    assert "torch" in manifest["versions"]
    for exercise, about in manifest["exercises"].items():
        tolerance = ALL_CHECKS[exercise].tolerance
        assert all(margin > 3 * tolerance for margin in about.get("mistakes", {}).values())
