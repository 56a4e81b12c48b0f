"""Train on a GPU by replaying one recorded step.

The networks are so small that a step's thousand kernels take longer to launch than to run. So a
step is recorded once, as a CUDA graph, with everything in it: the choice of pictures, noise,
forward and backward pass, optimiser and average. Then it's replayed, and the CPU only says go. An
H200 then sees 6,000 pictures of 64×64 per second, where a CPU core sees 14.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from training.method.diffusion import Loss
from training.method.loop import State, Trainer, decay

WARM_UP = 3  # steps before the recording, in which kernels are compiled and chosen


def train(
    trainer: Trainer,
    loss_of: Callable[[torch.Generator], tuple[Loss, Tensor]],
    finish_in: float | None = None,
    meanwhile: Callable[[], object] | None = None,
    seed: int = 180,
    every: int = 20,
) -> Iterator[State]:
    """Train until the caller stops, like `training.method.loop.train`. Yields every `every` steps.

    `loss_of(g)` returns the losses and timesteps of a batch, and draws all that's random from `g`.
    It must stay on the device: nothing in it may wait for a number. `meanwhile` is called while the
    device is busy.
    """
    device = next(trainer.nets.parameters()).device
    g = torch.Generator(device).manual_seed(seed)
    for group in trainer.optimiser.param_groups:
        group["capturable"] = device.type == "cuda"
        group["lr"] = torch.tensor(0.0, device=device)
    learning = [p for p in trainer.nets.parameters() if p.requires_grad]

    def step() -> tuple[Loss, Tensor]:
        loss, t = loss_of(g)
        loss.total.backward()
        nn.utils.clip_grad_norm_(learning, trainer.clip)
        trainer.optimiser.step()
        trainer.update_average(trainer.ema_decay)
        return loss._replace(total=loss.total.detach()), t

    trainer.nets.train()
    first = trainer.step
    take = recorded if device.type == "cuda" else unrecorded
    one_step = take(step, trainer.optimiser, g)
    start, minutes_before = time.monotonic(), trainer.minutes
    while True:
        seconds = time.monotonic() - start
        done = seconds / 60 / finish_in if finish_in else 0.0
        warm = min(1.0, (trainer.step - first + 1) / trainer.warm_up)
        rate = trainer.lr * warm * decay(done)
        for group in trainer.optimiser.param_groups:
            group["lr"].fill_(rate)
        for _ in range(every):
            loss, t = one_step()
        trainer.step += every
        trainer.seen += every * len(t)
        if meanwhile is not None:
            meanwhile()
        total = float(loss.total)  # waits for the device
        seconds = time.monotonic() - start
        trainer.minutes = minutes_before + seconds / 60
        yield State(
            trainer.step, trainer.seen, total, t.cpu(), loss.mse.cpu(), loss.kl.cpu(), rate, seconds
        )


def recorded(
    step: Callable[[], tuple[Loss, Tensor]], optimiser: torch.optim.Optimizer, g: torch.Generator
) -> Callable[[], tuple[Loss, Tensor]]:
    """A function that replays `step`, and returns the same tensors with other values each time."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            optimiser.zero_grad(set_to_none=True)
            step()
    torch.cuda.current_stream().wait_stream(side)
    optimiser.zero_grad(set_to_none=True)
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(g)
    with torch.cuda.graph(graph):
        result = step()

    def replay() -> tuple[Loss, Tensor]:
        graph.replay()
        return result

    return replay


def unrecorded(
    step: Callable[[], tuple[Loss, Tensor]], optimiser: torch.optim.Optimizer, g: torch.Generator
) -> Callable[[], tuple[Loss, Tensor]]:
    """The same where there are no CUDA graphs: takes a step."""

    def again() -> tuple[Loss, Tensor]:
        optimiser.zero_grad(set_to_none=True)
        return step()

    return again
