# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Factorized diffusion
#
# A hybrid image takes its coarse part from one prompt and its fine part from another. Nothing about that is
# special to coarse and fine. Any way of taking a picture apart will do, as long as the parts add up to the
# picture again: near, middle and far; grey and colour; what survives when the picture moves, and what
# doesn't (Geng, Park and Owens 2024). In this notebook you write the estimate once, for any such split,
# and then three splits. At the end, one of the parts comes from a photograph.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, after_step=…)`.
#
# It takes any `estimate(x_t, t)` that returns the noise and the variance channels, and after each step
# it replaces the image, which is now at timestep $t'$, with `after_step(image, t')`.
# `guided(model, prompt)` makes the guided estimate for a prompt, and `thresholded(model, estimate)` keeps an
# estimate within the range of images. If you haven't finished the earlier notebooks, you can still do this
# one: all of these are `pset`'s own versions.
#
# Everything here runs on DeepFloyd too. Change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
from functools import partial

import torch
from IPython.display import display

import pset
from pset import check, gaussian_blur, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.8 One noise from many factors
#
# Let `split` take a picture apart, into $f_1(x), \dots, f_n(x)$. Two things have to hold:
#
# $$ f_1(x) + \dots + f_n(x) = x \qquad \text{and each } f_i \text{ is linear.} \tag{1} $$
#
# Ask a different prompt about each part, and put the noise estimate together from the parts:
#
# $$ \epsilon = f_1(\epsilon_1) + f_2(\epsilon_2) + \dots + f_n(\epsilon_n) . \tag{2} $$
#
# * Every estimate gets the *same*, complete $x_t$. It's what they return that you take apart.
# * `split(x)` returns all $n$ parts, as a tuple. From $\epsilon_i$ you need only part $i$.
# * Here $n$ can be anything: don't count on two.
# * The variance channels aren't taken apart: return the mean of all $n$.
# * The tensors that an estimate returns are *its* tensors, and it may need them again. So don't write into
#   them: no `+=` on something you didn't make.

# %% exercise="2.8"
def factorized(x_t, t, estimates, split):
    """The noise estimate for a picture whose parts come from different prompts.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimates: a list of n functions; estimates[i](x_t, t) gives noise and variance.
        split: a function; split(x) takes [B, 3, H, W] apart, into a tuple of n parts like x.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]. The variance is the
        mean over all estimates.
    """
    ### BEGIN SOLUTION
    noises, variances = zip(*(estimate(x_t, t) for estimate in estimates))
    noise = sum(split(noise)[i] for i, noise in enumerate(noises))
    return noise, sum(variances) / len(variances)
    ### END SOLUTION


