"""`python -m training judge`."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.app import WORK, Fresh, Threads, Work, app


@app.command()
def judge(
    shards: Annotated[int, typer.Option(help="Shards of 1024 pictures to train on.")] = 16,
    epochs: Annotated[float, typer.Option(help="How many times to go over them.")] = 8,
    fresh: Fresh = False,
    threads: Threads = 2,
    work: Work = WORK,
) -> None:
    """Train the judge on stage I's pictures, from its current weights, and print its accuracy."""
    import numpy as np
    import torch
    from tqdm import tqdm

    from training.data.pictures import reduced
    from training.data.stream import HELD_OUT, Stream
    from training.judging import judge as module

    def first(count: int, start: int) -> tuple[np.ndarray, list]:
        parts = [Stream(work / "stream", work / "artwork", first=start).shard(k)
                 for k in range(count)]  # fmt: skip
        pixels = np.concatenate([reduced(x, module.SIZE) for x, _ in parts])
        return pixels, [scene for _, scenes in parts for scene in scenes]

    torch.set_num_threads(threads)
    torch.manual_seed(7)
    net = module.Judge() if fresh or not module.WEIGHTS.exists() else module.load()
    net = net.to(memory_format=torch.channels_last)
    for state in tqdm(module.train(net, *first(shards, 0), epochs), unit="step", mininterval=5):
        last = state
    held_out = first(2, HELD_OUT)
    module.save(net, module.accuracy(net, *held_out))
    found = module.accuracy(module.load(), *held_out)
    typer.echo(f"loss {last.loss:.3f}; held-out "
               + ", ".join(f"{name} {share:.1%}" for name, share in found.items()))  # fmt: skip
