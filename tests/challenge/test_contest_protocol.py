"""What sampling asks of the network, read as if an enemy had written it."""

import pytest
import torch
from safetensors.torch import save

from autograder.sandbox.contest_protocol import IMAGE, MAX_BATCH, read_asked
from autograder.sandbox.frames import ProtocolError


def asked(count: int = 2, **others: torch.Tensor) -> bytes:
    right = {"x": torch.zeros(count, *IMAGE), "t": torch.zeros(count)}
    return save(right | {"label": torch.zeros(count, dtype=torch.int64)} | others)


def test_what_is_right_is_read() -> None:
    x, t, label = read_asked(asked())
    assert (len(x), len(t), len(label)) == (2, 2, 2)


@pytest.mark.parametrize(
    "data",
    [
        asked(t=torch.tensor(1.0)),
        asked(t=torch.zeros(2, 1)),
        asked(t=torch.zeros(0)),
        asked(t=torch.zeros(3)),
        asked(t=torch.zeros(2, dtype=torch.float64)),
        asked(label=torch.full((2,), -1)),
        asked(label=torch.full((2,), 11)),
        asked(more=torch.zeros(1)),
        save({"t": torch.zeros(MAX_BATCH + 1)}),
        save({"x": torch.zeros(1)}),
        b"",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_asked(data)
