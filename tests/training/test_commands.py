"""The command line, and the pages it writes."""

import json

import typer
from typer.testing import CliRunner

from training.commands import app
from training.data import attribution, grammar
from training.publishing import card


def test_every_command_has_help():
    runner = CliRunner()
    names = list(typer.main.get_command(app).commands)
    assert len(names) > 20
    for name in names:
        result = runner.invoke(app, [name, "--help"])
        assert result.exit_code == 0, name
        assert len(result.output) > 200


def test_card_is_filled_in(tmp_path):
    (tmp_path / "stage-1").mkdir()
    # At 64 in two stretches; what was seen up to 120 was left behind for the checkpoint at 99.
    log = ((32, 9, 1), (32, 90, 2), (64, 99, 5), (64, 120, 8), (32, 110, 6), (64, 115, 8))
    rows = [{"size": size, "seen": seen, "minutes": minutes} for size, seen, minutes in log]
    rows.append({"size": 64, "seen": 5115, "minutes": 9, "machine": "a GPU"})
    (tmp_path / "stage-1" / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    score = {"name": "plain samples", "pictures": 408, "subject": 0.5, "style": 0.75}
    table = [score | {"a": None, "c": None}]
    (tmp_path / "stage-1" / "table.json").write_text(json.dumps(table))
    goal = {"name": "worn", "pictures": 48, "share": 0.25, "goal": 0.9, "verdict": "no"}
    goals = {"goals": [goal], "prompts": {"a photo of a cat": True, "a photo of a dog": False}}
    (tmp_path / "stage-1" / "goals.json").write_text(json.dumps(goals))
    page = card.page(tmp_path)
    assert f"| stage 1 | 32×32 pictures | {card.CPU} | 3 | 101 |" in page
    assert f"| stage 1 | 64×64 pictures | {card.CPU} | 5 | 14 |" in page
    assert "| stage 1 | 64×64 pictures | a GPU | 1 | 5,000 |" in page
    assert "| worn | 48 | 25% | 90% |" in page
    assert "the judge finds *a photo of a cat*; not *a photo of a dog*." in page
    assert "| plain samples | 408 | 50.0% | 75.0% |" in page
    assert str(len(grammar.SUBJECTS)) in page
    assert "{" not in page


def test_attribution_names_every_package():
    page = attribution.page()
    for name in ("noto", "twemoji", "fxemoji", "fluent-emoji-3d"):
        assert name in page
    assert page.count("CC-BY-4.0") == 3
    for name in ("scikit-learn", "NASA", "CC-BY-2.0"):
        assert name in page
