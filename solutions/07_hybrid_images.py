# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Hybrid images
#
# From far away you see one thing, from close up another. In a small picture the eye sees only the coarse
# part; in a large one the fine part takes over. Oliva, Torralba and Schyns (2006) made hybrids like this by
# adding the low frequencies of one photograph to the high frequencies of another. With a diffusion model
# you apply the same idea to the noise estimate and build one out of two (factorized diffusion, Geng et al.
# 2024).
#
# From the earlier notebooks you need the loop,
# `iterative_denoise(image, i_start, estimate, alphas_cumprod)`. It takes any `estimate(x_t, t)` that
# returns the noise and the variance channels. `guided(model, prompt)` makes the guided one for a prompt,
# and `thresholded(model, estimate)` keeps an estimate within the range of images.

# %% setup=true
from functools import partial

from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 1.10 Coarse from one, fine from the other
#
# Let $\mathrm{low}$ be a Gaussian blur. What the blur removes, $\epsilon - \mathrm{low}(\epsilon)$, is the
# fine part.
#
# $$ \epsilon = \mathrm{low}(\epsilon_1) \;+\; \bigl( \epsilon_2 - \mathrm{low}(\epsilon_2) \bigr) . \tag{1} $$
#
# * Both estimates get the *same*, complete $x_t$. It's their output that you split into coarse and fine.
# * For the blur, use `pset.gaussian_blur(x, kernel_size=33, sigma=2)`, as Berkeley's problem set does for
#   64 × 64 pictures. One of your own is fine too, if its kernel reaches at least $4\sigma$ to each side.
# * Don't split the variance channels by scale: take the mean of the two.

# %% exercise="1.10"
def hybrid(x_t, t, estimate_low, estimate_high):
    """Estimate the noise for a picture that shows one thing from far away, another from close up.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate_low: a function for the coarse part; estimate_low(x_t, t) returns noise and variance.
        estimate_high: the same for the fine part.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]. The variance is
        averaged over the two estimates.
    """
    ### BEGIN SOLUTION
    noise_low, variance_low = estimate_low(x_t, t)
    noise_high, variance_high = estimate_high(x_t, t)
    coarse = pset.gaussian_blur(noise_low, kernel_size=33, sigma=2)
    fine = noise_high - pset.gaussian_blur(noise_high, kernel_size=33, sigma=2)
    return coarse + fine, (variance_low + variance_high) / 2
    ### END SOLUTION


# %% check="1.10"
check(
    "1.10",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# This is the pair of prompts from the write-up (the student report that this part of the course follows): a
# skull from far away, waterfalls from close up. The first row is the picture. The second is its coarse
# part, which is what's left of it from across the room. The third is the fine part alone, with more
# contrast so that you can see it. (You can also walk away from your screen, or squint.)
#
# As with anagrams, many won't work: the coarse part may be just a blob, or the fine part just texture. Look
# at several, and choose.

# %% needs="1.10"
COUNT = 6


def hybrids(prompt_low, prompt_high):
    """Make COUNT hybrids, each from its own noise."""
    estimate_low, estimate_high = guided(model, prompt_low), guided(model, prompt_high)
    estimate = partial(hybrid, estimate_low=estimate_low, estimate_high=estimate_high)
    x_T = pset.noise((COUNT, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def show_both_scales(pictures, name, titles=("picture", "coarse part", "fine part")):
    """Show the pictures, and below them their coarse and fine parts."""
    coarse = pset.gaussian_blur(pictures, kernel_size=33, sigma=2)
    captions = [[f"picture {k}" for k in range(len(pictures))], [], []]
    figure = pset.rows([pictures, coarse, 2 * (pictures - coarse)], captions, row_titles=titles)
    display(pset.publish(figure, name))


with pset.your_code():
    first = hybrids("a lithograph of a skull", "a lithograph of waterfalls")
    titles = ["picture", "coarse part:\na skull?", "fine part:\nwaterfalls?"]
    show_both_scales(first, "1.10_skull_waterfalls", titles)

# %% [markdown]
# Another pair. For the coarse part, choose something you'd recognise from a blob; for the fine part,
# something made of lines. Try pairs of your own.

# %% needs="1.10"
with pset.your_code():
    second = hybrids("a photo of an apple", "a photo of a bicycle")
    titles = ["picture", "coarse part:\nan apple?", "fine part:\na bicycle?"]
    show_both_scales(second, "1.10_apple_bicycle", titles)

# %% [markdown]
# **Choose** the best of all your pictures; you'll use it again in the last notebook. Here it is once more,
# from further and further away. At which size does one thing turn into the other?

# %% needs="1.10"
with pset.your_code():
    chosen = second[3]
    display(pset.growing_distance(chosen, name="1.10_chosen"))
    pset.save_image(chosen, "pictures/1.10 hybrid.png")

# %% [markdown]
# **Question.** (a) Which picture did you choose, and which of its two readings is the weaker one? (b) What
# does (1) give you when both estimates are the same? (c) Suppose the fine part only started at higher
# frequencies, so that a band between the two parts was in *neither* of them. What would the loop mistake
# the noise in that band for, step by step, and what would you see in the picture?

# %% [markdown] question="1.10-question"
# ### BEGIN SOLUTION
# (a) Any picture with a reason: what you can recognise from far away and from close up, and what's missing
# in the weaker reading.
#
# (b) low(ε) + ε − low(ε) = ε: the plain estimate. The two filters add up to the identity, so no part of the
# estimate is lost or counted twice.
#
# (c) In that band the estimate would always say "there's no noise". The loop would treat whatever noise it
# finds there as part of the image. Since an image is faint at large t, each step would make it stronger,
# until the picture drowns in grain of exactly that size. (If the band were in both parts, its noise would
# be removed twice.)
# ### END SOLUTION
