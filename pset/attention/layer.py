"""One attention layer of IF's U-Net, and what can be seen of it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Layer:
    """Where attention probabilities come from.

    The probabilities of a layer are `[B, heads, H·W, tokens + H·W]`. Each of the H·W pixels of a
    small image asks a question (a query), and looks for answers among the prompt's tokens, which
    are the first columns, and among all pixels, the columns after them. It's one softmax: a row
    adds up to 1 over both.

    Args:
        name: in the network, such as "mid_block.attentions.0".
        height, width: H and W, of the layer's small image. Pixels are counted row by row.
        tokens: how many columns belong to the prompt: 77.
    """

    name: str
    height: int
    width: int
    tokens: int


Edit = Callable[[torch.Tensor, Layer], torch.Tensor]
"""`edit(probabilities, layer)` returns other probabilities in the same shape."""
