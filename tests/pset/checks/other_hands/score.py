"""Answers to the exercise on the score."""

import math

import numpy as np
import torch

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


@right("score")
def score_in_one_line(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@right("score")
def score_from_clean_image(x_t, t, model, prompt_embeds):
    abar = model.alphas_cumprod[t]
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    x0 = (x_t - (1 - abar).sqrt() * out[:, :3]) / abar.sqrt()
    return (abar.sqrt() * x0 - x_t) / (1 - abar)


@right("score")
def score_with_split(x_t, t, model, prompt_embeds):
    noise, _ = model.unet(x_t, timestep=t, encoder_hidden_states=prompt_embeds, return_dict=False)[
        0
    ].split(3, dim=1)
    sigma_t = torch.sqrt(1.0 - model.alphas_cumprod[t])
    return noise.div(sigma_t).neg()


@right("score")
def score_in_numpy(x_t, t, model, prompt_embeds):
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = output[:, :3].detach().cpu().numpy()
    sigma = np.sqrt(1 - model.alphas_cumprod.cpu().numpy())[t]
    return torch.from_numpy(eps / -sigma).to(x_t.device)


@right("score")
def score_per_image(x_t, t, model, prompt_embeds):
    sigma = math.sqrt(1 - float(model.alphas_cumprod[t]))
    rows = []
    for x in x_t:
        o = model.unet(x[None], t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        rows.append(o[0, :3] * (-1 / sigma))
    return torch.stack(rows)


@right("score")
def score_with_power(x_t, t, model, prompt_embeds):
    with torch.no_grad():
        out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    return -((1 - model.alphas_cumprod[t]) ** -0.5) * out.chunk(2, dim=1)[0]


@right("score")
def score_with_all_sigmas(x_t, t, model, prompt_embeds):
    sigmas = (1 - model.alphas_cumprod.double()).sqrt()
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    epsilon = torch.index_select(out, 1, torch.tensor([0, 1, 2], device=out.device))
    return -(epsilon.double() / sigmas[t]).float()


@wrong("score", "the sign is missing: the arrows point downhill")
def score_downhill(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "multiplies by σ in place of dividing")
def score_times_sigma(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -(1 - model.alphas_cumprod[t]).sqrt() * eps


@wrong("score", "divides by σ² in place of σ")
def score_over_variance(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[t])


@wrong("score", "only the sign, no σ")
def score_minus_noise(x_t, t, model, prompt_embeds):
    noise, _ = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0].chunk(
        2, 1
    )
    return -noise


@wrong("score", "divides by √ᾱ: image's weight in place of the noise's")
def score_over_signal(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / model.alphas_cumprod[t].sqrt()


@wrong("score", "takes the variance channels for the noise")
def score_of_variance(x_t, t, model, prompt_embeds):
    v = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, 3:]
    return -v / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "takes σ from the variance channels")
def score_sigma_from_channels(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps, v = out.split(3, dim=1)
    return -eps / (v.abs() + 1e-3).sqrt()


@wrong("score", "the root is in the wrong place: 1 − √ᾱ")
def score_one_minus_root(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[t].sqrt())


@wrong("score", "the schedule is read at t − 1")
def score_schedule_before(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[max(t - 1, 0)]).sqrt()


@wrong("score", "the network is told t + 1")
def score_network_later(x_t, t, model, prompt_embeds):
    later = min(t + 1, 999)
    eps = model.unet(x_t, later, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "uses the notebook's schedule in place of the model's")
def score_global_schedule(x_t, t, model, prompt_embeds):
    sigma_t = (1 - alphas_bar_of_notebook[t]).sqrt()
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / sigma_t


@wrong("score", "returns unit vectors: only the direction")
def score_unit_length(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    s = -eps / (1 - model.alphas_cumprod[t]).sqrt()
    return s / s.norm(dim=1, keepdim=True)


@wrong("score", "returns the arrows as the plot scales them, by the root of their length")
def score_as_plotted(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    s = -eps / (1 - model.alphas_cumprod[t]).sqrt()
    return s / s.norm(dim=1, keepdim=True).sqrt().clamp_min(1e-6)


@wrong("score", "points from x_t to the clean estimate, without weights")
def score_towards_clean(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    x0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return x0 - x_t


@wrong("score", "forgets to scale the clean estimate: (x̂_0 − x_t) / σ²")
def score_unscaled_clean(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    x0 = (x_t - (1 - a).sqrt() * eps) / a.sqrt()
    return (x0 - x_t) / (1 - a)


@wrong("score", "the score of one Gaussian at zero: −x_t, without the network")
def score_of_standard_normal(x_t, t, model, prompt_embeds):
    return -x_t / (1 - model.alphas_cumprod[t])


@wrong("score", "clips the clean estimate on the way")
def score_clipped_clean(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    x0 = ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
    return (a.sqrt() * x0 - x_t) / (1 - a)


@wrong("score", "returns the clean estimate")
def score_is_clean_image(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (x_t - (1 - a).sqrt() * eps) / a.sqrt()


@wrong("score", "takes the logarithm of the noise")
def score_with_logarithm(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -torch.log(eps.abs() + 1e-6) / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "the gradient of the noise's square, by autograd")
def score_by_autograd_of_noise(x_t, t, model, prompt_embeds):
    x = x_t.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        eps = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
        log_p = -0.5 * (eps**2).sum()
        if not log_p.requires_grad:
            return -eps
        (gradient,) = torch.autograd.grad(log_p, x)
    return gradient


@wrong("score", "returns all six channels")
def score_six_channels(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    return -out / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "one number for each image: the mean over its pixels")
def score_mean_over_pixels(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    s = -eps / (1 - model.alphas_cumprod[t]).sqrt()
    return s.mean(dim=(2, 3), keepdim=True).expand_as(s)


@wrong("score", "flattens the images")
def score_flattened(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return (-eps / (1 - model.alphas_cumprod[t]).sqrt()).flatten(1)


@wrong("score", "divides by the square root of t")
def score_over_root_of_t(x_t, t, model, prompt_embeds):
    sigma_t = math.sqrt((t + 1) / 1000)
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / sigma_t


@wrong("score", "divides by the noise level of the image at full strength, √((1 − ᾱ)/ᾱ)")
def score_variance_exploding(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / ((1 - a) / a).sqrt()


@wrong("score", "divides by the measured standard deviation of x_t")
def score_measured_sigma(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / x_t.std()


@wrong("score", "divides by the estimate's own standard deviation")
def score_sigma_of_estimate(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / eps.std()


@wrong("score", "the prompt is ignored")
def score_without_prompt(x_t, t, model, prompt_embeds):
    nothing = torch.zeros_like(prompt_embeds)
    eps = model.unet(x_t, t, encoder_hidden_states=nothing, return_dict=False)[0][:, :3]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "a one-channel score: the mean of the colours")
def score_grey(x_t, t, model, prompt_embeds):
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps.mean(dim=1, keepdim=True) / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "asks the network about x_t at full strength")
def score_of_rescaled_input(x_t, t, model, prompt_embeds):
    a = model.alphas_cumprod[t]
    out = model.unet(x_t / a.sqrt(), t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    return -out[:, :3] / (1 - a).sqrt()


@wrong("score", "the scaled noise subtracted from x_t")
def score_difference(x_t, t, model, prompt_embeds):
    sigma = (1 - model.alphas_cumprod[t]).sqrt()
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return x_t - sigma * eps


@wrong("score", "the last three channels are put first: the output is read backwards")
def score_channels_backwards(x_t, t, model, prompt_embeds):
    out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    eps = out[:, [2, 1, 0]]
    return -eps / (1 - model.alphas_cumprod[t]).sqrt()


@wrong("score", "finite differences of |ε|², in one direction for all pixels")
def score_by_differences(x_t, t, model, prompt_embeds):
    def energy(x):
        out = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        return -0.5 * out[:, :3].square().sum(dim=1, keepdim=True)

    h = 1e-2
    return ((energy(x_t + h) - energy(x_t)) / h).expand_as(x_t)


@wrong(
    "score", "takes the gradient of the log-density that the course provides, which is forbidden"
)
def score_by_autograd(x_t, t, model, prompt_embeds):
    x = x_t.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        log_p = model.log_density(x, t, prompt_embeds).sum()
        return torch.autograd.grad(log_p, x)[0]


@wrong("score", "neither sign nor σ: the noise itself")
def score_is_noise(x_t, t, model, prompt_embeds):
    return model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]


@wrong("score", "the sign is missing, and σ multiplies")
def score_is_scaled_noise(x_t, t, model, prompt_embeds):
    eps, _ = torch.split(
        model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0], 3, dim=1
    )
    return np.sqrt(1 - model.alphas_cumprod[t].item()) * eps


@open_question("score", "whether σ may have a floor for small t, which keeps the score finite")
def score_with_floor(x_t, t, model, prompt_embeds):
    sigma = (1 - model.alphas_cumprod[t]).sqrt().clamp_min(0.02)
    eps = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0][:, :3]
    return -eps / sigma
