"""The model card: `card.md`, filled in with the results of the last run."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from training.data.grammar import STYLES, SUBJECTS

HERE = Path(__file__).parent
VARIATIONS = 60


def _rows(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _behind_the_weights(rows: list[dict]) -> list[dict]:
    """Drop what was trained and then discarded when a run went back to a checkpoint."""
    kept: list[dict] = []
    for row in rows:
        while kept and kept[-1]["seen"] >= row["seen"]:
            kept.pop()
        kept.append(row)
    return kept


def _history(runs: Path) -> str:
    """A table with one line for each size of picture that was trained on."""
    lines = []
    for run, noun in (("stage-1", "size"), ("stage-2", "crop")):
        rows = _behind_the_weights(_rows(runs / run / "log.jsonl"))
        sums: dict[int, list[float]] = {}
        for before, row in itertools.pairwise([{"seen": 0, "minutes": 0}, *rows]):
            total = sums.setdefault(row[noun], [0, 0])
            total[0] += row["seen"] - before["seen"]
            total[1] += row["minutes"] - before["minutes"]
        for value, (seen, minutes) in sums.items():
            what = f"{value}×{value} pictures" if noun == "size" else f"{value}×{value} crops"
            lines.append(f"| {run.replace('-', ' ')} | {what} | {seen:,} | {minutes:.0f} |")
    head = "| | trained on | pictures seen | minutes, on one or two shared CPU cores |\n"
    head += "|---|---|---|---|\n"
    return head + "\n".join(lines)


def _judged(runs: Path) -> str:
    path = runs / "stage-1" / "table.json"
    if not path.exists():
        return "(not measured yet)"
    lines = ["| | pictures | subject | style | A | C |", "|---|---|---|---|---|---|"]
    for r in json.loads(path.read_text()):
        a, c = (f"{r[k]:.2f}" if r[k] is not None else "" for k in ("a", "c"))
        lines.append(
            f"| {r['name']} | {r['pictures'] or ''} | {r['subject']:.1%} | {r['style']:.1%} "
            f"| {a} | {c} |"
        )
    return "\n".join(lines)


def _enlarged(runs: Path) -> str:
    path = runs / "stage-2" / "table.json"
    if not path.exists():
        return "Stage II has not been measured yet."
    found = json.loads(path.read_text())
    lines = [
        f"Stage II compared with bicubic interpolation, on {found['pictures']} held-out pictures, "
        "reduced as in training (edges: mean gradient, as a share of the original's):",
        "",
        "| | PSNR | SSIM | edges |",
        "|---|---|---|---|",
    ]
    for name in ("bicubic", "stage II"):
        m = found[name]
        lines.append(f"| {name} | {m['psnr']:.2f} dB | {m['ssim']:.4f} | {m['edges']:.0%} |")
    return "\n".join(lines)


def page(runs: Path = HERE / "runs") -> str:
    """The README.md of the exported folders."""
    text = (HERE / "card.md").read_text()
    for name, value in {
        "subjects": str(len(SUBJECTS)),
        "pictures": f"{len(SUBJECTS) * len(STYLES) * VARIATIONS:,}",
        "chance": f"{1 / len(SUBJECTS):.1%}",
        "training": _history(runs),
        "table": _judged(runs),
        "stage2": _enlarged(runs),
    }.items():
        text = text.replace("{" + name + "}", value)
    return text
