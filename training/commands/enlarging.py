"""`python -m training enlarging`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import EXPORTED, WORK, Device, Threads, Work, app, prepare


@app.command()
def enlarging(
    count: Annotated[int, typer.Option(help="Number of held-out pictures.")] = 24,
    level: Annotated[int, typer.Option(help="Noise level of the small picture.")] = 20,
    folder: Annotated[Path, typer.Option(help="An exported stage II.")] = EXPORTED / "stage-2",
    sheet: Annotated[
        Path | None, typer.Option(help="Save bicubic, stage II and originals here.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Save the table as JSON here.")] = None,
    threads: Threads = 2,
    device: Device = "cpu",
    work: Work = WORK,
) -> None:
    """Compare stage II with bicubic interpolation on held-out pictures."""
    import dataclasses
    import json

    import torch
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training.data.pictures import Pictures
    from training.judging import sample, sheets
    from training.judging.enlarging import batches, measure
    from training.publishing import export

    prepare(device, threads)
    m = sample.as_model(export.from_folder(folder, device).eval(), device)
    pictures = Pictures(work / "held-out-256")
    done = []
    with tqdm(total=count, unit="picture") as bar:
        for triple in batches(m, pictures, count, level=level):
            done.append(triple)
            bar.update(len(triple[0]))
    truth, bicubic, made = (torch.cat(parts) for parts in zip(*done, strict=True))
    table = Table("", "PSNR", "SSIM", "edges", title=f"{count} held-out pictures, 64 to 256")
    found = {"bicubic": measure(bicubic, truth), "stage II": measure(made, truth)}
    for name, m in found.items():
        table.add_row(name, f"{m.psnr:.2f} dB", f"{m.ssim:.4f}", f"{m.edges:.0%}")
    Console().print(table)
    if sheet is not None:
        some = torch.stack([bicubic[:6], made[:6], truth[:6]], 1).flatten(0, 1)
        sheets.sheet(sheets.to_uint8(some), 6).save(sheet, quality=88)
    if out is not None:
        measured = {name: dataclasses.asdict(m) for name, m in found.items()}
        out.write_text(json.dumps({"pictures": count, **measured}, indent=1) + "\n")
