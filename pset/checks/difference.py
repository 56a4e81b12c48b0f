"""How far an answer is from another one, relative to its size."""

import torch


def difference(answer: torch.Tensor, expected: torch.Tensor) -> float:
    """Root mean square of answer − expected, as a share of that of expected.

    Infinite where the shapes differ.
    """
    if answer.shape != expected.shape:
        return float("inf")
    answer, expected = answer.double(), expected.double()
    scale = expected.pow(2).mean().sqrt().clamp_min(1e-12)
    return float((answer - expected).pow(2).mean().sqrt() / scale)
