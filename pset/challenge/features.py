"""What the challenge sees in a picture: 32 numbers, from a small classifier."""

from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from pset.assets import assets_dir

SIZE = 16
"""Height and width of the challenge's pictures."""

COUNT = 32
"""Features of a picture: few, so that 500 pictures are enough to estimate their covariance."""


class Features(nn.Module):
    """Pictures `[N, 3, 16, 16]` in [-1, 1] → features `[N, 32]`.

    `python -m training features` trains it to tell the ten classes apart, and pictures from blends
    of several, on the small data set's training pictures. Over these, each feature has mean 0 and
    variance 1.

    Args:
        classes: of the classifier.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1),
            nn.GroupNorm(4, 32),
            nn.SiLU(),
            nn.Conv2d(32, 48, 3, padding=1, stride=2),
            nn.GroupNorm(4, 48),
            nn.SiLU(),
            nn.Conv2d(48, 64, 3, padding=1, stride=2),
            nn.GroupNorm(4, 64),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(64 * (SIZE // 4) ** 2, COUNT),
        )
        self.head = nn.Sequential(nn.SiLU(), nn.Linear(COUNT, classes + 1))
        self.register_buffer("mean", torch.zeros(COUNT))
        self.register_buffer("spread", torch.ones(COUNT))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The features, float32 `[N, 32]`."""
        features: torch.Tensor = (self.body(images) - self.mean) / self.spread
        return features

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """What the classifier says of each class, and of being no blend, `[N, classes + 1]`."""
        said: torch.Tensor = self.head(self.body(images))
        return said


def features_file() -> Path:
    """Where the trained classifier lies."""
    return assets_dir() / "small" / "features.safetensors"


@cache
def load_features() -> Features:
    """The trained classifier, in float32."""
    found = Features().requires_grad_(False)
    found.load_state_dict({k: v.float() for k, v in load_file(features_file()).items()})
    return found.eval()
