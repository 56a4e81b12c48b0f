"""Stage II's small pictures sit where its enlarging puts them."""

import torch

from training import enlarging, sample, stage2


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
    from training import model

    abar = model.scheduler().alphas_cumprod
    truth = ramp(256)

    class Oracle(torch.nn.Module):
        def forward(self, x, t, class_labels, encoder_hidden_states, return_dict):
            assert x.shape[1] == 6
            assert class_labels.tolist() == [sample.NOISE_LEVEL]
            eps = (x[:, :3] - abar[t].sqrt() * truth) / (1 - abar[t]).sqrt()
            return (torch.cat([eps, -torch.ones_like(eps)], 1),)

    text = torch.zeros(1, 77, 128)
    made = sample.enlarge(
        Oracle(), stage2.shrink(truth), text, text, abar, model.noising_scheduler().alphas_cumprod
    )
    assert (made - truth).abs().max() < 0.1
