"""Write the cascade as folders that stock diffusers opens, weights in float16.

The folders say float32 in their configurations, so that a CPU computes in float32 while the disk
holds half as much; the text encoder's rounding to float16 is what the UNet then sees everywhere.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import torch
from diffusers import DiffusionPipeline, IFPipeline, IFSuperResolutionPipeline
from torch import nn

from training.method import model, tokenizer


def _half(module: nn.Module) -> nn.Module:
    """The same module with weights rounded to float16."""
    return module.to(torch.float16).eval()


def _tidy(folder: Path) -> None:
    """Rewrite configurations: float32 in use, no traces of where they were written."""
    for path in folder.rglob("*.json"):
        data = json.loads(path.read_text())
        if path.parent.name == "text_encoder" and path.name == "config.json":
            data["dtype"] = "float32"
            data["torch_dtype"] = "float32"
        if isinstance(data, dict):
            data.pop("_name_or_path", None)
        if path.name != "tokenizer.json":
            path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")


def _write(pipeline: DiffusionPipeline, folder: Path) -> None:
    """Save next to `folder` first, then put in its place, so that a reader never finds half."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".export-"))
    part.chmod(0o755)
    pipeline.save_pretrained(part, safe_serialization=True)
    tokenizer.save(part / "tokenizer")
    _tidy(part)
    old = folder.with_name(f".{folder.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    for path in part.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_stage(
    kind: type[DiffusionPipeline], text: nn.Module, unet: nn.Module, folder: Path, **more
) -> None:
    """One stage with its own copy of the (small) text encoder, so that it opens alone."""
    pipeline = kind(
        tokenizer=tokenizer.build(),
        text_encoder=_half(text),
        unet=_half(unet),
        scheduler=model.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        watermarker=None,
        requires_safety_checker=False,
        **more,
    )
    _write(pipeline, folder)


def stage_1(text: nn.Module, unet: nn.Module, folder: Path) -> None:
    """Write stage I."""
    _write_stage(IFPipeline, text, unet, folder)


def with_least_variance(unet: nn.Module) -> nn.Module:
    """The same network with v = -1: every step adds noise of β̃_t, the least there can be.

    v is learned between bounds that, from one timestep to the next, are close together (Improved
    DDPM, section 3.1). Stage II is called in few and large steps, where they are far apart, and a
    v that has hardly mattered then leaves noise in the picture. β̃_t is right for a picture that
    is known; the small one says nearly all of it.
    """
    with torch.no_grad():
        unet.conv_out.weight[3:] = 0
        unet.conv_out.bias[3:] = -1
    return unet


def stage_2(text: nn.Module, unet: nn.Module, folder: Path) -> None:
    """Write stage II."""
    noising = {"image_noising_scheduler": model.noising_scheduler()}
    _write_stage(IFSuperResolutionPipeline, text, with_least_variance(unet), folder, **noising)


def from_folder(folder: Path, device: str = "cpu") -> nn.ModuleDict:
    """The networks of an exported folder, to go on training or to draw with, in float32."""
    from diffusers import UNet2DConditionModel
    from transformers import T5EncoderModel

    return nn.ModuleDict(
        {
            "text": T5EncoderModel.from_pretrained(folder / "text_encoder", dtype=torch.float32),
            "unet": UNet2DConditionModel.from_pretrained(folder / "unet"),
        }
    ).to(device)
