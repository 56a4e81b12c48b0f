"""The editor's weights: one file without what it has from stage I as it is, so that it's small.

The file belongs to the stage I that the training began with. It says which one that is, so that it
isn't put on another.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch

FROZEN = ("mid_block.resnets.", "up_blocks.0.resnets.")
"""What stays as stage I has it: the convolutions at 8×8. They're more than half of all weights, and
know what things look like, which hasn't changed."""

Weights = Mapping[str, torch.Tensor]


def trained(weights: Weights) -> dict[str, torch.Tensor]:
    """What isn't stage I's own. The names begin with "text." or "unet."."""
    frozen = tuple(f"unet.{name}" for name in FROZEN)
    return {k: v for k, v in weights.items() if not k.startswith(frozen)}


def stage_1_of(weights: Weights) -> str:
    """A hash of what's stage I's own, as its export has it: in float16."""
    digest, own = hashlib.sha256(), trained(weights)
    for name, weight in sorted(weights.items()):
        if name not in own:
            digest.update(weight.half().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def save(weights: Weights, path: Path) -> None:
    """Write what was trained, in float16."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {k: v.half().contiguous().clone() for k, v in trained(weights).items()}
    save_file(stored, path, metadata={"stage_1": stage_1_of(weights)})


def completed(stage_1: Weights, path: Path) -> dict[str, torch.Tensor]:
    """All of the editor's weights, in float32, from those of stage I and the file.

    Raises:
        ValueError: it was trained from another stage I.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file

    with safe_open(path, "pt") as file:
        trained_from = (file.metadata() or {}).get("stage_1")
    if trained_from != stage_1_of(stage_1):
        raise ValueError(
            f"{path} belongs to other weights of stage I. Train the editor again from these: "
            "python -m training editor"
        )
    return dict(stage_1) | {k: v.to(torch.float32) for k, v in load_file(path).items()}
