"""What checks do with a network or a training step, where calling it once doesn't say enough.

A trial runs in the student's process. It judges nothing: it asks, and returns what the network
answers. `trial_measures` measures that outside, and `topics/` says what the numbers should be. One
number can only be had inside: whether each parameter is used. No trial looks at a parameter's name
or at how a network is written; any object will do that can be called and has `parameters()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from pset.checks.definition import Case

Function = Callable[..., Any]

STEP_SIZE = 0.5


@dataclass(frozen=True)
class Trial(Case):
    """A case for a function that makes or trains a network.

    Args:
        trial: what to do with the function, one of `TRIALS`; what comes out is the answer.
            Gradients are on.
    """

    trial: str = ""


def training_step(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Let the student's training step move a network, and see how its output has changed.

    The optimizer is plain gradient descent, and the parameters still have a gradient from before.

    Args:
        function: called with the network, an optimizer, and the other arguments.
        arguments: `net` (the stand-in "flow network") first.

    Returns:
        What the first image's velocity has changed by, for each label: `[K + 1, 3, H, W]`.
    """
    net, *others = arguments.values()
    optimizer = torch.optim.SGD(net.parameters(), lr=STEP_SIZE)
    for parameter in net.parameters():
        parameter.grad = torch.full_like(parameter, 0.05)
    labels = torch.arange(net.classes + 1)
    x = others[0][:1].expand(len(labels), -1, -1, -1)
    t = torch.full((len(labels),), 0.5)
    with torch.no_grad():
        before = net(x, t, labels)
    function(net, optimizer, *others)
    with torch.no_grad():
        change: torch.Tensor = 10 * (net(x, t, labels) - before)
    return change


