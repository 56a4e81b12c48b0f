"""Stage II's small pictures sit where its enlarging puts them."""

from types import SimpleNamespace

import torch

from training.judging import enlarging, sample
from training.method import stage2


def ramp(size: int) -> torch.Tensor:
    """A smooth picture, the same in every resolution: corners aligned."""
    x = torch.linspace(-1, 1, size)
    y = torch.sin(3 * x)[:, None] * torch.cos(2 * x)[None]
    return y.expand(1, 3, size, size)


def test_enlarging_undoes_shrinking_of_smooth_pictures():
    again = stage2.enlarge(stage2.shrink(ramp(256)))
    inside = slice(8, -8)
    assert (again - ramp(256))[..., inside, inside].abs().max() < 0.01


def test_measures():
    truth = ramp(64).contiguous()
    perfect = enlarging.measure(truth + 1e-4, truth)
    assert perfect.psnr > 60
    assert perfect.edges > 0.999
    worse = enlarging.measure(stage2.enlarge(stage2.shrink(truth, 16), 64), truth)
    assert worse.psnr < perfect.psnr
    assert worse.ssim < perfect.ssim


def test_a_perfect_denoiser_gives_its_picture():
    """With ε known exactly, the loop of stage II arrives at the picture."""
    from training.method import model

    abar = model.scheduler().alphas_cumprod
    truth = ramp(256)

    class Oracle(torch.nn.Module):
        device, dtype = torch.device("cpu"), torch.float32
        config = SimpleNamespace(
            in_channels=6, encoder_hid_dim=128, cross_attention_dim=128, class_embed_type="timestep"
        )

        def forward(self, sample, timestep, encoder_hidden_states, class_labels, return_dict):
            assert class_labels.tolist() == [level]
            a = abar[timestep]
            eps = (sample[:, :3] - a.sqrt() * truth) / (1 - a).sqrt()
            return (torch.cat([eps, -torch.ones_like(eps)], 1),)

    level = sample.NOISE_LEVEL
    nets = torch.nn.ModuleDict({"text": model.text_encoder(), "unet": Oracle()})
    made = sample.enlarge(sample.as_model(nets), stage2.shrink(truth), ["a photo of a cat"])
    assert (made - truth).abs().max() < 0.1
