# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Composition
#
# A house AND a mushroom, but NOT a lithograph. In this notebook you build requests like that from several
# prompts, by arithmetic with noise estimates (Liu et al. 2022). Then you find out what such sums really
# sample from. The lecture's slide on compositionality says: from the product of the densities. You'll measure
# that on densities that we can write down, see that it isn't so, and mend it.
#
# From the earlier notebooks you need three things.
#
# * The noise estimate is a score in disguise:
#   $\epsilon(x_t, t) = -\sqrt{1-\bar\alpha_t}\; \nabla \log p_t(x_t)$.
# * Guidance, $\epsilon_u + \gamma(\epsilon_c - \epsilon_u)$, goes from the null prompt's estimate towards the
#   prompt's. `guided(model, prompt, scale)` makes such an estimate; with `scale=1` it's the prompt's own.
# * The loop, `iterative_denoise(image, i_start, estimate, alphas_cumprod, after_step=…)`, takes any
#   `estimate(x_t, t)` that returns the noise and the variance channels, and after each step replaces the
#   image with `after_step(image, t')`. `thresholded(model, estimate)` keeps an estimate within the range of
#   images.
#
# Everything here also runs on DeepFloyd, which knows far more concepts. You'd only change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
from functools import partial

import matplotlib.pyplot as plt
import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.14 AND, NOT
#
# Each concept $c_i$ has its own estimate $\epsilon_i = \epsilon(x_t, t, c_i)$, and $\epsilon_u$ is the null
# prompt's. The difference $\epsilon_i - \epsilon_u$ is the direction "towards concept $i$". Start from
# $\epsilon_u$ and go along all the directions at once, each as far as its weight says:
#
# $$ \epsilon \;=\; \epsilon_u + \sum_i w_i \, (\epsilon_i - \epsilon_u) . \tag{1} $$
#
# * With a single concept this is guidance, and $w$ is $\gamma$.
# * A positive weight is an AND. A negative one is a NOT: away from the concept.
# * With weight 0, a concept doesn't change anything.
# * All estimates look at the *same* $x_t$.
# * For the variance channels, take the mean over the concepts that you ask for: those with a positive weight.
#   (There's always at least one.)

# %% exercise="2.14"
def compose(x_t, t, estimate_null, estimates, weights):
    """The noise estimate for several concepts at once, by equation (1).

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimate_null: the null prompt's; estimate_null(x_t, t) gives noise and variance. Don't write
            into them: it may keep them, and return them again.
        estimates: a list with one such function for each concept.
        weights: a list with one number for each concept: positive for AND, negative for NOT. At least one
            is positive.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]. The variance is the mean
        over the concepts with a positive weight.
    """
    ### BEGIN SOLUTION
    noise_null, _ = estimate_null(x_t, t)
    outputs = [estimate(x_t, t) for estimate in estimates]
    directions = [noise - noise_null for noise, _ in outputs]
    noise = noise_null + sum(w * direction for w, direction in zip(weights, directions))
    wanted = [variance for w, (_, variance) in zip(weights, outputs) if w > 0]
    return noise, torch.stack(wanted).mean(dim=0)
    ### END SOLUTION


