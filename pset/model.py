"""The model: a denoiser, its noise schedule and its prompt encoder in one object."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from pset._model import deepfloyd, diffusers_folder
from pset._model.cores import use_available_cores
from pset._model.denoiser import Denoiser
from pset._model.errors import ModelNotFound, NoGPU
from pset._model.prompt_cache import PromptCache, cache_folder
from pset._model.prompts import PromptEncoder
from pset.assets import assets_dir

if TYPE_CHECKING:
    from diffusers import DDPMScheduler


@dataclass(frozen=True, eq=False, repr=False)
class DiffusionModel:
    """One stage of a text-to-image cascade, with IF's interface.

    Attributes:
        name: the name it was loaded under.
        unet: the denoiser. `unet(x_t, t, encoder_hidden_states=prompt_embeds,
            return_dict=False)[0]` is `[B, 6, H, W]`: noise ε, then variance v.
        scheduler: a diffusers scheduler with the model's own settings.
        alphas_cumprod: ᾱ_t for t = 0 … 999, float32 `[1000]`. It's float32 even if the network runs
            in float16, where 1 − ᾱ_0 would be 0.
        prompts: turns prompts into embeddings; `prompts.tokenizer` is the tokenizer.
        image_noising_scheduler: for stage II only: the noise schedule for the small image.
    """

    name: str
    unet: Denoiser
    scheduler: "DDPMScheduler"
    alphas_cumprod: torch.Tensor
    prompts: PromptEncoder
    load_stage_2: "Callable[[], DiffusionModel] | None" = None
    image_noising_scheduler: "DDPMScheduler | None" = None

    @property
    def device(self) -> torch.device:
        """The device of the schedule and the embeddings; `unet` takes inputs from any device."""
        return self.alphas_cumprod.device

    @property
    def dtype(self) -> torch.dtype:
        """The network's dtype."""
        return self.unet.dtype

    @property
    def image_size(self) -> int:
        """Height and width of the images, in pixels."""
        return self.unet.config.sample_size

    def prompt_embeds(self, prompt: str | Sequence[str]) -> torch.Tensor:
        """Embed a prompt, `[1, 77, D]`, or a list of B prompts, `[B, 77, D]`.

        With DeepFloyd, pass all your prompts in one list: every call with a new prompt has to load
        the text encoder.

        Raises:
            TypeError, UnknownWordError, ValueError: see `PromptEncoder`.
        """
        return self.prompts(prompt)

    @cached_property
    def stage_2(self) -> "DiffusionModel":
        """The super-resolution stage, loaded when you first use it.

        Its `unet` takes 6 channels, the noisy image followed by the small one, enlarged to its
        size; and `class_labels`, the small image's noise level.

        Raises:
            ModelUnavailable: the model doesn't have a second stage, or it can't be loaded here.
        """
        if self.load_stage_2 is None:
            raise ModelNotFound(f"{self.name} doesn't have a second stage.")
        return self.load_stage_2()

    def __repr__(self) -> str:
        size = self.image_size
        return f"DiffusionModel({self.name!r}, {size}×{size}, {self.dtype} on {self.device})"


