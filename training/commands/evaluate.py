"""`python -m training evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import (
    EXPORTED,
    Checkpoint,
    Device,
    Folder,
    Size,
    Threads,
    app,
    average,
    prepare,
)


@app.command()
def evaluate(
    seeds: Annotated[int, typer.Option(help="Samples of every subject × style.")] = 1,
    every: Annotated[
        int, typer.Option(help="Only every n-th subject × style, to be quick: 5, 7, 11, 13.")
    ] = 1,
    pairs: Annotated[int, typer.Option(help="Anagrams and hybrids each, 0 to 120.")] = 40,
    size: Size = 64,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    unthresholded: Annotated[
        int, typer.Option(help="Every n-th also without thresholding of x̂_0; 0: none.")
    ] = 7,
    composed: Annotated[
        int, typer.Option(help="Every n-th composed prompt; 0: none, 1: the goals' own number.")
    ] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the table as JSON here.")] = None,
    goals_out: Annotated[Path | None, typer.Option(help="Write the goals as JSON here.")] = None,
    threads: Threads = 2,
    device: Device = "cpu",
) -> None:
    """Let the judge look at samples (33 steps, γ = 7, seed 180) and print its tables."""
    import dataclasses
    import json

    import numpy as np
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training.data import grammar
    from training.judging import evaluate as module
    from training.judging import goals, sample
    from training.judging import judge as judging

    prepare(device, threads)
    m = sample.as_model(average(checkpoint, folder).to(device), device)
    net = judging.load()
    scenes = list(grammar.single_scenes())
    parts = {"plain samples": (every, True), "the same, unthresholded": (unthresholded, False)}
    plain = {name: (scenes[::n], n, how) for name, (n, how) in parts.items() if n}
    ceiling = judging.ceiling()
    held_out = (ceiling["subject"], ceiling["style"])
    rows = [module.Scores("held-out pictures (ceiling)", 0, *held_out)]
    bar = tqdm(unit="picture")
    for name, (some, n, how) in plain.items():
        right = []
        for k in range(seeds):
            more = {"seed": 180 + k, "size": size, "thresholding": how}
            for x, ok in module.plain(m, net, some, **more):
                right.append(ok)
                bar.update(len(x))
        share = np.concatenate(right).mean(0)
        name += f", every {n}th subject × style" if n > 1 else ""
        rows.append(module.Scores(name, len(some) * seeds, *map(float, share)))
    for kind in ("anagram", "hybrid") if pairs else ():
        more = {"count": pairs, "size": size, "on_batch": lambda n: bar.update(2 * n)}
        rows.append(module.two_sided(m, net, kind, **more)[0])
    found, listed = [], {}
    if composed:
        more = {"size": size, "on_batch": bar.update}
        found = list(goals.results(m, net, composed, **more))
        listed, _ = goals.listed(m, net, **more)
    bar.close()

    console = Console()
    table = Table("", "pictures", "subject", "style", "A", "C", title="The judge's table")
    for r in rows:
        more = [f"{v:.2f}" if v is not None else "" for v in (r.a, r.c)]
        count = str(r.pictures) if r.pictures else ""
        table.add_row(r.name, count, f"{r.subject:.1%}", f"{r.style:.1%}", *more)
    console.print(table)
    if composed:
        found = [*goals.of_scores(rows), *found]
        table = Table("", "pictures", "share", "goal", "floor", "", title="Goals")
        for g in found:
            shares = (f"{v:.1%}" for v in (g.share, g.goal, g.floor))
            table.add_row(g.name, str(g.pictures), *shares, g.verdict)
        for prompt, there in listed.items():
            table.add_row(prompt, "1", "", "", "", "there" if there else "not there")
        console.print(table)
        console.print("The judge on held-out pictures: "
                      + ", ".join(f"{k} {v:.1%}" for k, v in ceiling.items()))  # fmt: skip
    if out is not None:
        out.write_text(json.dumps([dataclasses.asdict(r) for r in rows], indent=1) + "\n")
    if goals_out is not None:
        measured = [dataclasses.asdict(g) | {"verdict": g.verdict} for g in found]
        page = {"goals": measured, "prompts": listed, "ceiling": ceiling}
        goals_out.write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n")
