"""Stage II: 64×64 to 256×256, a noise-conditioned super-resolution network.

It's trained on crops, and at the end on whole pictures. A crop of 64 has four times as much border,
where a network with padding computes something else. One that has only seen such crops balances the
two, and gives whole pictures a tint. It's conditioned on the small picture, enlarged as in
IFSuperResolutionPipeline (bilinear, with aligned corners) and noised to a random level (Ho et al.
2021, cascaded diffusion). It doesn't read the caption (`wordless`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from training.data import resident
from training.data.pictures import Pictures
from training.data.resident import Resident
from training.method import diffusion, model
from training.method.diffusion import Loss
from training.method.stage1 import bfloat16_pays

WEIGHT_CUT = 100.0
"""Higher than stage I's. Since the small picture determines nearly everything, an error in ε at
high noise is the network's fault, and it's multiplied by √((1−ᾱ)/ᾱ) in x̂_0: by ten at t = 936,
where 1/ᾱ is 100."""

PER_PICTURE = 4  # crops of a picture, which has to be enlarged as a whole
HIGHEST_LEVEL = 400  # the highest noise level in training; the pipeline's default is 250
OFFSET = 0.2  # largest standard deviation of the noise's low frequencies, of each kind
LACK = 0.12  # largest share of x_0 missing from x_t; in pure noise at t = 924 it's √ᾱ = 0.117


def network(seed: int = 181) -> nn.ModuleDict:
    """A freshly initialised network."""
    torch.manual_seed(seed)
    return nn.ModuleDict({"unet": wordless(model.unet_2())})


def wordless(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """The same network with the two weights through which it reads words at zero, for good.

    The small picture shows what the caption says, so that at this size words are worth little
    (0.2 dB); and a network that doesn't read them goes with any text encoder, trained before it
    or after.
    """
    for weight in (unet.encoder_hid_proj.weight, unet.add_embedding.norm1.weight):
        nn.init.zeros_(weight)
        weight.requires_grad_(False)
    return unet


def shrink(x: Tensor, size: int = 64) -> Tensor:
    """[B, 3, 256, 256] -> [B, 3, 64, 64]: average, then resample with aligned corners.

    Corners are aligned because the pipeline enlarges that way. After a plain block average, the
    enlarged picture would be shifted by up to 1.5 pixels, and a crop can't tell by how much.
    """
    k = x.shape[-1] // size
    a, b = k // 2, k - 1 - k // 2  # an even window is off-centre, so average both ways
    one, other = (
        nn.functional.avg_pool2d(nn.functional.pad(x, pad, mode="replicate"), k, stride=1)
        for pad in ((a, b, a, b), (b, a, b, a))
    )
    x = (one + other) / 2
    return nn.functional.interpolate(x, size=(size, size), mode="bilinear", align_corners=True)


def enlarge(x: Tensor, size: int = 256) -> Tensor:
    """[B, 3, 64, 64] -> [B, 3, 256, 256], as in IFSuperResolutionPipeline."""
    return nn.functional.interpolate(x, size=(size, size), mode="bilinear", align_corners=True)


def low_frequencies(shape: torch.Size, g: torch.Generator) -> Tensor:
    """A constant for each channel and a pattern of 4×4 cells, each of a random strength."""
    on = {"generator": g, "device": g.device}
    strength = OFFSET * torch.rand((2, shape[0], 1, 1, 1), **on)
    constant, coarse = (torch.randn((*shape[:2], k, k), **on) for k in (1, 4))
    coarse = nn.functional.interpolate(coarse, shape[-2:], mode="bicubic", align_corners=True)
    return strength[0] * constant + strength[1] * coarse


def training_noise(x0: Tensor, t: Tensor, g: torch.Generator, s: diffusion.Schedule) -> Tensor:
    """The noise that x_t is made with and that the network has to find, like `x0`.

    White noise alone leaves the low frequencies of x_0 readable in x_t, down to the last steps
    (Guttenberg 2023, "Diffusion with offset noise"). The network then takes a picture's colours
    from there and hardly from the small picture: pure noise, which holds none, becomes grey.
    So there are low frequencies in the noise too, and from half of the batch a part of x_0 is
    taken away, up to all that there is of it at high noise.
    """
    on = {"generator": g, "device": g.device}
    noise = torch.randn(x0.shape, **on) + low_frequencies(x0.shape, g)
    lack = LACK * torch.rand((len(x0), 1, 1, 1), **on)
    lack = lack * (torch.rand(lack.shape, **on) < 0.5)
    abar = diffusion.at(s.abar, t)
    most = (abar / (1 - abar)).sqrt()
    return noise.to(x0.device) - torch.minimum(lack.to(x0.device), most) * x0


def loss_function(
    pictures: Pictures,
    crop: int = 64,
    batch: int = 16,
    device: str = "cpu",
    seed: int = 181,
    low_precision: bool | None = None,
    power: float = 1.0,
    cut: float = WEIGHT_CUT,
) -> Callable[[nn.ModuleDict, int], tuple[Loss, Tensor]]:
    """Make `loss_of(nets, step)`, the losses of step's batch, drawn from (seed, step) alone.

    Each picture of the batch is enlarged once and gives four crops. `power` < 1 samples high noise
    more often, and `cut` limits the weight there. In bfloat16, where it pays, ε is rounded by
    0.4 %, and the weights average that out.
    """
    if low_precision is None:
        low_precision = bfloat16_pays(device)
    s = diffusion.schedule().to(device)
    weight_of = partial(diffusion.weight, cut=cut)

    def loss_of(nets: nn.ModuleDict, step: int) -> tuple[Loss, Tensor]:
        rng = np.random.default_rng([seed, step])
        which = rng.integers(len(pictures), size=batch // PER_PICTURE)
        full = resident.floats(torch.from_numpy(pictures.pixels[np.sort(which)])).to(device)
        g = torch.Generator().manual_seed(int(rng.integers(2**62)))
        x0, low = crops(full, crop, g)
        low, level = noised(low, g)
        t = diffusion.timesteps(len(x0), g, power).to(device)
        noise = training_noise(x0, t, g, s)
        x_t = diffusion.forward(x0, t, noise, s)
        out = predicted(nets["unet"], x_t, low, t, level, low_precision)
        return diffusion.losses(out, x0, x_t, t, noise, s, weight_of), t.cpu()

    return loss_of


def crops(full: Tensor, size: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """`PER_PICTURE` crops of each picture, and the same crops of it made small and large again."""
    large = enlarge(shrink(full), full.shape[-1])
    both = torch.cat([full, large], 1).repeat_interleave(PER_PICTURE, 0)
    last = full.shape[-1] - size
    corner = torch.randint(last + 1, (2, len(both), 1), generator=g, device=g.device)
    rows, columns = corner.to(full.device) + torch.arange(size, device=full.device)
    every = torch.arange(len(both), device=full.device).view(-1, 1, 1)
    cut = both.movedim(1, -1)[every, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)
    x0, low = cut.contiguous().chunk(2, 1)
    return x0, low


def noised(low: Tensor, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """The enlarged pictures at random noise levels, and the levels [B]."""
    on = {"generator": g, "device": g.device}
    noise = torch.randn(low.shape, **on).to(low.device)
    level = torch.randint(0, HIGHEST_LEVEL, (len(low),), **on).to(low.device)
    a = diffusion.at(noising_alphas_cumprod(low.device), level)
    return a.sqrt() * low + (1 - a).sqrt() * noise, level


@lru_cache
def noising_alphas_cumprod(device: torch.device) -> Tensor:
    """ᾱ [1000] of the small picture's noise."""
    return model.noising_scheduler().alphas_cumprod.to(device)


