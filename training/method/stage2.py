"""Stage II: 64×64 to 256×256, a noise-conditioned super-resolution network.

It's trained on crops. It's conditioned on the small picture, enlarged as in
IFSuperResolutionPipeline (bilinear, with aligned corners) and noised to a random level (Ho et al.
2021, cascaded diffusion). It doesn't read the caption (`wordless`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from training.data.pictures import Pictures
from training.method import diffusion, model
from training.method.diffusion import Loss
from training.method.stage1 import bfloat16_pays

WEIGHT_CUT = 100.0
"""Higher than stage I's. Since the small picture determines nearly everything, an error in ε at
high noise is the network's fault, and it's multiplied by √((1−ᾱ)/ᾱ) in x̂_0: by ten at t = 936,
where 1/ᾱ is 100."""

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
    strength = OFFSET * torch.rand((2, shape[0], 1, 1, 1), generator=g)
    constant, coarse = (torch.randn((*shape[:2], k, k), generator=g) for k in (1, 4))
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
    noise = torch.randn(x0.shape, generator=g) + low_frequencies(x0.shape, g)
    lack = LACK * torch.rand((len(x0), 1, 1, 1), generator=g)
    lack = lack * (torch.rand(lack.shape, generator=g) < 0.5)
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
    noising = model.noising_scheduler().alphas_cumprod.to(device)
    per_picture = 4
    weight_of = partial(diffusion.weight, cut=cut)
    no_words = torch.zeros(batch // per_picture * per_picture, 1, model.TEXT_DIM, device=device)

    def loss_of(nets: nn.ModuleDict, step: int) -> tuple[Loss, Tensor]:
        rng = np.random.default_rng([seed, step])
        which = rng.integers(len(pictures), size=batch // per_picture)
        full = torch.from_numpy(pictures.pixels[np.sort(which)].astype(np.float32))
        full = full.div_(127.5).sub_(1).to(device)
        large = enlarge(shrink(full), full.shape[-1])
        x0, low = [], []
        for picture, enlarged in zip(full, large, strict=True):
            for _ in range(per_picture):
                y, x = rng.integers(full.shape[-1] - crop + 1, size=2)
                x0.append(picture[:, y : y + crop, x : x + crop])
                low.append(enlarged[:, y : y + crop, x : x + crop])
        x0, low = torch.stack(x0), torch.stack(low)
        g = torch.Generator().manual_seed(int(rng.integers(2**62)))
        low_noise = torch.randn(x0.shape, generator=g).to(device)
        t = diffusion.timesteps(len(x0), g, power).to(device)
        noise = training_noise(x0, t, g, s)
        level = torch.randint(0, HIGHEST_LEVEL, (len(x0),), generator=g).to(device)
        a = diffusion.at(noising, level)
        low = a.sqrt() * low + (1 - a).sqrt() * low_noise
        x_t = diffusion.forward(x0, t, noise, s)
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=low_precision):
            out = nets["unet"](
                torch.cat([x_t, low], dim=1),
                t,
                class_labels=level,
                encoder_hidden_states=no_words,
                return_dict=False,
            )[0]
        return diffusion.losses(out, x0, x_t, t, noise, s, weight_of), t.cpu()

    return loss_of
