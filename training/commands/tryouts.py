"""`python -m training tryouts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import EXPORTED, RUNS, WORK, Threads, Work, app, prepare


@app.command()
def tryouts(
    minutes: Annotated[
        float, typer.Option(help="Processor time for each setting, in minutes.")
    ] = 3.0,
    out: Annotated[Path, typer.Option(help="Where to write the table, as Markdown.")] = RUNS
    / "tryouts.md",
    note: Annotated[str, typer.Option(help="A remark below the table.")] = "",
    threads: Threads = 2,
    work: Work = WORK,
) -> None:
    """Try settings for stage I, a few minutes each, and write a table."""
    from tqdm import tqdm

    from training.data.stream import HELD_OUT, Stream
    from training.method.tryouts import (
        SETTINGS,
        SHARDS,
        Outcome,
        held_out,
        outcome,
        table,
        untrained,
    )
    from training.publishing import export

    prepare("cpu", threads)
    start = export.from_folder(EXPORTED / "stage-1")
    places = work / "stream", work / "artwork"
    train_on, test = (
        Stream(*places, window=SHARDS),
        held_out(Stream(*places, first=HELD_OUT)),
    )
    for k in range(SHARDS):  # now, so that drawing them is no setting's loss of time
        train_on.shard(k)
    command = f"python -m training tryouts --minutes {minutes:g} --threads {threads}"
    rows = [untrained(start, test)]
    for setting in SETTINGS:
        with tqdm(desc=setting.name, unit="picture", mininterval=10) as bar:
            for found in outcome(start, setting, train_on, test, minutes):
                if isinstance(found, Outcome):
                    rows.append(found)
                else:
                    bar.update(found - bar.n)
        out.write_text(table(rows, command, minutes, note))
