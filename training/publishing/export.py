"""Export the cascade as folders for stock diffusers, with weights in float16.

Their configuration says float32, so a CPU computes in float32, but the files are half as large. The
text encoder is rounded to float16 as well, so the UNet sees the same embeddings everywhere.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import torch
from diffusers import DiffusionPipeline, IFPipeline, IFSuperResolutionPipeline
from torch import nn

from training.data import tokenizer
from training.method import model


def _half(module: nn.Module) -> nn.Module:
    """The same module, with its weights rounded to float16."""
    return module.to(torch.float16).eval()


def _tidy(folder: Path) -> None:
    """Rewrite the configuration files: set float32, and remove paths of this machine."""
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
    """Save next to `folder` and then replace it, so that a reader never finds half of it."""
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
    """Write one stage, with its own copy of the (small) text encoder, so it loads on its own."""
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
    """Export stage I."""
    _write_stage(IFPipeline, text, unet, folder)


def with_least_variance(unet: nn.Module) -> nn.Module:
    """The same network with v = -1, so that every step has the smallest variance, β̃_t.

    v interpolates between two bounds (Improved DDPM, section 3.1). They're close together for steps
    of one timestep, as in training, so v hardly mattered there. Stage II takes a few large steps,
    for which the bounds are far apart, and then the learned v leaves noise in the picture. β̃_t is
    right for a picture that's known, and the small picture determines nearly all of it.
    """
    with torch.no_grad():
        unet.conv_out.weight[3:] = 0
        unet.conv_out.bias[3:] = -1
    return unet


def stage_2(text: nn.Module, unet: nn.Module, folder: Path) -> None:
    """Export stage II."""
    noising = {"image_noising_scheduler": model.noising_scheduler()}
    _write_stage(IFSuperResolutionPipeline, text, with_least_variance(unet), folder, **noising)


def from_folder(folder: Path, device: str = "cpu") -> nn.ModuleDict:
    """The networks of an exported folder, in float32, for more training or for sampling."""
    from diffusers import UNet2DConditionModel
    from transformers import T5EncoderModel

    return nn.ModuleDict(
        {
            "text": T5EncoderModel.from_pretrained(folder / "text_encoder", dtype=torch.float32),
            "unet": UNet2DConditionModel.from_pretrained(folder / "unet"),
        }
    ).to(device)
