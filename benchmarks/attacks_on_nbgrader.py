"""Every attack of `tests/attacks/` on plain `nbgrader autograde`, and on this grader.

The attacks are real, so nbgrader is run inside bubblewrap, each time in a fresh sandbox without
network: `apt-get install bubblewrap`. What has been found is kept, and a second run goes on with
the rest.

    python -m benchmarks.attacks_on_nbgrader --jobs 2
"""

import hashlib
import inspect
import json
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from autograder.errors import CommandError
from autograder.paths import ROOT
from autograder.sandbox.layers.options import Isolation
from benchmarks import sandbox
from benchmarks.attacked_course import make_course
from pset.checks.references import write_whole
from tests.attacks.arena import arena
from tests.attacks.attack import EACH
from tests.attacks.corpus import CORPUS, FAMILIES, LINKS

FOUND = ROOT / "benchmarks" / "measured" / "attacks_on_nbgrader.json"
TABLE = ROOT / "docs" / "attacks.md"
PATIENCE = 900
"""Seconds for one sandbox: the attack, the feedback, and an honest submission after it."""

Found = dict[str, Any]

FAMILY = {
    "comparison": "comparison and assert patched",
    "lying": "lying objects",
    "reading": "reading",
    "writing": "writing",
    "killing": "killing, stopping, tracing",
    "bombs": "bombs",
    "network": "network",
    "leftovers": "processes and things left behind",
    "archives": "archives and links",
    "metadata": "metadata tampered with",
    "script": "script in feedback",
    "overfitting": "overfitting to the fixed seed",
}


def deserved(name: str) -> tuple[float, float]:
    """Points that the honest code earns: where this package's checks are used, and the assert."""
    points = CORPUS[name].points if name in CORPUS else 0.0
    return points, max(0.0, points - EACH)


def what_happened(name: str, found: Found) -> list[str]:
    """What nbgrader let happen, in words; nothing if the attack came to nothing."""
    said = []
    marks = found.get("marks")
    checked, asserted = deserved(name)
    if found.get("ended", 0) is None:
        said.append("never ends")
    if marks is None and checked and not _is_packed(name):
        said.append("no marks at all")
    elif marks is not None and "damaged" in marks:
        said.append("gradebook damaged")
    elif marks is not None:
        for kind, due in (("checked", checked), ("asserted", asserted)):
            way = "" if kind == "checked" else " by assert"
            if marks[kind] != due:
                said.append(f"{marks[kind]:g} instead of {due:g} points{way}")
    if found["leaks"]:
        said.append(f"{' and '.join(found['leaks'])} told")
    if found["visits"]:
        said.append("network reached")
    if found["survivors"]:
        said.append(f"left running: {found['survivors'][0]}")
    if found["changed"]:
        more = f" and {len(found['changed']) - 1} more" if found["changed"][1:] else ""
        said.append(f"changed: {_short(found['changed'][0])}{more}")
    if found["live"]:
        said.append("script live in the page")
    whole = {"checked": 2 * EACH, "asserted": EACH}
    for who, sentence in (("witness", "next submission"), ("neighbour", "graded one")):
        if who in found and found[who] != whole:
            said.append(f"{sentence}: {_points(found[who])}")
    return said


def _is_packed(name: str) -> bool:
    """Whether it is no notebook: `nbgrader autograde` looks at nothing else."""
    return name in LINKS or CORPUS[name].pack is not None


def as_table(found: Mapping[str, Found], ours: Mapping[str, float]) -> str:
    """The page with all of it."""
    names = [name for name in (*CORPUS, *LINKS) if name in found]
    succeeded = {name: what_happened(name, found[name]) for name in names}
    lines = [
        "# The attacks, and what becomes of them",
        "",
        "Each attack of `tests/attacks/` was handed in to an nbgrader course and graded by plain",
        "`nbgrader autograde`, then by this grader. Made by",
        "",
        "```sh",
        "python -m benchmarks.attacks_on_nbgrader",
        "```",
        "",
        "which runs nbgrader inside bubblewrap, for the attacks are real. Two exercises of 10",
        "points are checked by this package's `check`, on hidden inputs that lie where the",
        "instructor's files lie; the family “overfitting” by the inputs of the notebook. A further",
        "10 points are for one hidden `assert torch.allclose(…)`, as in most courses. An attack",
        "counts as a success if the marks are not those of the honest code in it, or if anything",
        "was told, reached, changed, or left running, or if the submission after it suffered.",
        *_how_many(len(names)),
        "",
        "| family | attacks | succeed against nbgrader | against this grader |",
        "|---|---:|---:|---:|",
    ]
    for family in FAMILIES:
        inside = [name for name in names if name.startswith(f"{family}-")]
        if not inside:
            continue
        won = sum(bool(succeeded[name]) for name in inside)
        against_us = sum(ours.get(name, -1) != deserved(name)[0] for name in inside)
        lines.append(f"| {FAMILY[family]} | {len(inside)} | {won} | {against_us} |")
    won = sum(map(bool, succeeded.values()))
    lines.append(f"| all | {len(names)} | {won} | {_lost(names, ours)} |")
    for family in FAMILIES:
        inside = [name for name in names if name.startswith(f"{family}-")]
        if not inside:
            continue
        lines += ["", f"## {FAMILY[family].capitalize()}", ""]
        lines += ["| attack | deserved | nbgrader | this grader |", "|---|---:|---|---:|"]
        for name in inside:
            nothing = "takes no archive" if found[name]["marks"] is None else "–"
            said = "; ".join(succeeded[name]) or nothing
            own = f"{ours[name]:g}" if name in ours else "?"
            short = name.removeprefix(f"{family}-")
            lines.append(f"| {short} | {deserved(name)[0]:g} | {_cell(said)} | {own} |")
    return "\n".join(lines) + "\n"


