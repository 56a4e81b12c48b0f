"""DeepFloyd IF: what to download, what it needs, and what to tell you if that's missing.

The models are gated and large: 0.4 to 4.3 billion parameters, plus a text encoder (T5-XXL) with
4.8 billion. So everything that can be checked before a download is checked first.
"""

import difflib
import errno
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch

from pset._model import diffusers_folder
from pset._model.errors import (
    AccessDenied,
    DownloadFailed,
    MissingPackage,
    ModelNotFound,
    NoGPU,
    OutOfMemory,
)
from pset._model.prompts import free_memory

if TYPE_CHECKING:
    from transformers import T5EncoderModel

STAGE_2 = {
    "DeepFloyd/IF-I-M-v1.0": "DeepFloyd/IF-II-M-v1.0",
    "DeepFloyd/IF-I-L-v1.0": "DeepFloyd/IF-II-L-v1.0",
    "DeepFloyd/IF-I-XL-v1.0": "DeepFloyd/IF-II-L-v1.0",
}
"""Each first stage, and the second stage that goes with it."""

# Rounded up: float16 weights at 2 bytes per parameter, plus 2 GB for the activations of two forward
# passes. The encoder counts separately; with accelerate, what doesn't fit stays in main memory.
GPU_MEMORY_GB = {
    "DeepFloyd/IF-I-M-v1.0": 3,
    "DeepFloyd/IF-I-L-v1.0": 4,
    "DeepFloyd/IF-I-XL-v1.0": 11,
    "DeepFloyd/IF-II-M-v1.0": 3,
    "DeepFloyd/IF-II-L-v1.0": 5,
    "text encoder": 12,
}

# The tokenizer needs sentencepiece and protobuf; splitting T5-XXL over devices needs accelerate.
_PACKAGES = {
    "accelerate": "accelerate",
    "sentencepiece": "sentencepiece",
    "protobuf": "google.protobuf",
}

_POCKET = 'load_model("pocket") needs none of this, and it runs on a laptop.'

_Loaded = TypeVar("_Loaded")


