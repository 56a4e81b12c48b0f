"""Killed at any moment, a full disk, two graders: nothing is lost, nothing counted twice."""

import errno
import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.commands import run
from autograder.course.secret import FILE, OWNER, find_secret
from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.errors import CommandError
from autograder.files.disk import writing
from autograder.files.lock import locked
from autograder.grading import run_file
from autograder.grading.assignment import Assignment
from autograder.grading.events import Events
from autograder.grading.grade_class import grade_class
from autograder.grading.grade_one import GRADERS_FAULT, grade_one
from autograder.grading.records import load_records
from autograder.grading.work import Work
from autograder.paths import ROOT
from autograder.sandbox import scratch
from autograder.sandbox.layers import kernel
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission, find_submissions
from tests.grading.classroom import ALL_POINTS, ASSIGNMENT, POINTS
from tests.grading.quick import STUDENTS, QuickClass, at_operation, points
from tests.interrupted import interrupted

pytestmark = pytest.mark.slow

EARNED = {student: str(points(b"x" * (k + 1))) for k, student in enumerate(STUDENTS)}
WENT_WELL, REFUSED, BROKEN = 0, 3, 4


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuickClass:
    return QuickClass(tmp_path, monkeypatch)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_out_of_space() -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "a file")


def half_files(results: Path) -> list[Path]:
    return list(results.rglob("*.partial"))


def grade_in_a_child(quick: QuickClass, number: int, disaster: Callable[[], None]) -> int:
    """Grade in a process to which this happens at an operation; how it ended."""
    pid = os.fork()
    if pid == 0:
        status = BROKEN
        try:
            at_operation(number, quick.results, disaster)
            with writing(), locked(quick.results):
                quick.grade()
            status = WENT_WELL
        except CommandError as error:
            status = REFUSED if "disk is full" in str(error) else BROKEN
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize(
    ("disaster", "ends"),
    [(kill, -signal.SIGKILL), (run_out_of_space, REFUSED)],
    ids=["killed", "disk full"],
)
def test_whatever_happens_before_each_write(
    quick: QuickClass, disaster: Callable[[], None], ends: int
) -> None:
    for number in itertools.count(1):
        shutil.rmtree(quick.results, ignore_errors=True)
        status = grade_in_a_child(quick, number, disaster)
        if status == WENT_WELL:
            break
        assert status == ends
        if disaster is run_out_of_space:
            assert half_files(quick.results) == []
        kept = {record.student for record in load_records(quick.results)}
        with locked(quick.results):  # a dead grader's is not in the way
            assert set(quick.grade()) == set(STUDENTS) - kept
        assert quick.earned() == EARNED
        assert half_files(quick.results) == []
    # A folder, two files and two renames for each student; grades.csv besides.
    assert number > 5 * len(STUDENTS)
    assert quick.earned() == EARNED


def test_a_page_that_is_lost_is_written_again(quick: QuickClass) -> None:
    quick.grade()
    page = quick.results / "ben" / ASSIGNMENT / "feedback.html"
    for spoil in (page.unlink, lambda: page.write_bytes(b"page o")):
        spoil()
        assert quick.grade() == ["ben"]
        assert page.read_bytes() == b"page of ben"


def test_a_run_that_was_to_grade_all_again_goes_on(quick: QuickClass) -> None:
    quick.grade()

    assert interrupted(lambda: quick.grade("first", interrupted_at="ben"))
    assert {record.student for record in load_records(quick.results) if record.run} == {"ada"}
    assert quick.earned() == EARNED
    assert quick.grade("first") == ["ben", "chloe"]
    assert quick.grade("first") == []
    assert quick.grade("second") == list(STUDENTS)
    assert quick.grade() == []


