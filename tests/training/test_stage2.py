"""Stage II: small pictures sit where enlarging puts them; its noise; its indifference to words."""

from types import SimpleNamespace

import pytest
import torch

from training.judging import enlarging, sample
from training.method import diffusion, model, stage2


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


def test_words_do_nothing():
    torch.manual_seed(0)
    unet = stage2.wordless(model.unet_2()).eval()
    x, level = torch.randn(2, 6, 16, 16), torch.tensor([20, 300])
    one, other = torch.randn(2, 2, 77, model.TEXT_DIM)
    told = {"class_labels": level, "return_dict": False}
    with torch.inference_mode():
        without = [unet(x, 500, encoder_hidden_states=e, **told)[0] for e in (one, other)]
    assert torch.equal(*without)
    frozen = [p for p in unet.parameters() if not p.requires_grad]
    assert len(frozen) == 2
    assert not any(p.any() for p in frozen)


@pytest.mark.parametrize("t", [500, 950])
def test_training_noise_may_hold_low_frequencies_and_lack_the_picture(t):
    s = diffusion.schedule()
    times, x0 = torch.full((256,), t), torch.ones(256, 3, 16, 16)
    full, without = (
        stage2.training_noise(x, times, torch.Generator().manual_seed(2), s) for x in (x0, 0 * x0)
    )
    means = without.mean((2, 3))  # of white noise alone: 1/16 apart
    assert 0.1 < means.std() < stage2.OFFSET
    lack = (without - full).mean((1, 2, 3))
    assert (without - full - lack[:, None, None, None]).abs().max() < 1e-5
    signal = s.abar[t].sqrt() / (1 - s.abar[t]).sqrt()
    most = min(stage2.LACK, float(signal))
    assert lack.max() == pytest.approx(most, rel=0.05)
    assert 0.3 < (lack < 1e-6).float().mean() < 0.7
    if t == 950:  # then there is none of the picture in x_t
        x_t = diffusion.forward(x0, times, full, s)
        nothing = (1 - s.abar[t]).sqrt() * without
        assert (x_t - nothing)[lack > 0.999 * most].abs().max() < 1e-4
