# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Views, and a law
#
# An anagram shows a second thing when you turn it upside down. Why upside down? You could also rotate only
# its middle, cut it up like a jigsaw puzzle and put it together in another way, or look at its negative.
# Each of these is a *view* $v$: something you do to a picture before you look at it again. Some views work
# and some can't, and there's a law that says which (Geng, Park and Owens 2024). In this notebook you test
# the law, write the views, and combine as many of them as you like.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
# `iterative_denoise(image, i_start, estimate, alphas_cumprod)`. It takes any `estimate(x_t, t)` that
# returns the noise and the variance channels. `guided(model, prompt)` makes the guided one for a prompt,
# and `thresholded(model, estimate)` keeps an estimate within the range of images. If you haven't finished
# the earlier notebooks, you can still do this one: all of these are `pset`'s own versions.
#
# Everything here runs on DeepFloyd too. Change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
import math
from functools import partial

import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded
from pset.play.motions import (
    fading_to_negative,
    hinged_squares,
    sliding_columns,
    sliding_patches,
    turning_pieces,
)
from pset.play.moving import moving

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.11 The law
#
# The network has seen one kind of input: an image, weighted by $\sqrt{\bar\alpha_t}$, plus independent
# standard normal noise in every pixel, weighted by $\sqrt{1 - \bar\alpha_t}$. If it's to say anything
# sensible about $v(x_t)$, then $v(x_t)$ has to be an input of that kind. Two things must hold:
#
# $$ v(x_t) = \sqrt{\bar\alpha_t}\; v(x_0) + \sqrt{1 - \bar\alpha_t}\; v(\epsilon)
#    \qquad \text{and} \qquad v(\epsilon) \sim \mathcal{N}(0, I) . \tag{1} $$
#
# The first asks that $v$ is linear, $v(x) = Ax$ with a matrix $A$, if you write a picture as one long
# vector. Then $A\epsilon$ is Gaussian with covariance $A A^\top$, so the second asks that $A A^\top = I$:
# the matrix is *orthogonal*. That's the same as saying that $v$ keeps all inner products:
#
# $$ \langle v(x), v(y) \rangle = \langle x, y \rangle \quad \text{for all } x \text{ and } y, \tag{2} $$
#
# where $\langle x, y \rangle$ is the sum of the products of all pixels. Write a test for it. You can't try
# *all* $x$ and $y$, but you can try some that would give any other view away. Some traps:
#
# * Being able to undo a view isn't enough. Nor is it enough that it keeps the length of one image, or the
#   variance of noise.
# * A view may treat values outside $[-1, 1]$ differently, and noise has many of those.
# * Floats are rounded. A good view with a matrix in it keeps (2) to about six digits, not exactly.

# %% exercise="2.11"
def keeps_noise_gaussian(view, size):
    """Whether the network can be asked about a view of a noisy image: equation (2).

    Args:
        view: a function; view(x) takes images [B, 3, size, size] and returns as many of that shape.
        size: the side of the images, at most 12 pixels.

    Returns:
        True if the view is linear and orthogonal, False if it isn't.
    """
    ### BEGIN SOLUTION
    x = torch.randn(64, 3, size, size)
    before, after = x.flatten(1), view(x).flatten(1)
    # All inner products of 64 images at once, those with themselves included.
    gap = (after @ after.T - before @ before.T).abs().max()
    return bool(gap < 1e-3 * before.shape[1])
    ### END SOLUTION


