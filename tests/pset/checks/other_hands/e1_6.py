"""Answers to 1.6, classifier-free guidance."""

import torch

import pset
from tests.pset.checks.other_hands import open_question, right, wrong

alphas_bar_of_notebook = pset.ClosedFormModel().alphas_cumprod


@right("1.6")
def cfg_with_closure(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        cond = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        uncond = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        e_c, var = cond.split(3, dim=1)
        e_u, _ = uncond.split(3, dim=1)
        return e_u + scale * (e_c - e_u), var

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@right("1.6")
def cfg_with_helper(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def run(x, t, embeds):
        out = model.unet(x, t, encoder_hidden_states=embeds, return_dict=False)[0]
        return out[:, :3], out[:, 3:]

    def guided_estimate(x, t):
        eps_u = run(x, t, null_embeds)[0]
        eps_c, v = run(x, t, prompt_embeds)
        return (1 - scale) * eps_u + scale * eps_c, v

    return pset.iterative_denoise(image, i_start, guided_estimate, model.alphas_cumprod)


@right("1.6")
def cfg_with_lerp(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        outputs = [
            model.unet(x, t, encoder_hidden_states=e, return_dict=False)[0].chunk(2, dim=1)
            for e in (null_embeds, prompt_embeds)
        ]
        return torch.lerp(outputs[0][0], outputs[1][0], float(scale)), outputs[1][1]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@right("1.6")
def cfg_as_class(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    class Guided:
        def __call__(self, x_t, t):
            kwargs = {"return_dict": False}
            c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, **kwargs)[0]
            u = model.unet(x_t, t, encoder_hidden_states=null_embeds, **kwargs)[0]
            noise = u[:, 0:3] + scale * (c[:, 0:3] - u[:, 0:3])
            return noise, c[:, 3:6]

    return pset.iterative_denoise(image, i_start, Guided(), model.alphas_cumprod)


@right("1.6")
def cfg_own_loop(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    abar, ts = model.alphas_cumprod, list(range(990, -1, -30))
    x = image
    for i in range(i_start, len(ts) - 1):
        t, s = ts[i], ts[i + 1]
        c = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        u = model.unet(x, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        eps = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        alpha = abar[t] / abar[s]
        x0 = (x - (1 - abar[t]).sqrt() * eps) / abar[t].sqrt()
        x = (
            abar[s].sqrt() * (1 - alpha) / (1 - abar[t]) * x0
            + alpha.sqrt() * (1 - abar[s]) / (1 - abar[t]) * x
        )
        if s > 0:
            sigma = pset.step_variance(c[:, 3:], abar[t], abar[s]).sqrt()
            x = x + sigma * pset.step_noise(x.shape, s, device=x.device)
    return x


@right("1.6")
def cfg_image_by_image_estimate(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        noises, variances = [], []
        for x in x_t.split(1):
            c = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
            u = model.unet(x, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
            noises.append(u[:, :3] + scale * (c - u)[:, :3])
            variances.append(c[:, 3:])
        return torch.cat(noises), torch.cat(variances)

    return pset.iterative_denoise(image, i_start, estimate, alphas_cumprod=model.alphas_cumprod)


@right("1.6")
def cfg_beyond_the_conditional(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    # The same from the other side: c + (γ − 1)(c − u)
    def estimate(x_t, t):
        with torch.no_grad():
            out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
            null = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        c, v = out.tensor_split(2, dim=1)
        return c + (scale - 1) * (c - null[:, :3]), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


def _two(model, x_t, t, prompt_embeds, null_embeds):
    """Both outputs, all six channels of each."""
    c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    u = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
    return c, u


@wrong("1.6", "prompt and empty prompt are swapped in the formula")
def cfg_swapped(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return c[:, :3] + scale * (u[:, :3] - c[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "starts from the conditional estimate: ε_c + γ(ε_c − ε_u)")
def cfg_from_conditional(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return c[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the sign of the difference is wrong: ε_u + γ(ε_u − ε_c)")
def cfg_wrong_direction(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (u[:, :3] - c[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "ε_u isn't added: γ(ε_c − ε_u) alone")
def cfg_difference_only(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "ε_u + γ ε_c: the subtraction is missing")
def cfg_without_subtraction(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * c[:, :3], c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "brackets: (ε_u + γ ε_c) − ε_u")
def cfg_brackets(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        eps_u, eps_c = u[:, :3], c[:, :3]
        return eps_u + scale * eps_c - eps_u, c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the convention with 1 + w: γ = 0 gives the conditional model")
def cfg_other_convention(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return (1 + scale) * c[:, :3] - scale * u[:, :3], c[:, 3:].clone()

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the variance is guided too")
def cfg_guides_variance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        out = u + scale * (c - u)
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the variance is the empty prompt's")
def cfg_null_variance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), u[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the variance is the mean of both")
def cfg_mean_variance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), (c[:, 3:] + u[:, 3:]) / 2

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the scale is always 7")
def cfg_scale_hard_coded(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + 7 * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "no guidance: the prompt's estimate alone")
def cfg_without_guidance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        out = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "both estimates are made with the prompt")
def cfg_prompt_twice(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        u = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        noise = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        return noise, c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "both estimates are made with the empty prompt")
def cfg_null_twice(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, null_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "zeros in place of the empty prompt's embedding")
def cfg_zero_embedding(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, torch.zeros_like(prompt_embeds))
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "guides the embeddings and runs the network once")
def cfg_of_embeddings(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    n = min(prompt_embeds.shape[1], null_embeds.shape[1])
    embeds = null_embeds[:, :n] + scale * (prompt_embeds[:, :n] - null_embeds[:, :n])

    def estimate(x_t, t):
        out = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "i_start is ignored: begins at 0")
def cfg_from_zero(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, 0, estimate, model.alphas_cumprod)


@wrong("1.6", "uses the notebook's schedule in place of the model's")
def cfg_global_schedule(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, alphas_bar_of_notebook)


@wrong("1.6", "clips the guided noise to [-1, 1]")
def cfg_clipped_noise(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return (u[:, :3] + scale * (c[:, :3] - u[:, :3])).clamp(-1, 1), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "brings the guided noise back to the conditional one's standard deviation")
def cfg_rescaled(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        eps = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        return eps * (c[:, :3].std() / eps.std()), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "thresholds the clean estimate in every step")
def cfg_thresholded(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        a = model.alphas_cumprod[t]
        eps = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        x0 = ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
        return (x_t - a.sqrt() * x0) / (1 - a).sqrt(), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "takes the variance channels for the noise")
def cfg_wrong_half(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, 3:] + scale * (c[:, 3:] - u[:, 3:]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the estimate returns variance and noise in the wrong order")
def cfg_wrong_order(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return c[:, 3:], u[:, :3] + scale * (c[:, :3] - u[:, :3])

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the empty prompt's estimate is made once, at the start, and kept")
def cfg_null_estimate_kept(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    t_0 = pset.STRIDED_TIMESTEPS[i_start]
    u = model.unet(image, t_0, encoder_hidden_states=null_embeds, return_dict=False)[0]

    def estimate(x_t, t):
        c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the estimate looks at the starting image in every step")
def cfg_looks_at_start(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, image, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the estimate tells the network the starting timestep in every step")
def cfg_timestep_of_start(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    start = pset.STRIDED_TIMESTEPS[i_start]

    def estimate(x_t, t):
        c, u = _two(model, x_t, start, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the two estimates are at different timesteps")
def cfg_different_timesteps(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        before = max(t - 30, 0)
        u = model.unet(x_t, before, encoder_hidden_states=null_embeds, return_dict=False)[0]
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "guides the results of two whole loops, not the estimates")
def cfg_of_results(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def plain(embeds):
        def estimate(x_t, t):
            o = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
            return o[:, :3], o[:, 3:]

        return estimate

    c = pset.iterative_denoise(image, i_start, plain(prompt_embeds), model.alphas_cumprod)
    u = pset.iterative_denoise(image, i_start, plain(null_embeds), model.alphas_cumprod)
    return u + scale * (c - u)


@wrong("1.6", "guidance only in the first half of the timesteps")
def cfg_half_of_the_way(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        gamma = scale if t > 495 else 1
        return u[:, :3] + gamma * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the weights are normalised: (ε_u + γ ε_c) / (1 + γ)")
def cfg_weighted_mean(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return (u[:, :3] + scale * c[:, :3]) / (1 + scale), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the result is clipped and mapped to [0, 1]")
def cfg_for_display(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    x = pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
    return (x.clamp(-1, 1) + 1) / 2


@wrong("1.6", "adds noise to the image first, though it is noisy already")
def cfg_noises_again(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    a = model.alphas_cumprod[pset.STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * image + (1 - a).sqrt() * pset.noise(image.shape, device=image.device)
    return pset.iterative_denoise(noisy, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "starts from fresh noise and ignores the image")
def cfg_ignores_image(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    x_T = pset.noise(image.shape, device=image.device)
    return pset.iterative_denoise(x_T, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the default scale is 1")
def cfg_default_scale(image, i_start, model, prompt_embeds, null_embeds, scale=1):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "its own loop adds no noise")
def cfg_own_loop_without_noise(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    abar, ts = model.alphas_cumprod, pset.STRIDED_TIMESTEPS
    x = image
    for t, s in zip(ts[i_start:], ts[i_start + 1 :]):
        c, u = _two(model, x, t, prompt_embeds, null_embeds)
        eps = u[:, :3] + scale * (c[:, :3] - u[:, :3])
        alpha = abar[t] / abar[s]
        x0 = (x - (1 - abar[t]).sqrt() * eps) / abar[t].sqrt()
        w0 = abar[s].sqrt() * (1 - alpha) / (1 - abar[t])
        x = w0 * x0 + alpha.sqrt() * (1 - abar[s]) / (1 - abar[t]) * x
    return x


@wrong("1.6", "only the first image's guidance, for the whole batch")
def cfg_first_of_batch(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        push = (c[:1, :3] - u[:1, :3]) * scale
        return u[:, :3] + push, c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "prompt and empty prompt are swapped, for the variance too")
def cfg_swapped_throughout(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        u, c = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "the variance is guided, and i_start is ignored")
def cfg_two_mistakes(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return torch.lerp(u, c, float(scale)).chunk(2, dim=1)

    return pset.iterative_denoise(image, 0, estimate, model.alphas_cumprod)


@open_question("1.6", "whether γ = 1 may skip the empty prompt's run of the network")
def cfg_shortcut(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        if scale == 1:
            return c[:, :3], c[:, 3:]
        u = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@open_question("1.6", "whether both prompts may go through the network as one batch")
def cfg_one_batch(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        n = len(x_t)
        embeds = torch.cat([e.expand(n, -1, -1) for e in (null_embeds, prompt_embeds)])
        both = torch.cat([x_t, x_t])
        out = model.unet(both, t, encoder_hidden_states=embeds, return_dict=False)[0]
        u, c = out.chunk(2)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@open_question("1.6", "whether the finished image may be clipped to [-1, 1]")
def cfg_clipped_result(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c, u = _two(model, x_t, t, prompt_embeds, null_embeds)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    x = pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
    return x.clamp(-1, 1)
