"""What checks do with a network or a training step, where calling it once doesn't say enough.

A trial runs in the student's process. It judges nothing: it measures, and `topics/` says what the
numbers should be. No trial looks at a parameter's name or at how a network is written; any object
will do that can be called and has `parameters()`.
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


def unet(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Measure a network `net(x, t, label)`, made by `function(channels, width, classes)`.

    Returns:
        `[6]`: the share of parameters that get no gradient; how much the output changes with the
        time, with the label, and between no label and the nearest one, as shares of its size; how
        much an image's output depends on the batch it's in; and the number of independent
        directions in which the image can move the output, as a share of the image's numbers.
    """
    net = _ready(function(*arguments.values()))
    channels, _, classes = arguments.values()
    generator = torch.Generator().manual_seed(1)
    for batch, height, width in ((1, 8, 12), (3, 16, 8)):
        x = torch.randn(batch, channels, height, width, generator=generator)
        _same_shape(net(x, torch.rand(batch, generator=generator), _labels(batch, classes)), x)
    unused = _share_unused(net, lambda: net(*_batch(channels, classes, generator)))
    with torch.no_grad():
        x, t, label = _batch(channels, classes, generator)
        x, t = x[:1].expand_as(x), torch.full_like(t, 0.5)
        one = torch.full_like(label, 1)
        by_time = _spread(net(x, torch.linspace(0, 1, len(x)), one))
        answers = net(x, t, label)
        by_label = _spread(answers[:classes])
        nearest = min(_apart(answers[-1], other) for other in answers[:classes])
        x, t, label = _batch(channels, classes, generator)
        alone = [net(x[k : k + 1], t[k : k + 1], label[k : k + 1]) for k in range(len(x))]
        by_batch = _apart(net(x, t, label), torch.cat(alone))
    return torch.tensor([unused, by_time, by_label, nearest, by_batch, _rank(net, channels)])


def block(function: Function, arguments: Mapping[str, Any]) -> torch.Tensor:
    """Measure a block `block(tokens, condition)`, made by `function(width, heads, condition)`.

    Returns:
        `[7]`: how far the new block is from the identity; whether what it adds after one step of
        gradient descent differs from token to token; and, with all its parameters shaken, the
        share of parameters that get no gradient, how far it is from being equivariant to a
        permutation of the tokens, how much a token's output depends on another token, on the
        condition, and on another image.
    """
    net = function(*arguments.values())
    width, _, size = arguments.values()
    generator = torch.Generator().manual_seed(2)
    tokens = torch.randn(3, 7, width, generator=generator)
    condition = torch.randn(3, size, generator=generator)
    _same_shape(net(tokens, condition), tokens)
    with torch.no_grad():
        identity = _apart(net(tokens, condition), tokens)
    target = torch.randn(tokens.shape, generator=generator)
    parameters = list(net.parameters())
    found = torch.autograd.grad(
        (net(tokens, condition) - target).square().sum(), parameters, allow_unused=True
    )
    with torch.no_grad():
        for parameter, gradient in zip(parameters, found, strict=True):
            if gradient is not None:
                parameter -= 0.01 * gradient
        added = net(tokens, condition) - tokens
        by_token = _spread(added.transpose(0, 1))
    net = _ready(net)
    unused = _share_unused(net, lambda: net(tokens, condition))
    with torch.no_grad():
        answer, order = net(tokens, condition), torch.randperm(7, generator=generator)
        turned = _apart(net(tokens[:, order], condition), answer[:, order])
        other = tokens.clone()
        other[:, 0] = torch.randn(3, width, generator=generator)
        by_others = _apart(net(other, condition)[:, 1:], answer[:, 1:])
        by_condition = _apart(net(tokens, condition.flip(0)), answer)
        by_batch = _apart(net(tokens[:1], condition[:1]), answer[:1])
    measured = [identity, by_token, unused, turned, by_others, by_condition, by_batch]
    return torch.tensor(measured)


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
    x = torch.randn(count, channels, 8, 8, generator=generator)
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


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    """Root mean square of a difference, as a share of the larger one's."""
    size = max(one.square().mean(), other.square().mean()).sqrt().clamp_min(1e-12)
    return float((one - other).square().mean().sqrt() / size)


def _spread(answers: torch.Tensor) -> float:
    """How much answers differ along the first dimension, as a share of their size."""
    size = answers.square().mean().sqrt().clamp_min(1e-12)
    return float(answers.std(0).square().mean().sqrt() / size)


MOST_RANK = 0.6
"""The rank is measured up to this share of the image's values: more says nothing more."""


def _rank(net: Any, channels: int, size: int = 8) -> float:
    """The rank of ∂output/∂image, from random cotangents, over the image's number of values.

    What passes through a narrow place has at most as many directions as there are numbers in it.
    """
    values = channels * size**2
    count = int(MOST_RANK * values)
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(1, channels, size, size, generator=generator)
    x = x.expand(count, -1, -1, -1).clone().requires_grad_()
    out = net(x, torch.full((count,), 0.5), torch.zeros(count, dtype=torch.long))
    cotangents = torch.randn(out.shape, generator=generator)
    (found,) = torch.autograd.grad(out, x, cotangents)
    sizes = torch.linalg.svdvals(found.flatten(1).double())
    return float((sizes > 1e-5 * sizes[0]).sum()) / values


TRIALS: dict[str, Callable[[Function, Mapping[str, Any]], torch.Tensor]] = {
    "training step": training_step,
    "unet": unet,
    "block": block,
}
"""Name → what to do, for `Trial.trial`."""
