# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Inverse problems
#
# Inpainting is one case of something larger. You know a *measurement* $y$ of an image, $y = A\,x + \sigma\,n$
# with a linear map $A$ and a little noise $n$, and you want the image. With a hole in it, $A$ keeps the known
# pixels. But $A$ can also shrink the image, blur it, or take its colours away. In each case many images fit,
# and the model knows which of them look like images. In this notebook you'll make inpainting better, then do
# the same for the coarse part of an image, and then for any $A$.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, timesteps=…, after_step=…)`.
#
# The three things you can plug into it are all you need: an `estimate(x_t, t)` of the noise, an
# `after_step(image, t')`, and a list of `timesteps`. The course provides the loop, so you can do this notebook
# even if some of your earlier exercises don't work yet. Everything here also runs on DeepFloyd if you have a
# GPU: give `pset.load_model` below one argument, `"DeepFloyd/IF-I-L-v1.0"`. (In 2.7 you differentiate through
# the network. For DeepFloyd that takes several times the memory of sampling.)

# %% setup=true
from functools import partial

import torch
from IPython.display import display
from matplotlib.figure import Figure

import pset
from pset import STRIDED_TIMESTEPS, check, guided, iterative_denoise, thresholded
from pset.measurements import KnownPixels, blurring, greyscale, shrinking

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.5 The way back up
#
# In exercise 1.8 the known pixels influenced the new ones, but never the other way round: whatever the
# network wanted to change about the known pixels, you threw away. So the new part had to fit by itself, and
# by the time that the surroundings were clear, it was too late to change its shape. That's where seams came
# from.
#
# RePaint (Lugmayr et al. 2022) gives the new part another chance. Every now and then it stops going down and
# goes back *up*: it adds noise to the whole image, new part and known part, and denoises again. This time the
# new part starts from surroundings that it already fits a little better.
#
# How do you go up from $t$ to a larger timestep $s$? You *can't* use
# $\sqrt{\bar\alpha_s}\, x_0 + \sqrt{1 - \bar\alpha_s}\, \epsilon$: you don't have a clean $x_0$, only $x_t$,
# which has noise in it already. What you need is the part of the forward process that lies between $t$ and
# $s$. One step of it is $x_t = \sqrt{\alpha_t}\, x_{t-1} + \sqrt{1 - \alpha_t}\, \epsilon$. All the steps from
# $t$ to $s$ together multiply the image by $\sqrt{\alpha_{t+1} \cdots \alpha_s}$, and that product of alphas
# is $\bar\alpha_s / \bar\alpha_t$:
#
# $$ x_s = \sqrt{\frac{\bar\alpha_s}{\bar\alpha_t}}\; x_t + \sqrt{1 - \frac{\bar\alpha_s}{\bar\alpha_t}}\;
#    \epsilon . \tag{1} $$

