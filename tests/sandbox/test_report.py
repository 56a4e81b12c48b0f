"""When untrusted work may be run, and what is said where it may not."""

import io
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands.announce import announce
from autograder.course.secret import Secret
from autograder.errors import CommandError
from autograder.grading.grade_class import grade_class
from autograder.paths import ROOT
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers.options import (
    ACCOUNT,
    LANDLOCK,
    LAYERS,
    LIMITS,
    NAMESPACES,
    SECCOMP,
    Isolation,
)
from autograder.sandbox.layers.report import Report
from autograder.sandbox.layers.view import exposed, readable
from autograder.submission.find import Submission

ENOUGH = [
    LAYERS,
    (NAMESPACES, SECCOMP, LIMITS, ACCOUNT),
    (LANDLOCK, SECCOMP, LIMITS, ACCOUNT),
]
TOO_LITTLE = [
    (),
    (LIMITS,),
    (SECCOMP, LIMITS, ACCOUNT),
    (LANDLOCK, LIMITS, ACCOUNT),
    (NAMESPACES, LANDLOCK, LIMITS, ACCOUNT),
    (NAMESPACES, LANDLOCK, SECCOMP, ACCOUNT),
    (LANDLOCK, SECCOMP, LIMITS),
]


def report(layers: tuple[str, ...]) -> Report:
    """As if these layers were on."""
    return Report(on=dict.fromkeys(layers, ""))


@pytest.mark.parametrize("layers", ENOUGH, ids=str)
def test_these_layers_hold(layers: tuple[str, ...]) -> None:
    assert report(layers).holds


@pytest.mark.parametrize("layers", TOO_LITTLE, ids=str)
def test_these_layers_do_not(layers: tuple[str, ...]) -> None:
    assert report(layers).broken_promises


def test_a_breach_outweighs_every_layer() -> None:
    found = report(LAYERS)
    found.breaches = ["read a file of the grader's"]
    assert not found.holds
    assert "read a file of the grader's" in found.why_not()


def test_the_report_survives_its_way_to_the_grader() -> None:
    found = Report({"limits": ""}, {"Landlock": "only Linux has it"}, ["become root"])
    assert Report(**found.as_json()) == found


def test_a_warning_is_loud_and_says_why() -> None:
    console = Console(file=io.StringIO(), width=200)
    announce(console, report((LIMITS,)))
    said = console.file.getvalue()
    assert "WARNING" in said
    assert "there is no network" in said
    console = Console(file=io.StringIO(), width=200)
    announce(console, report(LAYERS))
    assert "WARNING" not in console.file.getvalue()


def test_nothing_of_the_course_is_in_view() -> None:
    seen = [path.resolve() for path in readable()]
    assert any(Path(os.__file__).resolve().is_relative_to(path) for path in seen)
    assert any((ROOT / "pset" / "images.py").is_relative_to(path) for path in seen)
    hidden = ["solutions", "tests", ".git", "course", "results", ".course-secret"]
    private = [ROOT, *(ROOT / name for name in hidden), Path.home(), Path("/etc/passwd")]
    assert exposed(private) == []
    assert exposed([ROOT / "assets" / "results"]) == [ROOT / "assets" / "results"]


def test_results_among_pythons_files_are_refused(tmp_path: Path) -> None:
    place = Path(os.__file__).parent / "results"
    submission = Submission("a", "01_denoising", tmp_path)
    with pytest.raises(CommandError, match="a folder of their own"):
        grade_class([submission], place, Secret(b"x" * 20, tmp_path / "secret"))


def test_untrusted_work_is_refused_without_layers() -> None:
    launcher = Launcher(isolation=Isolation(off=LAYERS))
    with launcher, pytest.raises(CommandError, match="can't be isolated") as error:
        launcher.warm()
    assert "--trusted" in str(error.value)
    assert "Landlock is off: it was switched off" in str(error.value)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="some attempts need Linux")
def test_trusted_work_goes_on_and_the_attempts_to_break_out_are_real() -> None:
    with Launcher(isolation=Isolation(off=LAYERS, trusted=True)) as launcher:
        launcher.warm()
        assert launcher.report.on == {}
        breaches = set(launcher.report.breaches)
    assert {
        "read a file of the grader's",
        "list a folder of the grader's",
        "change a file of the grader's",
        "open a network socket",
        "signal the grader",
        "signal its own parent",
        "see processes",
        "start a process",
    } <= breaches
