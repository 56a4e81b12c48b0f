"""The pocket model's editor: a picture and an instruction go in, the edited picture comes out.

InstructPix2Pix (Brooks et al. 2023): stage I with three more input channels for the picture to
edit, trained on pairs of pictures with an instruction between them. The prompt is the instruction.
"""

import torch

from pset._model import diffusers_folder, editor_weights
from pset._model.cores import use_available_cores
from pset._model.denoiser import Denoiser
from pset._model.errors import NoGPU
from pset._model.prompts import PromptEncoder
from pset.assets import assets_dir
from pset.model import DiffusionModel

GAIN = 5.0
"""The picture comes in multiplied by this, so that the new channels' weights had less far to grow.
InstructPix2Pix has such a factor too: it scales x_t's latents by 0.18, and not the picture's."""


def load_editor(device: str | torch.device | None = None) -> DiffusionModel:
    """Load the pocket model's editor.

    It's a `DiffusionModel` like stage I, except that its `unet` takes six channels: x_t, then the
    picture to edit, in [-1, 1] and times `GAIN`. A picture that's all zeros means none.

    Args:
        device: by default, the GPU if there is one.

    Raises:
        NoGPU: you asked for a GPU, and there's none.
        ValueError: the editor's weights belong to other weights of stage I.
    """
    from diffusers import UNet2DConditionModel

    use_available_cores()
    if device is not None and torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise NoGPU(f"You asked for device={str(device)!r}, but PyTorch can't find a GPU here.")
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    folder = assets_dir() / "pocket-if"
    stage_1, dtype = folder / "stage-1", torch.float32
    unet = diffusers_folder.load_unet(stage_1, dtype)
    text = diffusers_folder.load_text_encoder(stage_1, dtype)
    before = {f"unet.{k}": v for k, v in unet.state_dict().items()}
    before |= {f"text.{k}": v for k, v in text.state_dict().items()}
    weights = editor_weights.completed(before, folder / "editor" / "editor.safetensors")
    with torch.random.fork_rng(devices=[]):  # it's initialised at random first
        wider = UNet2DConditionModel.from_config(unet.config, in_channels=6)
    for name, network in (("unet.", wider), ("text.", text)):
        own = {k.removeprefix(name): v for k, v in weights.items() if k.startswith(name)}
        network.load_state_dict(own)
        network.eval().requires_grad_(False).to(device)
    wider.to(memory_format=torch.channels_last)  # as stage I: faster on a CPU
    scheduler = diffusers_folder.load_scheduler(stage_1)
    return DiffusionModel(
        name="pocket editor",
        unet=Denoiser(wider, scheduler.config.num_train_timesteps),
        scheduler=scheduler,
        alphas_cumprod=scheduler.alphas_cumprod.to(device, torch.float32),
        prompts=PromptEncoder(
            lambda: diffusers_folder.load_tokenizer(stage_1),
            lambda: text,
            device=device,
            dtype=dtype,
        ),
    )
