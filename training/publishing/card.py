"""The model card: `card.md`, filled in with the results of the last run."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, SUBJECTS

HERE = Path(__file__).parent
CPU = "one or two shared CPU cores"  # if a log doesn't say


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
    """A table with one line for each machine and size of picture that was trained on."""
    lines = []
    for run, noun in (("stage-1", "size"), ("stage-2", "crop")):
        rows = _behind_the_weights(_rows(runs / run / "log.jsonl"))
        sums: dict[tuple[str, int], list[float]] = {}
        for before, row in itertools.pairwise([{"seen": 0, "minutes": 0}, *rows]):
            total = sums.setdefault((row.get("machine", CPU), row[noun]), [0, 0])
            total[0] += row["seen"] - before["seen"]
            total[1] += row["minutes"] - before["minutes"]
        for (machine, value), (seen, minutes) in sums.items():
            what = f"{value}×{value} pictures" if noun == "size" else f"{value}×{value} crops"
            lines.append(
                f"| {run.replace('-', ' ')} | {what} | {machine} | {minutes:.0f} | {seen:,} |"
            )
    head = "| | trained on | on | minutes | pictures seen |\n"
    head += "|---|---|---|---|---|\n"
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


def _goals(runs: Path) -> str:
    path = runs / "stage-1" / "goals.json"
    if not path.exists():
        return "(not measured yet)"
    found = json.loads(path.read_text())
    lines = ["| what the judge is asked | pictures | share | goal |", "|---|---|---|---|"]
    lines += [
        f"| {g['name']} | {g['pictures']} | {g['share']:.0%} | {g['goal']:.0%} |"
        for g in found["goals"]
    ]
    there = [f"*{prompt}*" for prompt, seen in found["prompts"].items() if seen]
    missing = [f"*{prompt}*" for prompt, seen in found["prompts"].items() if not seen]
    text = "\n".join(lines) + f"\n\nOf single prompts, the judge finds {', '.join(there)}"
    return text + (f"; not {', '.join(missing)}." if missing else ".")


def _enlarged(runs: Path) -> str:
    path = runs / "stage-2" / "table.json"
    if not path.exists():
        return "Stage II has not been measured yet."
    found = json.loads(path.read_text())
    count = found.pop("pictures")
    lines = [
        f"Stage II compared with bicubic interpolation, on {count} held-out pictures, "
        "reduced as in training (edges: mean gradient, as a share of the original's):",
        "",
        "| | PSNR | SSIM | edges |",
        "|---|---|---|---|",
    ]
    for name, m in found.items():
        lines.append(f"| {name} | {m['psnr']:.2f} dB | {m['ssim']:.4f} | {m['edges']:.0%} |")
    return "\n".join(lines)


def page(runs: Path) -> str:
    """The README.md of the exported folders, with the figures of `runs`."""
    text = (HERE / "card.md").read_text()
    for name, value in {
        "subjects": str(len(SUBJECTS)),
        "relations": ", ".join(f"*{words}*" for words, kind in RELATIONS if kind != "flavour"),
        "worn": ", ".join(f"*{words}*" for words, _ in ATTRIBUTES),
        "settings": ", ".join(f"*{words}*" for words in SETTINGS),
        "chance": f"{1 / len(SUBJECTS):.1%}",
        "training": _history(runs),
        "table": _judged(runs),
        "goals": _goals(runs),
        "stage2": _enlarged(runs),
    }.items():
        text = text.replace("{" + name + "}", value)
    return text
