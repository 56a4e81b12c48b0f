"""The command line: sentences and exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from autograder.commands import run
from autograder.commands.app import app
from autograder.course.secret import find_secret
from autograder.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_cache")


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
    try:
        return run()
    except SystemExit as end:
        return int(end.code or 0)


def test_help_names_the_commands(monkeypatch, capsys) -> None:
    assert command(monkeypatch, "--help") == 0
    said = capsys.readouterr().out
    names = list(typer.main.get_command(app).commands)
    assert len(names) > 10
    assert [name for name in names if name not in said] == []


def test_a_wrong_path_names_the_nearest(monkeypatch, capsys, tmp_path: Path) -> None:
    (tmp_path / "submitted").mkdir()
    assert command(monkeypatch, "grade", tmp_path / "submited", "--out", tmp_path / "r") == 2
    said = capsys.readouterr().err.replace("\n", " ")
    assert "Did you mean 'submitted'?" in said
    assert "Traceback" not in said


def test_a_wrong_layout_says_what_lies_there(monkeypatch, capsys, tmp_path: Path) -> None:
    (tmp_path / "ada" / "01_denoisng").mkdir(parents=True)
    assert command(monkeypatch, "grade", tmp_path, "--out", tmp_path / "r") == 2
    said = capsys.readouterr().err.replace("\n", " ")
    assert "<student>/<assignment>/<notebook>.ipynb" in said
    assert "Did you mean '01_denoising'?" in said


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [("--assignment", "01_denoise", "01_denoising"), ("--student", "adda", "ada")],
)
def test_a_wrong_name_names_the_nearest(
    monkeypatch, capsys, tmp_path: Path, option: str, value: str, hint: str
) -> None:
    (tmp_path / "ada" / "01_denoising").mkdir(parents=True)
    assert command(monkeypatch, "grade", tmp_path, "--out", tmp_path / "r", option, value) == 2
    assert f"Did you mean '{hint}'?" in capsys.readouterr().err.replace("\n", " ")


def test_a_short_or_missing_secret_is_refused(monkeypatch, capsys, tmp_path: Path) -> None:
    (tmp_path / "ada" / "01_denoising").mkdir(parents=True)
    short = tmp_path / "short"
    short.write_text("12345")
    for secret in (short, tmp_path / "none"):
        assert command(monkeypatch, "grade", tmp_path, "--secret", secret) == 2
    said = capsys.readouterr().err
    assert "could be guessed" in said
    assert "secrets.token_hex" in said
    assert "12345" not in said


def test_a_new_secret_is_private(tmp_path: Path) -> None:
    secret = find_secret(None, tmp_path)
    assert secret.path.stat().st_mode & 0o077 == 0
    assert secret.content.decode() not in repr(secret)


def test_an_unknown_exercise_is_a_usage_error(monkeypatch, capsys) -> None:
    assert command(monkeypatch, "references", "--exercise", "9.9") == 2
    assert "9.9" in capsys.readouterr().err


def test_another_seed_does_not_go_among_the_public_values(monkeypatch, capsys) -> None:
    assert command(monkeypatch, "references", "--seed", "181") == 2
    assert "--out" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "grade" in done.stdout
