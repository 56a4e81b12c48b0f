"""Root in a container without namespaces, with Landlock and without: the report tells the truth."""

import json
import subprocess
import sys
import tempfile
from typing import Any

import pytest

from autograder.paths import ROOT
from autograder.sandbox.layers.options import ACCOUNT, LANDLOCK, LIMITS, NAMESPACES, SECCOMP
from tests.attacks.corpus import CORPUS
from tests.sandbox.contained import TELLING

pytestmark = pytest.mark.root

READING = "nothing worth stealing can be read"
WRITING = "nothing that lasts can be written"


def fight(how: str) -> dict[str, Any]:
    """What came of the attacks."""
    with tempfile.TemporaryDirectory(prefix="pset-arena-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.sandbox.contained", folder, how],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if "in enter\n" in done.stderr:  # not root, or in a container already
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_with_landlock_every_promise_is_kept() -> None:
    said = fight("with-landlock")
    assert NAMESPACES in said["missing"]
    assert "not permitted" in said["missing"][NAMESPACES]
    assert {LANDLOCK, SECCOMP, ACCOUNT, LIMITS} <= set(said["on"])
    assert said["broken"] == []
    for name in TELLING:
        assert said["earned"][name] == CORPUS[name].points, (name, said["messages"][name])
        assert CORPUS[name].says in said["messages"][name]
    for what in ("stolen", "visits", "survivors", "planted"):
        assert said[what] == [], what
    assert said["same_parent"]


def test_without_landlock_exactly_what_is_said_is_broken() -> None:
    said = fight("without-landlock")
    assert {NAMESPACES, LANDLOCK} <= set(said["missing"])
    assert {SECCOMP, ACCOUNT, LIMITS} <= set(said["on"])
    promises = [text for text in said["broken"] if text not in said["breaches"]]
    assert promises == [READING, WRITING]
    assert "write in /tmp" in said["breaches"]
    assert "see processes" in said["breaches"]
    # The warning is not for nothing: files that everybody may read are read.
    assert "reading-the-secret" in said["stolen"]
    # What the other layers promise is kept all the same.
    kept = [name for name in said["earned"] if not name.startswith(("reading", "writing"))]
    assert len(kept) > 10
    for name in kept:
        assert said["earned"][name] == CORPUS[name].points, (name, said["messages"][name])
        assert CORPUS[name].says in said["messages"][name]
    assert said["visits"] == said["survivors"] == said["planted"] == []
    assert said["same_parent"]
