"""Answers to 1.6, classifier-free guidance."""
# ruff: noqa: E501 (as they were written)

import torch

from pset import iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


def _ask(model, x, t, embeds):
    out = model.unet(x, t, encoder_hidden_states=embeds, return_dict=False)[0]
    return out[:, :3], out[:, 3:]


@right("1.6")
def guides_clean_images(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    # guidance in terms of x_0: it's linear in the noise, so that's the same thing
    def estimate(x_t, t):
        a = model.alphas_cumprod[t]
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        c = (x_t - (1 - a).sqrt() * eps_c) / a.sqrt()
        u = (x_t - (1 - a).sqrt() * eps_u) / a.sqrt()
        x_0 = scale * c + (1 - scale) * u
        return (x_t - a.sqrt() * x_0) / (1 - a).sqrt(), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@right("1.6")
class Guide:
    """Called like a function: returns the denoised image."""

    def __new__(cls, image, i_start, model, prompt_embeds, null_embeds, scale=7):
        self = super().__new__(cls)
        self.model, self.scale, self.embeds = model, scale, (null_embeds, prompt_embeds)
        return iterative_denoise(image, i_start, self.estimate, model.alphas_cumprod)

    def estimate(self, x_t, t):
        (u, _), (c, v) = (_ask(self.model, x_t, t, e) for e in self.embeds)
        return torch.lerp(u, c, float(self.scale)), v


@wrong(
    "1.6",
    "The two prompts are exchanged: it starts from the prompt's estimate and goes towards the empty prompt's.",
)
def exchanged(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        return eps_c + scale * (eps_u - eps_c), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Forgets the first ε_u: the noise is γ(ε_c − ε_u) alone.")
def difference_only(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        return scale * (eps_c - eps_u), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Starts from ε_c instead of ε_u, so the guidance is one stronger than γ.")
def one_stronger(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        cond, var = _ask(model, x_t, t, prompt_embeds)
        uncond, _ = _ask(model, x_t, t, null_embeds)
        return cond + scale * (cond - uncond), var

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Takes the variance channels from the empty prompt's output instead of the prompt's.")
def null_variance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, _ = _ask(model, x_t, t, prompt_embeds)
        eps_u, v = _ask(model, x_t, t, null_embeds)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Applies guidance to all six channels, the variance included.")
def guides_variance(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        c = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        u = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        return (u + scale * (c - u)).split(3, dim=1)

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Ignores its argument scale: γ is always 7.")
def always_seven(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    GAMMA = 7

    def estimate(x_t, t):
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        return eps_u + GAMMA * (eps_c - eps_u), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong(
    "1.6",
    "Stacks the batch with the empty prompt first but unpacks it with the prompt first, so the two halves are exchanged.",
)
def unpacked_in_wrong_order(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        n = x_t.shape[0]
        embeds = torch.cat([null_embeds.expand(n, -1, -1), prompt_embeds.expand(n, -1, -1)])
        out = model.unet(torch.cat([x_t, x_t]), t, encoder_hidden_states=embeds, return_dict=False)[
            0
        ]
        cond, uncond = out.chunk(2)
        noise = uncond[:, :3] + scale * (cond[:, :3] - uncond[:, :3])
        return noise, cond[:, 3:]

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong(
    "1.6",
    "Doubles the batch image by image but stacks the embeddings prompt by prompt, so with two or more images they don't belong together.",
)
def interleaved_batch(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        n = len(x_t)
        twice = x_t.repeat_interleave(2, dim=0)
        embeds = torch.cat([null_embeds] * n + [prompt_embeds] * n)
        u, c = model.unet(twice, t, encoder_hidden_states=embeds, return_dict=False)[0].chunk(2)
        return u[:, :3] + scale * (c[:, :3] - u[:, :3]), c[:, 3:]

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong(
    "1.6",
    "Asks for the empty prompt's estimate only in the first step and uses it again in all others.",
)
def cached_null(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    cache = {}

    def estimate(x_t, t):
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        if "u" not in cache:  # doesn't depend on the prompt, so once is enough
            cache["u"] = _ask(model, x_t, t, null_embeds)[0]
        return cache["u"] + scale * (eps_c - cache["u"]), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong(
    "1.6",
    "Runs the loop twice, with the prompt and without, and applies guidance to the two finished pictures instead of in every step.",
)
def guides_pictures(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def run(embeds):
        return iterative_denoise(
            image, i_start, lambda x, t: _ask(model, x, t, embeds), model.alphas_cumprod
        )

    without = run(null_embeds)
    return without + scale * (run(prompt_embeds) - without)


@wrong("1.6", "Clips the clean estimate to [-1, 1] in every step; (1) doesn't.")
def with_clipping(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        a = model.alphas_cumprod[t]
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        eps = eps_u + scale * (eps_c - eps_u)
        x_0 = ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
        return (x_t - a.sqrt() * x_0) / (1 - a).sqrt(), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Always starts the loop at 0, whatever i_start says.")
def ignores_start(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, v = _ask(model, x_t, t, prompt_embeds)
        eps_u, _ = _ask(model, x_t, t, null_embeds)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(image, 0, estimate, model.alphas_cumprod)


@wrong("1.6", "The estimates are about the image that the loop started from: x_t is never used.")
def asks_about_start(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, v = _ask(model, image, t, prompt_embeds)
        eps_u, _ = _ask(model, image, t, null_embeds)
        return eps_u + scale * (eps_c - eps_u), v

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong(
    "1.6",
    "Two mistakes: ε_u and ε_c are exchanged in the difference, and the variance is the mean of the two.",
)
def two_slips(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x_t, t):
        eps_c, v_c = _ask(model, x_t, t, prompt_embeds)
        eps_u, v_u = _ask(model, x_t, t, null_embeds)
        return eps_u + scale * (eps_u - eps_c), (v_c + v_u) / 2

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
