"""Keep what you ask for of a model's attention."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import torch

from pset.attention.edit import edit_attention
from pset.attention.layer import Layer

if TYPE_CHECKING:
    from pset.model import DiffusionModel

Keep = Callable[[torch.Tensor, Layer], torch.Tensor]
"""`keep(probabilities, layer)` returns what to remember of `[B, heads, H·W, 77 + H·W]`."""


class Record(NamedTuple):
    """What was kept of one layer in one call of the network."""

    layer: Layer
    kept: torch.Tensor


@contextmanager
def record_attention(model: "DiffusionModel", keep: Keep) -> Iterator[list[Record]]:
    """Within this block, remember a part of the attention probabilities of every layer.

    The network's output doesn't change. When the block ends, also by an exception, the model is as
    it was before; the list of records remains.

    What `keep` returns is all that stays in memory. Every layer adds a record in each call of the
    network, so with 33 steps and the pocket model's 7 layers you get 231. One word's map, averaged
    over heads, makes 180 KB of them. All probabilities of one image would make 150 MB.

    Args:
        model: from `load_model`.
        keep: `keep(probabilities, layer)` is given `[B, heads, H·W, 77 + H·W]`, and returns what to
            remember, as a tensor.

    Yields:
        The list of records, which grows in the order of the calls.

    Raises:
        TypeError: the model's layers don't attend to text and image in one softmax, as IF's do.
    """
    records: list[Record] = []

    def look(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        # A copy, since a view would keep all of the probabilities alive.
        records.append(Record(layer, keep(probabilities, layer).detach().clone()))
        return probabilities

    with edit_attention(model, look):
        yield records
