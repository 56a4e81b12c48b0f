"""`python -m training evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import (
    EXPORTED,
    WORK,
    Checkpoint,
    Device,
    Folder,
    Size,
    Threads,
    Work,
    app,
    artwork_in,
    average,
    prepare,
)


@app.command()
def evaluate(
    seeds: Annotated[int, typer.Option(help="Samples for each subject in each style.")] = 1,
    every: Annotated[
        int, typer.Option(help="To save time, only every n-th subject and style: 5, 7, 11 or 13.")
    ] = 1,
    pairs: Annotated[int, typer.Option(help="Number of anagrams, and of hybrids, 0 to 60.")] = 40,
    size: Size = 64,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    unthresholded: Annotated[
        int, typer.Option(help="Every n-th sample also without thresholding x̂_0; 0: none.")
    ] = 7,
    composed: Annotated[
        int, typer.Option(help="Every n-th composed prompt; 0: none, 1: all of them.")
    ] = 1,
    by_hand: Annotated[
        int,
        typer.Option(help="Number of held-out pairs joined by hand, to compare; 0 to 60."),
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="Save the table as JSON here.")] = None,
    goals_out: Annotated[Path | None, typer.Option(help="Save the goals as JSON here.")] = None,
    threads: Threads = 2,
    device: Device = "cpu",
    work: Work = WORK,
) -> None:
    """Judge samples (33 steps, γ = 7, seed 180) and print tables of scores."""
    import dataclasses
    import json

    import numpy as np
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training.data import grammar
    from training.judging import by_hand as joined
    from training.judging import goals, judge, sample
    from training.judging.evaluate import Scores, plain, two_sided

    prepare(device, threads)
    m = sample.as_model(average(checkpoint, folder).to(device), device)
    net = judge.load()
    scenes = list(grammar.single_scenes())
    parts = {"plain samples": (every, True), "the same, unthresholded": (unthresholded, False)}
    samples = {name: (scenes[::n], n, how) for name, (n, how) in parts.items() if n}
    ceiling = judge.ceiling()
    held_out = (ceiling["subject"], ceiling["style"])
    rows = [Scores("held-out pictures (ceiling)", 0, *held_out)]
    bar = tqdm(unit="picture")
    for name, (some, n, how) in samples.items():
        right = []
        for k in range(seeds):
            more = {"seed": 180 + k, "size": size, "thresholding": how}
            for x, ok in plain(m, net, some, **more):
                right.append(ok)
                bar.update(len(x))
        share = np.concatenate(right).mean(0)
        name += f", every {n}th subject × style" if n > 1 else ""
        rows.append(Scores(name, len(some) * seeds, *map(float, share)))
    for kind in ("anagram", "hybrid") if pairs else ():
        more = {"count": pairs, "size": size, "on_batch": lambda n: bar.update(2 * n)}
        rows.append(two_sided(m, net, kind, **more)[0])
    if by_hand:
        rows += joined.rows(net, by_hand, artwork_in(work))
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
        more = ("goal", "floor", "verdict")
        measured = [
            dataclasses.asdict(g) | {name: getattr(g, name) for name in more} for g in found
        ]
        page = {"goals": measured, "prompts": listed, "ceiling": ceiling}
        goals_out.write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n")
