"""`python -m training ahead`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from training.commands.app import WORK, Work, app, artwork_in


class Kind(StrEnum):
    """What `training.data.ahead` can draw."""

    pictures = "pictures"
    edits = "edits"
    large = "large"


@app.command()
def ahead(
    kind: Annotated[Kind, typer.Argument(help="For stage I, for the editor, or for stage II.")],
    shards: Annotated[int, typer.Option(help="Number of shards of 256.")] = 1000,
    first: Annotated[int, typer.Option(help="Number of the first one.")] = 0,
    workers: Annotated[int, typer.Option(help="Number of processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Draw training data ahead, for a GPU. Training can begin while it's drawn."""
    from tqdm import tqdm

    from training.data.ahead import fill

    root = artwork_in(work)
    numbers = range(first, first + shards)
    made = fill(kind.value, numbers, work / "ahead" / kind.value, root, workers)
    for _ in tqdm(made, total=shards, desc=kind.value, unit="shard"):
        pass
