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
# A picture that shows one thing, and upside down another. Nobody has to draw it: at every step of the
# loop, ask the model twice, once about the picture as it stands and once about the picture upside down,
# and go where both answers lead (Geng et al. 2024).
#
# From the notebooks before you need the loop,
# `iterative_denoise(image, i_start, estimate, alphas_cumprod)`. It takes any `estimate(x_t, t)`, which
# returns the noise and the variance channels; `guided(model, prompt)` makes the guided one for a prompt, and
# `thresholded(model, estimate)` keeps an estimate within the range of images. In this notebook you make a
# new estimate out of two others; the loop stays as it is.

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
# `torch.flip(x, dims=[2])`. Done twice it is undone, so here $\mathrm{flip}^{-1}$ is flip itself.
#
# The second estimate is asked about the *upside-down* picture and answers about that one: its answer has
# to be turned back before it can be averaged with the first. The same goes for the variance channels:
# take the mean of both, the second turned back.

# %% exercise="1.9"
def visual_anagram(x_t, t, estimate_1, estimate_2):
    """The noise estimate for a picture that shows one thing upright and another upside down.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate_1: a function for the upright picture; estimate_1(x_t, t) gives noise and variance.
        estimate_2: the same for the upside-down picture.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]: of each, the mean
        over the two views.
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
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# The pair of the write-up: an old man, and people around a campfire. Every column is one picture with a
# noise of its own; the lower row is the upper one turned upside down.
#
# Do not expect all of them to work. Two wishes share one set of pixels, and nobody promised that a
# picture exists which grants both: often one of the two wins, or neither is clear. So make several, and
# choose.

# %% needs="1.9"
COUNT = 6


def anagrams(prompt_1, prompt_2):
    """COUNT pictures, each with its own noise."""
    estimate_1, estimate_2 = guided(model, prompt_1), guided(model, prompt_2)
    estimate = partial(visual_anagram, estimate_1=estimate_1, estimate_2=estimate_2)
    x_T = pset.noise((COUNT, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def both_ways(pictures, prompt_1, prompt_2, name):
    """Show the pictures upright, and below upside down."""
    captions = [[f"number {k}" for k in range(len(pictures))], []]
    titles = [prompt.replace(" of ", "\nof ", 1) for prompt in (prompt_1, prompt_2)]
    figure = pset.rows([pictures, pictures.flip(2)], captions, row_titles=titles)
    display(pset.publish(figure, name))


with pset.your_code():
    man, campfire = "a photo of an old man", "a photo of people around a campfire"
    first = anagrams(man, campfire)
    both_ways(first, man, campfire, "1.9_old_man_campfire")

# %% [markdown]
# Another pair. Things that go together share their large shapes: a round thing with a round thing, a
# tall one with a tall one; ears can be stems. Try pairs of your own; the words must be ones that the
# model knows.

# %% needs="1.9"
with pset.your_code():
    rabbit, mushroom = "a photo of a rabbit", "a photo of a mushroom"
    second = anagrams(rabbit, mushroom)
    both_ways(second, rabbit, mushroom, "1.9_rabbit_mushroom")

# %% [markdown]
# **Choose** the best of all your pictures: the one of which somebody who has not read the prompts would
# say both things. It goes to the last notebook. Turn it with the slider.

# %% needs="1.9"
with pset.your_code():
    chosen = second[0]
    display(pset.turning(chosen, name="1.9_chosen"))
    pset.save_image(chosen, "pictures/1.9 anagram.png")

# %% [markdown]
# **To think about.** (a) Which picture did you choose, and which of its two readings is the weaker one?
# (b) The network was trained on images that are the sum of an image and Gaussian noise, in the strengths
# that belong to $t$. Why is $\mathrm{flip}\, x_t$ still such an input? Name a change of the picture for which
# this fails, so that it could not take the place of flip in (1).

# %% [markdown] question="1.9-question"
# ### BEGIN SOLUTION
# (a) Any picture with a reason: what can be recognised in each view, and what the weaker one lacks.
#
# (b) flip only moves pixels. The flipped x_t is the flipped image plus the flipped noise, in the same
# strengths, and independent Gaussian pixels that have changed places are still independent Gaussian
# pixels. It fails for anything that changes the noise's statistics: making the picture brighter by a
# factor (the noise gets another strength), or blurring it (neighbouring pixels' noise becomes dependent).
# The network would then be asked about an input of a kind that it has never seen.
# ### END SOLUTION