def twice(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Let the student's function train a network, and then again the same one, a few steps more.

    The second result is one that only a trained network gives.

    Args:
        function: called with all arguments, both times.
        arguments: its own.

    Returns:
        What it returns the second time.
    """
    function(*arguments.values())
    again: torch.Tensor = function(*arguments.values())
    return again


def unet(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Ask a network `net(x, t, label)`, made by `function(channels, width, classes)`.

    Args:
        function: makes the network.
        arguments: its own, and the seed of what the network is asked.

    Returns:
        All that it answers, one after the other; `trial_measures.unet` takes it apart.
    """
    *sizes, seed = arguments.values()
    channels, _, classes = sizes
    net = _ready(function(*sizes))
    generator = torch.Generator().manual_seed(seed)
    for batch, height, width in ((1, 8, 12), (3, 16, 8)):
        x = torch.randn(batch, channels, height, width, generator=generator)
        _same_shape(net(x, torch.rand(batch, generator=generator), _labels(batch, classes)), x)
    unused = _share_unused(net, lambda: net(*_batch(channels, classes, generator)))
    with torch.no_grad():
        x, t, label = _batch(channels, classes, generator)
        x, t = x[:1].expand_as(x), torch.full_like(t, 0.5)
        by_time = net(x, torch.linspace(0, 1, len(x)), torch.full_like(label, 1))
        by_label = net(x, t, label)
        x, t, label = _batch(channels, classes, generator)
        together = net(x, t, label)
        alone = [net(x[k : k + 1], t[k : k + 1], label[k : k + 1]) for k in range(len(x))]
    slopes = _slopes(net, channels, generator)
    return _in_a_row(unused, by_time, by_label, together, torch.cat(alone), slopes)


def block(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Ask a block `block(tokens, condition)`, made by `function(width, heads, condition)`.

    Args:
        function: makes the block.
        arguments: its own, and the seed of `block_inputs`.

    Returns:
        All that it answers, one after the other; `trial_measures.block` takes it apart.
    """
    *sizes, seed = arguments.values()
    net, (width, _, size) = function(*sizes), sizes
    tokens, condition, target, order, other = block_inputs(seed, width, size)
    _same_shape(net(tokens, condition), tokens)
    with torch.no_grad():
        new = net(tokens, condition)
    parameters = list(net.parameters())
    found = torch.autograd.grad(
        (net(tokens, condition) - target).square().sum(), parameters, allow_unused=True
    )
    with torch.no_grad():
        for parameter, gradient in zip(parameters, found, strict=True):
            if gradient is not None:
                parameter -= 0.01 * gradient
        trained = net(tokens, condition)
    net = _ready(net)
    unused = _share_unused(net, lambda: net(tokens, condition))
    with torch.no_grad():
        shaken = net(tokens, condition)
        turned = net(tokens[:, order], condition)
        changed = net(other, condition)
        elsewhere = net(tokens, condition.flip(0))
        alone = net(tokens[:1], condition[:1])
    return _in_a_row(unused, new, trained, shaken, turned, changed, elsewhere, alone)


BLOCK_BATCH, BLOCK_TOKENS = 3, 7


def block_inputs(
    seed: int, width: int, condition: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """What a block is asked.

    Returns:
        Tokens `[3, 7, width]`, conditions `[3, condition]`, a target for one step of training, an
        order of the tokens, and the tokens with another one in each first place.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (BLOCK_BATCH, BLOCK_TOKENS, width)
    tokens = torch.randn(shape, generator=generator)
    conditions = torch.randn(BLOCK_BATCH, condition, generator=generator)
    target = torch.randn(shape, generator=generator)
    order = torch.randperm(BLOCK_TOKENS, generator=generator)
    other = tokens.clone()
    other[:, 0] = torch.randn(BLOCK_BATCH, width, generator=generator)
    return tokens, conditions, target, order, other


def _in_a_row(unused: float, *answers: torch.Tensor) -> torch.Tensor:
    """A number and several tensors as one, `[N]`."""
    return torch.cat([torch.tensor([unused]), *(answer.flatten().float() for answer in answers)])


def _ready(net: Any) -> Any:
    """The network as in sampling, with its parameters shaken: some begin at zero on purpose."""
    if isinstance(net, torch.nn.Module):
        net.eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return net


def _labels(batch: int, classes: int) -> torch.Tensor:
    return torch.arange(batch) % (classes + 1)


def _batch(
    channels: int, classes: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One image for each class, and one for none; each has its own time."""
    count = classes + 1
    x = torch.randn(count, channels, UNET_SIZE, UNET_SIZE, generator=generator)
    return x, torch.rand(count, generator=generator), torch.arange(count)


def _same_shape(answer: Any, x: torch.Tensor) -> None:
    if not isinstance(answer, torch.Tensor) or answer.shape != x.shape:
        found = list(getattr(answer, "shape", ())) or type(answer).__name__
        raise ValueError(f"Given {list(x.shape)}, your network returns {found}.")


def _share_unused(net: Any, run: Callable[[], torch.Tensor]) -> float:
    """The share of parameter tensors that an output doesn't depend on."""
    parameters = [p for p in net.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError("Your network has no parameters that can be trained.")
    found = torch.autograd.grad(run().square().sum(), parameters, allow_unused=True)
    return sum(g is None or not g.abs().max() > 0 for g in found) / len(parameters)


UNET_SIZE = 8
"""Height and width of the images that a U-Net is asked about."""

MOST_RANK = 0.6
"""The rank is measured up to this share of the image's values: more says nothing more."""


def _slopes(net: Any, channels: int, generator: torch.Generator) -> torch.Tensor:
    """Products of ∂output/∂image with random cotangents, `[N, C·H·W]`: as many as `MOST_RANK` says.

    What passes through a narrow place has at most as many directions as there are numbers in it.
    """
    values = channels * UNET_SIZE**2
    count = int(MOST_RANK * values)
    x = torch.randn(1, channels, UNET_SIZE, UNET_SIZE, generator=generator)
    x = x.expand(count, -1, -1, -1).clone().requires_grad_()
    out = net(x, torch.full((count,), 0.5), torch.zeros(count, dtype=torch.long))
    cotangents = torch.randn(out.shape, generator=generator)
    (found,) = torch.autograd.grad(out, x, cotangents)
    return found


TRIALS: dict[str, Callable[[Function, Mapping[str, Any]], torch.Tensor]] = {
    "training step": training_step,
    "twice": twice,
    "unet": unet,
    "block": block,
}
"""Name → what to do, for `Trial.trial`."""
