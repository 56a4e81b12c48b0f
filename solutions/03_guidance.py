# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Classifier-free guidance
#
# Samples from the plain model are dull. **Guidance** (Ho & Salimans 2022) trades variety for quality: it
# runs the network twice, once with the prompt and once with the empty prompt `""`, and then goes further in
# the direction from the second answer to the first. You change one line, and the pictures change
# completely.
#
# You need the loop from the last notebook. The next cell imports the one that comes with the course. If
# you'd rather use your own, paste it (and `strided_timesteps`) into a new cell below the imports: it takes
# the same arguments and gives the same result.

# %% setup=true
from IPython.display import display

import pset
from pset import check, iterative_denoise

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod
null_embeds = model.prompt_embeds("")

# %% [markdown]
# ## 1.6 The guided estimate
#
# Let $\epsilon_c$ be the estimate for the prompt and $\epsilon_u$ the estimate for the empty prompt, both
# at the *same* $x_t$ and $t$. Then
#
# $$ \epsilon = \epsilon_u + \gamma\,(\epsilon_c - \epsilon_u) . \tag{1} $$
#
# $\gamma = 0$ ignores the prompt, $\gamma = 1$ gives you the model as it is, and the course uses
# $\gamma = 7$. In terms of scores, (1) is the gradient of
# $\log p(x_t) + \gamma \log p(\text{prompt} \mid x_t)$: it looks for images in which you can *recognise*
# the prompt more clearly than in a typical one.
#
# Guidance applies to the noise only. Take the variance channels from the prompt's output, unchanged.
#
# The loop takes any `estimate(x_t, t)`. Write one that implements (1), and pass it to the loop. Don't clip
# anything, neither on the way nor at the end.

# %% exercise="1.6"
def iterative_denoise_cfg(image, i_start, model, prompt_embeds, null_embeds, scale=7):
    """Denoise step by step with classifier-free guidance.

    Args:
        image: x_t at t = timesteps[i_start], [B, 3, H, W].
        i_start: an index into the strided timesteps.
        model: the model; you need model.unet and model.alphas_cumprod.
        prompt_embeds: the embedding of the prompt, [1, 77, D].
        null_embeds: the embedding of the empty prompt, [1, 77, D].
        scale: the guidance scale, gamma.

    Returns:
        The denoised image, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    def estimate(x_t, t):
        conditional = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        unconditional = model.unet(x_t, t, encoder_hidden_states=null_embeds, return_dict=False)[0]
        noise_c, variance = conditional.split(3, dim=1)
        noise_u, _ = unconditional.split(3, dim=1)
        return noise_u + scale * (noise_c - noise_u), variance

    return iterative_denoise(image, i_start, estimate, model.alphas_cumprod)
    ### END SOLUTION


# %% check="1.6"
check(
    "1.6",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here's the same starting noise as in the last notebook, with the same vague prompt, without guidance and
# with it. The prompt asks for nothing in particular, and still guidance has a direction: away from what the
# model draws when nobody asks for anything, towards something one can recognise.

# %% needs="1.6"
x_T = pset.noise((5, 3, 64, 64), device=model.device)
prompt = "a high quality photo"
prompt_embeds = model.prompt_embeds(prompt)
with pset.your_code():
    unguided = iterative_denoise_cfg(x_T, 0, model, prompt_embeds, null_embeds, scale=1)
    with_guidance = iterative_denoise_cfg(x_T, 0, model, prompt_embeds, null_embeds)
    figure = pset.rows([unguided, with_guidance], row_titles=["γ = 1", "γ = 7"])
    display(pset.publish(figure, "1.6_samples"))

# %% [markdown]
# Now a prompt that does ask for something, and more scales. Each row has its own $\gamma$, and each column its own noise. Follow a
# column down: when does the subject become clear, and what happens to colours and outlines when $\gamma$
# gets too large?

# %% needs="1.6"
with pset.your_code():
    castle = model.prompt_embeds("a watercolor of a castle")
    scales = [1, 3, 7, 12]
    rows = [iterative_denoise_cfg(x_T[:4], 0, model, castle, null_embeds, scale=g) for g in scales]
    figure = pset.rows(rows, row_titles=[f"γ = {g}" for g in scales])
    display(pset.publish(figure, "1.6_scales"))

# %% [markdown]
# ## When guidance goes too far
#
# Garish colours, and areas of pure white or black, have a cause that you can see in the numbers. Every
# noise estimate corresponds to an estimate of the clean image,
# $\hat x_0 = (x_t - \sqrt{1 - \bar\alpha_t}\,\epsilon) / \sqrt{\bar\alpha_t}$, and images live in
# $[-1, 1]$. Nothing in (1) knows that. With $\gamma = 7$ it asks for blacker than black, and the next step
# takes that at face value and adds to it. Imagen (Saharia et al. 2022) pulls $\hat x_0$ back in every step:
# it clips it to $[-s, s]$ and divides by $s$, where $s \ge 1$ is chosen from the image's own values, or is
# simply 1. This is called *thresholding*.
#
# The loop doesn't change. The noise that corresponds to the clipped $\hat x_0$ is just another `estimate`,
# and `pset.thresholded(model, estimate)` makes it for you. Here's your row for $\gamma = 7$ again, and
# below it the same noise with thresholding. From here on, the notebooks always use it.

# %% needs="1.6"
with pset.your_code():
    estimate = pset.thresholded(model, pset.guided(model, "a watercolor of a castle"))
    in_range = iterative_denoise(x_T[:4], 0, estimate, alphas_cumprod)
    figure = pset.rows([rows[2], in_range], row_titles=["γ = 7", "γ = 7,\nthresholded"])
    display(pset.publish(figure, "1.6_thresholded"))

# %% [markdown]
# **Choose** one of them and save it: the last notebook takes whatever it finds in the folder `pictures` and
# enlarges it.

# %% needs="1.6"
with pset.your_code():
    column = 0
    pset.save_image(in_range[column], "pictures/1.6 a watercolor of a castle.png")

# %% [markdown]
# **Question.** With $\gamma > 1$, equation (1) goes *beyond* the conditional estimate, so the result is no
# longer a sample from the model's distribution for that prompt. What do you lose, and why might you want
# that trade anyway? Refer to your rows of pictures.

# %% [markdown] question="1.6-question"
# ### BEGIN SOLUTION
# You lose variety. Guided samples crowd together where the prompt is unmistakable: as γ grows, the columns
# look more alike, colours saturate and outlines harden. In return, nearly every picture shows what you
# asked for. That's a good trade if you want one good picture. It's a bad one if you want a faithful sample
# of everything the prompt could mean.
# ### END SOLUTION
