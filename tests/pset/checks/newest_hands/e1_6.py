"""Answers to 1.6, guidance."""

import torch

import pset
from tests.pset.checks.newest_hands import right, wrong


def ask(model, x_t, t, embeds):
    """Noise and variance."""
    out = model.unet(x_t, t, encoder_hidden_states=embeds, return_dict=False)[0]
    return out[:, :3], out[:, 3:]


@right("1.6")
def weights_sum_to_one(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        cond, var = ask(model, x, t, prompt_embeds)
        uncond, _ = ask(model, x, t, null_embeds)
        return scale * cond + (1 - scale) * uncond, var

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


class Guided:
    """A callable estimate."""

    def __init__(self, model, prompt, null, gamma):
        self.model, self.prompt, self.null, self.gamma = model, prompt, null, gamma

    def __call__(self, x, t):
        (c, v), (u, _) = (ask(self.model, x, t, e) for e in (self.prompt, self.null))
        return torch.lerp(u, c, float(self.gamma)), v


@right("1.6")
def with_class(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    estimate = Guided(model, prompt_embeds, null_embeds, scale)
    return pset.iterative_denoise(
        image, i_start=i_start, estimate=estimate, alphas_cumprod=model.alphas_cumprod
    )


@wrong("1.6", "The difference is the wrong way round: goes away from the prompt.")
def away_from_prompt(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return u + scale * (u - c), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Starts from the conditional estimate instead of the unconditional one.")
def on_top_of_cond(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return c + scale * (c - u), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Guides all six channels, the variance too.")
def six_guided(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c = model.unet(x, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        u = model.unet(x, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        out = u + scale * (c - u)
        return out[:, :3], out[:, 3:]

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Takes the variance of the empty prompt.")
def variance_overwritten(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, v = ask(model, x, t, null_embeds)
        return u + scale * (c - u), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Always guides with γ = 7.")
def seven(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return u + 7 * (c - u), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Always starts the loop at index 0.")
def from_the_top(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return u + scale * (c - u), v

    return pset.iterative_denoise(image, 0, estimate, model.alphas_cumprod)


@wrong("1.6", "Forgets to add the guided difference to the unconditional estimate.")
def difference_only(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return scale * (c - u), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Guides the embeddings and runs the network once, instead of guiding the noise.")
def guided_embedding(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    embeds = null_embeds + scale * (prompt_embeds - null_embeds)
    return pset.iterative_denoise(
        image, i_start, lambda x, t: ask(model, x, t, embeds), model.alphas_cumprod
    )


@wrong("1.6", "Runs two whole loops and guides their results.")
def two_loops(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def loop(embeds):
        return pset.iterative_denoise(
            image, i_start, lambda x, t: ask(model, x, t, embeds), model.alphas_cumprod
        )

    cond, uncond = loop(prompt_embeds), loop(null_embeds)
    return uncond + scale * (cond - uncond)


@wrong("1.6", "Computes the unconditional estimate once, for the starting image, and keeps it.")
def null_estimate_kept(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    u, _ = ask(model, image, pset.STRIDED_TIMESTEPS[i_start], null_embeds)

    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        return u + scale * (c - u), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)


@wrong("1.6", "Clips the guided noise to [-1, 1].")
def noise_clipped(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    def estimate(x, t):
        c, v = ask(model, x, t, prompt_embeds)
        u, _ = ask(model, x, t, null_embeds)
        return torch.clamp(u + scale * (c - u), -1, 1), v

    return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
