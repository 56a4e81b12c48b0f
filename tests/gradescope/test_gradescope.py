"""The archive, unpacked and run as Gradescope does it."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder.course.libraries import Libraries
from autograder.course.secret import find_secret
from autograder.course.solution import Solution, read_solutions
from autograder.demo import samples
from autograder.errors import CommandError
from autograder.gradescope.archive import PACKAGES, make_archive
from autograder.gradescope.packed import read_packed
from autograder.paths import ROOT
from tests.gradescope.container import MEMORY, memory_group, peak, run_inside
from tests.gradescope.shape import Results

pytestmark = pytest.mark.slow

ASSIGNMENT = "01_denoising"
IS_ROOT_ON_LINUX = sys.platform.startswith("linux") and os.geteuid() == 0

THIEF = """
def gaussian_denoise(x_t, t):
    import os
    got = []
    for name in ("hidden/assignment.json", "hidden/1.1.safetensors", "setup.sh"):
        try:
            got.append(open("@ROOT@/source/" + name, "rb").read(9))
        except OSError:
            pass
    for name in ("@ROOT@/source/hidden", "@ROOT@/submission", "@ROOT@/results"):
        try:
            got.append(os.listdir(name))
        except OSError:
            pass
    try:
        open("@ROOT@/results/results.json", "w").write('{"score": 35}')
        got.append("written")
    except OSError:
        pass
    raise ValueError(f"<b>got</b> {got}")
"""
GLUTTON = """
def one_step_denoise(x_t, t, model, prompt_embeds):
    kept = []
    while len(kept) < 40:
        kept.append(torch.ones(25 << 20))  # 100 MB each, 4 GB in all
    return x_t
"""
ENDLESS = """
def gaussian_denoise(x_t, t):
    while True:
        try:
            x_t = x_t + 0
        except BaseException:
            pass
"""


@pytest.fixture(scope="module")
def solution() -> Solution:
    return read_solutions()[ASSIGNMENT]


@pytest.fixture(scope="module")
def archive(solution: Solution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    path = make_archive(solution, find_secret(None, folder), folder / "autograder.zip")
    os.environ.pop("XDG_CACHE_HOME")
    if before is not None:
        os.environ["XDG_CACHE_HOME"] = before
    return path


@pytest.fixture
def autograder(archive: Path, tmp_path: Path) -> Path:
    """Gradescope's folder, with the environment of these tests for what setup.sh installs."""
    for name in ("submission", "results"):
        (tmp_path / name).mkdir()
    zipfile.ZipFile(archive).extractall(tmp_path / "source")
    (tmp_path / "venv").symlink_to(sys.prefix)
    return tmp_path


def hand_in(autograder: Path, solution: Solution, cells: dict[str, str]) -> None:
    cells = {k: text.replace("@ROOT@", str(autograder)) for k, text in cells.items()}
    data = samples.to_bytes(samples.rewritten(solution, cells))
    (autograder / "submission" / "my work (1).ipynb").write_bytes(data)


def environment(autograder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TMPDIR": tempfile.gettempdir(),
        "AUTOGRADER_ROOT": str(autograder),
    }


def results(autograder: Path) -> tuple[Results, dict[str, float], dict[str, str]]:
    """results.json, validated; exercise → points; exercise → what is said."""
    text = (autograder / "results" / "results.json").read_text()
    found = Results.model_validate_json(text)
    points = {test.number: test.score for test in found.tests}
    return found, points, {test.number: test.output for test in found.tests}


def test_it_holds_what_grading_needs_and_no_solution(archive: Path, solution: Solution) -> None:
    with zipfile.ZipFile(archive) as file:
        entries = {entry.filename: entry for entry in file.infolist()}
        text = b"\n".join(file.read(n) for n in entries if n.endswith((".py", ".json", ".toml")))
    for name in ("setup.sh", "run_autograder"):
        assert entries[name].external_attr >> 16 & 0o111, "Gradescope runs it"
    assert {"hidden/assignment.json", "hidden/1.1.safetensors", "course.toml"} <= entries.keys()
    assert not [n for n in entries if n.startswith(("solutions", "tests", "notebooks"))]
    assert b"solution=True" not in text
    body = solution.defining_cells[-1].text.split("### BEGIN SOLUTION")[1]
    assert body.split("### END SOLUTION")[0].strip().encode() not in text
    assert archive.stat().st_mode & 0o077 == 0, "it holds the hidden seed"
    assert archive.stat().st_size < 100 << 20


def test_it_is_the_same_file_every_time(archive: Path, solution: Solution, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(archive.parent / "cache"))
    again = make_archive(solution, find_secret(None, archive.parent), archive.parent / "again.zip")
    assert again.read_bytes() == archive.read_bytes()


def test_a_package_index_that_was_named_is_looked_in(archive: Path, solution: Solution) -> None:
    out = archive.parent / "index.zip"
    secret = find_secret(None, archive.parent)
    make_archive(solution, secret, out, torch_index="https://example.org/cpu")
    lines = zipfile.ZipFile(out).read("requirements.txt").decode().splitlines()
    index, *packages = lines
    assert index == "--extra-index-url https://example.org/cpu"
    assert set(packages) == {*PACKAGES, *Libraries.installed().allowed.values()}
    assert len(packages) == len(set(packages))


