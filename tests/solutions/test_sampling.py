"""The solutions of 1.4 to 1.6 against diffusers and against distributions that are known."""

import pytest
import torch
from diffusers import DDPMScheduler, IFPipeline

import pset
from autograder.course.solution import read_solutions
from pset.closed_form import cosine_alphas_cumprod, mean_image
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from tests.small_cascade import EMBEDDING_WIDTH, save_small_cascade
from tests.solutions import pipelines

MEANS = [[0.5, -0.4, 0.3, 0.1, 0, -0.2, 0.3, 0.1, 0], [-0.5, 0.4, 0, 0, 0.2, 0.1, 0, 0, 0.3]]


@pytest.fixture(scope="module")
def solutions():
    return {name: solution.namespace for name, solution in read_solutions().items()}


@pytest.fixture(scope="module")
def loop(solutions):
    return solutions["02_iterative_denoising"]["iterative_denoise"]


@pytest.fixture(scope="module")
def scheduler():
    scheduler = DDPMScheduler(
        beta_schedule="squaredcos_cap_v2", variance_type="learned_range", clip_sample=False
    )
    scheduler.set_timesteps(timesteps=list(STRIDED_TIMESTEPS))
    return scheduler


def estimate_of(model, embeds):
    def estimate(x_t, t):
        output = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
        return output[:, :3], output[:, 3:]

    return estimate


def test_strided_timesteps(solutions):
    assert solutions["02_iterative_denoising"]["strided_timesteps"]() == list(STRIDED_TIMESTEPS)
    assert len(STRIDED_TIMESTEPS) == 34


@pytest.mark.parametrize("i", [0, 10, 31])
def test_a_step_is_the_schedulers_step_on_the_pocket_model(loop, scheduler, i):
    """diffusers draws its noise from a generator; ours from the same seed."""
    model = pset.load_model("pocket")
    estimate = estimate_of(model, model.prompt_embeds("a high quality photo"))
    t, t_prev = STRIDED_TIMESTEPS[i : i + 2]
    x_t = scheduler.add_noise(pset.photo("cat"), pset.noise((1, 3, 64, 64)), torch.tensor([t]))
    z = pset.step_noise(x_t.shape, t_prev)
    # The last step of this short run would add nothing, so it gets one more step, and the loop is
    # stopped in between.
    arrived = []
    loop(
        x_t, i, estimate, scheduler.alphas_cumprod, list(STRIDED_TIMESTEPS[: i + 3]),
        after_step=lambda x, t: arrived.append(x) or x,
    )  # fmt: skip
    output = torch.cat(estimate(x_t, t), dim=1)
    mean = scheduler.step(torch.cat([output[:, :3], torch.full_like(x_t, -1e8)], 1), t, x_t,
                          generator=torch.Generator().manual_seed(0)).prev_sample  # fmt: skip
    sigma = (scheduler._get_variance(t, predicted_variance=output[:, 3:]) / 2).exp()
    theirs = mean + sigma * z
    assert float((arrived[0] - theirs).abs().max()) < 1e-4


@pytest.mark.parametrize("t", [990, 600, 60, 30])
def test_the_step_variance_is_diffusers_own(scheduler, t):
    v = pset.noise((1, 3, 8, 8)).clamp(-1, 1)
    a = scheduler.alphas_cumprod
    theirs = scheduler._get_variance(t, predicted_variance=v).exp()
    assert torch.allclose(step_variance(v, a[t], a[t - 30]), theirs, rtol=1e-3)


def test_the_solution_and_the_loop_to_build_on_agree(loop):
    model = pset.ClosedFormModel()
    estimate = estimate_of(model, model.prompt_embeds(MEANS))
    x_T = pset.noise((2, 3, 12, 12))
    ours = loop(x_T, 3, estimate, model.alphas_cumprod, seed=7)
    theirs = iterative_denoise(x_T, 3, estimate, model.alphas_cumprod, seed=7)
    assert torch.allclose(ours, theirs, atol=1e-4)


def test_samples_have_the_mean_of_the_distribution(loop):
    """One Gaussian: the mean of samples is μ, and their spread is not that of the noise."""
    model = pset.ClosedFormModel(scale=0.2)
    embeds = model.prompt_embeds(MEANS[:1])
    x = loop(pset.noise((400, 3, 6, 6)), 0, estimate_of(model, embeds), model.alphas_cumprod)
    mu = mean_image(embeds[:, 0], 6, 6)
    assert float((x.mean(0, keepdim=True) - mu).abs().max()) < 5 * 0.2 / 400**0.5
    assert float(x.std(0).mean()) == pytest.approx(0.2, rel=0.15)


def test_a_mixture_is_sampled_in_its_proportions(loop):
    """Two far and equally likely components: each sample belongs to one, about half to each."""
    model = pset.ClosedFormModel(scale=0.1)
    embeds = model.prompt_embeds(MEANS)
    x = loop(pset.noise((200, 3, 6, 6)), 0, estimate_of(model, embeds), model.alphas_cumprod)
    distance = torch.stack(
        [(x - mean_image(mu, 6, 6)).pow(2).mean((1, 2, 3)).sqrt() for mu in embeds.unbind(1)]
    )
    assert float(distance.amin(0).max()) < 0.25
    share = float((distance[0] < distance[1]).float().mean())
    assert 0.35 < share < 0.65


