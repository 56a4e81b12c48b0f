"""`python -m training judge`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.app import WORK, Fresh, Rate, Threads, Work, app


@app.command()
def judge(
    shards: Annotated[int, typer.Option(help="Shards of 1024 pictures to train on.")] = 64,
    epochs: Annotated[float, typer.Option(help="How many times to go over them.")] = 8,
    lr: Rate = 3e-3,
    minutes: Annotated[float, typer.Option(help="No longer than this.")] = 600.0,
    fresh: Fresh = False,
    out: Annotated[
        Path | None, typer.Option(help="Weights to go on from and to write; the judge's own.")
    ] = None,
    threads: Threads = 2,
    work: Work = WORK,
) -> None:
    """Train the judge on stage I's pictures, from its current weights, and print its accuracy."""
    import time

    import numpy as np
    import torch
    from tqdm import tqdm

    from training.data.pictures import reduced
    from training.data.stream import HELD_OUT, Stream
    from training.judging import judge as module

    def read(start: int, which: range) -> tuple[np.ndarray, list]:
        stream = Stream(work / "stream", work / "artwork", first=start)
        parts = [stream.shard(k) for k in which]
        pixels = np.concatenate([reduced(x, module.SIZE) for x, _ in parts])
        return pixels, [scene for _, scenes in parts for scene in scenes]

    torch.set_num_threads(threads)
    torch.manual_seed(7)
    path = out or module.WEIGHTS
    net = module.Judge() if fresh or not path.exists() else module.load(path)
    net = net.to(memory_format=torch.channels_last)
    saved = time.monotonic()
    told = {"rate": lr, "minutes": minutes}
    with tqdm(unit="step", mininterval=20) as bar:
        for state in module.train(net, *read(0, range(shards)), epochs, **told):
            bar.set_postfix(loss=f"{state.loss:.3f}", done=f"{state.done:.1%}", refresh=False)
            bar.update()
            if time.monotonic() - saved > 240:
                module.save(net, {}, path)
                saved = time.monotonic()
    module.calibrate(net, *read(HELD_OUT, range(2, 4)))
    held_out = read(HELD_OUT, range(2))
    module.save(net, module.accuracy(net, *held_out), path)
    found = module.accuracy(module.load(path), *held_out)
    typer.echo(f"loss {state.loss:.3f}; held-out "
               + ", ".join(f"{name} {share:.1%}" for name, share in found.items()))  # fmt: skip