def _how_many(tried: int) -> list[str]:
    everything = len(CORPUS) + len(LINKS)
    if tried == everything:
        return []
    return [
        "",
        f"So far {tried} of {everything} have been tried; the same command goes on with them.",
    ]


def _lost(names: list[str], ours: Mapping[str, float]) -> int:
    return sum(ours.get(name, -1) != deserved(name)[0] for name in names)


def _short(path: str) -> str:
    return path.removeprefix(f"{sandbox.LAB}/")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _points(marks: dict[str, float] | None) -> str:
    return "no marks" if marks is None else f"{sum(marks.values()):g} instead of {3 * EACH:g}"


def _fingerprint(name: str) -> str:
    """Changes when the attack does."""
    attack = CORPUS.get(name)
    what = json.dumps(attack.notebook()) if attack else name
    if attack and attack.beside:
        what += inspect.getsource(attack.beside)
    return hashlib.sha256(what.encode()).hexdigest()[:16]


def _place_in_family(name: str) -> int:
    family = [other for other in (*CORPUS, *LINKS) if other.startswith(name.partition("-")[0])]
    return family.index(name)


def fight_here() -> dict[str, float]:
    """What this grader gives to each attack, all layers of isolation on."""
    with tempfile.TemporaryDirectory(prefix="pset-arena-") as folder, arena(Path(folder)) as place:
        battle = place.fight(Isolation())
    if failed := [record.trouble for record in battle.records.values() if not record.key]:
        raise CommandError(str(failed[0]))
    return {name: record.score for name, record in battle.records.items()}


def fight_nbgrader(name: str, base: Path) -> Found:
    """What nbgrader makes of one attack."""
    command = [sys.executable, "-m", "benchmarks.victim", name]
    said = sandbox.run(command, base, PATIENCE).strip().splitlines()
    try:
        return json.loads(said[-1])
    except (ValueError, IndexError):
        # Whoever watches is another user's, so it was not killed: there was no end to it.
        nothing: Found = {"ended": None, "marks": None, "neighbour": None}
        return nothing | {"leaks": [], "visits": 0, "survivors": [], "changed": [], "live": []}


def main(
    only: Annotated[list[str], typer.Option(help="An attack or a family.")] = [],  # noqa: B006
    jobs: Annotated[int, typer.Option(help="Sandboxes at once.")] = 1,
    again: Annotated[bool, typer.Option(help="Also what has been tried before.")] = False,
    out: Annotated[Path, typer.Option(help="What was found, as JSON.")] = FOUND,
    table: Annotated[Path, typer.Option(help="The same for people.")] = TABLE,
) -> None:
    """Attack nbgrader and this grader, and write what came of it."""
    kept: dict[str, Any] = json.loads(out.read_text()) if out.exists() else {}
    found, prints = kept.setdefault("nbgrader", {}), kept.setdefault("attacks", {})
    wanted = [
        name
        for name in (*CORPUS, *LINKS)
        if not only or name in only or name.partition("-")[0] in only
    ]
    new = [n for n in wanted if again or n not in found or prints.get(n) != _fingerprint(n)]
    new.sort(key=_place_in_family)  # one of each family first, for those who cannot wait
    if set(kept.get("ours", ())) != {*CORPUS, *LINKS}:
        kept["ours"] = fight_here()
    with tempfile.TemporaryDirectory(prefix="pset-victim-") as folder, Progress() as progress:
        base = Path(folder)
        base.chmod(0o755)
        bar = progress.add_task("attacks on nbgrader", total=len(new))
        if new:
            make_course(base)

        def one(name: str) -> None:
            found[name] = fight_nbgrader(name, base)
            prints[name] = _fingerprint(name)
            write_whole(out, (json.dumps(kept, indent=1) + "\n").encode())
            progress.console.print(f"{name}: {'; '.join(what_happened(name, found[name])) or '–'}")
            progress.advance(bar)

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, new))
    write_whole(table, as_table(found, kept["ours"]).encode())
    Console().print(f"{table} tells what came of {len(found)} attacks.")


if __name__ == "__main__":
    typer.run(main)
