"""`python -m training judge`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import WORK, Threads, Work, app


@app.command()
def judge(
    epochs: Annotated[int, typer.Option(help="Passes over the training pictures.")] = 6,
    threads: Threads = 2,
    work: Work = WORK,
) -> None:
    """Train the judge of subject and style on the pictures; prints its held-out accuracy."""
    import torch
    from tqdm import tqdm

    from training import judge as module
    from training.pictures import Pictures

    torch.set_num_threads(threads)
    torch.manual_seed(7)
    net = module.Judge().to(memory_format=torch.channels_last)
    train_set, held_out = Pictures(work / "pictures"), Pictures(work / "held-out")
    for state in tqdm(module.train(net, train_set, epochs), unit="step", mininterval=5):
        last = state
    module.save(net, held_out=module.accuracy(net, held_out))
    subject, style = module.accuracy(module.load(), held_out)
    typer.echo(f"loss {last.loss:.3f}; held-out subject {subject:.1%}, style {style:.1%}")
