"""Stage I: 64×64 pictures from captions. The text encoder is trained along with it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data import grammar, resident
from training.data.pictures import Pictures
from training.data.resident import Resident
from training.data.stream import Stream
from training.method import diffusion, model, reading
from training.method.diffusion import Loss


def networks(seed: int = 180) -> nn.ModuleDict:
    """Freshly initialised networks."""
    torch.manual_seed(seed)
    return nn.ModuleDict({"text": model.text_encoder(), "unet": model.unet_1()})


def bfloat16_pays(device: str) -> bool:
    """Whether the processor supports bfloat16. If it has to emulate it, it's 14 times slower."""
    return device != "cpu" or "AVX512" in torch.backends.cpu.get_cpu_capability()


def loss_function(
    pictures: Pictures | Stream,
    size: int = 64,
    batch: int = 32,
    device: str = "cpu",
    seed: int = 180,
    low_precision: bool | None = None,
    power: float = 0.6,
    weight_of: diffusion.Weight = diffusion.weight,
    reading_weight: float = 0.0,
) -> Callable[[nn.ModuleDict, int], tuple[Loss, Tensor]]:
    """Make `loss_of(nets, step)`: the losses of a batch that depends only on seed and step.

    Pictures aren't mirrored here. Things are mirrored when they're drawn, and of two things side by
    side, the first one in the caption has to stay on the left.

    With a `reading_weight`, `nets["reader"]` also has to tell from inside the UNet what is where,
    and so many times its loss is added.
    """
    choose = reading.labelled(pictures, size) if reading_weight else pictures.chooser(size)
    if low_precision is None:
        low_precision = bfloat16_pays(device)
    s = diffusion.schedule().to(device)

    def loss_of(nets: nn.ModuleDict, step: int) -> tuple[Loss, Tensor]:
        rng = np.random.default_rng([seed, size, step])
        pixels, scenes, *seen = choose(step, batch, rng)
        captions = [grammar.training_caption(scene, rng) for scene in scenes]
        x0 = resident.floats(torch.from_numpy(pixels))
        g = torch.Generator().manual_seed(int(rng.integers(2**62)))
        noise = torch.randn(x0.shape, generator=g)
        t = diffusion.timesteps(batch, g, power).to(device)
        x0, noise = x0.to(device), noise.to(device)
        x_t = diffusion.forward(x0, t, noise, s)
        with reading.inside(nets["unet"]) as features:
            out = predicted(nets, x_t, t, model.token_ids(captions, device), low_precision)
        loss = diffusion.losses(out, x0, x_t, t, noise, s, weight_of)
        if reading_weight:
            things = torch.from_numpy(seen[0]).long().to(device)
            error = reading.error(nets["reader"], features, things)
            loss = loss._replace(total=loss.total + reading_weight * error)
        return loss, t.cpu()

    return loss_of


def predicted(
    nets: nn.ModuleDict, x_t: Tensor, t: Tensor, ids: Tensor, low_precision: bool
) -> Tensor:
    """The networks' output [B, 6, H, W], in bfloat16 with `low_precision`."""
    with torch.autocast(x_t.device.type, torch.bfloat16, enabled=low_precision):
        context = model.embed_ids(nets["text"], ids)
        return nets["unet"](x_t, t, encoder_hidden_states=context, return_dict=False)[0]


def resident_loss_function(
    nets: nn.ModuleDict,
    held: Resident,
    size: int = 64,
    batch: int = 256,
    power: float = 0.6,
    reading_weight: float = 0.0,
) -> Callable[[torch.Generator], tuple[Loss, Tensor]]:
    """The same loss for `training.method.replay`, of pictures, labels and words on the device."""
    s = diffusion.schedule().to(held.device)
    kept, _ = reading.listen(nets["unet"])

    @torch.compile(fullgraph=True)
    def inside_out(x_t: Tensor, t: Tensor, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        out = predicted(nets, x_t, t, ids, low_precision=True)
        return out, kept[0], kept[1]

    def loss_of(g: torch.Generator) -> tuple[Loss, Tensor]:
        rows = held.choose(batch, g)
        x0 = F.avg_pool2d(resident.floats(rows["pixels"]), rows["pixels"].shape[-1] // size)
        noise = torch.randn(x0.shape, generator=g, device=g.device)
        t = diffusion.timesteps(batch, g, power)
        x_t = diffusion.forward(x0, t, noise, s)
        out, *features = inside_out(x_t, t, resident.one_of(rows["ids"], g))
        loss = diffusion.losses(out, x0, x_t, t, noise, s)
        if reading_weight:
            error = reading.error(nets["reader"], features, rows["things"].long())
            loss = loss._replace(total=loss.total + reading_weight * error)
        return loss, t

    return loss_of
