"""`python -m training pictures`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import HELD_OUT, WORK, Work, app, artwork_in


@app.command()
def pictures(
    shards: Annotated[
        int,
        typer.Option(help="Shards of 1024 to draw ahead for stage I, which draws the rest."),
    ] = 16,
    large: Annotated[int, typer.Option(help="Number of 256×256 pictures for stage II.")] = 1200,
    workers: Annotated[int, typer.Option(help="Number of processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Install artwork and photographs, and draw training and held-out pictures."""
    from tqdm import tqdm

    from training.data import stream
    from training.data.pictures import build, plan

    root = artwork_in(work)
    for name, first, count in (("stream", 0, shards), ("held-out", stream.HELD_OUT, 2)):
        drawn = stream.Stream(work / "stream", root, first=first, workers=workers)
        for k in tqdm(range(count), desc=name, unit="shard"):
            drawn.shard(k)
    for name, count, start in (("pictures-256", large, 0), ("held-out-256", 96, HELD_OUT)):
        todo = list(plan(count, start)) if large else []
        bar = tqdm(total=len(todo), desc=name, unit="picture")
        for done in build(work / name, root, todo, workers, 256) if todo else ():
            bar.update(done - bar.n)
        bar.close()
