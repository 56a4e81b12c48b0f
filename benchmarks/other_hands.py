"""How often feedback names the mistake, counted on answers that were written by other hands.

Each answer of the corpora in `tests/pset/checks/` gets the verdict that its author would read in
the notebook. The counts go to `benchmarks/measured/other_hands.json`, and from there to
`docs/mistakes.md`, when `make references` writes it.

    python -m benchmarks.other_hands
    python -m benchmarks.other_hands --show false    # which answers, and what they're told
"""

import json
from collections import Counter
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.progress import track

from autograder.paths import ROOT
from pset.files import write_whole
from tests.pset.checks.corpora import CORPORA
from tests.pset.checks.naming.corpus import Answer, Corpus
from tests.pset.checks.naming.judged import verdict
from tests.pset.checks.naming.said import labels, naming

COUNTED = ROOT / "benchmarks" / "measured" / "other_hands.json"

Counts = dict[str, dict[str, int]]
"""Exercise → what → how many answers."""


def main(
    show: Annotated[
        str, typer.Option(help="Print the answers that are named, unnamed, false or accepted.")
    ] = "",
    only: Annotated[str, typer.Option(help="A corpus; nothing is written then.")] = "",
) -> None:
    """Judge and count all answers."""
    torch.set_num_threads(1)
    console = Console()
    counted = {
        name: count(corpus, show, console) for name, corpus in CORPORA.items() if only in ("", name)
    }
    for name, counts in counted.items():
        total = sum((Counter(row) for row in counts.values()), Counter())
        console.print(name, dict(total))
    if not only:
        write_whole(COUNTED, (json.dumps(counted, indent=1) + "\n").encode())
        console.print(f"The counts are in {COUNTED}; `make references` puts them on the page.")


def count(corpus: Corpus, show: str, console: Console) -> Counts:
    """Judge the answers of a corpus that are right or wrong, and count them by exercise."""
    labelled = labels(corpus.labels())
    counts: Counts = {}
    for answer in track(corpus.answers(), console=console, transient=True):
        if answer.right is None:
            continue
        found = verdict(answer)
        if answer.right:
            what = "right" if found.status == "right" else "right, refused"
        else:
            what = naming(found, labelled[answer.name])
        if what == show or what == "right, refused":
            console.print(_line(answer, found.message), highlight=False, markup=False)
        row = counts.setdefault(answer.exercise, {})
        row[what] = row.get(what, 0) + 1
    return counts


def _line(answer: Answer, message: str) -> str:
    return f"{' '.join(answer.name)}: {answer.mistake}\n    {message}"


if __name__ == "__main__":
    typer.run(main)
