"""`python -m training editor-export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.app import EXPORTED, WORK, Work, app, averaged

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = EXPORTED / "editor" / "editor.safetensors"


def trained(run: Path) -> nn.ModuleDict:
    """The averaged networks of a checkpoint of the editor."""
    from training.method import editor, stage1

    return averaged(editor.networks(stage1.networks()), run)


@app.command(name="editor-export")
def editor_export(
    out: Annotated[Path, typer.Option(help="The file to write.")] = WEIGHTS, work: Work = WORK
) -> None:
    """Write what the editor has learned, in float16, without what stage I knew before."""
    from pset._model import editor_weights

    editor_weights.save(trained(work / "editor.pt").state_dict(), out)
    typer.echo(f"Wrote {out}, {out.stat().st_size / 1e6:.1f} MB.")