# %% check="2.11"
check(
    "2.11",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** (a) Equation (2) doesn't mention that $v$ is linear. Why does it follow? (Look at the
# length of $v(x + y) - v(x) - v(y)$, and multiply out.) (b) The lecture tries `rotate(x, 135)`. A rotation
# of the plane keeps all lengths, so why isn't the rotation of a *picture* by 135° orthogonal, and why is
# the one by 90°? Name two things that go wrong.

# %% [markdown] question="2.11-question"
# ### BEGIN SOLUTION
# (a) Multiply out |v(x+y) − v(x) − v(y)|²: it's a sum of inner products of v(x+y), v(x) and v(y) with each
# other. By (2) each of them equals the one without v, so the sum is |(x+y) − x − y|² = 0. The same works for
# |v(ax) − a v(x)|².
#
# (b) At 135° the grid doesn't land on the grid. New pixels are weighted means of old ones (interpolation),
# and averaging independent noise makes it weaker and neighbours dependent. And the corners leave the
# picture: their content is lost, and the empty corners are filled with zeros, which have no noise at all.
# By 90° every pixel lands exactly on a pixel, so nothing is averaged or lost.
# ### END SOLUTION

# %% [markdown]
# ## 2.12 Views
#
# Most orthogonal matrices make any picture look like noise. But every *permutation* of the pixels is
# orthogonal, and many permutations leave something to recognise. You'll write four kinds of permutation,
# the last of them a shear, and one view that isn't a permutation. Every view needs its inverse: the network's
# answer is about $v(x_t)$, and has to come back.
#
# **Any permutation.** Count the pixels row by row, from 0. Pixel $k$ of the view is pixel `order[k]` of the
# picture, in all three channels. The inverse puts every pixel back where it was.

# %% exercise="2.12"
def permute_pixels(x, order, inverse=False):
    """Move pixels around.

    Args:
        x: images, [B, C, H, W].
        order: [H * W] whole numbers, each from 0 to H * W - 1 once: pixel k of the result is pixel order[k]
            of x.
        inverse: if True, undo this instead.

    Returns:
        [B, C, H, W].
    """
    ### BEGIN SOLUTION
    if inverse:
        order = order.argsort()
    return x.flatten(2)[:, :, order].view_as(x)
    ### END SOLUTION


# %% check="2.12"
check(
    "2.12",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Patches.** Cut the picture into $n \times n$ equal patches, counted row by row. Patch $k$ of the view
# is patch `order[k]` of the picture. Inside a patch nothing changes.

# %% exercise="2.12b"
def permute_patches(x, order, inverse=False):
    """Move the patches of a picture around.

    Args:
        x: images, [B, C, H, W].
        order: [n * n] whole numbers, each once, where n divides H and W: patch k of the result is patch
            order[k] of x.
        inverse: if True, undo this instead.

    Returns:
        [B, C, H, W].
    """
    ### BEGIN SOLUTION
    if inverse:
        order = order.argsort()
    n = math.isqrt(len(order))
    batch, channels, height, width = x.shape
    rows = x.view(batch, channels, n, height // n, n, width // n)
    patches = rows.transpose(3, 4).flatten(2, 3)[:, :, order]
    return patches.unflatten(2, (n, n)).transpose(3, 4).reshape(x.shape)
    ### END SOLUTION


# %% check="2.12b"
check(
    "2.12b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **A jigsaw puzzle.** `pieces` says for every pixel which piece it belongs to. Piece $k$ is turned by
# `turns[k]` quarter turns about the *centre of the picture*, as `torch.rot90(x, turns[k], dims=(2, 3))`
# turns everything. So it doesn't only turn, it also lands somewhere else: where another piece was. The
# pieces that you get are cut so that they fill the picture again afterwards.
#
# With one piece, that's a rotation. With two pieces, a disc and the rest, it's the lecture's *inner circle*.

# %% exercise="2.12c"
def jigsaw(x, pieces, turns, inverse=False):
    """Take a picture apart like a jigsaw puzzle, and put it together in another way.

    Args:
        x: square images, [B, C, H, H].
        pieces: [H, H] whole numbers: the piece that each pixel of x belongs to.
        turns: a list of whole numbers: piece k turns by turns[k] quarter turns about the centre of the
            picture, in the direction of torch.rot90. Together, the turned pieces fill the picture.
        inverse: if True, undo this instead.

    Returns:
        [B, C, H, H].
    """
    ### BEGIN SOLUTION
    result = torch.empty_like(x)
    for k, turn in enumerate(turns):
        here = pieces == k
        there = torch.rot90(here, turn)
        if inverse:
            result[:, :, here] = torch.rot90(x, -turn, dims=(2, 3))[:, :, here]
        else:
            result[:, :, there] = torch.rot90(x, turn, dims=(2, 3))[:, :, there]
    return result
    ### END SOLUTION


# %% check="2.12c"
check(
    "2.12c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Skew.** Holbein hid a skull in *The Ambassadors* that you see only from the side. Shear the picture:
# column $j$ moves *down* by $\lfloor \text{slope} \cdot j \rfloor$ whole pixels, and what leaves at the
# bottom comes back in at the top. Whole pixels, because a shift by half a pixel would have to interpolate,
# and you know what that does to noise.

# %% exercise="2.12d"
def skew(x, slope, inverse=False):
    """Shear a picture by whole pixels.

    Args:
        x: images, [B, C, H, W].
        slope: column j moves down by the largest whole number that isn't above slope * j. A
            negative slope moves it up.
        inverse: if True, undo this instead.

    Returns:
        [B, C, H, W]; what leaves at the bottom comes back in at the top.
    """
    ### BEGIN SOLUTION
    sign = -1 if inverse else 1
    columns = [x[..., j].roll(sign * math.floor(slope * j), -1) for j in range(x.shape[-1])]
    return torch.stack(columns, dim=-1)
    ### END SOLUTION


# %% check="2.12d"
check(
    "2.12d",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **The negative.** $v(x) = -x$ isn't a permutation, but it's orthogonal: minus standard
# normal noise is standard normal noise. It's also the one view that treats the two halves of the
# network's answer differently. The variance channels hold a number $c$ from −1 to 1: the step's variance
# should lie between its two bounds, at the share $(c + 1)/2$. When pixels move, both halves move along.
# But what's the variance of $-z$, if you know the variance of $z$?

# %% exercise="2.12e"
def undo_negative(noise, variance):
    """Bring the answer about a negative back to the picture itself.

    Args:
        noise: the noise estimate for -x_t, [B, 3, H, W].
        variance: the variance channels that came with it, [B, 3, H, W].

    Returns:
        The noise estimate and the variance channels for x_t, a tuple of two tensors [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    return -noise, variance
    ### END SOLUTION


# %% check="2.12e"
check(
    "2.12e",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** (a) How does a jigsaw view's inverse differ from the view, and for which `turns` is it the
# same thing? (b) Somebody writes the inverse of `skew` as `skew(x, -slope)`. For which slopes is that
# right, and what happens to the picture over the 33 steps if it's wrong?

# %% [markdown] question="2.12-question"
# ### BEGIN SOLUTION
# (a) The inverse turns each piece the other way, back to where it came from. If every turn is 0 or 2,
# pieces stay or change places in pairs: doing the view twice gives the picture back, and it's its own inverse. So
# it is if two pieces change places by a turn of 1 and one of 3. What matters is that each piece's place goes back
# where it came from.
#
# (b) For whole numbers. Otherwise ⌊−a⌋ isn't −⌊a⌋: it's one pixel further, so the answer comes back one
# pixel too high in every column j where slope · j isn't a whole number (every other column for 0.5). Each
# estimate is then about a picture that's shifted by a pixel in these columns: the noise it names isn't
# where the noise is. What should be removed stays, and something else is removed in its place, at every
# step; the second reading comes out blurred or grainy, or not at all.
# ### END SOLUTION

# %% [markdown]
# ## 2.13 Many views at once
#
# Now put them together. With $n$ views $v_i$, each with its own prompt,
#
# $$ \epsilon = \frac1n \sum_{i=1}^{n} v_i^{-1} \bigl( \epsilon_i( v_i(x_t),\, t ) \bigr) , \tag{3} $$
#
# and the same for the variance channels. A view comes as a pair of functions, `(view, undo)`: `view(x_t)`
# is the picture to ask about, and `undo(noise, variance)` brings both halves of the answer back.

# %% exercise="2.13"
def anagram(x_t, t, views, estimates):
    """The noise estimate for a picture that shows something else in each of its views.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        views: a list of n pairs of functions; view(x) gives the view of images, and
            undo(noise, variance) brings an answer about the view back, a tuple of two tensors.
        estimates: a list of n functions, one for each view; estimates[i](x, t) gives noise and
            variance. Don't write into them: it may keep them, and return them again.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]: of each, the mean
        over the views.
    """
    ### BEGIN SOLUTION
    answers = [
        undo(*estimate(view(x_t), t)) for (view, undo), estimate in zip(views, estimates)
    ]
    noises, variances = zip(*answers)
    return sum(noises) / len(answers), sum(variances) / len(answers)
    ### END SOLUTION


# %% check="2.13"
check(
    "2.13",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## The lecture's views
#
# Turn your views into pairs `(view, undo)`. A view that moves pixels does the same to both halves of an
# answer.

# %%
def moves(view, **how):
    """The pair (view, undo) of a view that moves pixels: a function with an argument `inverse`."""
    def undo(noise, variance):
        return view(noise, **how, inverse=True), view(variance, **how, inverse=True)

    return partial(view, **how), undo


def as_it_is(x):
    """The view that changes nothing."""
    return x


AS_IT_IS = (as_it_is, lambda noise, variance: (noise, variance))
ONE_PIECE = torch.zeros(64, 64)
COUNT = 3


def pictures(views, prompts, count=COUNT):
    """Pictures that show a prompt in each view, each with its own noise."""
    estimate = partial(anagram, views=views, estimates=[guided(model, p) for p in prompts])
    x_T = pset.noise((count, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def name_of(prompt):
    """What a prompt shows, for a title: "a photo of a cat" → "a cat"."""
    return prompt.split(" of ", 1)[1]


def two_readings(pair, prompts, motion, name, chosen=0):
    """Draw pictures for the picture and one view; show them all, and move the chosen one."""
    drawn = pictures([AS_IT_IS, pair], prompts)
    titles = [f"as it is:\n{name_of(prompts[0])}?", f"the view:\n{name_of(prompts[1])}?"]
    captions = [[f"number {k}" for k in range(len(drawn))], []]
    display(pset.publish(pset.rows([drawn, pair[0](drawn)], captions, titles), f"2.13_{name}"))
    words = [name_of(prompt) for prompt in prompts]
    display(moving(drawn[chosen], motion, words, name=f"2.13_{name}_moving"))
    return drawn


# %% [markdown]
# A quarter turn is a jigsaw puzzle with one piece. Move the slider, or press play.

# %% needs="2.12c,2.13"
with pset.your_code():
    turn = moves(jigsaw, pieces=ONE_PIECE, turns=[1])
    prompts = ["a photo of a penguin", "a photo of a fish"]
    two_readings(turn, prompts, turning_pieces(ONE_PIECE, [1]), "quarter_turn")

# %% [markdown]
# The inner circle: two pieces.

# %% needs="2.12c,2.13"
with pset.your_code():
    d = torch.arange(64) - 31.5
    disc = (d[:, None] ** 2 + d**2 < 24**2).long()
    circle = moves(jigsaw, pieces=disc, turns=[0, 1])
    prompts = ["a photo of a panda", "a photo of an owl"]
    two_readings(circle, prompts, turning_pieces(disc, [0, 1]), "inner_circle")

# %% [markdown]
# And a real puzzle. Its sixteen pieces are cut alike in all four directions, so that each fits where a
# sibling was.

# %%
def jigsaw_pieces(size):
    """4 × 4 pieces with tabs, cut so that a quarter turn of the puzzle changes nothing but their numbers."""
    cell = size / 4
    d = torch.arange(size) - (size - 1) / 2
    rows = torch.arange(size) // (size // 4)
    cells = 4 * rows[:, None] + rows
    pieces = cells.clone()
    # Where a cut's middle is, and which way its tab points; in cells, from the centre.
    for y, x, dy, dx in [(-1.5, -1, 0, 1), (-1.5, 0, 0, 1), (-1.5, 1, 0, -1),
                         (-1, -0.5, 1, 0), (-1, 0.5, -1, 0), (-0.5, 0, 0, 1)]:
        for _ in range(4):
            owner = cells[int((y - dy / 2 + 2) * cell), int((x - dx / 2 + 2) * cell)]
            tab_y, tab_x = (y + 0.14 * dy) * cell, (x + 0.14 * dx) * cell
            pieces[(d[:, None] - tab_y) ** 2 + (d - tab_x) ** 2 < (0.21 * cell) ** 2] = owner
            y, x, dy, dx = -x, y, -dx, dy  # a quarter turn further
    return pieces


PIECES = jigsaw_pieces(64)
TURNS = [1, 3, 3, 0, 0, 3, 1, 2, 1, 1, 3, 3, 1, 2, 2, 2]

# %% needs="2.12c,2.13"
with pset.your_code():
    puzzle = moves(jigsaw, pieces=PIECES, turns=TURNS)
    prompts = ["a photo of a cat", "a photo of a cake"]
    two_readings(puzzle, prompts, turning_pieces(PIECES, TURNS), "jigsaw", chosen=2)

# %% [markdown]
# The square hinge: squares that turn left and right, like the squares of a chessboard. Nobody has to write
# a new view for it. Do it once to the pixels' *numbers*, and you have its `order`.

# %%
def square_hinge(x):
    """4 × 4 squares of each image, turned left and right in turn."""
    rows = [row.chunk(4, dim=3) for row in x.chunk(4, dim=2)]
    turned = [[square.rot90(1 if (i + j) % 2 == 0 else -1, (2, 3)) for j, square in enumerate(row)]
              for i, row in enumerate(rows)]
    return torch.cat([torch.cat(row, dim=3) for row in turned], dim=2)


numbers = torch.arange(64 * 64).view(1, 1, 64, 64)
HINGE = square_hinge(numbers).flatten()

# %% needs="2.12,2.13"
with pset.your_code():
    hinge = moves(permute_pixels, order=HINGE)
    prompts = ["a photo of a rabbit", "a photo of a flower"]
    two_readings(hinge, prompts, hinged_squares(4), "square_hinge", chosen=2)

# %% [markdown]
# Patches, in random order.

# %% needs="2.12b,2.13"
with pset.your_code():
    order = torch.randperm(16, generator=torch.Generator().manual_seed(1))
    shuffled = moves(permute_patches, order=order)
    prompts = ["a photo of a cat", "a photo of a pizza"]
    two_readings(shuffled, prompts, sliding_patches(order), "patches", chosen=2)

# %% [markdown]
# Holbein's skew, here for anybody who likes to hide a skull behind somebody.

# %% needs="2.12d,2.13"
with pset.your_code():
    skewed = moves(skew, slope=0.5)
    prompts = ["a photo of an old man", "a photo of a skull"]
    two_readings(skewed, prompts, sliding_columns([j // 2 for j in range(64)]), "skew", chosen=1)

# %% [markdown]
# And the negative.

# %% needs="2.12e,2.13"
with pset.your_code():
    negative = (torch.neg, undo_negative)
    prompts = ["a lithograph of a castle", "a lithograph of a skull"]
    two_readings(negative, prompts, fading_to_negative, "negative")

# %% [markdown]
# ## Breaking the law
#
# Now the lecture's 135°, beside 90°, with the same prompts and the same noise. First ask your test, then
# look.

# %% needs="2.11,2.13"
def quarter_turn(x, k=1):
    """Images turned by k · 90°."""
    return torch.rot90(x, k, dims=(2, 3))


def rotate(x, degrees=135):
    """Images turned about their centre, with bilinear interpolation; what comes in is 0."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = torch.tensor([[c, -s, 0.0], [s, c, 0.0]], device=x.device).expand(len(x), 2, 3)
    grid = torch.nn.functional.affine_grid(turn, list(x.shape), align_corners=False)
    return torch.nn.functional.grid_sample(x, grid, align_corners=False)


with pset.your_code():
    good = (quarter_turn, lambda noise, variance: (quarter_turn(noise, -1), quarter_turn(variance, -1)))
    bad = (rotate, lambda noise, variance: (rotate(noise, -135), rotate(variance, -135)))
    prompts = ["a pop art of an old man", "a pop art of a cat"]
    shown, titles = [], []
    for angle, pair in {"90°": good, "135°": bad}.items():
        view = pair[0]
        law = "keeps the law" if keeps_noise_gaussian(view, 8) else "breaks the law"
        drawn = pictures([AS_IT_IS, pair], prompts, count=2)
        shown.append([picture for one in drawn.split(1) for picture in (one, view(one))])
        titles.append(f"{angle}\n{law}")
    figure = pset.rows(shown, [["as it is", "turned"] * 2, []], titles)
    display(pset.publish(figure, "2.13_the_law"))

# %% [markdown]
# At 135° both readings may well be there: the network makes the best of it. But the picture is full of
# noise that doesn't go away. The second estimate says nothing about the corners, and elsewhere, interpolation
# has smoothed the fine noise away before the network sees it. So the mean takes out only half of that noise.
#
# ## Three readings
#
# Nothing in (3) stops at two.

# %% needs="2.12c,2.13"
with pset.your_code():
    three_views = [AS_IT_IS] + [moves(jigsaw, pieces=ONE_PIECE, turns=[k]) for k in (1, 2)]
    prompts = ["a photo of a duck", "a photo of a rabbit", "a photo of a flower"]
    three = pictures(three_views, prompts)
    titles = [f"{angle}:\n{name_of(p)}?" for angle, p in zip(["upright", "90°", "180°"], prompts)]
    captions = [[f"number {k}" for k in range(len(three))], [], []]
    figure = pset.rows([view(three) for view, _ in three_views], captions, titles)
    display(pset.publish(figure, "2.13_three_views"))

# %% [markdown]
# **Choose** the best of all your pictures, from any view: one where somebody who hasn't read the prompts
# would name both things.

# %% needs="2.12c,2.13"
with pset.your_code():
    chosen = three[0]
    words = (name_of(prompts[0]), name_of(prompts[1]))
    display(moving(chosen, turning_pieces(ONE_PIECE, [1]), words, name="2.13_chosen"))
    pset.save_image(chosen, "pictures/2.13 anagram.png")

# %% [markdown]
# **Question.** (a) Which view gave you the best pictures, which the worst, and what does a good pair of
# prompts have to share in each of them? (b) The noise estimate is $-\sqrt{1 - \bar\alpha_t}$ times the
# gradient of $\log p_t$. Of which density is $\epsilon_2(v(x_t))$, brought back, the score? And if you
# *added* the two scores, of which density would that be? (3) takes their mean instead. What would the sum
# do to how much noise the loop thinks there is?

# %% [markdown] question="2.13-question"
# ### BEGIN SOLUTION
# (a) Any answer with a reason. In a rotation both things need the same outline; a jigsaw or patches make
# fine detail appear from anywhere, but seams stay visible; the negative needs a dark thing and a bright
# one of the same shape.
#
# (b) Of p_t(v(x_t)), the density of pictures whose *view* is a picture for the second prompt: for an
# orthogonal v, the gradient of log p_t(v(x)) is vᵀ = v⁻¹ of the score at v(x). The sum is the score of the
# product of the two densities (up to a constant factor): pictures that are likely for both. But as a noise
# estimate the sum is twice as large as any noise can be: the loop would take away twice the noise that's
# there. The mean keeps the size of one noise.
# ### END SOLUTION
