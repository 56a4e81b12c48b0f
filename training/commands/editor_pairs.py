"""`python -m training editor-pairs`."""

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
    Threads,
    app,
    average,
    prepare,
)


@app.command(name="editor-pairs")
def editor_pairs(
    out: Annotated[Path, typer.Option(help="Folder for the pairs.")] = WORK / "instruction-pairs",
    count: Annotated[int, typer.Option(help="Pairs to draw, before the filter.")] = 100,
    sheet: Annotated[Path | None, typer.Option(help="Save all that were drawn here.")] = None,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    threads: Threads = 2,
    device: Device = "cpu",
) -> None:
    """Have stage I draw instruction pairs with prompt-to-prompt, and keep what the filter lets
    through."""
    import torch
    from tqdm import tqdm

    from pset.instruction_pairs import save_pairs
    from training.judging import judge, prompt_pairs, sample, sheets

    prepare(device, threads)
    m = sample.as_model(average(checkpoint, folder).to(device), device)
    drawn = list(tqdm(prompt_pairs.made(m, judge.load(), count), total=count, unit="pair"))
    kept = [one for one in drawn if one.kept]
    if kept:
        before, after = torch.stack([one.pictures for one in kept]).unbind(1)
        save_pairs(out, [one.pair for one in kept], before, after)
    if sheet is not None:
        captions = [
            text
            for one in drawn
            for text in (one.pair.edit_prompt, f"{'kept' if one.kept else 'not kept'}, "
                         f"{one.similarity:.2f} {one.direction:.2f}")
        ]  # fmt: skip
        pixels = sheets.to_uint8(torch.cat([one.pictures for one in drawn]))
        sheets.sheet(pixels, 8, captions, 3).save(sheet)
    typer.echo(f"The filter kept {len(kept)} of {count} pairs, in {out}.")