def check_name(name: str) -> None:
    """Raise `ModelNotFound` unless `name` is one of the first stages."""
    if name in STAGE_2:
        return
    if name in STAGE_2.values():
        first = next(first for first, second in STAGE_2.items() if second == name)
        raise ModelNotFound(
            f"{name} is a second stage. Load {first!r}; its second stage is model.stage_2."
        )
    close = difflib.get_close_matches(name, STAGE_2, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ModelNotFound(
        f"There's no model {name}. DeepFloyd's models are {', '.join(STAGE_2)}.{hint}"
    )


def check_packages() -> None:
    """Raise `MissingPackage` unless every package that DeepFloyd needs is installed."""
    missing = [package for package, module in _PACKAGES.items() if not _is_installed(module)]
    if missing:
        raise MissingPackage(
            f"DeepFloyd needs {' and '.join(missing)}. Run `pip install {' '.join(missing)}` "
            "(in a notebook, `%pip install …`), then restart Python."
        )


def choose_device(name: str, device: str | torch.device | None) -> torch.device:
    """The device you ask for; by default, the GPU.

    Raises:
        NoGPU: there's no GPU, and you didn't ask for the CPU.
    """
    if device is not None:
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    raise NoGPU(
        f"{name} needs a GPU with about {GPU_MEMORY_GB[name]} GB of memory, and PyTorch can't "
        "find one. Choose a GPU runtime (in Colab: Runtime, Change runtime type), or pass "
        f'device="cpu" and be very patient. {_POCKET}'
    )


def download(name: str, parts: Iterable[str]) -> Path:
    """Download parts of a model if necessary, and return the folder they're in.

    Of the weights, only the half-precision files are downloaded.

    Raises:
        AccessDenied: you aren't logged in, or haven't accepted the licence.
        DownloadFailed: there's no network, the disk is full, or the download was interrupted.
    """
    import huggingface_hub
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HTTPError,
        LocalTokenNotFoundError,
        RepositoryNotFoundError,
    )

    parts = tuple(parts)
    wanted = ["model_index.json"]
    for part in parts:
        wanted += [f"{part}/*.json", f"{part}/*.model", f"{part}/*.fp16*.safetensors"]
    try:
        folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=wanted))
    except LocalTokenNotFoundError as error:
        raise AccessDenied(_access_advice(name, logged_in=False)) from error
    except (GatedRepoError, RepositoryNotFoundError) as error:
        logged_in = getattr(error.response, "status_code", None) == 403
        raise AccessDenied(_access_advice(name, logged_in)) from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        if status in (401, 403):
            raise AccessDenied(_access_advice(name, logged_in=status == 403)) from error
        raise DownloadFailed(_network_advice(name, str(error))) from error
    except (HTTPError, OSError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise DownloadFailed(
                f"{name} couldn't be downloaded because the disk is full. Make room, or set "
                f"HF_HOME to a folder on a larger disk. {_POCKET}"
            ) from error
        raise DownloadFailed(_network_advice(name, str(error))) from error
    # Without a network, the hub may return a folder from an earlier, incomplete download.
    if missing := diffusers_folder.missing_files(folder, parts):
        raise DownloadFailed(_network_advice(name, f"no {', '.join(missing)} in {folder}"))
    return folder


def load_text_encoder(name: str, device: torch.device, dtype: torch.dtype) -> "T5EncoderModel":
    """T5-XXL: as much of it as fits on the GPU, the rest in main memory."""
    folder = download(name, ("text_encoder",))
    device_map = "auto" if device.type == "cuda" else {"": str(device)}
    return within_memory(
        "text encoder",
        lambda: diffusers_folder.load_text_encoder(folder, dtype, device_map, progress=True),
    )


def within_memory(name: str, load: Callable[[], _Loaded]) -> _Loaded:
    """Call `load`. If the GPU runs out of memory, free what it allocated and say so.

    Args:
        name: of what's being loaded, a key of `GPU_MEMORY_GB`.
        load: loads and returns it, and keeps no other reference to it.

    Raises:
        OutOfMemory: says how much memory it needs, and suggests a smaller model.
    """
    try:
        return load()
    except torch.cuda.OutOfMemoryError:
        pass
    # Raised here, not in the handler: the exception's traceback would keep the half-loaded network
    # in memory for as long as the notebook shows it.
    free_memory()
    raise OutOfMemory(
        f"The GPU doesn't have enough free memory for {name}, which needs about "
        f"{GPU_MEMORY_GB[name]} GB. {_memory_advice(name)}. {_POCKET}"
    )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # the parent package is missing, or the module is blocked
        return False


def _access_advice(name: str, logged_in: bool) -> str:
    page = f"https://huggingface.co/{name}"
    if logged_in:
        return (
            f"You haven't accepted the licence of {name} yet. You can do that at {page}. {_POCKET}"
        )
    return (
        f"{name} is gated. Accept its licence at {page}, then log in with `hf auth login` (in a "
        f"notebook, `from huggingface_hub import login; login()`). {_POCKET}"
    )


def _memory_advice(name: str) -> str:
    if name == "text encoder":
        return (
            "Restart Python, and encode all your prompts in one call, model.prompt_embeds([…]), "
            "before anything else; the embeddings are kept on disk"
        )
    smaller = [
        first
        for first, second in STAGE_2.items()
        if GPU_MEMORY_GB[first if name in STAGE_2 else second] < GPU_MEMORY_GB[name]
    ]
    restart = "Restart Python and close other notebooks that use the GPU"
    return f"{restart}, or load {smaller[-1]!r}" if smaller else restart


def _network_advice(name: str, reason: str) -> str:
    reason = next(iter(reason.strip().splitlines()), "no reason given")
    return (
        f"{name} isn't on this computer and couldn't be downloaded ({reason}). Check your network "
        f"connection, and unset HF_HUB_OFFLINE if it's set. {_POCKET}"
    )
