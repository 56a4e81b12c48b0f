"""The command line, and the pages it writes."""

import json

from typer.testing import CliRunner

from training.commands import app
from training.data import attribution, grammar
from training.publishing import card


def test_every_command_has_help():
    runner = CliRunner()
    names = (
        "pictures", "tryouts", "stage1", "stage2", "judge", "export", "contact-sheet", "evaluate",
        "editor", "editor-pairs", "editor-export", "editor-sheet", "all",
    )  # fmt: skip
    for name in names:
        result = runner.invoke(app, [name, "--help"])
        assert result.exit_code == 0, name
        assert len(result.output) > 200


def test_card_is_filled_in(tmp_path):
    (tmp_path / "stage-1").mkdir()
    # At 64 in two stretches; what was seen up to 120 was left behind for the checkpoint at 99.
    log = ((32, 9, 1), (32, 90, 2), (64, 99, 5), (64, 120, 8), (32, 110, 6), (64, 115, 8))
    rows = [{"size": size, "seen": seen, "minutes": minutes} for size, seen, minutes in log]
    (tmp_path / "stage-1" / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    score = {"name": "plain samples", "pictures": 408, "subject": 0.5, "style": 0.75}
    table = [score | {"a": None, "c": None}]
    (tmp_path / "stage-1" / "table.json").write_text(json.dumps(table))
    page = card.page(tmp_path)
    assert "| stage 1 | 32×32 pictures | 101 | 3 |" in page
    assert "| stage 1 | 64×64 pictures | 14 | 5 |" in page
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
