"""Load a model from a folder in diffusers' format, with IF's layout:

    unet/  scheduler/  tokenizer/  text_encoder/  and, for stage II, image_noising_scheduler/

The parts are loaded one by one. `IFPipeline.from_pretrained` would add the safety checker and the
watermarker, and importing it takes longer than loading the pocket model.
"""

import difflib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from pset._model.errors import ModelNotFound

if TYPE_CHECKING:
    from diffusers import DDPMScheduler, UNet2DConditionModel
    from transformers import PreTrainedTokenizerBase, T5EncoderModel

DENOISER_PARTS = ("unet", "scheduler")
PROMPT_PARTS = ("tokenizer", "text_encoder")
STAGE_2_PARTS = (*DENOISER_PARTS, "image_noising_scheduler")

# For each part, the patterns of the files it needs.
_FILES = {
    "unet": ("config.json", "*.safetensors"),
    "scheduler": ("scheduler_config.json",),
    "image_noising_scheduler": ("scheduler_config.json",),
    "tokenizer": ("tokenizer_config.json",),
    "text_encoder": ("config.json", "*.safetensors"),
}


def missing_files(folder: Path, parts: Iterable[str]) -> list[str]:
    """The files that these parts need and the folder doesn't have, such as `unet/config.json`."""
    return [
        f"{part}/{pattern}"
        for part in parts
        for pattern in _FILES[part]
        if not any((folder / part).glob(pattern))
    ]


def require(folder: Path, parts: Iterable[str]) -> Path:
    """Return the folder if it contains these parts.

    Raises:
        ModelNotFound: it doesn't; the message says what's missing and what's there.
    """
    if missing := missing_files(folder, parts):
        raise ModelNotFound(
            f"The model in {folder} is incomplete: {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. {describe(folder)}"
        )
    return folder


def describe(folder: Path, also: Iterable[str] = ()) -> str:
    """Describe in a sentence what's in a folder; or, if it doesn't exist, in its nearest parent.

    Args:
        folder: the folder that was asked for.
        also: other names that may have been meant.
    """
    if folder.is_dir():
        return f"The folder contains {_listing(folder)}."
    wanted = folder
    while not folder.is_dir() and folder != folder.parent:
        wanted, folder = folder, folder.parent
    neighbours = [entry.name for entry in folder.iterdir()]
    close = difflib.get_close_matches(wanted.name, [*neighbours, *also], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{wanted} doesn't exist; {folder} contains {_listing(folder)}.{hint}"


def load_unet(folder: Path, dtype: torch.dtype, progress: bool = False) -> "UNet2DConditionModel":
    """The denoiser, frozen and in evaluation mode. Gradients still flow back to its inputs."""
    from diffusers import UNet2DConditionModel

    with _undisturbed(progress):
        unet = UNet2DConditionModel.from_pretrained(
            folder / "unet",
            torch_dtype=dtype,
            variant=_variant(folder / "unet", dtype),
            use_safetensors=True,
        )
    if dtype == torch.float32:  # 10 % faster on a CPU; on a GPU, DeepFloyd runs in float16
        unet = unet.to(memory_format=torch.channels_last)
    return unet.eval().requires_grad_(False)


def load_scheduler(folder: Path, part: str = "scheduler") -> "DDPMScheduler":
    """The noise schedule, from `scheduler/` or `image_noising_scheduler/`, always in float32."""
    from diffusers import DDPMScheduler

    with _undisturbed():
        return DDPMScheduler.from_pretrained(folder / part)


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """The tokenizer, of the class named in the folder's `model_index.json`."""
    import transformers

    index = folder / "model_index.json"
    classes = json.loads(index.read_text()) if index.is_file() else {}
    name = classes.get("tokenizer", [None, None])[1] or "AutoTokenizer"
    with _undisturbed():
        return getattr(transformers, name).from_pretrained(folder / "tokenizer")


def load_text_encoder(
    folder: Path,
    dtype: torch.dtype,
    device_map: str | dict | None = None,
    progress: bool = False,
) -> "T5EncoderModel":
    """The text encoder, frozen. `device_map` splits it over devices, and needs accelerate."""
    from transformers import T5EncoderModel

    with _undisturbed(progress):
        encoder = T5EncoderModel.from_pretrained(
            folder / "text_encoder",
            dtype=dtype,
            variant=_variant(folder / "text_encoder", dtype),
            use_safetensors=True,
            device_map=device_map,
        )
    return encoder.eval().requires_grad_(False)


def _variant(part: Path, dtype: torch.dtype) -> str | None:
    """`"fp16"` to load the float16 files: if that's the dtype, or if there are no others."""
    is_half = [".fp16" in file.name for file in part.glob("*.safetensors")]
    return "fp16" if any(is_half) and (all(is_half) or dtype == torch.float16) else None


def _listing(folder: Path, most: int = 12) -> str:
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    return ", ".join(names[:most]) + (", …" if len(names) > most else "") or "no files"


@contextmanager
def _undisturbed(progress: bool = False) -> Iterator[None]:
    """Load without side effects: keep the global random state, and show no progress bars.

    diffusers and transformers initialise a network at random before they load its weights. A
    student's `torch.randn` mustn't depend on that.

    Args:
        progress: do show progress bars.
    """
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    loggings = (diffusers_logging, transformers_logging)
    before = [(log.get_verbosity(), log.is_progress_bar_enabled()) for log in loggings]
    with torch.random.fork_rng(devices=[]):
        try:
            if not progress:
                for log in loggings:
                    log.set_verbosity_error()
                    log.disable_progress_bar()
            yield
        finally:
            for log, (verbosity, bar) in zip(loggings, before, strict=True):
                log.set_verbosity(verbosity)
                (log.enable_progress_bar if bar else log.disable_progress_bar)()
