"""An editor that follows instructions: InstructPix2Pix (Brooks et al. 2023) from stage I's weights.

The picture to edit comes as three more input channels, beside x_t; the prompt is the instruction.
The weights of the new channels are zero at the start, so at first it's stage I, and ignores both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from pset._model import editor_weights
from pset._model.editor_weights import FROZEN
from pset.editor import GAIN
from training.data import grammar, resident
from training.data.edits import PairChooser
from training.data.resident import Resident
from training.method import diffusion, model
from training.method.diffusion import Loss
from training.method.stage1 import bfloat16_pays, predicted

DROP = 0.05
"""Share of the pairs without the picture, of those without the instruction, and of those without
both, each, so that both can be guided (section 3.2.1 of the paper)."""


def networks(stage_1: nn.ModuleDict) -> nn.ModuleDict:
    """An editor that's the same as `stage_1` until it's trained."""
    before = stage_1["unet"]
    unet = UNet2DConditionModel.from_config(
        before.config, in_channels=before.config.in_channels + 3
    )
    weights = before.state_dict()
    kernel = weights["conv_in.weight"]
    wider = torch.cat([kernel, torch.zeros_like(kernel[:, :3])], 1)
    unet.load_state_dict(weights | {"conv_in.weight": wider})
    text = model.text_encoder()
    text.load_state_dict(stage_1["text"].state_dict())
    for name, parameter in unet.named_parameters():
        parameter.requires_grad_(not name.startswith(FROZEN))
    return nn.ModuleDict({"text": text, "unet": unet})


def load(stage_1: nn.ModuleDict, path: Path) -> nn.ModuleDict:
    """The editor, in float32, from stage I and what `pset._model.editor_weights` saved.

    Raises:
        ValueError: it was trained from another stage I.
    """
    nets = networks(stage_1)
    nets.load_state_dict(editor_weights.completed(nets.state_dict(), path))
    return nets.eval().requires_grad_(False)


def inputs(x_t: Tensor, pictures: Tensor) -> Tensor:
    """What the network is given: x_t and the pictures to edit, [B, 6, H, W]."""
    return torch.cat([x_t, GAIN * pictures], 1)


def without(pictures: Tensor, ids: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """Take away pictures, instructions or both, by random numbers `u` [B] in [0, 1).

    A picture that isn't given is grey, zero everywhere; an instruction is the null prompt. `ids`
    are token IDs [B, 77].
    """
    no_picture = (u < 2 * DROP).view(-1, 1, 1, 1)
    no_words = ((u >= DROP) & (u < 3 * DROP)).view(-1, 1)
    return pictures.masked_fill(no_picture, 0), torch.where(no_words, null_ids(ids.device), ids)


@lru_cache
def null_ids(device: torch.device) -> Tensor:
    """The null prompt's token IDs [1, 77]."""
    return model.token_ids([grammar.NULL_PROMPT], device)


def loss_function(
    choose: PairChooser,
    batch: int = 16,
    device: str = "cpu",
    seed: int = 182,
    low_precision: bool | None = None,
    power: float = 0.75,
) -> Callable[[nn.ModuleDict, int], tuple[Loss, Tensor]]:
    """Make `loss_of(nets, step)`: the losses of a batch that depends only on seed and step.

    It's stage I's loss, for the picture after the edit.
    """
    if low_precision is None:
        low_precision = bfloat16_pays(device)
    s = diffusion.schedule().to(device)

    def loss_of(nets: nn.ModuleDict, step: int) -> tuple[Loss, Tensor]:
        rng = np.random.default_rng([seed, step])
        pixels, said = choose(step, batch, rng)
        g = torch.Generator().manual_seed(int(rng.integers(2**62)))
        before, x0 = resident.floats(torch.from_numpy(pixels)).chunk(2, 1)
        noise = torch.randn(x0.shape, generator=g)
        t = diffusion.timesteps(batch, g, power).to(device)
        u = torch.rand(batch, generator=g)
        before, ids = without(before, model.token_ids(said), u)
        before, x0, noise, ids = (x.to(device) for x in (before, x0, noise, ids))
        x_t = diffusion.forward(x0, t, noise, s)
        out = predicted(nets, inputs(x_t, before), t, ids, low_precision)
        return diffusion.losses(out, x0, x_t, t, noise, s), t.cpu()

    return loss_of


def resident_loss_function(
    nets: nn.ModuleDict, held: Resident, batch: int = 256, power: float = 0.75
) -> Callable[[torch.Generator], tuple[Loss, Tensor]]:
    """The same loss for `training.method.replay`, of pairs and instructions on the device."""
    s = diffusion.schedule().to(held.device)
    compiled = torch.compile(predicted, fullgraph=True)
    null_ids(torch.device(held.device))  # can't be brought there while a step is recorded

    def loss_of(g: torch.Generator) -> tuple[Loss, Tensor]:
        rows = held.choose(batch, g)
        before, x0 = resident.floats(rows["pixels"]).chunk(2, 1)
        noise = torch.randn(x0.shape, generator=g, device=g.device)
        t = diffusion.timesteps(batch, g, power)
        u = torch.rand(batch, generator=g, device=g.device)
        before, ids = without(before, resident.one_of(rows["ids"], g), u)
        x_t = diffusion.forward(x0, t, noise, s)
        out = compiled(nets, inputs(x_t, before), t, ids, True)
        return diffusion.losses(out, x0, x_t, t, noise, s), t

    return loss_of
