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
# From far away one thing, from close up another: the eye sees only the coarse part of a small picture,
# and the fine part of a large one prevails. Oliva, Torralba and Schyns (2006) made such hybrids by adding
# the low frequencies of one photograph to the high frequencies of another. With a diffusion model the
# same idea is a noise estimate made of two (factorized diffusion, Geng et al. 2024).
#
# From the notebooks before you need the loop,
# `iterative_denoise(image, i_start, estimate, alphas_cumprod)`. It takes any `estimate(x_t, t)`, which
# returns the noise and the variance channels; `guided(model, prompt)` makes the guided one for a prompt, and
# `thresholded(model, estimate)` keeps an estimate within the range of images.

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
# Let $\mathrm{low}$ be a Gaussian blur. What a blur takes away, $\epsilon - \mathrm{low}(\epsilon)$, is the
# fine part.
#
# $$ \epsilon = \mathrm{low}(\epsilon_1) \;+\; \bigl( \epsilon_2 - \mathrm{low}(\epsilon_2) \bigr) . \tag{1} $$
#
# * Both estimates look at the *same* $x_t$, whole. What is divided into coarse and fine is their answer.
# * The blur: `pset.gaussian_blur(x, kernel_size=33, sigma=2)`, as on the Berkeley page, for pictures of
#   64 × 64.
# * The variance channels are not divided by scale: take the mean of the two.

# %% exercise="1.10"
def hybrid(x_t, t, estimate_low, estimate_high):
    """The noise estimate for a picture that shows one thing from afar, another from close up.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate_low: a function for the coarse part; estimate_low(x_t, t) gives noise and variance.
        estimate_high: the same for the fine part.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]. The variance is the
        mean of the two estimates'.
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
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# The pair of the write-up: a skull from afar, waterfalls from close up. The first row is the picture; then
# its coarse part, what is left of it from across the room; then its fine part alone, with its contrast
# raised so that you can see it. (Or walk away from your screen, or squint.)
#
# As with anagrams, many will not work: the coarse part may be a blot, the fine part a texture. Look at
# several, and choose.

# %% needs="1.10"
COUNT = 6


def hybrids(prompt_low, prompt_high):
    """COUNT pictures, each with its own noise."""
    estimate_low, estimate_high = guided(model, prompt_low), guided(model, prompt_high)
    estimate = partial(hybrid, estimate_low=estimate_low, estimate_high=estimate_high)
    x_T = pset.noise((COUNT, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def from_far_and_near(pictures, name, titles=("picture", "from afar", "fine part")):
    """Show the pictures, and below them their coarse and their fine part."""
    coarse = pset.gaussian_blur(pictures, kernel_size=33, sigma=2)
    captions = [[f"number {k}" for k in range(len(pictures))], [], []]
    figure = pset.rows([pictures, coarse, 2 * (pictures - coarse)], captions, row_titles=titles)
    display(pset.publish(figure, name))


with pset.your_code():
    first = hybrids("a lithograph of a skull", "a lithograph of waterfalls")
    titles = ["picture", "from afar:\na skull?", "fine part:\nwaterfalls?"]
    from_far_and_near(first, "1.10_skull_waterfalls", titles)

# %% [markdown]
# Another pair. For the coarse part choose a thing that you know by its blot, for the fine part one that
# is made of lines. Try pairs of your own.

# %% needs="1.10"
with pset.your_code():
    second = hybrids("a photo of an apple", "a photo of a bicycle")
    titles = ["picture", "from afar:\nan apple?", "fine part:\na bicycle?"]
    from_far_and_near(second, "1.10_apple_bicycle", titles)

# %% [markdown]
# **Choose** the best of all your pictures; it goes to the last notebook. Here it is once more, seen from
# a growing distance. At which size does the one thing turn into the other?

# %% needs="1.10"
with pset.your_code():
    chosen = second[1]
    display(pset.growing_distance(chosen, name="1.10_chosen"))
    pset.save_image(chosen, "pictures/1.10 hybrid.png")

# %% [markdown]
# **To think about.** (a) Which picture did you choose, and which of its two readings is the weaker one?
# (b) What does (1) give when both estimates are the same? (c) Suppose the fine part began only
# at higher frequencies, so that a band between the two parts is in *neither* of them. What would the loop
# take the noise of that band for, step by step, and what would you see in the picture?

# %% [markdown] question="1.10-question"
# ### BEGIN SOLUTION
# (a) Any picture with a reason: what can be recognised from afar and from close up, and what the weaker
# reading lacks.
#
# (b) low(ε) + ε − low(ε) = ε: the plain estimate. The two filters add up to the identity, so nothing of
# the estimate is lost or counted twice.
#
# (c) In that band the estimate would always say "there is no noise". The loop would take the noise that it
# finds there for image, and since an image is faint at a large t, make it stronger with every step, until
# the picture drowns in a grain of just that size. (If the band were in both parts, its noise would be
# removed twice over.)
# ### END SOLUTION