# %% exercise="2.5"
def renoise(x_t, t, t_next, alphas_cumprod, noise):
    """The forward process from t to a later timestep.

    Args:
        x_t: noisy images at timestep t, [B, 3, H, W].
        t: where they are.
        t_next: s, where they should go; t_next > t.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W].

    Returns:
        The images at timestep t_next, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    kept = alphas_cumprod[t_next] / alphas_cumprod[t]
    return kept.sqrt() * x_t + (1 - kept).sqrt() * noise
    ### END SOLUTION


# %% check="2.5"
check(
    "2.5",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## 2.5b RePaint: a walk that goes back
#
# Where does (1) go in the loop? It isn't an estimate, since it doesn't ask the network anything. It can't be
# an `after_step` either: that may change an image *at* its timestep, but the timestep of the next step has
# already been decided, by the list. So it belongs to the list. In `iterative_denoise`, **timesteps may
# rise**. Where they fall, the loop denoises, and where they rise, it does what you've just written. (It uses
# its own copy, so your RePaint works even if your `renoise` doesn't yet.) After each step, up or down, it
# calls `after_step`. Nothing else in the loop has changed.
#
# That leaves you two things to write: the list, and the `after_step`.
#
# **The list.** Count the *places* in `STRIDED_TIMESTEPS` from the clean end: place 0 is $t = 0$, place 1 is
# $t = 30$, and so on up to place 33, which is $t = 990$. Walk down from place 33 to place 0. At every place
# that's a multiple of `jump_length` (0 included), go back up by `jump_length` places, in one go, and walk down
# again, until this stretch has been walked `jump_n` times in all. (Going up place by place, as the paper does,
# gives the same distribution, and counts as right, too.) Then walk on. Leave out jumps that would go above
# place 33. An example with `jump_length` 3 and `jump_n` 2, if there were only places 0 to 7:
#
# $$ 7\; 6\; 5\; 4\; 3 \nearrow 6\; 5\; 4\; 3\; 2\; 1\; 0 \nearrow 3\; 2\; 1\; 0 . $$
#
# **The `after_step`** is 1.8's: put the known pixels back with the noise of the timestep that the image has
# arrived at, and at the very end exactly.
#
# * The paper's equation 8a prints $\bar\alpha_t$ for known pixels that have already arrived at $t-1$, and so
#   does the lecture's pseudocode. It should be $\bar\alpha_{t-1}$, or here, $\bar\alpha_{t'}$. Line 5 of the
#   paper's Algorithm 1 has another slip: it multiplies $\epsilon$ by the variance $1 - \bar\alpha_t$ instead
#   of its root. (diffusers' `RePaintScheduler` has both right.)
# * Start from `noise`. For the known pixels you can use the same noise every time, or fresh noise: both are
#   right.

# %% exercise="2.5b"
def repaint(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    """Fill a hole in an image, going back up again and again.

    Args:
        original: the images, [B, 3, H, W].
        mask: 1 where new content belongs, 0 where the original stays; [1, 1, H, W] or [B, 1, H, W].
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: the start of the loop.
        jump_length: how many places a jump goes up.
        jump_n: how often each stretch is walked in all; 1 is plain inpainting.

    Returns:
        The images with new content, [B, 3, H, W]; where the mask is 0, exactly the original.
    """
    ### BEGIN SOLUTION
    top = len(STRIDED_TIMESTEPS) - 1
    places = []
    for place in range(top, -1, -1):
        places.append(place)
        if place % jump_length == 0 and place + jump_length <= top:
            places += [*range(place + jump_length, place - 1, -1)] * (jump_n - 1)
    timesteps = [STRIDED_TIMESTEPS[top - place] for place in places]

    def paste(x, t):
        alpha_bar = alphas_cumprod[t]
        known = alpha_bar.sqrt() * original + (1 - alpha_bar).sqrt() * noise
        return mask * x + (1 - mask) * (original if t == 0 else known)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, timesteps, after_step=paste)
    ### END SOLUTION


# %% check="2.5b"
check(
    "2.5b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here's a walk. The list comes from your own function: a spy takes the place of the estimate, and writes down
# what it's asked.

# %% needs="2.5b"
JUMP_LENGTH, JUMP_N = 10, 4


def walk(jump_length, jump_n):
    """The timesteps at which `repaint` asks for an estimate."""
    asked = []

    def spy(x_t, t):
        asked.append(int(t))
        return torch.zeros_like(x_t), torch.zeros_like(x_t)

    nothing = torch.zeros(1, 3, 8, 8)
    repaint(nothing, nothing[:, :1], spy, alphas_cumprod.cpu(), nothing, jump_length, jump_n)
    return asked


with pset.your_code():
    figure = Figure(figsize=(8, 2.2), dpi=110, layout="tight")
    axis = figure.subplots()
    for jump_n, colour in ((1, "tab:gray"), (JUMP_N, "tab:red")):
        axis.plot(walk(JUMP_LENGTH, jump_n), color=colour, label=f"jump_n = {jump_n}")
    axis.set(xlabel="step", ylabel="timestep")
    axis.legend(frameon=False)
    display(pset.publish(figure, "2.5_walk"))

# %% [markdown]
# And here's what it's good for: the same holes and the same starting noise, without the way back and with it.
# Look at the edge of the hole. (It takes `jump_n` times as long.)

# %% needs="2.5b"
def box(top, left, bottom, right):
    """A mask that is 1 in a rectangle, [1, 1, 64, 64]."""
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., top:bottom, left:right] = 1
    return mask


names, wishes = ("rocket", "coffee"), ["a photo of a tower", "a photo of a cookie"]
photographs = torch.cat([pset.photo(name) for name in names]).to(model.device)
masks = torch.cat([box(2, 22, 34, 46), box(10, 18, 34, 46)]).to(model.device)
with pset.your_code():
    estimate = thresholded(model, guided(model, wishes))
    x_T = pset.noise(photographs.shape, device=model.device)
    filled = [
        repaint(photographs, masks, estimate, alphas_cumprod, x_T, JUMP_LENGTH, jump_n)
        for jump_n in (1, JUMP_N)
    ]
    columns = [photographs * (1 - masks) + masks, *filled]
    captions = ["to be filled", "jump_n = 1", f"jump_n = {JUMP_N}"]
    figure = pset.rows(list(zip(*columns)), [captions, []], wishes)
    display(pset.slider(columns, captions, "jump_n", pset.publish(figure, "2.5_repaint"), scale=3))

# %% [markdown]
# **Question.** (a) Describe what changes from left to right, and whether it gets better. (b) Going up from
# $t$ to $s$ destroys some of what the loop has made. Which part of the image does a small `jump_length` leave
# alone, and which does a large one decide anew? (c) Why is it important that (1) adds *new* noise every time,
# and not the same noise again?

# %% [markdown] question="2.5-question"
# ### BEGIN SOLUTION
# (a) Any honest description: with more walks the new part's colours and lines usually fit the surroundings
# better, and the seam gets weaker. Often it also gets more cautious, and closer to the surroundings than to
# the prompt. It may not get better at all: nothing here guarantees it.
#
# (b) A small jump adds little noise, which only hides fine detail: the large shapes stay. A large jump hides
# those as well, so the model can choose them again, with surroundings that it can see better than the first
# time.
#
# (c) Going back is a step of the forward process only if ε is independent of $x_t$. After the first jump, $x_t$ still
# holds some of the old ε. The same noise would add up, and push the new part the same way each time. Going back is
# only worth it if the new part can become something else.
# ### END SOLUTION

# %% [markdown]
# ## 2.6 Coarse from a reference: ILVR
#
# Now you know something else about the image: not some of its pixels but its *coarse part*. Let $\phi$ be a
# low pass, for example the mean over blocks of $N \times N$ pixels, put back into every pixel of its block.
# You want an image with the coarse part of a reference $y$, and everything else is up to the model. After
# every step, take the image's own coarse part away and put in the reference's (Choi et al. 2021):
#
# $$ x_{t'} \leftarrow x_{t'} - \phi(x_{t'}) + \phi(y_{t'}) , \qquad y_{t'} = \mathrm{forward}(y,\, t') .
#    \tag{2} $$
#
# It's inpainting again, only that what's known isn't some of the pixels, but some of the frequencies.
#
# * The image at $t'$ is noisy, and so is its coarse part. So the reference needs noise as well, the noise of
#   $t'$. (The code that the paper's authors published takes the timestep that the step has just left;
#   the paper's equation doesn't.)
# * Filter *after* adding the noise. The lecture's slide adds noise to the filtered reference. If you do it in
#   this order, you add fine noise as well, on top of the image's own.
#
# Your function is an `after_step` with some arguments more; `partial` will fill them in.

# %% exercise="2.6"
def ilvr_step(x, t, reference, phi, alphas_cumprod, noise):
    """Give an image the coarse part of a reference.

    Args:
        x: noisy images at timestep t, where a step has just brought them, [B, 3, H, W].
        t: their timestep.
        reference: clean images, [B, 3, H, W].
        phi: a low pass, a linear function from images to images, [B, 3, H, W].
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise for the reference, [B, 3, H, W].

    Returns:
        The images, with the reference's coarse part in place of their own, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    alpha_bar = alphas_cumprod[t]
    reference_t = alpha_bar.sqrt() * reference + (1 - alpha_bar).sqrt() * noise
    return x - phi(x) + phi(reference_t)
    ### END SOLUTION


