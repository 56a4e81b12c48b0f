"""Change a model's attention for a while.

IF's layers compute softmax(QKᵀ/√d)·V with diffusers' fused processor, which never writes the
probabilities down. diffusers has another processor that does the same step by step
(`AttnAddedKVProcessor`). It's used here, with an edit between the softmax and the product with V.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from pset.attention.layer import Edit, Layer

if TYPE_CHECKING:
    from pset.model import DiffusionModel


@contextmanager
def edit_attention(model: "DiffusionModel", edit: Edit) -> Iterator[None]:
    """Within this block, replace the attention probabilities of every layer.

    When the block ends, also by an exception, the model is as it was before. Blocks can be nested:
    the inner one gets what the outer one has made.

    It takes about half as long again as the fused processor. Nothing is kept. While one layer is at
    work, its probabilities are in memory: 4 bytes × B·heads·H·W·(77 + H·W), which for one image is
    1.4 MB in the pocket model's largest layers (16×16, 4 heads).

    Args:
        model: from `load_model`.
        edit: `edit(probabilities, layer)` is called in each layer, each time that the network is
            called, and returns probabilities in the same shape, `[B, heads, H·W, 77 + H·W]`. The
            batch is what the network was called with: if that's from `guided`, the first half is
            the null prompt's. It may write into what it's given.

    Raises:
        TypeError: the model's layers don't attend to text and image in one softmax, as IF's do.
        ValueError: `edit` returned another shape.
    """
    before = dict(model.unet.attn_processors)
    model.unet.set_attn_processor(
        {name: _edited(name, processor, edit) for name, processor in before.items()}
    )
    try:
        yield
    finally:
        model.unet.set_attn_processor(before)


def _edited(name: str, processor: Any, edit: Edit) -> "EditedProcessor":
    """A processor with one edit more than `processor` has."""
    from diffusers.models import attention_processor as stock

    name = name.removesuffix(".processor")
    if isinstance(processor, EditedProcessor):
        return EditedProcessor(name, (*processor.edits, edit))
    if not isinstance(processor, stock.AttnAddedKVProcessor | stock.AttnAddedKVProcessor2_0):
        raise TypeError(
            f"The layer {name} attends with {type(processor).__name__}. Only attention with added "
            "text keys, as in DeepFloyd IF and the pocket model, can be recorded and edited."
        )
    return EditedProcessor(name, (edit,))


class EditedProcessor:
    """diffusers' `AttnAddedKVProcessor`, with edits after the softmax.

    Args:
        name: of its layer.
        edits: one after the other.
    """

    def __init__(self, name: str, edits: tuple[Edit, ...]) -> None:
        self.name, self.edits = name, edits

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        *args: Any,
        **options: Any,
    ) -> torch.Tensor:
        """What diffusers calls. `hidden_states` is `[B, C, H, W]`."""
        from diffusers.models.attention_processor import AttnAddedKVProcessor

        height, width = hidden_states.shape[-2:]
        layer = Layer(self.name, height, width, encoder_hidden_states.shape[1])
        output: torch.Tensor = AttnAddedKVProcessor()(
            _EditedLayer(attn, self.edits, layer),
            hidden_states,
            encoder_hidden_states,
            *args,
            **options,
        )
        return output


class _EditedLayer:
    """diffusers' `Attention`, except for the probabilities that it computes."""

    def __init__(self, attn: Any, edits: tuple[Edit, ...], layer: Layer) -> None:
        self._attn, self._edits, self._layer = attn, edits, layer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attn, name)

    def get_attention_scores(self, *inputs: Any) -> torch.Tensor:
        """softmax(QKᵀ/√d), edited: `[B·heads, H·W, tokens + H·W]`."""
        flat: torch.Tensor = self._attn.get_attention_scores(*inputs)
        probabilities = flat.unflatten(0, (-1, self._attn.heads))
        for edit in self._edits:
            edited = edit(probabilities, self._layer)
            if edited.shape != probabilities.shape:
                raise ValueError(
                    f"In {self._layer.name}, the edit returned probabilities of shape "
                    f"{list(edited.shape)}; it was given {list(probabilities.shape)}."
                )
            probabilities = edited
        flat = probabilities.flatten(0, 1).to(flat.dtype)
        return flat
