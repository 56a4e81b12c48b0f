"""`python -m training pictures`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import HELD_OUT, WORK, Work, app


@app.command()
def pictures(
    variations: Annotated[int, typer.Option(help="Pictures of every subject × style.")] = 60,
    full: Annotated[float, typer.Option(help="Share of scenes of more than one thing.")] = 0.0,
    size: Annotated[int, typer.Option(help="64, or 256 for stage II.")] = 64,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Install the artwork packages and draw the training and held-out pictures."""
    from tqdm import tqdm

    from training import artwork
    from training import pictures as module

    artwork.install(work / "artwork")
    end = "" if size == 64 else f"-{size}"
    parts = (("pictures", variations, 0), ("held-out", 4 if size == 64 else 1, HELD_OUT))
    for name, count, start in parts:
        todo = list(module.plan(count, full if start == 0 else 0.0, start))
        bar = tqdm(total=len(todo), desc=name + end, unit="picture")
        for done in module.build(work / (name + end), work / "artwork", todo, workers, size):
            bar.update(done - bar.n)
        bar.close()