def test_images_with_seeds_of_their_own_are_drawn_as_if_alone():
    model = pset.ClosedFormModel(scale=0.5)
    estimate = estimate_of(model, model.prompt_embeds(MEANS))
    x_T = torch.cat([pset.noise((1, 3, 6, 6), seed) for seed in (3, 8)])
    together = iterative_denoise(x_T, 10, estimate, model.alphas_cumprod, seed=[3, 8])
    for k, seed in enumerate((3, 8)):
        alone = iterative_denoise(x_T[k : k + 1], 10, estimate, model.alphas_cumprod, seed=seed)
        torch.testing.assert_close(together[k : k + 1], alone, rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match="3 seeds for 2 images"):
        iterative_denoise(x_T, 10, estimate, model.alphas_cumprod, seed=[1, 2, 3])


@pytest.mark.parametrize("scale", [0.0, 1.0, 7.0])
def test_guidance_of_two_gaussians_is_known(solutions, scale):
    """With scores linear in x, guidance is another Gaussian; one step of it in closed form."""
    model = pset.ClosedFormModel(scale=0.3)
    prompt, null = model.prompt_embeds(MEANS[:1]), model.prompt_embeds(MEANS[1:])
    i = len(STRIDED_TIMESTEPS) - 2
    t, t_prev = STRIDED_TIMESTEPS[i:]
    a, b = (cosine_alphas_cumprod()[k].double() for k in (t, t_prev))
    x_t = pset.noise((1, 3, 8, 8))
    mu = mean_image((scale * prompt + (1 - scale) * null)[:, 0].double(), 8, 8)
    eps = (1 - a).sqrt() / (a * 0.09 + 1 - a) * (x_t - a.sqrt() * mu)
    expected = (x_t - (1 - a / b) / (1 - a).sqrt() * eps) / (a / b).sqrt()
    cfg = solutions["03_guidance"]["iterative_denoise_cfg"]
    ours = cfg(x_t, i, model, prompt, null, scale=scale)
    assert torch.allclose(ours.double(), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("thresholding", [False, True])
def test_guided_sampling_is_the_pipelines(solutions, tmp_path, monkeypatch, thresholding):
    """`IFPipeline` on the same weights, with the course's timesteps, start and step noise."""
    model = pset.load_model(save_small_cascade(tmp_path) / "stage-1")
    prompt, null = (pset.noise((1, 77, EMBEDDING_WIDTH), seed) for seed in (1, 2))
    embeds = {"prompt": prompt, "": null}
    pipeline = pipelines.pipeline(IFPipeline, model, thresholding)
    frames = []
    with pipelines.our_noise(STRIDED_TIMESTEPS):
        pipeline(
            prompt_embeds=prompt,
            negative_prompt_embeds=null,
            height=16,
            width=16,
            timesteps=list(STRIDED_TIMESTEPS),
            guidance_scale=7.0,
            generator=torch.Generator().manual_seed(pset.SEED),
            callback=lambda step, t, x: frames.append(x),
            output_type="pt",
        )

    def denoise(x_T, i_start):
        if thresholding:
            monkeypatch.setattr(type(model), "prompt_embeds", lambda _, text: embeds[text])
            estimate = pset.thresholded(model, pset.guided(model, "prompt", 7.0))
            loop = solutions["02_iterative_denoising"]["iterative_denoise"]
            return loop(x_T, i_start, estimate, model.alphas_cumprod)
        cfg = solutions["03_guidance"]["iterative_denoise_cfg"]
        return cfg(x_T, i_start, model, prompt, null, scale=7)

    ours = solutions["02_iterative_denoising"]["sample"](1, denoise, 16, pset.SEED)
    # Its last frame has gone one step further, from t = 0 to its estimate of the clean image.
    torch.testing.assert_close(ours, frames[-2], rtol=1e-3, atol=1e-3)


def test_samples_of_a_mixture_have_its_mean_and_variance(solutions, loop):
    """For each pixel: the mean of both means; scale² and the variance between the components."""
    model = pset.ClosedFormModel(scale=0.2)
    embeds = model.prompt_embeds(MEANS)
    estimate = estimate_of(model, embeds)

    def denoise(x_T, i_start):
        return loop(x_T, i_start, estimate, model.alphas_cumprod)

    count = 600
    x = solutions["02_iterative_denoising"]["sample"](count, denoise, 6, 11)
    means = torch.stack([mean_image(mu, 6, 6)[0] for mu in embeds.unbind(1)])
    between = means.var(0, correction=0)
    variance = 0.2**2 + between
    assert float(((x.mean(0) - means.mean(0)) / variance.sqrt()).abs().max()) < 5 / count**0.5
    # The share of each component is drawn too: four standard errors of p (1 − p) about ¼.
    assert torch.allclose(x.var(0), variance, rtol=0.25)
