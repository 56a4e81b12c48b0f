"""`python -m training card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import EXPORTED, app


@app.command()
def card(
    folder: Annotated[Path, typer.Option(help="Folder of the exported stages.")] = EXPORTED,
) -> None:
    """Write the model card, with the results of the last runs, and the attribution page."""
    from training.data import attribution
    from training.publishing import card

    (folder / "README.md").write_text(card.page())
    (folder / "ATTRIBUTION.md").write_text(attribution.page())
    typer.echo(f"Wrote {folder}/README.md and ATTRIBUTION.md.")