# %% check="2.14"
check(
    "2.14",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Every column has one noise, the same in all rows: what differs between two rows is what you asked for. The
# first row is a house, by guidance alone. Then comes a mushroom, and then a third concept, first with AND and
# then with NOT: a lithograph, which is black and white in this model's world. So NOT a lithograph means colour. What
# else does it change?

# %% needs="2.14"
COUNT = 4
HOUSE, MUSHROOM = "a photo of a house", "a photo of a mushroom"
LITHOGRAPH = "a lithograph of a mushroom"


def composed(concepts, count=COUNT):
    """`count` pictures of {prompt: weight}, each with its own noise."""
    estimate = partial(
        compose,
        estimate_null=guided(model, "", scale=1),
        estimates=[guided(model, prompt, scale=1) for prompt in concepts],
        weights=list(concepts.values()),
    )
    x_T = pset.noise((count, 3, 64, 64), device=model.device)
    return iterative_denoise(x_T, 0, thresholded(model, estimate), alphas_cumprod)


def said(concepts):
    """{prompt: weight} in words, for a row's title."""
    words = [f"{'AND' if w > 0 else 'NOT'} {p.replace(' of ', chr(10) + 'of ', 1)}" for p, w in concepts.items()]
    return "\n".join(words).removeprefix("AND ")


requests = [
    {HOUSE: 7},
    {HOUSE: 4, MUSHROOM: 4},
    {HOUSE: 4, MUSHROOM: 2, LITHOGRAPH: 3},
    {HOUSE: 4, MUSHROOM: 4, LITHOGRAPH: -1},
]
with pset.your_code():
    pictures = [composed(concepts) for concepts in requests]
    figure = pset.rows(pictures, row_titles=[said(concepts) for concepts in requests])
    display(pset.publish(figure, "2.14_and_not"))

# %% [markdown]
# Now turn the weight of a lithograph of a house from AND to NOT with the slider. At 0 it has no say.
# Where does it begin to hurt?

# %% needs="2.14"
WEIGHTS = [3, 1, 0, -1, -3]

with pset.your_code():
    turned = [composed({HOUSE: 6, "a lithograph of a house": w}, count=2) for w in WEIGHTS]
    captions = [f"{w:+g}" if w else "0" for w in WEIGHTS]
    figure = pset.rows(list(zip(*turned)), [captions, []])
    still = pset.publish(figure, "2.14_weight")
    display(pset.slider(turned, captions, "weight of the lithograph", still, scale=3))

# %% [markdown]
# **Choose** a request of your own, with at least one AND and one NOT, from words that the model knows. Look at
# several pictures and keep the best one. Often a concept just wins or gets lost; then change its weight.

# %% needs="2.14"
with pset.your_code():
    mine = {"a photo of a cake": 7, "a photo of a strawberry": -2}
    own = composed(mine)
    display(pset.show(own, [f"number {k}" for k in range(len(own))], name="2.14_own"))
    chosen = own[0]
    pset.save_image(chosen, "pictures/2.14 composition.png")

# %% [markdown]
# **Question.** (a) What did you ask for, which picture did you choose, and which of its concepts is the
# weakest? (b) Somebody writes a NOT as $-w\,\epsilon_i$, without $\epsilon_u$. What do $\epsilon_i$ and
# $\epsilon_u$ have in common, and what would subtracting it do to the picture? (c) Why does a large negative
# weight spoil the picture, although it only says what should *not* be there?

# %% [markdown] question="2.14-question"
# ### BEGIN SOLUTION
# (a) Any request and picture with a reason.
#
# (b) Both are estimates of the noise in the same x_t, and most of that noise doesn't depend on the prompt: they
# agree on nearly all of it. Only the difference says what's special about the concept. Subtracting the whole
# ε_i takes away the noise estimate itself, so the loop would leave the noise in the picture (or add to it).
#
# (c) Away from one concept isn't towards anything. There's a limit to how much like a house a picture can be,
# but none to how unlike a lithograph it can be: 1/p(concept | x)^w keeps growing outside of everything that the
# network has seen, in garish colours, for example. With a large weight this outweighs the other concepts.
# ### END SOLUTION

# %% [markdown]
# ## 2.15 A product of densities
#
# What do we sample from when we add scores? The lecture's slide "Compositionality" argues like this:
#
# $$ \nabla \log p_t(x_t) + \nabla \log q_t(x_t) = \nabla \log \bigl( p_t(x_t)\, q_t(x_t) \bigr)
#    \quad \Longrightarrow \quad x \sim p^{\text{prod}}(x) \propto p(x)\, q(x) . $$
#
# The equation on the left is right. The conclusion isn't. The loop samples from the product $p\,q$ if at every
# $t$ it gets the score of *the product, noised*. But $p_t q_t$ is the product of *the noised densities*, and the
# two are only the same at $t = 0$. At the other end, $p_t$ and $q_t$ are both $\mathcal N(0, I)$; their product
# has half the variance, and pure noise doesn't.
#
# Where everything is Gaussian, you can work out what to do instead. Take $n$ densities
# $\mathcal N(\mu_i, s^2 I)$, all with the same standard deviation $s$.
#
# * Their product is $\mathcal N\bigl(\bar\mu,\, \tfrac{s^2}{n} I\bigr)$, where $\bar\mu$ is the mean of the $\mu_i$.
# * The forward process turns $\mathcal N(\mu, s^2 I)$ into
#   $\mathcal N\bigl(\sqrt{\bar\alpha_t}\,\mu,\, (\bar\alpha_t s^2 + 1 - \bar\alpha_t) I\bigr)$.
# * The score of $\mathcal N(m, v I)$ is $-(x - m)/v$.
#
# Use these three to write the noise estimate of the product as a multiple of the estimates' mean,
#
# $$ \epsilon \;=\; r_t \cdot \frac1n \sum_i \epsilon_i . \tag{2} $$
#
# $r_t$ is a ratio of two variances. Before you go on, see that it's 1 for pure noise ($\bar\alpha_t = 0$), and
# $n$ for a clean image: there, (2) is the slide's sum. For the variance channels, take the mean.

# %% exercise="2.15"
def gaussian_product(x_t, t, estimates, alphas_cumprod, scale):
    """The noise estimate of a product of Gaussian densities, by equation (2).

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep.
        estimates: a list of n functions; estimates[i](x_t, t) gives noise and variance, exactly, for
            images from N(μ_i, s² I).
        alphas_cumprod: the schedule, [1000].
        scale: the standard deviation s of each density.

    Returns:
        The noise and the variance channels, a tuple of two tensors [B, 3, H, W]. The variance is the mean
        of the estimates'.
    """
    ### BEGIN SOLUTION
    alpha_bar, n = alphas_cumprod[t], len(estimates)
    noises, variances = zip(*(estimate(x_t, t) for estimate in estimates))
    factor_variance = alpha_bar * scale**2 + 1 - alpha_bar
    product_variance = alpha_bar * scale**2 / n + 1 - alpha_bar
    ratio = factor_variance / product_variance
    return ratio * torch.stack(noises).mean(dim=0), torch.stack(variances).mean(dim=0)
    ### END SOLUTION


# %% check="2.15"
check(
    "2.15",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here are all three next to each other: the mean of the scores, their sum, and yours. As in the first notebook,
# an image has a single pixel, and `pset.ClosedFormModel` is a denoiser that's exact for it. Two densities, one
# for reddish pixels and one for bluish-green ones; the histograms show the red of 4000 samples, and the curve is
# their product, computed without any sampling. On the right: how many times too steep the sum is at each $t$.

# %%
TIMESTEPS = tuple(range(990, -1, -10))  # more steps than for pictures: a pixel is cheap


def world_of(colours, scale):
    """An estimate, and a function for log p, of pixels around these (red, green) pairs."""
    world = pset.ClosedFormModel(scale=scale)
    embeds = world.prompt_embeds([[red, green, *[0] * 7] for red, green in colours])

    def estimate(x_t, t):
        output = world.unet(x_t, t, embeds, return_dict=False)[0]
        return output[:, :3], output[:, 3:]

    return estimate, partial(world.log_density, t=0, prompt_embeds=embeds)


def added_up(x_t, t, estimates):
    """The slide's product: the sum of the scores at every t."""
    noises, variances = zip(*[estimate(x_t, t) for estimate in estimates])
    return sum(noises), sum(variances) / len(variances)


def averaged(x_t, t, estimates):
    """The mean of the scores at every t."""
    noise, variance = added_up(x_t, t, estimates)
    return noise / len(estimates), variance


def pixels_from(estimate, count, after_step=None):
    """Samples of one pixel each, [count, 3, 1, 1]."""
    x_T = pset.noise((count, 3, 1, 1))
    schedule = pset.ClosedFormModel().alphas_cumprod
    return iterative_denoise(x_T, 0, estimate, schedule, TIMESTEPS, after_step=after_step)


# %% needs="2.15"
SCALE = 0.5
schedule = pset.ClosedFormModel().alphas_cumprod
both = [world_of([colour], SCALE)[0] for colour in [(0.4, -0.4), (-0.2, 0.4)]]

with pset.your_code():
    yours = partial(gaussian_product, alphas_cumprod=schedule, scale=SCALE)
    ways = {"mean of the scores": averaged, "sum of the scores": added_up, "your product": yours}
    figure, axes = plt.subplots(1, 4, figsize=(11, 2.8))
    red = torch.linspace(-1.6, 1.8, 200)
    truth = torch.distributions.Normal(0.1, SCALE / 2**0.5)
    for axis, (title, way) in zip(axes, ways.items()):
        samples = pixels_from(partial(way, estimates=both), 4000)[:, 0, 0, 0]
        axis.hist(samples.numpy(), bins=40, range=(-1.6, 1.8), density=True, color="lightgrey")
        axis.plot(red, truth.log_prob(red).exp(), color="crimson", label="p · q")
        axis.set(xlabel="red", yticks=[], ylim=(0, 1.6))
        axis.set_title(f"{title}\nstd {samples.std():.2f}, should be {truth.stddev:.2f}", fontsize=9)
    axes[0].legend(fontsize=8)
    pixel, ts = torch.ones(1, 3, 1, 1), range(0, 1000, 25)
    too_steep = [float((added_up(pixel, t, both)[0] / yours(pixel, t, both)[0]).mean()) for t in ts]
    axes[3].plot(ts, too_steep, color="black")
    axes[3].set(xlabel="t", ylim=(0.9, 2.1))
    axes[3].set_title("sum of the scores:\nhow many times too steep", fontsize=9)
    figure.tight_layout()
    plt.close(figure)
    display(pset.publish(figure, "2.15_gaussians"))

# %% [markdown]
# For Gaussians of equal width, the mean of the scores is the score of a density you know, too: of the geometric
# mean $\sqrt{p\,q}$, noised, at every $t$. Visual anagrams take the mean of two estimates as well. But images aren't
# Gaussian: there, it's the score of $\sqrt{p_t\,q_t}$ at each $t$, and that isn't $\sqrt{p\,q}$, noised.

# %% [markdown]
# **Question.** (a) In the steps at large $t$, the sum says that the noise is twice as strong as it is. What does
# the loop do with such an estimate, and which way is the histogram wrong as a result? (b) Look at (1) again, with
# two concepts and weights 1 and 1: it's the score of $p_t\, q_t / u_t$, where $u_t$ is the density of all images,
# noised. What is that at $t = T$? Say why AND with $\epsilon_u$ begins better than the plain sum.

# %% [markdown] question="2.15-question"
# ### BEGIN SOLUTION
# (a) It takes away too much: it pulls every sample twice as hard towards the middle as it should. The samples
# move closer together, and later steps, where the sum is almost right, don't spread them out again. So the
# histogram is too narrow (by about a fifth).
#
# (b) At t = T all three are N(0, I), so the quotient is N(0, I) as well: exactly what x_T is drawn from. The plain
# sum claims N(0, I/2) there. So AND begins without an error. In between, dividing the noised densities isn't the
# same as noising the quotient either, so it isn't exact.
# ### END SOLUTION

# %% [markdown]
# ## Langevin steps
#
# For anything but Gaussians like these, there's no such ratio. But there's another way. The sum of the scores *is* the
# score of a density, $p_t q_t$; the samples just aren't distributed like that. And as $t$ goes to 0, $p_t q_t$
# turns into $p\,q$. So if you can keep the samples in step with $p_t q_t$ all the way, they end up as samples from
# the product (Du et al. 2023).
#
# Langevin steps do that. They walk uphill, with noise, and stay at the same $t$:
#
# $$ x_t \;\leftarrow\; x_t + \eta \, \nabla \log p_t(x_t) + \sqrt{2 \eta}\; z ,
#    \qquad \eta = \text{step size} \cdot (1 - \bar\alpha_t) . \tag{3} $$
#
# Wherever the samples come from, after many small steps they're distributed like $p_t$. The factor
# $1 - \bar\alpha_t$ makes the steps small when there's little noise and the density is narrow (Song and Ermon 2019).
#
# * Your function is given a noise estimate. See above for the score that it stands for.
# * Take one step for each noise $z$ in `noises`, and ask for the estimate again each time.
# * Don't change `x_t` itself: the tensor belongs to whoever calls you.

# %% exercise="2.15b"
def langevin(x_t, t, estimate, alphas_cumprod, noises, step_size=0.2):
    """Langevin steps at timestep t, by equation (3).

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep; it stays the same.
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noises: standard normal noise for K steps, [K, B, 3, H, W].
        step_size: η for a variance of 1.

    Returns:
        The images after K steps, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    variance = 1 - alphas_cumprod[t]
    eta = step_size * variance
    for z in noises:
        noise, _ = estimate(x_t, t)
        score = -noise / variance.sqrt()
        x_t = x_t + eta * score + (2 * eta).sqrt() * z
    return x_t
    ### END SOLUTION


# %% check="2.15b"
check(
    "2.15b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Two rings of colours. Their product is where they cross: two spots. Its density is drawn on the left, from the
# densities of the rings, and underneath the samples in the other plots. To get a number for how good they are, we
# count what share of the samples would have to be moved to another square of a 20 × 20 grid. Even exact samples
# don't get 0, because there are only 2000 of them: see the plot on the right.

# %%
RINGS = [[(x + 0.6 * torch.cos(a).item(), 0.6 * torch.sin(a).item()) for a in torch.arange(20) * torch.pi / 10]
         for x in (-0.35, 0.35)]
WIDTH = 0.12
SAMPLES = 2000
side = torch.linspace(-1.2, 1.2, 120)
red, green = torch.meshgrid(side, side, indexing="ij")
plane = torch.stack([red, green, torch.zeros_like(red)], dim=-1).reshape(-1, 3, 1, 1)
ring_estimates, log_rings = zip(*(world_of(ring, WIDTH) for ring in RINGS))
densities = [log_p(plane).exp().reshape(120, 120) for log_p in log_rings]
product = densities[0] * densities[1]


def misplaced(samples):
    """The share of samples that are in another square than the product would have them."""
    edges = torch.linspace(-1.2, 1.2, 21)
    found = torch.histogramdd(samples[:, :2, 0, 0], bins=[edges, edges]).hist / len(samples)
    expected = product.reshape(20, 6, 20, 6).sum(dim=(1, 3)) / product.sum()
    return float((found - expected).abs().sum() / 2)


def exact_samples(count):
    """Samples from the product itself: one Gaussian for each pair of components."""
    first, second = (torch.tensor(ring) for ring in RINGS)
    weights = torch.exp(-torch.cdist(first, second) ** 2 / (4 * WIDTH**2)).flatten()
    middles = ((first[:, None] + second) / 2).flatten(0, 1)
    picked = torch.multinomial(weights, count, True, generator=torch.Generator().manual_seed(180))
    samples = pset.noise((count, 3, 1, 1)) * WIDTH / 2**0.5
    samples[:, :2, 0, 0] += middles[picked]
    return samples


# %% needs="2.15b"
rings = partial(added_up, estimates=ring_estimates)


def corrections(steps, at=TIMESTEPS):
    """An `after_step` with Langevin steps on the sum of the scores, at some timesteps or at all."""
    def after_step(x, t):
        if t not in at:
            return x
        noises = pset.step_noise((steps, *x.shape), t, seed=181)
        return langevin(x, t, rings, schedule, noises)

    return after_step


with pset.your_code():
    found = {"sum of the scores": pixels_from(rings, SAMPLES)}
    for steps in (2, 10):
        found[f"{steps} Langevin steps after each"] = pixels_from(rings, SAMPLES, corrections(steps))
    found["exact samples"] = exact_samples(SAMPLES)

    figure, axes = plt.subplots(1, 5, figsize=(13, 3), sharey=True)
    for density, colours in zip(densities, ["Reds", "Greens"]):
        axes[0].contour(red, green, density, levels=5, cmap=colours)
    axes[0].contourf(red, green, product, levels=[product.max() / 10, product.max()], colors="black")
    axes[0].set_title("two rings, and\ntheir product", fontsize=9)
    for axis, (title, samples) in zip(axes[1:], found.items()):
        axis.contourf(red, green, product, levels=8, cmap="Greys")
        axis.scatter(samples[:, 0, 0, 0], samples[:, 1, 0, 0], s=2, alpha=0.4, color="crimson")
        axis.set_title(f"{title}\n{misplaced(samples):.0%} misplaced", fontsize=9)
    for axis in axes:
        axis.set(xlabel="red", aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
    axes[0].set_ylabel("green")
    figure.tight_layout()
    plt.close(figure)
    display(pset.publish(figure, "2.15_rings"))

# %% [markdown]
# **Question.** (a) What's wrong with the samples from the plain sum: where are there too many, and where too few?
# (b) What do the Langevin steps cost, in calls of the network per picture, compared with the plain loop? (c) Take
# many steps at a single timestep: `corrections(200, at=[980])`, or 0, or 10. Which of them help, and why? (d) Suppose
# that the plain loop had put most of the samples into one of the two spots. Could steps at $t = 10$ mend that?

# %% [markdown] question="2.15b-question"
# ### BEGIN SOLUTION
# (a) The two spots are too tight, because the sum is too steep on the way. And there's a trail of samples between
# them, where p_t q_t was still a single hill at larger t: the loop moves on before they have all left.
#
# (b) Each step of the loop asks both estimates once. With K Langevin steps after it, it asks them 1 + K times: 11
# times as many calls with K = 10.
#
# (c) At t = 980 nothing changes (21 % stay misplaced): on the way to t = 0 the loop forgets where it was. At t = 0
# hardly anything does (19 %), because η is almost 0 there. At t = 10 they help a lot (8 %): p_t q_t is nearly the
# product by then, and the steps are still long enough to get somewhere.
#
# (d) No. Between the two spots the density is almost 0, so no sample gets across: late steps only tidy up within each
# spot. It takes steps at larger t, where the two are still one hill.
# ### END SOLUTION