# %% check="2.6"
check(
    "2.6",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# This is the lecture's figure: three references, and blocks of 4, 8, 16 and 32 pixels. With small blocks
# little is left for the model to decide; with blocks of 32 pixels, only four colours are given. The prompts
# ask for something that *isn't* the reference.

# %% needs="2.6"
def block_mean(x, n):
    """The mean over blocks of n × n pixels, in each pixel of its block."""
    small = torch.nn.functional.avg_pool2d(x, n)
    return small.repeat_interleave(n, dim=-2).repeat_interleave(n, dim=-1)


BLOCKS = [4, 8, 16, 32]
references = torch.cat([pset.photo(name) for name in ("cat", "coffee", "rocket")]).to(model.device)
prompts = ["a photo of a fox", "a photo of a pizza", "a photo of a tower"]
with pset.your_code():
    estimate = thresholded(model, guided(model, prompts))
    x_T, noise_y = (pset.noise(references.shape, seed, model.device) for seed in (pset.SEED, 1))

    def like_references(n):
        """Images with the references' blocks of n pixels."""
        step = partial(
            ilvr_step,
            reference=references,
            phi=partial(block_mean, n=n),
            alphas_cumprod=alphas_cumprod,
            noise=noise_y,
        )
        return iterative_denoise(x_T, 0, estimate, alphas_cumprod, after_step=step)

    columns = [references, *(like_references(n) for n in BLOCKS)]
    captions = ["reference", *(f"N = {n}" for n in BLOCKS)]
    titles = [prompt.replace(" of ", "\nof ") for prompt in prompts]
    figure = pset.rows(list(zip(*columns)), [captions, [], []], titles)
    display(pset.slider(columns, captions, "N", pset.publish(figure, "2.6_references")))

# %% [markdown]
# **Question.** (a) From which $N$ on is each picture the prompt's rather than the reference's? (b) The mean
# over blocks is a *projection*: $\phi(\phi(x)) = \phi(x)$. Use that to show that after (2), the image's coarse
# part is *exactly* the reference's, $\phi(x_{t'}) = \phi(y_{t'})$. (c) A Gaussian blur isn't a projection:
# blurring twice blurs more than once. What does (2) do with it, and is the coarse part still exactly the
# reference's?

# %% [markdown] question="2.6-question"
# ### BEGIN SOLUTION
# (a) Any reading of one's own pictures, with a reason.
#
# (b) φ is linear, so φ(x − φ(x) + φ(y)) = φ(x) − φ(φ(x)) + φ(φ(y)) = φ(x) − φ(x) + φ(y) = φ(y).
#
# (c) It still replaces φ(x) by φ(y), so x's part outside φ is untouched. But φ(x − φ(x)) isn't zero any more:
# at the frequencies that the blur lets through in part, some of the image's own content remains, and some of
# the reference's comes in. So φ of the result is φ(φ(y)) + φ(x) − φ(φ(x)), which isn't φ(y).
# ### END SOLUTION

# %% [markdown]
# ## 2.7 Any measurement
#
# Both techniques so far were lucky: their $A$ was so simple that you could put the known part in by hand. In
# general you need another idea, and it's Bayes' rule. You want images from $p(x \mid y)$. Its score is
#
# $$ \nabla_{x_t} \log p(x_t \mid y) = \nabla_{x_t} \log p(x_t) + \nabla_{x_t} \log p(y \mid x_t) . \tag{3} $$
#
# The network knows the first term: it's $-\epsilon / \sqrt{1 - \bar\alpha_t}$. The second asks how well a noisy
# image fits the measurement. What you can measure isn't $x_t$ but $x_0$, and of that you have an estimate,
# $\hat x_0 = (x_t - \sqrt{1 - \bar\alpha_t}\, \epsilon) / \sqrt{\bar\alpha_t}$. It's uncertain. Say that the
# pixels of $x_0$ lie around $\hat x_0$ independently of each other, with a variance $r^2$. Then $y$ lies around
# $A \hat x_0$ with the covariance $r^2 A A^{\mathsf T} + \sigma^2 I$: the image's uncertainty as the
# measurement sees it, plus the measurement's own noise. With the weighted residual
#
# $$ u = (r^2 A A^{\mathsf T} + \sigma^2 I)^{-1} (y - A\, \hat x_0) , \qquad
#    r^2 = \frac{(1 - \bar\alpha_t)\, s^2}{1 - \bar\alpha_t + \bar\alpha_t s^2} , \tag{4} $$
#
# the gradient of the logarithm of that Gaussian is
#
# $$ g = \Bigl( \frac{\partial \hat x_0}{\partial x_t} \Bigr)^{\!\mathsf T} A^{\mathsf T} u , \qquad
#    \epsilon' = \epsilon - \sqrt{1 - \bar\alpha_t}\; g . \tag{5} $$
#
# This is ΠGDM (Song et al. 2023). The $r^2$ in (4) is how uncertain $x_0$ still is if images are Gaussian, with
# independent pixels of standard deviation $s$. For such images (5) is exact; for real ones it's an approximation.
#
# * The derivative goes *through the network*: $\epsilon$ depends on $x_t$ too. PyTorch computes the product in
#   (5) for you without ever making a matrix. It's the gradient of the number $\langle A \hat x_0, u \rangle$
#   with respect to $x_t$, if you hold $u$ fixed (`detach`). That also takes care of $A^{\mathsf T}$.
# * Checks and `iterative_denoise` may run where gradients are switched off. Put what needs them inside
#   a `torch.enable_grad()` block, and start from `x_t.detach().requires_grad_()`.
# * A `measurement` is an object: `measurement(x)` is $A x$, `measurement.transpose(y)` is $A^{\mathsf T} y$,
#   and `measurement.solve(y, r, sigma)` is $(r^2 A A^{\mathsf T} + \sigma^2 I)^{-1} y$. Mind that it takes $r$
#   and $\sigma$, and squares them itself.
# * What you return is an estimate again: $\epsilon'$, and the variance channels as they are.

# %% exercise="2.7"
def measured(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
    """A noise estimate that is guided by a measurement of the clean image.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate: a function that can be differentiated; estimate(x_t, t) gives the noise and the
            variance channels.
        alphas_cumprod: the schedule, [1000].
        measurement: the linear map A, with `transpose` and `solve`.
        y: what has been measured, y = A·x_0 + σ·n.
        sigma: σ, the standard deviation of the measurement's noise.
        s: the standard deviation of a pixel over all images.

    Returns:
        The noise of equation (5) and the variance channels, a tuple of two tensors [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    alpha_bar = alphas_cumprod[t]
    with torch.enable_grad():
        x_t = x_t.detach().requires_grad_()
        noise, variance = estimate(x_t, t)
        x_0 = (x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()
        expected = measurement(x_0)
        r = ((1 - alpha_bar) / (1 - alpha_bar + alpha_bar * s**2)).sqrt() * s
        u = measurement.solve(y - expected, r, sigma).detach()
        (gradient,) = torch.autograd.grad((expected * u).sum(), x_t)
    return (noise - (1 - alpha_bar).sqrt() * gradient).detach(), variance.detach()
    ### END SOLUTION


# %% check="2.7"
check(
    "2.7",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Four measurements of one photograph: a hole, four times fewer pixels each way, a blur, and no colours. Each
# has a *plain answer*, the smallest image that fits, $A^{\mathsf T} (A A^{\mathsf T})^{-1} y$. For the hole it
# leaves the hole grey; for the small picture it repeats pixels; for the blur it's the inverse filter, which
# makes the measurement's noise enormous; and without colours it stays grey. Your function is the same for all
# four.

# %% needs="2.7"
SIGMA, SPREAD = 0.05, 0.5
truth = pset.photo("coffee").to(model.device)
problems = {
    "a hole": KnownPixels((1 - box(10, 18, 34, 46)).to(model.device)),
    "4 times smaller": shrinking(4),
    "blurred, σ = 2": blurring(2.0),
    "without colours": greyscale(),
}
with pset.your_code():
    prior = guided(model, "a photo of a mug", scale=1)
    seen, plain, answers = [], [], []
    for measurement in problems.values():
        y = measurement(truth)
        y = y + SIGMA * pset.noise(y.shape, 5, model.device)
        seen.append(torch.nn.functional.interpolate(y.expand(-1, 3, -1, -1), 64))
        plain.append(measurement.transpose(measurement.solve(y, 1, 0)))
        estimate = partial(
            measured,
            estimate=prior,
            alphas_cumprod=alphas_cumprod,
            measurement=measurement,
            y=y,
            sigma=SIGMA,
            s=SPREAD,
        )
        x_T = pset.noise(truth.shape, device=model.device)
        answers.append(iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod))
    original = truth.expand(len(problems), -1, -1, -1)
    columns = [torch.cat(seen), torch.cat(plain), torch.cat(answers), original]
    positions = ["measured", "plain answer", "yours", "the photograph"]
    figure = pset.rows(columns, [list(problems), [], [], []], positions)
    display(pset.slider(columns, positions, "answer", pset.publish(figure, "2.7_measured"), scale=3))

# %% [markdown]
# **Question.** (a) For which measurement does your answer say most about the *model*, and for which about the
# photograph? Why? (b) Somebody uses the fourth answer to colour a historical photograph, and the second to
# enlarge a face from a surveillance camera. In what sense is each of the results right, and what would you
# write below it?

# %% [markdown] question="2.7-question"
# ### BEGIN SOLUTION
# (a) The more A throws away, the more the model has to make up: in the hole everything is the model's, and
# for greyscale two of three numbers in every pixel. For the blur, and for the small picture, the large shapes
# and colours are the photograph's, and only fine detail is invented.
#
# (b) Each of them fits the measurement, and looks like the model's training images. That's all. The colours
# and the face's details are one possibility of many; the truth may be another, and the model prefers what was
# frequent in training. A colouring should be labelled as one, and by what it was made. An invented face must
# not be used to identify anybody.
# ### END SOLUTION