def test_what_a_run_was_started_with_is_kept(tmp_path: Path) -> None:
    def choose(submitted: Path | None = None, students=(), again=False, resume=False):
        return run_file.choose(tmp_path, resume, submitted, None, None, [], list(students), again)

    with pytest.raises(CommandError, match="was interrupted"):
        choose(resume=True)
    with pytest.raises(CommandError, match="Name the folder"):
        choose()
    started = choose(tmp_path / "submitted", students=["ada"], again=True)
    started.find_secret(tmp_path)
    run_file.begin(tmp_path, started)
    assert choose(resume=True) == started
    assert choose(tmp_path / "submitted", resume=True) == started
    for other in ({"submitted": tmp_path / "other"}, {"students": ["ben"]}):
        with pytest.raises(CommandError, match="leave --resume out"):
            choose(**other, resume=True)
    assert choose(tmp_path / "submitted").name != started.name
    run_file.finish(tmp_path)
    with pytest.raises(CommandError, match="No run into"):
        choose(resume=True)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Grade one submission by the command line; gives its exit code."""
    samples.hand_in(tmp_path / "submitted", "ada", ASSIGNMENT, b"x")
    words = ["autograder", "grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "results")]
    monkeypatch.setattr(sys, "argv", words)
    return run


def test_a_second_grader_is_told_of_the_first(command, capsys, tmp_path: Path) -> None:
    with locked(tmp_path / "results"):
        assert command() == 1
    said = capsys.readouterr().err
    assert f"process {os.getpid()} on {os.uname().nodename}" in said
    assert "Traceback" not in said


def test_ctrl_c_is_answered_with_how_to_go_on(command, capsys, tmp_path, monkeypatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        events = arguments[-1]
        assert isinstance(events, Events)
        events.ready(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.grading.grade_class.grade_class", interrupted)
    assert command() == 130
    said = " ".join(capsys.readouterr().out.split())
    assert "0 of 1 submissions are done and kept" in said
    assert "--resume --out" in said
    assert run_file.interrupted(tmp_path / "results") is not None


@pytest.fixture
def graded_before(command, tmp_path: Path, monkeypatch) -> Path:
    """Results that were graded with a secret named in another shell; its file."""
    monkeypatch.setattr("autograder.grading.grade_class.grade_class", lambda *a, **options: [])
    secret = tmp_path / "the course's secret"
    secret.write_text("0123456789abcdef-only-the-course-knows")
    monkeypatch.setenv("PSET_SECRET", str(secret))
    record = tmp_path / "results" / "ada" / ASSIGNMENT / "results.json"
    assert command() == 0
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    assert command() == 0
    monkeypatch.delenv("PSET_SECRET")
    return secret


def test_results_keep_their_secret(command, graded_before: Path, capsys, tmp_path: Path) -> None:
    assert command() == 2
    said = capsys.readouterr().err
    assert f"belong to the secret {graded_before}, and none is named now" in " ".join(said.split())
    (line,) = [line for line in said.splitlines() if "export" in line]
    assert shlex.split(line) == ["export", f"PSET_SECRET={graded_before}"]
    assert not (tmp_path / "results" / FILE).exists(), "a new secret would be found next time"
    assert graded_before.read_text() not in said


def test_another_secret_is_refused_for_results(
    command, graded_before: Path, capsys, tmp_path: Path, monkeypatch
) -> None:
    other = tmp_path / "other"
    other.write_text("fedcba9876543210-of-another-course")
    monkeypatch.setenv("PSET_SECRET", str(other))
    assert command() == 2
    assert f"{other} is another one" in " ".join(capsys.readouterr().err.split())
    # Where the file lies makes no difference; what is in it does.
    other.write_text(graded_before.read_text() + "\n")
    assert command() == 0
    graded_before.unlink()
    monkeypatch.delenv("PSET_SECRET")
    assert command() == 2
    assert str(other) in " ".join(capsys.readouterr().err.split()), "the last place that is known"
    other.unlink()
    assert command() == 2
    assert "no longer there" in capsys.readouterr().err


def test_results_of_an_earlier_version_get_no_new_secret(
    command, graded_before: Path, capsys, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "results" / OWNER).unlink()
    assert command() == 2
    assert "belong to a secret" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("PSET_SECRET", str(graded_before))
    assert command() == 0
    monkeypatch.delenv("PSET_SECRET")
    assert command() == 2
    assert str(graded_before) in " ".join(capsys.readouterr().err.split())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        kernel.mount("tmpfs", str(place), "tmpfs", options="size=64k")
    except OSError as error:
        pytest.skip(f"no small disk can be made here: {error}")
    yield place
    kernel.unmount(str(place))


def test_a_disk_that_is_really_full(quick: QuickClass, small_disk: Path) -> None:
    quick.results = small_disk / "results"
    (small_disk / "filler").write_bytes(b"x" * (44 << 10))
    with pytest.raises(CommandError, match="no room for") as said, writing():
        quick.grade()
    assert "--resume" in str(said.value)
    kept = {record.student for record in load_records(quick.results)}
    assert set() < kept < set(STUDENTS)
    assert half_files(quick.results) == []
    (small_disk / "filler").unlink()
    quick.grade()
    assert quick.earned() == EARNED


def test_what_dead_graders_leave_is_removed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    living = scratch.Scratch()
    dead = tmp_path / f"{scratch.PREFIX}dead"
    (dead / "inside").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{scratch.PREFIX}link").symlink_to(elsewhere)
    scratch.sweep()
    assert living.path.is_dir()
    assert elsewhere.is_dir()
    assert not dead.exists()
    living.close()
    assert not living.path.exists()


def processes_of(folder: Path) -> list[int]:
    """Processes whose command line names a file below a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_grader_that_is_killed_at_work(tmp_path: Path, solution: Solution, monkeypatch) -> None:
    submitted, results, temporary = (tmp_path / name for name in ("in", "out", "tmp"))
    temporary.mkdir()
    secret = find_secret(None, tmp_path)
    wrong = samples.mistaken(solution, {"1.1": "weights_swapped"})
    for student, notebook in (
        ("ada", samples.right(solution)),
        ("ben", wrong),
        ("chloe", samples.right(solution)),
    ):
        samples.hand_in(submitted, student, ASSIGNMENT, notebook)
    command = [sys.executable, "-m", "autograder", "grade", submitted, "--out", results]
    command += ["--secret", secret.path, "--jobs", "1", "--trusted"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as grader:
        while not list(results.glob("*/*/feedback.html")):
            assert grader.poll() is None
            time.sleep(0.002)
        grader.kill()
    assert list(temporary.glob(f"{scratch.PREFIX}*"))
    deadline = time.monotonic() + 20
    while (left := processes_of(temporary)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []

    started = run_file.interrupted(results)
    assert started is not None
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with locked(results):
        grade_class(find_submissions(started.submitted), results, started.find_secret(results))
    assert list(temporary.glob(f"{scratch.PREFIX}*")) == []
    scores = {record.student: record.score for record in load_records(results)}
    less = ALL_POINTS - POINTS["1.1"]
    assert scores == {"ada": ALL_POINTS, "ben": less, "chloe": ALL_POINTS}
    assert len((results / "grades.csv").read_text().splitlines()) == 1 + len(scores)


def test_a_full_disk_for_the_students_process_is_nobodys_mistake(monkeypatch) -> None:
    assignment = Assignment({}, {}, "key")
    submission = Submission("ada", ASSIGNMENT, Path("ada"))
    work = Work(submission, (("a.py", b"x = 1\ndef f(): pass\n"),), None, "key")
    with Sandbox() as sandbox:
        monkeypatch.setattr(sandbox, "warm", run_out_of_space)
        with pytest.raises(CommandError, match="disk is full"):
            grade_one(work, assignment, sandbox)
        monkeypatch.setattr(sandbox, "warm", lambda: 1 / 0)
        graded = grade_one(work, assignment, sandbox)
    assert graded.record.trouble == GRADERS_FAULT
    assert "ZeroDivisionError" in graded.record.failure
    assert b"ZeroDivisionError" not in graded.page, "a traceback is not for students"
    assert graded.record.key == ""
