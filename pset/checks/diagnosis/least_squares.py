"""The weighted sum of some columns that comes closest to a target."""

import torch


def closest(matrix: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Fit a target by a weighted sum of columns.

    Args:
        matrix: `[N, K]`, a column each; columns that depend on each other are allowed.
        target: `[N]`.

    Returns:
        The weights, `[K]`, and the norm of what's left, as a share of the target's.
    """
    weights = torch.linalg.lstsq(matrix, target[:, None], driver="gelsd").solution[:, 0]
    return weights, float((matrix @ weights - target).norm() / target.norm().clamp_min(1e-12))
