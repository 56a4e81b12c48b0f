"""`check("challenge")` in a notebook: it tries the challenge out, and earns nothing."""

from dataclasses import replace

import pytest
import torch

import pset
from pset.challenge import rehearsal
from pset.challenge.rehearsal import REHEARSED, rehearse
from pset.checks.judging import Verdict
from tests.challenge.entries import HEAD, SETTINGS, entry

QUICK = replace(SETTINGS, rehearsal_seconds=1, sample_seconds=5)


def functions(cell: str):
    namespace: dict = {}
    exec(cell, namespace)
    return namespace["train"], namespace["sample"]


def test_it_says_what_the_grader_would_measure() -> None:
    said = rehearse(*functions(HEAD), QUICK)
    assert isinstance(said, str)
    assert said.startswith(f"{REHEARSED}, with 1 seconds to train.")
    assert ", 1 calls for a sample" in said
    assert "That would earn" in said


@pytest.mark.parametrize(
    ("cell", "status", "says"),
    [
        (entry("raise NotImplementedError()"), "not done", "You haven't implemented `train` yet."),
        (entry(sample="raise NotImplementedError()"), "not done", "implemented `sample`"),
        (entry("return 1"), "failed", "should return a network"),
        (entry("1 / 0"), "failed", "`train` stopped with an error.\nZeroDivisionError"),
        (entry(sample="return noise[:1]"), "failed", "it should return [100, 3, 16, 16]"),
        (entry(sample="return 5"), "failed", "returns a int"),
        (entry("while True: pass"), "failed", "`train` was stopped. It hadn't finished after 2"),
    ],
)
def test_it_says_what_is_wrong(cell: str, status: str, says: str) -> None:
    found = rehearse(*functions(cell), QUICK)
    assert isinstance(found, Verdict)
    assert (found.status, found.points) == (status, 0)
    assert says in found.message


def test_check_finds_the_functions_in_the_notebook(monkeypatch, capsys) -> None:
    monkeypatch.setattr(rehearsal, "installed_settings", lambda: QUICK)
    namespace: dict = {"pset": pset}
    exec(HEAD + "\nearned = pset.check('challenge')\n", namespace)
    assert namespace["earned"] == 0
    assert REHEARSED in capsys.readouterr().out
    namespace = {"pset": pset}
    exec("earned = pset.check('challenge')", namespace)
    assert "There's no function `train`" in capsys.readouterr().out


def test_the_networks_calls_are_counted(monkeypatch) -> None:
    train, sample = functions(
        entry(sample="for k in range(5):\n    v = net(noise, 0.0, label)\nreturn v")
    )
    assert ", 5 calls for a sample" in rehearse(train, sample, QUICK)
    assert torch.is_grad_enabled()
