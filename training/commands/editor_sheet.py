"""`python -m training editor-sheet`."""

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
    average,
    prepare,
)
from training.commands.editor_export import WEIGHTS, trained

SCALES = ((1.2, 2.0), (2.0, 2.0), (1.2, 5.0), (2.0, 5.0))


@app.command(name="editor-sheet")
def editor_sheet(
    out: Annotated[Path, typer.Argument(help="The PNG or JPEG to write.")],
    each: Annotated[
        int,
        typer.Option(help="Rows for each kind: first and second subject, worn, setting, style."),
    ] = 2,
    measured: Annotated[int, typer.Option(help="So many of each kind are measured.")] = 8,
    size: Size = 64,
    seed: Annotated[int, typer.Option(help="Seed for the noise.")] = 180,
    run: Annotated[
        Path | None, typer.Option(help="A checkpoint of the editor, instead of its weights.")
    ] = None,
    weights: Annotated[Path, typer.Option(help="The editor's exported weights.")] = WEIGHTS,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    threads: Threads = 2,
    device: Device = "cpu",
    work: Work = WORK,
) -> None:
    """Edit pictures that weren't trained on, at several pairs of guidance scales, and measure."""
    import numpy as np
    import torch
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training.data.edits import Edits
    from training.data.pictures import reduced
    from training.data.stream import HELD_OUT
    from training.judging import editing, judge, sample, sheets
    from training.method import editor

    prepare(device, threads)
    nets = trained(run) if run else editor.load(average(checkpoint, folder), weights)
    m, net = sample.as_model(nets.to(device), device), judge.load()
    numbers = np.arange(HELD_OUT, HELD_OUT + 40 * measured)
    chosen = editing.spread([Edits.item(int(n)) for n in numbers], measured)
    edits = [Edits.item(int(n)) for n in numbers[chosen]]
    pixels = np.concatenate([Edits.draw(range(n, n + 1), work / "artwork")
                             for n in map(int, numbers[chosen])])  # fmt: skip
    pairs = judge.scaled(reduced(pixels, size))
    before, after = pairs.chunk(2, 1)
    columns = {"the picture as it was": before}
    with tqdm(total=len(SCALES) * len(edits), unit="picture") as bar:
        for scales in SCALES:
            made = []
            for batch in editing.at_scales(m, pairs.to(device), edits, scales, seed):
                made.append(batch)
                bar.update(len(batch))
            columns["picture {}, instruction {}".format(*scales)] = torch.cat(made)
    columns["as drawn"] = after

    table = Table("", "followed", "change outside", title=f"{len(edits)} held-out edits")
    for name, column in columns.items():
        found = editing.measure(net, column, pairs, edits)
        table.add_row(name, f"{found.followed:.0%}", f"{found.outside:.3f}")
    Console().print(table)
    rows = editing.spread(edits, each)
    shown = torch.stack([column[rows] for column in columns.values()], 1).flatten(0, 1)
    captions = [text for i in rows for text in (edits[i].instruction, *list(columns)[1:])]
    image = sheets.sheet(sheets.to_uint8(shown), len(columns), captions, 192 // size)
    sheets.save(image, out)
    typer.echo(f"Wrote {out}.")