# %% check="2.8"
check(
    "2.8",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ### A test for a split
#
# Before you use a split, make sure that it keeps (1). Write the test: what do the parts leave over? For a
# good split that's zero in every pixel, up to rounding. If you've lost something, you see *what*: where
# the remainder is positive, the parts add up to too little.

# %% exercise="2.8b"
def left_over(x, split):
    """What a split loses of a picture: the picture minus all its parts.

    Args:
        x: images, [B, 3, H, W].
        split: a function; split(x) gives a tuple of parts, each [B, 3, H, W].

    Returns:
        [B, 3, H, W]: zero everywhere if the parts add up to x.
    """
    ### BEGIN SOLUTION
    return x - sum(split(x))
    ### END SOLUTION


# %% check="2.8b"
check(
    "2.8b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** (a) All $n$ prompts are the same. What's (2) then, and which half of (1) did you need?
# (b) Where did you need the other half? Think of $x_t$ as image plus noise. The network says what the noise
# in $x_t$ is; (2) uses $f_i$ of that as the noise in part $i$ of $x_t$.

# %% [markdown] question="2.8-question"
# ### BEGIN SOLUTION
# (a) The plain estimate: the parts of one ε add up to that ε. That's the sum in (1).
#
# (b) x_t = √ᾱ x_0 + √(1−ᾱ) ε. Because f_i is linear, part i of x_t is f_i(x_t) = √ᾱ f_i(x_0) + √(1−ᾱ) f_i(ε),
# with the same two weights. So each part is a noisy picture by itself, at the same timestep, and f_i(ε) is
# the noise in it. One step of the loop is linear in x_t and ε, so it takes every part one step, with its
# own prompt's estimate. A non-linear f_i (a clamp, say) mixes image and noise, and none of this holds.
# ### END SOLUTION

# %% [markdown]
# ## 2.9 Three ways to take a picture apart
#
# **Near, middle and far.** One blur splits a picture in two. Two blurs split it in three: what's left after
# the wide blur is what you see from afar, what only the narrow blur leaves is the band in between, and the
# rest shows up close (Burt and Adelson's Laplacian pyramid, 1983, without the smaller sizes):
#
# $$ \text{near} = x - G_m x, \qquad \text{middle} = G_m x - G_f x, \qquad \text{far} = G_f x . \tag{3} $$
#
# $G_m$ and $G_f$ are Gaussian blurs of the *same* picture, with standard deviations $\sigma_m < \sigma_f$.
# Use `gaussian_blur(x, kernel_size=33, sigma=…)`.

# %% exercise="2.9"
def near_middle_far(x, sigma_middle, sigma_far):
    """Take a picture apart by scale, equation (3).

    Args:
        x: images, [B, 3, H, W].
        sigma_middle: σ of the narrow blur, in pixels.
        sigma_far: σ of the wide blur, in pixels.

    Returns:
        (near, middle, far), a tuple of three tensors [B, 3, H, W]. They add up to x.
    """
    ### BEGIN SOLUTION
    narrow = gaussian_blur(x, kernel_size=33, sigma=sigma_middle)
    wide = gaussian_blur(x, kernel_size=33, sigma=sigma_far)
    return x - narrow, narrow - wide, wide
    ### END SOLUTION


# %% check="2.9"
check(
    "2.9",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Grey and colour.** The grey part of a pixel is the mean of its three channels, in all three channels. The
# colour part is the rest. (Brightness as the eye sees it would weigh green more than blue. The noise doesn't
# know about eyes: it's equally strong in each channel.)

# %% exercise="2.9b"
def grey_and_colour(x):
    """Take a picture apart into its grey part and its colour.

    Args:
        x: images, [B, 3, H, W].

    Returns:
        (grey, colour), a tuple of two tensors [B, 3, H, W]. They add up to x.
    """
    ### BEGIN SOLUTION
    grey = x.mean(dim=1, keepdim=True).expand_as(x)
    return grey, x - grey
    ### END SOLUTION


# %% check="2.9b"
check(
    "2.9b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Motion.** When a picture rushes past, each pixel smears over a line. So the moving part is a motion
# blur: the plain mean of `length` neighbouring pixels in a row, centred on the pixel. The still part is
# the rest. Beyond the border, let the picture go on somehow: mirror it, or repeat its last pixel. Zeros
# would darken it.

# %% exercise="2.9c"
def motion(x, length):
    """Take a picture apart into what survives when it moves sideways, and the rest.

    Args:
        x: images, [B, 3, H, W].
        length: of the motion blur, in pixels; an odd number.

    Returns:
        (moving, still), a tuple of two tensors [B, 3, H, W]. They add up to x.
    """
    ### BEGIN SOLUTION
    half = length // 2
    wider = torch.nn.functional.pad(x, (half, half, 0, 0), mode="reflect")
    moving = wider.unfold(3, length, 1).mean(dim=-1)
    return moving, x - moving
    ### END SOLUTION


# %% check="2.9c"
check(
    "2.9c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Now test your three splits with your own `left_over`, on pure noise: noise has something at every scale, in
# every colour and at every edge, so it finds a gap that a photograph might hide.

# %% needs="2.8b,2.9,2.9b,2.9c"
splits = {}  # kept for the figures below
with pset.your_code():
    splits = {
        "near, middle, far": partial(near_middle_far, sigma_middle=1.0, sigma_far=2.5),
        "grey and colour": grey_and_colour,
        "motion": partial(motion, length=15),
    }
    test = pset.noise((1, 3, 64, 64))
    for name, split in splits.items():
        print(f"{name}: leaves over {float(left_over(test, split).abs().max()):.1e} at most")

# %% [markdown]
# Here's what they do to a photograph. The parts around zero are shown with more contrast.

# %% needs="2.9,2.9b,2.9c"
with pset.your_code():
    photograph = pset.photo("cat")
    near, middle, far = splits["near, middle, far"](photograph)
    grey, colour = splits["grey and colour"](photograph)
    moving, still = splits["motion"](photograph)
    figure = pset.rows(
        [[far, 2 * middle, 2 * near], [grey, colour], [moving, 2 * still]],
        [["far", "middle", "near"], ["grey", "colour"], ["moving", "still"]],
    )
    display(pset.publish(figure, "2.9_parts"))

# %% [markdown]
# ## What comes out
#
# Three things in one picture: one from afar, one from close up, one in between.

# %% needs="2.8,2.9"
COUNT = 4


def pictures(prompts, split, count=COUNT):
    """Pictures whose parts come from the prompts, each with its own noise."""
    estimates = [guided(model, prompt) for prompt in prompts]
    estimate = partial(factorized, estimates=estimates, split=split)
    x_T = pset.noise((count, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def name_of(prompt):
    """What a prompt shows, for a title: "a photo of a cat" → "a cat"."""
    return prompt.split(" of ", 1)[1]


with pset.your_code():
    three = ["a photo of a bicycle", "a photo of an owl", "a photo of a strawberry"]
    triple = pictures(three, splits["near, middle, far"])
    from_here = [triple, gaussian_blur(triple, 33, 1.0), gaussian_blur(triple, 33, 2.5)]
    titles = [f"{where}:\n{name_of(prompt)}?" for where, prompt in
              zip(["close up", "a few steps back", "across the room"], three)]
    captions = [[f"number {k}" for k in range(len(triple))], [], []]
    display(pset.publish(pset.rows(from_here, captions, titles), "2.9_near_middle_far"))

# %% [markdown]
# Choose one, and walk away from it. Does it change twice?

# %% needs="2.8,2.9"
with pset.your_code():
    display(pset.growing_distance(triple[0], name="2.9_chosen"))

# %% [markdown]
# One thing in grey, another in colour. Print it on a black-and-white printer, and the second one is gone.

# %% needs="2.8,2.9b"
with pset.your_code():
    two = ["a photo of a panda", "a photo of a strawberry"]
    coloured = pictures(two, splits["grey and colour"])
    grey, colour = grey_and_colour(coloured)
    titles = ["picture", f"grey:\n{name_of(two[0])}?", f"colour:\n{name_of(two[1])}?"]
    captions = [[f"number {k}" for k in range(len(coloured))], [], []]
    figure = pset.rows([coloured, grey, colour], captions, titles)
    display(pset.publish(figure, "2.9_grey_and_colour"))

# %% [markdown]
# And one that changes when it moves: hold the picture still, then shake it sideways.

# %% needs="2.8,2.9c"
with pset.your_code():
    two = ["a photo of an apple", "a photo of a bicycle"]
    shaken = pictures(two, splits["motion"])
    moving, still = splits["motion"](shaken)
    titles = [f"at rest:\n{name_of(two[1])}?", f"moving:\n{name_of(two[0])}?"]
    captions = [[f"number {k}" for k in range(len(shaken))], []]
    display(pset.publish(pset.rows([shaken, moving], captions, titles), "2.9_motion"))

# %% [markdown]
# Shake it yourself: the slider sets how far the picture moves while you look.

# %% needs="2.8,2.9c"
with pset.your_code():
    chosen = shaken[:1]
    lengths = [1, 3, 5, 7, 9, 11, 13, 15, 19, 23]
    blurred = [motion(chosen, length)[0] for length in lengths]
    words = ["at rest"] + [f"{length} pixels" for length in lengths[1:]]
    still = pset.show(blurred[::3], words[::3], name="2.9_shaken")
    display(pset.slider(blurred, words, "speed", still, scale=4))

# %% [markdown]
# As with hybrids, many pictures won't work, and that's not your code: two prompts share one picture, and
# one of them may win. Look at several seeds, and at pairs of your own. For the colour part, choose
# something whose colour you'd recognise as a blob; for the moving part, something wide that a sideways
# blur leaves alone.

# %% [markdown]
# **Question.** (a) In which of your pictures does the second reading work best, and why those two things?
# (b) Your motion blur averages 15 pixels. Instead of dividing by 15, somebody forgets to divide, in `moving`
# only, and keeps `still` as $x$ minus *that*. Their split still adds up to $x$. So does anything go wrong?
# Think of a uniform patch of $\epsilon_2$.

# %% [markdown] question="2.9-question"
# ### BEGIN SOLUTION
# (a) Any picture with a reason: what both readings have in common (an outline, a place for the head), and
# what the split takes from each.
#
# (b) Yes. (1) holds, so equal prompts still give the plain estimate. But with different prompts, moving(ε_1)
# is 15 times as strong as ε_1 on anything uniform, and still(ε_2) is −14 times ε_2 there. Both are linear and
# they cancel only if ε_1 and ε_2 agree. Their difference gets multiplied by 15: the picture blows up where
# the prompts disagree. A good split adds up to x *and* has factors that don't amplify anything.
# ### END SOLUTION

# %% [markdown]
# ## 2.10 One part from a photograph
#
# So far every part came from a prompt. Now take the coarse part from a photograph, and let the prompt draw
# the rest: what could this picture be, if you looked more closely? You know the coarse part of $x_{t'}$
# without asking anyone: it's the coarse part of the noisy photograph. So put it back after each step, as
# you did with the known pixels in inpainting:
#
# $$ x_{t'} \leftarrow \mathrm{low}\bigl( \mathrm{forward}(x_{\text{photo}},\, t') \bigr)
#    + \bigl( x_{t'} - \mathrm{low}(x_{t'}) \bigr) . \tag{4} $$
#
# * The image has arrived at $t'$ when you apply (4), so the photograph gets the noise of $t'$, not of $t$.
# * After the last step the coarse part is the photograph's own, $\mathrm{low}(x_{\text{photo}})$, without noise.
# * Start from pure noise, `i_start` 0, and use the same `noise` for the start and for the photograph.
# * `low` is a function you're given: any linear low pass.

# %% exercise="2.10"
def inverse_hybrid(photo, low, estimate, alphas_cumprod, noise):
    """A picture with a photograph's coarse part; the rest comes from an estimate.

    Args:
        photo: photographs, [B, 3, H, W].
        low: a function; low(x) is the coarse part of [B, 3, H, W].
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: the start of the loop, and the noise of the
            photograph.

    Returns:
        Images [B, 3, H, W]: low(photo) plus the fine part of what the loop has drawn.
    """
    ### BEGIN SOLUTION
    def with_its_coarse_part(x, t_prev):
        alpha_bar = alphas_cumprod[t_prev]
        noisy = alpha_bar.sqrt() * photo + (1 - alpha_bar).sqrt() * noise
        if t_prev == 0:
            noisy = photo
        return low(noisy) + x - low(x)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=with_its_coarse_part)
    ### END SOLUTION


# %% check="2.10"
check(
    "2.10",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# In the lecture, a light bulb is drawn into a photograph this way. Here it's a skull, into a cup of coffee. Squint
# at the pictures, and you see the cup again.

# %% needs="2.10"
with pset.your_code():
    coffee = pset.photo("coffee").to(model.device)
    low = partial(gaussian_blur, kernel_size=33, sigma=3.0)
    many = coffee.repeat(COUNT, 1, 1, 1)
    noise = pset.noise(many.shape, device=model.device)
    estimate = thresholded(model, guided(model, "a photo of a skull"))
    skulls = inverse_hybrid(many, low, estimate, alphas_cumprod, noise)
    figure = pset.rows(
        [[coffee, *skulls], [low(coffee), *low(skulls)]],
        [["photograph", *(f"number {k}" for k in range(COUNT))], []],
        ["close up", "from afar"],
    )
    display(pset.publish(figure, "2.10_skull"))

# %% needs="2.10"
with pset.your_code():
    display(pset.growing_distance(skulls[0], name="2.10_chosen"))
    pset.save_image(skulls[0], "pictures/2.10 skull.png")

# %% [markdown]
# **Question.** (a) In (4), why does the photograph get noise at all? What would the network make of a
# clean coarse part in a noisy picture? (b) Inpainting and (4) are one idea. Which linear map plays the
# part of `low` in inpainting, and what is "the rest" there?

# %% [markdown] question="2.10-question"
# ### BEGIN SOLUTION
# (a) At t' the network expects a picture with √(1−ᾱ_t') of noise at every scale. A clean coarse part has too
# little noise, at exactly the scales of low, so the network takes some of the photograph for noise and
# removes it, or draws details for a picture that's much clearer than it should be at t'. It was never trained
# on that.
#
# (b) The mask: low(x) = (1 − m)·x keeps the known pixels, and m·x is the rest. In both, one part of x is
# known at every timestep from the forward process, and the network fills in the other part.
# ### END SOLUTION
