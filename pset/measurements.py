"""Linear measurements y = A·x + σ·n of an image, for inverse problems.

Each has what guidance by a measurement needs: A, its transpose Aᵀ, and (r²AAᵀ + σ²I)⁻¹, exactly.
Two kinds are enough. One keeps some pixels. The other is a matrix for the channels, one for the
rows and one for the columns of an image; shrinking, blurring and greyscale are all of this kind.
"""

from collections.abc import Sequence
from typing import Protocol

import torch

from pset.blur import gaussian_blur


class Measurement(Protocol):
    """A linear map A from images `[B, 3, H, W]` to measurements `[B, c, h, w]`."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """A·x."""
        ...

    def transpose(self, y: torch.Tensor) -> torch.Tensor:
        """Aᵀ·y: ⟨A·x, y⟩ = ⟨x, Aᵀ·y⟩ for all images x and measurements y."""
        ...

    def solve(self, y: torch.Tensor, r: float | torch.Tensor, sigma: float) -> torch.Tensor:
        """(r²AAᵀ + σ²I)⁻¹·y."""
        ...


class KnownPixels:
    """Keeps the pixels where the mask is 1; the others count for nothing in a measurement."""

    def __init__(self, known: torch.Tensor) -> None:
        """Take a mask, `[1, 1, H, W]`: 1 where the image is known."""
        self.known = known

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """A·x: x with zeros where it isn't known."""
        return self.known.to(x) * x

    def transpose(self, y: torch.Tensor) -> torch.Tensor:
        """Aᵀ·y: a projection is its own transpose."""
        return self(y)

    def solve(self, y: torch.Tensor, r: float | torch.Tensor, sigma: float) -> torch.Tensor:
        """(r²AAᵀ + σ²I)⁻¹·y where something is known, and 0 elsewhere."""
        return self(y) / (r**2 + sigma**2)


class Separable:
    """A matrix for each direction: y[c, h, w] = Σ C[c, i]·R[h, j]·S[w, k]·x[i, j, k]."""

    def __init__(self, channels: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> None:
        """Take C, `[c, 3]`, R, `[h, H]`, and S, `[w, W]`, in double precision."""
        self.matrices = [matrix.double() for matrix in (channels, rows, columns)]
        # AAᵀ is the Kronecker product of three small ones, so their eigenvectors are enough.
        values, self.vectors = zip(
            *(torch.linalg.eigh(matrix @ matrix.T) for matrix in self.matrices), strict=True
        )
        self.values = torch.einsum("c,h,w->chw", *values).clamp_min(0)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """A·x."""
        return _in_each_direction(self.matrices, x)

    def transpose(self, y: torch.Tensor) -> torch.Tensor:
        """Aᵀ·y."""
        return _in_each_direction([matrix.T for matrix in self.matrices], y)

    def solve(self, y: torch.Tensor, r: float | torch.Tensor, sigma: float) -> torch.Tensor:
        """(r²AAᵀ + σ²I)⁻¹·y; with σ = 0, what rounding would make infinite becomes very large."""
        r_squared = torch.as_tensor(r, dtype=torch.float64).cpu() ** 2
        scaled = (r_squared * self.values + sigma**2).clamp_min(1e-12).to(y.device)
        inside = _in_each_direction([v.T for v in self.vectors], y.double()) / scaled
        return _in_each_direction(self.vectors, inside).to(y.dtype)


def _in_each_direction(matrices: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    channels, rows, columns = (matrix.to(x.device) for matrix in matrices)
    # One after the other: in a single einsum, the matrices' own product would come first.
    mixed = torch.einsum("ci,bihw->bchw", channels, x.double())
    return (rows @ mixed @ columns.T).to(x.dtype)


def shrinking(factor: int, height: int = 64, width: int = 64) -> Separable:
    """The mean of every block of `factor` × `factor` pixels: an image `factor` times smaller.

    Raises:
        ValueError: the image doesn't divide into such blocks.
    """
    if height % factor or width % factor:
        raise ValueError(f"{height} × {width} pixels don't divide into blocks of {factor}.")
    rows, columns = (
        torch.eye(n // factor).repeat_interleave(factor, dim=1) / factor for n in (height, width)
    )
    return Separable(torch.eye(3), rows, columns)


def blurring(sigma: float, height: int = 64, width: int = 64) -> Separable:
    """`gaussian_blur` with this σ, and a kernel of 6σ or as much of it as the image allows."""
    radius = min(round(3 * sigma), height - 1, width - 1)
    rows, columns = (_blur_matrix(n, 2 * radius + 1, sigma) for n in (height, width))
    return Separable(torch.eye(3), rows, columns)


def _blur_matrix(size: int, kernel_size: int, sigma: float) -> torch.Tensor:
    """The blur along one direction: what it makes of each of the unit vectors."""
    # Images that are the same in every column: blurring those leaves the rows' matrix alone.
    units = torch.eye(size, dtype=torch.float64)[None, :, :, None].expand(-1, -1, -1, size)
    return gaussian_blur(units, kernel_size, sigma)[0, :, :, 0].T


def greyscale(height: int = 64, width: int = 64) -> Separable:
    """The mean of the three channels in every pixel: how bright it is, without its colour."""
    return Separable(torch.full((1, 3), 1 / 3), torch.eye(height), torch.eye(width))
