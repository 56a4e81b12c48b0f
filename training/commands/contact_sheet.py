"""`python -m training contact-sheet`."""

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


@app.command(name="contact-sheet")
def contact_sheet(
    out: Annotated[Path, typer.Argument(help="The PNG or JPEG to write.")],
    subjects: Annotated[str, typer.Option(help="Comma-separated subjects; all by default.")] = "",
    listed: Annotated[
        int, typer.Option(help="Use the write-up's and the lecture's prompts, this many of each.")
    ] = 0,
    size: Size = 64,
    seed: Annotated[int, typer.Option(help="Seed for the noise.")] = 180,
    scale: Annotated[float, typer.Option(help="Guidance scale γ.")] = 7.0,
    thresholding: Annotated[bool, typer.Option(help="Clip x̂_0 at each step.")] = True,
    folder: Folder = EXPORTED / "stage-1",
    checkpoint: Checkpoint = None,
    threads: Threads = 2,
    device: Device = "cpu",
) -> None:
    """Draw a contact sheet: subjects (rows) in every style (columns)."""
    import torch
    from tqdm import tqdm

    from training.data import grammar, prompts
    from training.judging import sample, sheets
    from training.judging.evaluate import index_of

    prepare(device, threads)
    m = sample.as_model(average(checkpoint, folder).to(device), device)
    keys = [k.strip() for k in subjects.split(",") if k.strip()]
    which = [index_of(k) for k in keys] or list(range(len(grammar.SUBJECTS)))
    if listed:
        captions = [text for text in (*prompts.LISTED, grammar.GENERIC_PROMPT)
                    for _ in range(listed)]  # fmt: skip
        seeds, columns = [seed + i % listed for i in range(len(captions))], 3 * listed
    else:
        captions = [grammar.caption(grammar.Scene(i, k)) for i in which
                    for k in range(len(grammar.STYLES))]  # fmt: skip
        seeds = [seed] * len(captions)
        columns = len(grammar.STYLES) * (2 if len(which) > 8 else 1)
    drawn = []
    for i in tqdm(range(0, len(captions), 12), unit="batch"):
        part = slice(i, i + 12)
        more = {"size": size, "scale": scale, "thresholding": thresholding}
        drawn.append(sample.prompted(m, captions[part], seeds[part], **more))
    pixels, zoom = sheets.to_uint8(torch.cat(drawn)), max(1, 128 // size) if listed else 1
    image = sheets.sheet(pixels, columns, captions if listed else (), zoom)
    sheets.save(image, out)
    typer.echo(f"Wrote {out}.")