def load_model(
    name: str | Path | None = None,
    *,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> DiffusionModel:
    """Load a model by name.

    On a CPU, torch computes with at most as many threads as this process has cores. To change
    that, call `torch.set_num_threads(n)` afterwards: fewer are faster where neighbours keep the
    cores busy.

    Args:
        name: `"pocket"`, the small model that comes with the course; an id of DeepFloyd IF, such
            as `"DeepFloyd/IF-I-L-v1.0"`; or a folder in diffusers' format with IF's layout, or with
            `stage-1/` and `stage-2/` in it. The default is `$PSET_MODEL` if it's set, and
            `"pocket"` otherwise.
        device: by default, the GPU if there is one. To run DeepFloyd on the CPU, pass `"cpu"`.
        dtype: of the network; by default float16 for DeepFloyd, and float32 for everything else.

    Raises:
        ModelUnavailable: it can't be loaded; the message says why, and what to do.
    """
    use_available_cores()
    name = os.fspath(name or os.environ.get("PSET_MODEL") or "pocket")
    if device is not None and torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise NoGPU(f"You asked for device={str(device)!r}, but PyTorch can't find a GPU here.")
    if name.startswith("DeepFloyd/"):
        return _load_deepfloyd(name, device, dtype or torch.float16)
    folder = assets_dir() / "pocket-if" if name == "pocket" else Path(name).expanduser()
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return _load_folder(name, folder, device, dtype or torch.float32)


def _load_folder(
    name: str, folder: Path, device: torch.device, dtype: torch.dtype
) -> DiffusionModel:
    """Load a cascade from a folder with `stage-1/` and `stage-2/`, or with only a first stage."""
    if not folder.is_dir():
        raise ModelNotFound(
            f"There's no model {name!r}: it's neither 'pocket', nor an id of DeepFloyd IF, nor a "
            f"folder. {diffusers_folder.describe(folder, also=('pocket', *deepfloyd.STAGE_2))}"
        )
    first = next((f for f in (folder, folder / "stage-1") if (f / "unet").is_dir()), None)
    if first is None:
        raise ModelNotFound(
            f"There's no model in {folder}: it has neither unet/ (for one stage) nor stage-1/unet/ "
            f"(for a cascade). {diffusers_folder.describe(folder)}"
        )
    diffusers_folder.require(
        first, (*diffusers_folder.DENOISER_PARTS, *diffusers_folder.PROMPT_PARTS)
    )
    prompts = PromptEncoder(
        partial(diffusers_folder.load_tokenizer, first),
        lambda: diffusers_folder.load_text_encoder(first, dtype).to(device),
        device=device,
        dtype=dtype,
    )

    def load_stage_2() -> DiffusionModel:
        second = diffusers_folder.require(folder / "stage-2", diffusers_folder.STAGE_2_PARTS)
        return _load_stage(f"{name} (stage II)", second, prompts)

    return _load_stage(name, first, prompts, load_stage_2)


def _load_deepfloyd(
    name: str, device: str | torch.device | None, dtype: torch.dtype
) -> DiffusionModel:
    """Load a cascade from the hub. The text encoder is loaded for new prompts, and then freed."""
    deepfloyd.check_name(name)
    deepfloyd.check_packages()
    device = deepfloyd.choose_device(name, device)
    first = deepfloyd.download(name, (*diffusers_folder.DENOISER_PARTS, "tokenizer"))
    prompts = PromptEncoder(
        partial(diffusers_folder.load_tokenizer, first),
        partial(deepfloyd.load_text_encoder, name, device, dtype),
        device=device,
        dtype=dtype,
        keep_encoder=False,
        cache=PromptCache(name, cache_folder()),
        open_vocabulary=True,
    )

    def load_stage_2() -> DiffusionModel:
        second_name = deepfloyd.STAGE_2[name]
        second = deepfloyd.download(second_name, diffusers_folder.STAGE_2_PARTS)
        return deepfloyd.within_memory(
            second_name,
            lambda: _load_stage(second_name, second, prompts, progress=True),
        )

    return deepfloyd.within_memory(
        name, lambda: _load_stage(name, first, prompts, load_stage_2, progress=True)
    )


def _load_stage(
    name: str,
    folder: Path,
    prompts: PromptEncoder,
    load_stage_2: Callable[[], DiffusionModel] | None = None,
    progress: bool = False,
) -> DiffusionModel:
    """Load one stage from its folder, with the device and dtype of its prompts."""
    scheduler = diffusers_folder.load_scheduler(folder)
    network = diffusers_folder.load_unet(folder, prompts.dtype, progress).to(prompts.device)
    has_noising = (folder / "image_noising_scheduler").is_dir()
    return DiffusionModel(
        name=name,
        unet=Denoiser(network, scheduler.config.num_train_timesteps),
        scheduler=scheduler,
        alphas_cumprod=scheduler.alphas_cumprod.to(prompts.device, torch.float32),
        prompts=prompts,
        load_stage_2=load_stage_2,
        image_noising_scheduler=(
            diffusers_folder.load_scheduler(folder, "image_noising_scheduler")
            if has_noising
            else None
        ),
    )