def test_its_scripts_are_bash() -> None:
    for name in ("setup.sh", "run_autograder"):
        script = ROOT / "autograder" / "gradescope" / name
        subprocess.run(["bash", "-n", script], check=True)


def test_what_it_installs_is_enough() -> None:
    """Everything that grading imports belongs to those packages or to what they require."""
    enough: set[str] = set()
    waiting = list(PACKAGES)
    while waiting:
        name = waiting.pop().lower().replace("_", "-").replace(".", "-")
        if name in enough:
            continue
        enough.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    owners = importlib.metadata.packages_distributions()
    barred = [
        module
        for module, names in owners.items()
        if not any(n.lower().replace("_", "-").replace(".", "-") in enough for n in names)
    ]
    barred = [module for module in barred if module not in ("pset", "autograder", "solutions")]
    assert {"nbgrader", "pytest"} <= set(barred)
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({barred!r}))\n"
        "import autograder.gradescope.run\n"
        "from autograder.sandbox import child, reading_child, warm_parent\n"
        "child.warm_up(), reading_child.warm_up()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.root
@pytest.mark.skipif(not IS_ROOT_ON_LINUX, reason="Gradescope's container runs as root on Linux")
def test_a_submission_is_graded_in_768_megabytes_without_namespaces(
    autograder: Path, solution: Solution
) -> None:
    hand_in(autograder, solution, {"1.2": THIEF, "1.3": GLUTTON})
    with memory_group() as group:
        command = ["bash", str(autograder / "source" / "run_autograder")]
        done = run_inside(command, group, env=environment(autograder))
        used = peak(group) if group else 0
    assert done.returncode == 0, done.stderr
    assert done.stdout == "", "students may be shown it"
    found, points, said = results(autograder)
    assert (points["1.1"], points["1.2"], points["1.3"], points["score"]) == (10, 0, 0, 5)
    assert found.score == 15
    assert "<b>got</b> []" in said["1.2"], "nothing could be read, listed or written"
    assert found.output_format == "text"
    assert {test.output_format for test in found.tests} == {"text"}, "what is markup stays text"
    assert {test.visibility for test in found.tests} == {"visible"}, "else the total is hidden"
    layers = " ".join(found.extra_data["isolation"])
    assert "Landlock" in layers
    assert "seccomp" in layers
    assert "another account" in layers
    assert "namespaces" not in layers
    if group is None:
        pytest.skip("all but its memory was tested: no control group can be made here")
    assert used <= MEMORY
    assert "memory" in said["1.3"] or "killed" in said["1.3"]


@pytest.mark.root
@pytest.mark.skipif(not IS_ROOT_ON_LINUX, reason="Gradescope's container runs as root on Linux")
def test_when_time_runs_out_the_marks_earned_so_far_remain(
    autograder: Path, solution: Solution
) -> None:
    hand_in(autograder, solution, {"1.2": ENDLESS})
    timeout = autograder / "bin" / "timeout"  # that waits for a mark, not for ten minutes
    timeout.parent.mkdir()
    timeout.write_text('#!/bin/sh\nshift 2\necho $$ > "$AUTOGRADER_ROOT/pid"\nexec "$@"\n')
    timeout.chmod(0o755)
    with subprocess.Popen(
        ["bash", autograder / "source" / "run_autograder"],
        env=environment(autograder) | {"PATH": f"{timeout.parent}:{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        seen = []
        while running.poll() is None:
            if (autograder / "results" / "results.json").exists():
                seen.append(results(autograder)[0].score)  # whole whenever one looks
                if seen[-1] == 10:
                    os.kill(int((autograder / "pid").read_text()), signal.SIGTERM)
                    break
            time.sleep(0.02)
        said = running.stderr.read()
    assert running.returncode == 0, said
    assert "What was graded until then counts" in said
    found, points, said = results(autograder)
    assert found.score == points["1.1"] == 10
    assert "time ran out" in said["1.2"]
    assert sum(test.max_score for test in found.tests) == 35 + 8


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="timeout is a program of Linux's")
def test_without_a_single_mark_gradescope_is_told_of_a_failure(autograder: Path) -> None:
    (autograder / "source" / "hidden" / "seconds").write_text("0.01")
    command = ["bash", autograder / "source" / "run_autograder"]
    done = subprocess.run(command, env=environment(autograder), capture_output=True)
    assert done.returncode == 124
    assert list((autograder / "results").iterdir()) == []


def test_a_damaged_archive_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "assignment.json").write_text("{")
    with pytest.raises(CommandError, match="Build the archive again"):
        read_packed(tmp_path)


def test_shape_refuses_what_gradescope_would() -> None:
    good = {"tests": [{"score": 1.0, "max_score": 2.0, "status": "passed"}]}
    Results.model_validate(good)
    for bad in (
        {},
        {"tests": [{"name": "no score"}]},
        {"score": "10"},
        {"score": 1, "tests": [{"status": "right"}]},
        {"score": 1, "visibility": "everyone"},
        {"score": 1, "maximum": 2},
    ):
        with pytest.raises(ValueError, match="validation error"):
            Results.model_validate_json(json.dumps(bad))
