"""`python -m training features`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import Threads, app, prepare


@app.command()
def features(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; by default the one in assets/small.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="How often each picture is seen.")] = 60,
    threads: Threads = 2,
) -> None:
    """Train the classifier whose features the challenge of notebook 16 compares."""
    import torch
    from tqdm import tqdm

    from pset.challenge.features import Features, features_file
    from training.judging import features as judged

    prepare("cpu", threads)
    torch.manual_seed(7)
    net = Features()
    with tqdm(judged.train(net, epochs), unit="step", mininterval=10) as bar:
        for loss in bar:
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
    judged.standardize(net.eval())
    path = out or features_file()
    judged.save(net, path)
    typer.echo(f"Right on {judged.accuracy(net):.1%} of the held-out pictures. Wrote {path}.")