def predicted(
    unet: nn.Module, x_t: Tensor, low: Tensor, t: Tensor, level: Tensor, low_precision: bool
) -> Tensor:
    """The network's output [B, 6, H, W], in bfloat16 with `low_precision`."""
    no_words = x_t.new_zeros(len(x_t), 1, model.TEXT_DIM)
    with torch.autocast(x_t.device.type, torch.bfloat16, enabled=low_precision):
        return unet(
            torch.cat([x_t, low], dim=1),
            t,
            class_labels=level,
            encoder_hidden_states=no_words,
            return_dict=False,
        )[0]


def resident_loss_function(
    unet: nn.Module,
    held: Resident,
    crop: int = 64,
    batch: int = 128,
    power: float = 1.0,
    cut: float = WEIGHT_CUT,
) -> Callable[[torch.Generator], tuple[Loss, Tensor]]:
    """The same loss for `training.method.replay`, of pictures on the device."""
    s = diffusion.schedule().to(held.device)
    weight_of = partial(diffusion.weight, cut=cut)
    compiled = torch.compile(predicted, fullgraph=True)
    noising_alphas_cumprod(torch.device(held.device))  # not while a step is recorded

    def loss_of(g: torch.Generator) -> tuple[Loss, Tensor]:
        full = resident.floats(held.choose(batch // PER_PICTURE, g)["pixels"])
        x0, low = crops(full, crop, g)
        low, level = noised(low, g)
        t = diffusion.timesteps(len(x0), g, power)
        noise = training_noise(x0, t, g, s)
        x_t = diffusion.forward(x0, t, noise, s)
        out = compiled(unet, x_t, low, t, level, True)
        return diffusion.losses(out, x0, x_t, t, noise, s, weight_of), t

    return loss_of
