"""The model hub, replaced at its one seam, `huggingface_hub.snapshot_download`.

It holds the small cascade under DeepFloyd's names and hands out only the files that were asked for,
so that a file that is needed and not fetched is noticed.
"""

import shutil
import weakref
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.utils import filter_repo_objects

from pset._model import diffusers_folder

# What DeepFloyd's repositories hold besides, and nobody should wait for.
BALLAST = (
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.bin",
    "text_encoder/pytorch_model.bin",
    "safety_checker/model.fp16.safetensors",
    "watermarker/diffusion_pytorch_model.fp16.safetensors",
)


class Hub:
    """A hub that holds the small cascade under DeepFloyd's names, and remembers requests."""

    def __init__(self, cascade: Path, disk: Path) -> None:
        self.cascade = cascade
        self.disk = disk
        self.requests: list[str] = []
        self.failure: BaseException | None = None

    def snapshot_download(self, repo_id: str, allow_patterns: list[str]) -> str:
        self.requests.append(repo_id)
        if self.failure is not None:
            raise self.failure
        source = self.cascade / ("stage-2" if "IF-II-" in repo_id else "stage-1")
        names = [str(f.relative_to(source)) for f in source.rglob("*") if f.is_file()]
        target = self.disk / repo_id
        for name in filter_repo_objects([*names, *BALLAST], allow_patterns=allow_patterns):
            assert name not in BALLAST, f"{name} was downloaded"
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)
        return str(target)


def text_encoders(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref]:
    """Every text encoder that is loaded from now on, as long as somebody holds it."""
    loaded: list[weakref.ref] = []
    load = diffusers_folder.load_text_encoder

    def watched(*arguments: Any, **options: Any) -> Any:
        encoder = load(*arguments, **options)
        loaded.append(weakref.ref(encoder))
        return encoder

    monkeypatch.setattr(diffusers_folder, "load_text_encoder", watched)
    return loaded
