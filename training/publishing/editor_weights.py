"""The editor's weights, without what it has from stage I as it is: one file, in float16.

The file belongs to the stage I that the training began with. It says which one that is, so that it
isn't put on another.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.method import editor


def _trained(nets: nn.ModuleDict) -> dict[str, Tensor]:
    """What isn't stage I's own."""
    frozen = tuple(f"unet.{name}" for name in editor.FROZEN)
    return {k: v for k, v in nets.state_dict().items() if not k.startswith(frozen)}


def _stage_1_of(nets: nn.ModuleDict) -> str:
    """A hash of what's stage I's own, as its export has it: in float16."""
    digest, trained = hashlib.sha256(), _trained(nets)
    for name, weight in sorted(nets.state_dict().items()):
        if name not in trained:
            digest.update(weight.half().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def save(nets: nn.ModuleDict, path: Path) -> None:
    """Write what was trained, in float16."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trained = {k: v.half().contiguous().clone() for k, v in _trained(nets).items()}
    save_file(trained, path, metadata={"stage_1": _stage_1_of(nets)})


def load(stage_1: nn.ModuleDict, path: Path) -> nn.ModuleDict:
    """The editor, in float32, from stage I and the file.

    Raises:
        ValueError: it was trained from another stage I.
    """
    nets = editor.networks(stage_1)
    with safe_open(path, "pt") as file:
        trained_from = file.metadata()["stage_1"]
    if trained_from != _stage_1_of(nets):
        raise ValueError(
            f"{path} belongs to other weights of stage I. Train the editor again from these: "
            "python -m training editor"
        )
    stored = {k: v.to(torch.float32) for k, v in load_file(path).items()}
    nets.load_state_dict(nets.state_dict() | stored)
    return nets.eval().requires_grad_(False)
