"""What a student's process sees, and what is left of it."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.session import Session
from pset.checks import ALL_CHECKS
from pset.checks.calling import Outcome
from pset.checks.definition import Case, StandIn


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    os.environ["A_COURSE_SECRET"] = "do not tell"
    with Launcher(Limits(notebook_seconds=5, call_seconds=3, grace_seconds=1)) as launcher:
        yield launcher
    del os.environ["A_COURSE_SECRET"]


def call(launcher: Launcher, body: str) -> Outcome:
    """The outcome of a function with this body, on one tensor."""
    source = "def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    with Session(launcher, [source], ["f"], everything=False) as session:
        return session.call("f", Case("", {"x": torch.ones(2)}), 3)


def said(launcher: Launcher, expression: str) -> str:
    """What an expression gives in there, by the only way that words come out: an error."""
    outcome = call(launcher, f"import os, sys, json\nraise ValueError(json.dumps({expression}))")
    assert outcome.status == "raised"
    return json.loads(outcome.error.removeprefix("ValueError: ").split("\nin f")[0])


def test_its_environment_is_bare(launcher: Launcher) -> None:
    assert "A_COURSE_SECRET" not in said(launcher, "list(os.environ)")
    for who in ("self", "{os.getppid()}", str(os.getpid())):
        for what in ("environ", "cmdline"):
            read = f"os.path.exists(p := f'/proc/{who}/{what}') and open(p).read()"
            outcome = call(launcher, f"import os\nraise ValueError({read})")
            assert outcome.status == "raised"
            assert "do not tell" not in outcome.error
            assert "A_COURSE_SECRET" not in outcome.error


def test_it_has_no_terminal_and_an_empty_folder(launcher: Launcher) -> None:
    assert said(launcher, "os.listdir('.')") == []
    null = "os.stat('/dev/null').st_rdev"
    assert said(launcher, f"[os.fstat(d).st_rdev == {null} for d in range(3)]") == [True] * 3
    # Besides: the channel, and copies of /dev/null that swallow output during a call.
    body = (
        "import os, stat, json\n"
        "kinds = set()\n"
        "for d in range(3, 100):\n"
        "    try:\n"
        "        status = os.fstat(d)\n"
        "    except OSError:\n"
        "        continue\n"
        f"    kinds.add('null' if status.st_rdev == {null} else stat.filemode(status.st_mode)[0])\n"
        "raise ValueError(json.dumps(sorted(kinds)))"
    )
    assert 'ValueError: ["null", "s"]' in call(launcher, body).error
    folder = Path(said(launcher, "os.getcwd()"))
    assert not folder.exists()


def test_the_warm_parent_could_make_all_that_cases_name(launcher: Launcher) -> None:
    launcher.warm()
    said = (launcher._scratch / "warm-parent.log").read_text().splitlines()
    assert [line for line in said if line.split(":")[0] in ALL_CHECKS] == []


def test_nothing_of_the_grader_is_in_its_memory(launcher: Launcher) -> None:
    modules = said(
        launcher, "[m for m in sys.modules if m.startswith(('solutions', 'autograder'))]"
    )
    assert not [m for m in modules if m.startswith(("autograder.course", "autograder.grading"))]
    assert not [name for name in modules if name.startswith("solutions")]


def test_it_computes_with_one_thread(launcher: Launcher) -> None:
    assert said(launcher, "__import__('torch').get_num_threads()") == 1


def test_it_starts_nothing_that_lasts(launcher: Launcher, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    tmp_path.chmod(0o777)
    outcome = call(
        launcher,
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    while True:\n"
        f"        open({str(alive)!r}, 'a').write('x')\n"
        "        time.sleep(0.05)\n"
        "time.sleep(0.3)\n"
        "return x",
    )
    assert outcome.status == "raised"
    # The kernel refuses it, or before that the audit hook of a library (filelock 4.2.12).
    assert any(word in outcome.error for word in ("PermissionError", "os.fork is unsafe"))
    time.sleep(0.4)
    assert not alive.exists()


def test_memory_and_files_are_limited(launcher: Launcher) -> None:
    outcome = call(launcher, "import torch\nreturn torch.ones(10**11)")
    assert outcome.status == "raised"
    outcome = call(launcher, "open('big', 'wb').write(b'x' * (100 << 20))\nreturn x")
    assert outcome.status == "raised"


def test_a_hanging_call_is_killed_from_outside(launcher: Launcher) -> None:
    began = time.monotonic()
    body = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True: pass"
    outcome = call(launcher, body)
    assert outcome.status == "out of time"
    assert time.monotonic() - began < 10


def test_a_killed_warm_parent_comes_back(launcher: Launcher) -> None:
    outcome = call(launcher, "import os\nos.kill(os.getppid(), 9)\nreturn x")
    assert outcome.status in ("returned", "raised")
    outcome = call(launcher, "return x + 1")
    assert outcome.status == "returned"
    assert torch.equal(outcome.value, torch.full((2,), 2.0))


def test_ending_one_that_died_with_its_warm_parent_leaves_the_others_alone() -> None:
    """It isn't asked of the new parent, which may have a child of the same number."""
    with Launcher(Limits(notebook_seconds=5, call_seconds=3, grace_seconds=1)) as launcher:
        old = launcher.start()
        assert old.parent is not None
        old.parent.kill()
        old.parent.wait()
        new = launcher.start()
        assert new.parent is not old.parent
        began = time.monotonic()
        assert launcher.end(old)["status"] == signal.SIGKILL
        assert time.monotonic() - began < 10
        assert new.parent is not None
        assert new.parent.poll() is None
        again = launcher.start()
        assert again.parent is new.parent
        launcher.end(new)
        launcher.end(again)


def test_draws_are_the_same_for_everybody(launcher: Launcher) -> None:
    first = call(launcher, "import torch\nreturn torch.randn(2)")
    second = call(launcher, "import torch\nreturn torch.randn(2)")
    assert torch.equal(first.value, second.value)


@pytest.mark.parametrize(("end", "status"), [("", "returned"), ("raise ValueError", "raised")])
def test_a_watched_call_says_what_was_asked(launcher: Launcher, end: str, status: str) -> None:
    cell = f"def f(x, estimate):\n    y = estimate(-x, 30)[0]\n    {end}\n    return y\n"
    case = Case(
        "",
        {"x": torch.ones(1, 3, 4, 4), "estimate": StandIn("estimate", {"tokens": [[0.1] * 9]})},
    )
    with Session(launcher, [cell], ["f"], everything=False) as session:
        assert session.call("f", case, 3).sights is None
        outcome = session.call("f", case, 3, watch=True)
    assert outcome.status == status
    (sight,) = outcome.sights
    assert (sight.who, sight.numbers) == ("estimate", {"t": 30})
    assert torch.equal(sight.tensors["x_t"], -torch.ones(1, 3, 4, 4))
    assert [x.shape for x in sight.answers] == [(1, 3, 4, 4)] * 2
