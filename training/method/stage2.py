"""Stage II: 64×64 to 256×256, a noise-conditioned super-resolution network.

It's trained on crops. It's conditioned on the caption, with stage I's text encoder, and on the
small picture, enlarged as in IFSuperResolutionPipeline (bilinear, with aligned corners) and noised
to a random level (Ho et al. 2021, cascaded diffusion).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from training.data import grammar
from training.data.pictures import Pictures
from training.method import diffusion, model
from training.method.diffusion import Loss

WEIGHT_CUT = 30.0
"""Higher than stage I's. Since the small picture determines nearly everything, an error in ε at
high noise is the network's fault, and it's multiplied by √((1−ᾱ)/ᾱ) in x̂_0."""

HIGHEST_LEVEL = 400  # the highest noise level in training; the pipeline's default is 250


def network(seed: int = 181) -> nn.ModuleDict:
    """A freshly initialised network."""
    torch.manual_seed(seed)
    return nn.ModuleDict({"unet": model.unet_2()})


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


def loss_function(
    pictures: Pictures,
    embeddings: Callable[[list[str]], Tensor],
    crop: int = 64,
    batch: int = 16,
    device: str = "cpu",
    seed: int = 181,
    low_precision: bool = False,
    power: float = 1.0,
    cut: float = WEIGHT_CUT,
) -> Callable[[nn.ModuleDict, int], tuple[Loss, Tensor]]:
    """Make `loss_of(nets, step)`. `embeddings` returns detached prompt embeddings [B, 77, D].

    It's in float32, since bfloat16's rounding error in ε, 0.4 %, becomes 12 % in x̂_0 near t = 980.
    Each picture of the batch is enlarged once and gives four crops. `power` < 1 samples high noise
    more often, and `cut` limits the weight there: to start from pure noise, the network has to be
    accurate to a thousandth where 1/ᾱ is a thousand.
    """
    s = diffusion.schedule().to(device)
    noising = model.noising_scheduler().alphas_cumprod.to(device)
    per_picture = 4
    weight_of = partial(diffusion.weight, cut=cut)

    def loss_of(nets: nn.ModuleDict, step: int) -> tuple[Loss, Tensor]:
        rng = np.random.default_rng([seed, step])
        which = rng.integers(len(pictures), size=batch // per_picture)
        full = torch.from_numpy(pictures.pixels[np.sort(which)].astype(np.float32))
        full = full.div_(127.5).sub_(1).to(device)
        large = enlarge(shrink(full), full.shape[-1])
        captions, x0, low = [], [], []
        for i, n in enumerate(np.sort(which)):
            for _ in range(per_picture):
                y, x = rng.integers(full.shape[-1] - crop + 1, size=2)
                x0.append(full[i, :, y : y + crop, x : x + crop])
                low.append(large[i, :, y : y + crop, x : x + crop])
                captions.append(grammar.training_caption(pictures.scenes[n], rng, drop=0.3))
        x0, low = torch.stack(x0), torch.stack(low)
        g = torch.Generator().manual_seed(int(rng.integers(2**62)))
        noise = torch.randn(x0.shape, generator=g).to(device)
        low_noise = torch.randn(x0.shape, generator=g).to(device)
        t = diffusion.timesteps(len(x0), g, power).to(device)
        level = torch.randint(0, HIGHEST_LEVEL, (len(x0),), generator=g).to(device)
        a = diffusion.at(noising, level)
        low = a.sqrt() * low + (1 - a).sqrt() * low_noise
        x_t = diffusion.forward(x0, t, noise, s)
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=low_precision):
            out = nets["unet"](
                torch.cat([x_t, low], dim=1),
                t,
                class_labels=level,
                encoder_hidden_states=embeddings(captions),
                return_dict=False,
            )[0]
        return diffusion.losses(out, x0, x_t, t, noise, s, weight_of), t.cpu()

    return loss_of
