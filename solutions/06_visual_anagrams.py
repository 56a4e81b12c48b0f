# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Visual anagrams
#
# A picture that shows one thing, and another when you turn it upside down. Nobody has to draw it. At every
# step of the loop, you ask the model twice, once about the picture as it is and once about the picture
# upside down, and go where both answers lead (Geng et al. 2024).
#
# From the earlier notebooks you need the loop,
# `iterative_denoise(image, i_start, estimate, alphas_cumprod)`. It takes any `estimate(x_t, t)` that
# returns the noise and the variance channels. `guided(model, prompt)` makes the guided one for a prompt,
# and `thresholded(model, estimate)` keeps an estimate within the range of images. In this notebook you
# combine two estimates into a new one; the loop doesn't change.

# %% setup=true
from functools import partial

import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 1.9 Two views of one noise
#
# $$ \epsilon = \tfrac12 \left( \epsilon_1(x_t, t) \;+\;
#    \mathrm{flip}^{-1}\, \epsilon_2(\mathrm{flip}\; x_t,\, t) \right) . \tag{1} $$
#
# `flip` turns the picture upside down: it swaps top and bottom and leaves left and right as they are,
# `torch.flip(x, dims=[2])`. Flip twice and you're back where you started, so here $\mathrm{flip}^{-1}$ is
# flip itself.
#
# You ask the second estimate about the *upside-down* picture, and that's the picture its answer is for. So
# turn the answer back before you average it with the first. The same goes for the variance channels: take
# the mean of both, with the second one turned back.

# %% exercise="1.9"
def visual_anagram(x_t, t, estimate_1, estimate_2):
    """Estimate the noise for a picture that shows one thing upright and another upside down.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate_1: a function for the upright picture; estimate_1(x_t, t) returns noise and variance.
        estimate_2: the same for the upside-down picture.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W], each averaged over
        the two views.
    """
    ### BEGIN SOLUTION
    noise_1, variance_1 = estimate_1(x_t, t)
    noise_2, variance_2 = estimate_2(torch.flip(x_t, dims=[2]), t)
    noise = (noise_1 + torch.flip(noise_2, dims=[2])) / 2
    variance = (variance_1 + torch.flip(variance_2, dims=[2])) / 2
    return noise, variance
    ### END SOLUTION


# %% check="1.9"
check(
    "1.9",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# This is the pair from the write-up (the student report that this part of the course follows): an old man,
# and people around a campfire. There they were oil paintings; in black and white, a small model hides one
# in the other more easily. Each column is one picture with its own noise; the lower row is
# the upper row turned upside down.
#
# Don't expect all of them to work. Two prompts share one set of pixels, and there may be no single image
# that satisfies both. Often one of the two wins, or neither is clear. So make several, and choose.

# %% needs="1.9"
COUNT = 6


def anagrams(prompt_1, prompt_2):
    """Make COUNT anagrams, each from its own noise."""
    estimate_1, estimate_2 = guided(model, prompt_1), guided(model, prompt_2)
    estimate = partial(visual_anagram, estimate_1=estimate_1, estimate_2=estimate_2)
    x_T = pset.noise((COUNT, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def show_both_ways(pictures, prompt_1, prompt_2, name):
    """Show the pictures upright, and below them upside down."""
    captions = [[f"picture {k}" for k in range(len(pictures))], []]
    titles = [prompt.replace(" of ", "\nof ", 1) for prompt in (prompt_1, prompt_2)]
    figure = pset.rows([pictures, pictures.flip(2)], captions, row_titles=titles)
    display(pset.publish(figure, name))


with pset.your_code():
    man = "a lithograph of an old man"
    campfire = "a lithograph of people around a campfire"
    first = anagrams(man, campfire)
    show_both_ways(first, man, campfire, "1.9_old_man_campfire")

# %% [markdown]
# Another pair. Two things go together if they share their large shapes: something round with something
# round, something tall with something tall; ears can double as petals. Try pairs of your own, but use words
# that the model knows.

# %% needs="1.9"
with pset.your_code():
    flower, cat = "a photo of a flower", "a photo of a cat"
    second = anagrams(flower, cat)
    show_both_ways(second, flower, cat, "1.9_flower_cat")

# %% [markdown]
# **Choose** the best of all your pictures: one where somebody who hasn't read the prompts would name both
# things. You'll use it again in the last notebook. Turn it with the slider.

# %% needs="1.9"
with pset.your_code():
    chosen = second[0]
    display(pset.turning(chosen, name="1.9_chosen"))
    pset.save_image(chosen, "pictures/1.9 anagram.png")

# %% [markdown]
# **Question.** (a) Which picture did you choose, and which of its two readings is the weaker one? (b) The
# network was trained on images with Gaussian noise added, with the weights that belong to $t$. Why is
# $\mathrm{flip}\, x_t$ still an input of that kind? Name a transformation of the picture for which this
# fails, so that you couldn't use it in place of flip in (1).

# %% [markdown] question="1.9-question"
# ### BEGIN SOLUTION
# (a) Any picture with a reason: what you can recognise in each view, and what's missing in the weaker one.
#
# (b) flip only moves pixels around. The flipped x_t is the flipped image plus the flipped noise, with the
# same weights, and independent Gaussian pixels that have swapped places are still independent Gaussian
# pixels. It fails for anything that changes the statistics of the noise: multiplying the brightness by a
# factor (the noise gets a different strength), or blurring (the noise of neighbouring pixels is no longer
# independent). You'd then be asking the network about a kind of input it has never seen.
# ### END SOLUTION
