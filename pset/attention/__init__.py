"""Look into a model's attention, and change it.

from pset.attention import edit_attention, record_attention

with record_attention(model, lambda p, layer: p[1, :, :, 4].mean(0)) as records:
    estimate(x_t, t)

`layer` says what's seen and changed, `edit` changes it, and `record` keeps what's asked for.
"""

from pset.attention.edit import edit_attention
from pset.attention.layer import Edit, Layer
from pset.attention.record import Keep, Record, record_attention

__all__ = ["Edit", "Keep", "Layer", "Record", "edit_attention", "record_attention"]
