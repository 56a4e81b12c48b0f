"""The model card: ``card.md`` with the figures of the last run filled in."""

from __future__ import annotations

import json
from pathlib import Path

from training.grammar import STYLES, SUBJECTS

HERE = Path(__file__).parent
VARIATIONS = 60


def _rows(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _history(runs: Path) -> str:
    """One sentence for every stretch of training at one size."""
    lines = []
    for run, noun in (("stage-1", "size"), ("stage-2", "crop")):
        rows = _rows(runs / run / "log.jsonl")
        for value in dict.fromkeys(row[noun] for row in rows):
            part = [row for row in rows if row[noun] == value]
            before = [row for row in rows if row["seen"] < part[0]["seen"]]
            seen = part[-1]["seen"] - (before[-1]["seen"] if before else 0)
            minutes = part[-1]["minutes"] - (before[-1]["minutes"] if before else 0)
            what = f"{value}×{value} pictures" if noun == "size" else f"{value}×{value} crops"
            lines.append(f"| {run.replace('-', ' ')} | {what} | {seen:,} | {minutes:.0f} |")
    head = "| | on | seen | minutes, on one to two shared CPU cores |\n|---|---|---|---|\n"
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
        f"Stage II beside bicubic enlargement, on {found['pictures']} held-out pictures made "
        "small as in its training (edges: mean gradient, as a share of the original's):",
        "",
        "| | PSNR | SSIM | edges |",
        "|---|---|---|---|",
    ]
    for name in ("bicubic", "stage II"):
        m = found[name]
        lines.append(f"| {name} | {m['psnr']:.2f} dB | {m['ssim']:.4f} | {m['edges']:.0%} |")
    return "\n".join(lines)


def page(runs: Path = HERE / "runs") -> str:
    """README.md of the exported folders."""
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
