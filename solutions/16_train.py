# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train your own
#
# So far, somebody else had trained the network. Now it's your turn: you build two networks, a U-Net and a
# diffusion transformer, train them from scratch, and sample from them. The pictures are small, and there are
# few of them, so that it takes minutes on an ordinary laptop.
#
# **One convention, for all of this notebook.** Flow matching has a time $t$ from 0 to 1: $t = 0$ is noise, and
# $t = 1$ is data. (Papers do it both ways.) The timesteps of the earlier notebooks, from 0 to 999, run the
# other way round. They come back in 2.21 only.
#
# A network is always called in the same way, `net(x, t, label)`, with images `[B, C, H, W]`, one time for each
# image, `[B]`, and one label for each image, `[B]`. Labels are whole numbers from 0. With `classes` classes,
# the label `classes` means "no class": it's what the null prompt was before.

# %% setup=true
import itertools
import time

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from torch import nn

import pset
from pset import check
from pset.small_pictures import digits, small_pictures

# %% [markdown]
# Here are the pictures: ten classes, 1,500 pictures to train on, and 500 that are held out. They have 32 × 32
# pixels. We train on 16 × 16, which is four times as fast; change `SIZE` if you have the time.

# %%
SIZE = 16
CLASSES = 10
images, labels, names = small_pictures("train", SIZE)
held_out, held_out_labels, _ = small_pictures("test", SIZE)
display(pset.rows([list(images[:10].split(1)), list(held_out[:10].split(1))], [names, []]))

# %% [markdown]
# ## 2.19 A U-Net
#
# A U-Net has a path down and a path up. On the way down, the picture gets smaller, and there are more features.
# On the way up, each level gets two things: the features from below, enlarged, and those that the way down had at the
# same size. The second kind is called a skip connection. Without it, all that the network knows about the
# picture would have to fit through the bottom.
#
# Use three levels: `width` features at full size, `2·width` at half, and at most `4·width` at a quarter. The
# time and the label become a vector each. Add them to the features where the network still does something
# afterwards. What the network says about an image mustn't depend on the other images of the batch, so batch norm is
# out.
#
# The cell begins with a block that you may use. It does two convolutions, and adds a vector to the features in between.

# %% exercise="2.19"
class Block(nn.Module):
    """Two convolutions of [B, inward, H, W]; an embedding [B, size] is added in between."""

    def __init__(self, inward, outward, size):
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(4, inward), nn.SiLU(), nn.Conv2d(inward, outward, 3, padding=1))
        self.embedded = nn.Linear(size, outward)
        self.second = nn.Sequential(nn.GroupNorm(4, outward), nn.SiLU(), nn.Conv2d(outward, outward, 3, padding=1))
        self.straight = nn.Conv2d(inward, outward, 1)

    def forward(self, x, embedding):
        hidden = self.first(x) + self.embedded(embedding)[:, :, None, None]
        return self.straight(x) + self.second(hidden)


def waves(t, size):
    """Times [B] in [0, 1] as sines and cosines, [B, size]: a network can tell them apart more easily."""
    frequencies = torch.exp(torch.linspace(0, 5, size // 2, device=t.device))
    angles = t[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def unet(channels, width, classes):
    """A U-Net with three levels, conditioned on time and class.

    Args:
        channels: of the images.
        width: features at full size, a multiple of 8.
        classes: number of classes. The label `classes` means "no class".

    Returns:
        An nn.Module, called as net(x, t, label): images [B, channels, H, W], with H and W divisible by 4,
        times [B] in [0, 1], and labels [B]. The result looks like x.
    """
    ### BEGIN SOLUTION
    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            size = 4 * width
            self.time = nn.Sequential(nn.Linear(size, size), nn.SiLU(), nn.Linear(size, size))
            self.label = nn.Embedding(classes + 1, size)
            self.enter = nn.Conv2d(channels, width, 3, padding=1)
            self.down_1 = Block(width, width, size)
            self.down_2 = Block(width, 2 * width, size)
            self.bottom = Block(2 * width, 2 * width, size)
            self.up_2 = Block(4 * width, 2 * width, size)
            self.up_1 = Block(3 * width, width, size)
            self.leave = nn.Sequential(nn.GroupNorm(4, width), nn.SiLU(), nn.Conv2d(width, channels, 3, padding=1))
            self.smaller, self.larger = nn.AvgPool2d(2), nn.Upsample(scale_factor=2)

        def forward(self, x, t, label):
            embedding = self.time(waves(t, 4 * width)) + self.label(label)
            full = self.down_1(self.enter(x), embedding)
            half = self.down_2(self.smaller(full), embedding)
            quarter = self.bottom(self.smaller(half), embedding)
            x = self.up_2(torch.cat([self.larger(quarter), half], dim=1), embedding)
            x = self.up_1(torch.cat([self.larger(x), full], dim=1), embedding)
            return self.leave(x)

    return UNet()
    ### END SOLUTION


# %% check="2.19"
check(
    "2.19",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# The check shakes your network and watches what comes out. It counts, for instance, in how many independent
# directions the image can move the output: if there's a narrow place that everything has to pass, it can't be
# more than there are numbers in it.

# %% [markdown] question="2.19-question"
# You leave out the skip connection at full size, and give the bottom far more features instead, so that
# everything could pass. What would still be harder for this network to learn than for one with the skip, and
# why?
#
# ### BEGIN SOLUTION
# The velocity has noise in it, pixel by pixel, and x has that noise too. With the skip, the network can pass
# it on almost unchanged from the same place. Without it, every pixel would have to be packed into features
# of a quarter of the size and unpacked again in exactly the right place, by weights that have to be learned.
# Fine detail comes last and blurred. (Full points for: fine detail or noise at single pixels, and that it
# would have to be coded and decoded.)
# ### END SOLUTION

# %% [markdown]
# ## 2.20 Flow matching
#
# Draw a straight line from noise $\epsilon$ to an image $x_0$, and walk along it in the time from 0 to 1:
#
# $$ x_t = (1-t)\,\epsilon + t\,x_0 , \qquad v = \frac{\mathrm{d}x_t}{\mathrm{d}t} . \tag{1} $$
#
# There are no roots here; the weights add up to 1, not their squares. ($x_0$ is still the clean image, as in the
# earlier notebooks. Here it sits at $t = 1$, so don't read its 0 as a time.) A network learns to predict the velocity
# $v$ from $x_t$ and $t$ (Lipman et al. 2023).

# %% exercise="2.20"
def flow_pair(x_0, noise, t):
    """What the network is shown, and what it should answer.

    Args:
        x_0: clean images, [B, C, H, W].
        noise: standard normal, of the same shape.
        t: times in [0, 1], one for each image, [B]; 0 is noise.

    Returns:
        x_t and the velocity, a tuple of two tensors like x_0.
    """
    ### BEGIN SOLUTION
    t = t[:, None, None, None]
    return (1 - t) * noise + t * x_0, x_0 - noise
    ### END SOLUTION


# %% check="2.20"
check(
    "2.20",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ### A training step
#
# One step: forget the old gradients, compute the loss, go backward, let the optimizer step. The loss is the
# mean squared difference between the network's velocity and the true one, over all values in the batch.
#
# For guidance, the network has to know pictures of no class too. So some images lose their label: where
# `dropped` is true, it's replaced by `classes`.

# %% exercise="2.20b"
def flow_step(net, optimizer, x_0, label, noise, t, dropped, classes):
    """One training step of flow matching.

    Args:
        net: called as net(x, t, label).
        optimizer: of its parameters. They may have gradients from before.
        x_0, noise: images and noise, [B, C, H, W].
        label: [B], from 0 to classes − 1. Don't change it in place.
        t: times in [0, 1], [B].
        dropped: bool, [B]; these images lose their label.
        classes: the label of "no class".

    Returns:
        The loss, as a number: a Python float.
    """
    ### BEGIN SOLUTION
    x_t = torch.lerp(noise, x_0, t[:, None, None, None])
    label = torch.where(dropped, classes, label)
    optimizer.zero_grad()
    loss = (net(x_t, t, label) - (x_0 - noise)).square().mean()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% check="2.20b"
check(
    "2.20b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ### Sampling
#
# Begin with noise at $t = 0$, and take $N$ steps of length $1/N$ along the velocity, each with the velocity at
# its beginning. This is Euler's method. With guidance, the velocity is
# $v_u + \gamma\,(v_c - v_u)$, with $v_u$ for no class and $v_c$ for the class: as with noise estimates.
#
# You can test yourself: if images are $\mathcal{N}(\mu, s^2)$, then with a single step, you arrive exactly at
# the mean $\mu$, whatever the noise was. Why?

# %% exercise="2.20c"
def euler(net, x, label, steps, scale, classes):
    """Sample by Euler's method, with classifier-free guidance.

    Args:
        net: called as net(x, t, label), with one time and one label for each image.
        x: noise, [B, C, H, W].
        label: classes to draw, [B].
        steps: the number of steps from t = 0 to t = 1.
        scale: γ; 1 is the class's own velocity.
        classes: the label of "no class".

    Returns:
        Images at t = 1, like x.
    """
    ### BEGIN SOLUTION
    nothing = torch.full_like(label, classes)
    for k in range(steps):
        t = torch.full((len(x),), k / steps, device=x.device)
        unconditional = net(x, t, nothing)
        x = x + (unconditional + scale * (net(x, t, label) - unconditional)) / steps
    return x
    ### END SOLUTION


# %% check="2.20c"
check(
    "2.20c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Now train. `fit` stops after some seconds, whatever your computer. The held-out loss is on pictures that the network
# never sees in training, always with the same noise and times.

# %%
SECONDS = 75  # take more if you have the patience


def held_out_loss(net, x_0, label):
    """Flow matching's loss on held-out pictures, with fixed noise and times."""
    noise, t = pset.noise(x_0.shape, 7), torch.linspace(0.02, 0.98, len(x_0))
    x_t, velocity = flow_pair(x_0, noise, t)
    with torch.no_grad():
        return float((net(x_t, t, label) - velocity).square().mean())


def fit(net, data, held_out, seconds=SECONDS, seed=pset.SEED, batch=64):
    """Train on data (images and labels) for some seconds; returns times and held-out losses."""
    images, labels = data
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    history, began, step = [], time.monotonic(), 0
    while time.monotonic() - began < seconds:
        which = torch.randint(len(images), (batch,), generator=generator)
        noise = torch.randn(images[which].shape, generator=generator)
        t, dropped = torch.rand(batch, generator=generator), torch.rand(batch, generator=generator) < 0.1
        flow_step(net, optimizer, images[which], labels[which], noise, t, dropped, CLASSES)
        if step % 50 == 0:
            history.append((time.monotonic() - began, held_out_loss(net, *held_out)))
        step += 1
    return history


# %% [markdown]
# First something tiny: 1,500 digits that people wrote by hand, 8 × 8 pixels, as they come with scikit-learn. The
# top row shows some of them, and the bottom row what your network draws after twenty seconds.

# %% needs="2.19,2.20,2.20b,2.20c"
with pset.your_code():
    torch.manual_seed(pset.SEED)
    net = unet(1, 16, CLASSES)
    fit(net, digits("train"), digits("test"), seconds=20)
    with torch.no_grad():
        drawn = euler(net, pset.noise((10, 1, 8, 8)), torch.arange(10), 30, 2, CLASSES)
    written, which = digits("train")
    some = [written[which == k][:1] for k in range(10)]
    shown = [[x.expand(-1, 3, -1, -1) for x in row] for row in (some, drawn.split(1))]
    figure = pset.rows(shown, row_titles=["written", "drawn"], scale=0.8)
    display(pset.publish(figure, "2.20_digits"))

# %% [markdown]
# And now the pictures.

# %% needs="2.19,2.20,2.20b,2.20c"
with pset.your_code():
    torch.manual_seed(pset.SEED)
    net = unet(3, 32, CLASSES)
    history = fit(net, (images, labels), (held_out, held_out_labels))
    with torch.no_grad():
        wanted = torch.arange(10)
        rows = [euler(net, pset.noise((10, 3, SIZE, SIZE)), wanted, 30, scale, CLASSES) for scale in (1, 3)]
    figure = pset.rows([list(row.split(1)) for row in rows], [names, []], row_titles=["γ = 1", "γ = 3"])
    display(pset.publish(figure, "2.20_samples"))

# %% [markdown] question="2.20-question"
# Noise prediction and flow matching can be turned into each other: from $x_t$ and $v$ you can compute
# $\epsilon$. Write down how, in this notebook's convention. At which end of time does a small error in $v$ become
# a small error in the estimated image, and at which a large one?
#
# ### BEGIN SOLUTION
# From (1): ε = x_t − t·v, and x_0 = x_t + (1 − t)·v. An error δ of the velocity is an error (1 − t)·δ of the
# image: none at t = 1, and all of it at t = 0, where the network has to guess the image from noise alone.
# (Full points for the formula and both ends.)
# ### END SOLUTION

# %% [markdown]
# ## 2.21 Few steps, and back again
#
# Back to the noise estimates and timesteps of the earlier notebooks, with $\bar\alpha_t$ and a timestep that
# falls. DDIM (Song et al. 2021) takes a step without any randomness. From the noise estimate $\epsilon$ at $x_t$,
# it computes the clean image, and puts the *same* noise back, in the amount that belongs to $t'$:
#
# $$ \hat x_0 = \frac{x_t - \sqrt{1-\bar\alpha_t}\;\epsilon}{\sqrt{\bar\alpha_t}} , \qquad
#    x_{t'} = \sqrt{\bar\alpha_{t'}}\;\hat x_0 + \sqrt{1-\bar\alpha_{t'}}\;\epsilon . \tag{2} $$

# %% exercise="2.21"
def ddim_step(x_t, t, t_next, noise, alphas_cumprod):
    """One step of DDIM (η = 0), by equation (2).

    Args:
        x_t: images at timestep t, [B, C, H, W].
        t, t_next: where they are, and where they should go: lower or higher.
        noise: the noise estimate at x_t, like x_t.
        alphas_cumprod: ᾱ_t, [1000].

    Returns:
        The images at timestep t_next.
    """
    ### BEGIN SOLUTION
    a, b = alphas_cumprod[t], alphas_cumprod[t_next]
    x_0 = (x_t - (1 - a).sqrt() * noise) / a.sqrt()
    return b.sqrt() * x_0 + (1 - b).sqrt() * noise
    ### END SOLUTION


# %% check="2.21"
check(
    "2.21",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Nothing in (2) says that $t'$ has to be below $t$. Walk upward, and you get from an image to the noise that
# would have become it: this is called inversion. It's only nearly right, because the noise is estimated where
# the step begins, and on the way down, the step begins at its other end. The more steps, the smaller the
# difference.

# %% exercise="2.21b"
def ddim_invert(image, estimate, alphas_cumprod, timesteps):
    """From a clean image to the noise that becomes it.

    Args:
        image: at the last of the timesteps, [B, 3, H, W].
        estimate: estimate(x_t, t) gives noise and variance channels.
        alphas_cumprod: ᾱ_t, [1000].
        timesteps: as for sampling, from high to low.

    Returns:
        The image at the first of the timesteps.
    """
    ### BEGIN SOLUTION
    upward = timesteps[::-1]
    for t, t_next in itertools.pairwise(upward):
        noise, _ = estimate(image, t)
        a, b = alphas_cumprod[t], alphas_cumprod[t_next]
        x_0 = (image - (1 - a).sqrt() * noise) / a.sqrt()
        image = b.sqrt() * x_0 + (1 - b).sqrt() * noise
    return image
    ### END SOLUTION


# %% check="2.21b"
check(
    "2.21b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here's a photograph, the noise that the pocket model finds for it, and what becomes of that noise, for a growing
# number of steps.

# %% needs="2.21,2.21b"
with pset.your_code():
    model = pset.load_model()
    estimate = pset.guided(model, "", scale=1)
    photo = pset.photo("coffee")
    row, captions = [photo], ["photograph"]
    for count in (5, 10, 30):
        timesteps = torch.linspace(960, 0, count + 1).round().int().tolist()
        x = ddim_invert(photo, estimate, model.alphas_cumprod, timesteps)
        row.append(x / 3)
        for t, t_next in itertools.pairwise(timesteps):
            x = ddim_step(x, t, t_next, estimate(x, t)[0], model.alphas_cumprod)
        row.append(x)
        error = float((x - photo).square().mean().sqrt())
        captions += [f"{count} steps up", f"and down: off by {error:.2f}"]
    display(pset.publish(pset.rows([row], [captions]), "2.21_inversion"))

# %% [markdown] question="2.21-question"
# Why can't you invert like this with the sampler of the earlier notebooks, which adds noise in every step? And
# why does inversion get worse if you guide strongly on the way up?
#
# ### BEGIN SOLUTION
# That sampler's result depends on the noise added in each step as well as on the starting noise; from the
# image alone you can't say which of the many it was. Guidance multiplies the part of the estimate that changes
# most from step to step, so the estimate at a step's beginning differs more from the one at its end, and the
# errors grow. (Full points for: randomness in each step; and errors made larger by γ.)
# ### END SOLUTION

# %% [markdown]
# ## 2.22 A diffusion transformer
#
# A transformer works on tokens. Cut the picture into patches of `size` × `size` pixels; each is a token with all
# of its numbers. The patches come in reading order, row by row. Within a patch, the order is: channel, then row,
# then column.

# %% exercise="2.22"
def patchify(x, size):
    """Images to tokens.

    Args:
        x: [B, C, H, W], with H and W divisible by size.
        size: of a patch.

    Returns:
        [B, (H/size)·(W/size), C·size·size].
    """
    ### BEGIN SOLUTION
    b, c, h, w = x.shape
    x = x.reshape(b, c, h // size, size, w // size, size)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(b, -1, c * size * size)
    ### END SOLUTION


# %% check="2.22"
check(
    "2.22",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% exercise="2.22b"
def unpatchify(tokens, size, height, width):
    """Tokens to images: the inverse of patchify.

    Args:
        tokens: [B, (height/size)·(width/size), C·size·size].
        size: of a patch.
        height, width: of the images.

    Returns:
        [B, C, height, width].
    """
    ### BEGIN SOLUTION
    x = tokens.reshape(len(tokens), height // size, width // size, -1, size, size)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(len(tokens), -1, height, width)
    ### END SOLUTION


# %% check="2.22b"
check(
    "2.22b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ### The block
#
# A block first lets the tokens look at each other, by self-attention, and then works on each by itself, with two
# linear layers and a non-linearity between them (an MLP). Each part is added to the tokens. With adaLN-Zero
# (Peebles and Xie 2023), the condition (time and class) says how, by six vectors from one linear layer, a shift, a
# scale and a gate for each part:
#
# $$ h \;\leftarrow\; h + g \cdot f\big(\mathrm{LN}(h)\,(1 + s) + b\big) . \tag{3} $$
#
# LN is a layer norm without parameters of its own. At the start, that linear layer is all zeros: so the gates are
# closed, and a new block changes nothing.

# %% exercise="2.22c"
def dit_block(width, heads, condition):
    """A transformer block with adaLN-Zero, by equation (3), twice.

    Args:
        width: numbers in a token, divisible by heads.
        heads: of the attention.
        condition: numbers in the condition.

    Returns:
        An nn.Module, called as block(tokens, c), with tokens [B, N, width] and c [B, condition]. The result
        looks like tokens.
    """
    ### BEGIN SOLUTION
    class DiTBlock(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.LayerNorm(width, elementwise_affine=False)
            self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.modulation = nn.Linear(condition, 6 * width)
            nn.init.zeros_(self.modulation.weight)
            nn.init.zeros_(self.modulation.bias)

        def forward(self, tokens, c):
            b_1, s_1, g_1, b_2, s_2, g_2 = self.modulation(nn.functional.silu(c))[:, None].chunk(6, dim=-1)
            h = self.norm(tokens) * (1 + s_1) + b_1
            tokens = tokens + g_1 * self.attention(h, h, h, need_weights=False)[0]
            h = self.norm(tokens) * (1 + s_2) + b_2
            return tokens + g_2 * self.mlp(h)

    return DiTBlock()
    ### END SOLUTION


# %% check="2.22c"
check(
    "2.22c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# The rest is here: tokens get their position, pass the blocks, and become a picture again. Then both networks,
# with about as many parameters each, train for the same time.

# %%
class DiT(nn.Module):
    """A diffusion transformer from your parts."""

    def __init__(self, channels, width, depth, classes, size=2, tokens=(SIZE // 2) ** 2):
        super().__init__()
        self.size, self.width = size, width
        self.enter = nn.Linear(channels * size**2, width)
        self.position = nn.Parameter(0.02 * torch.randn(1, tokens, width))
        self.time = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.label = nn.Embedding(classes + 1, width)
        self.blocks = nn.ModuleList(dit_block(width, 4, width) for _ in range(depth))
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, channels * size**2))

    def forward(self, images, t, label):
        tokens = self.enter(patchify(images, self.size)) + self.position
        condition = self.time(waves(t, self.width)) + self.label(label)
        for block in self.blocks:
            tokens = block(tokens, condition)
        return unpatchify(self.leave(tokens), self.size, *images.shape[-2:])


# %% needs="2.19,2.20,2.20b,2.20c,2.22,2.22b,2.22c"
with pset.your_code():
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    rows, titles = [], []
    for title, make in (("U-Net", lambda: unet(3, 32, CLASSES)), ("DiT", lambda: DiT(3, 96, 2, CLASSES))):
        torch.manual_seed(pset.SEED)
        net = make()
        count = sum(p.numel() for p in net.parameters())
        history = fit(net, (images, labels), (held_out, held_out_labels))
        axes.plot(*zip(*history), label=f"{title}, {count / 1e6:.2f} M parameters")
        with torch.no_grad():
            x = euler(net, pset.noise((10, 3, SIZE, SIZE)), torch.arange(10), 30, 3, CLASSES)
        rows.append(list(x.split(1)))
        titles.append(title)
    axes.set(xlabel="seconds", ylabel="held-out loss", yscale="log")
    axes.minorticks_off()
    axes.set_yticks(ticks := [0.2, 0.3, 0.5, 1], [f"{loss:g}" for loss in ticks])
    axes.legend()
    display(pset.publish(figure, "2.22_loss"))
    display(pset.publish(pset.rows(rows, [names, []], row_titles=titles), "2.22_samples"))

# %% [markdown] question="2.22-question"
# The lecture says that a U-Net has a heavy "inductive bias", and that a transformer scales better. Which of the two
# had the lower loss here after the same time? How does that fit with the lecture, and what would you expect with a
# thousand times more pictures and time?
#
# ### BEGIN SOLUTION
# It depends on the computer and the seed; in a minute or two, they're close. A U-Net's convolutions already know
# that neighbours belong together and that a thing may be anywhere; the transformer has to learn it, here from
# 1,500 pictures of only 64 tokens each. With far more data and time, it learns that and more, and the built-in
# assumption no longer helps. (Full points for an honest reading of the curves, for what the bias is, and why it
# matters less with more data.)
# ### END SOLUTION

# %% [markdown]
# ## The challenge
#
# Now it's open: how good a sampler can you train in ten minutes, on two cores and without a GPU? You write two
# functions. `train` gets the training pictures and returns a network. `sample` gets that network, noise and labels,
# and returns images. Everything in between is up to you: a larger or a smaller network, another schedule of times,
# averaged weights, mirrored pictures, a learning rate that falls, guidance in some of the steps only, steps of
# second order.
#
# Three things count. First, the Fréchet distance between your samples and the held-out pictures. A small classifier
# turns each picture into 32 numbers, and the label is put beside them. Take the mean $\mu$ and the covariance $C$ of
# all that, once for the samples and once for the pictures. Then the distance is
#
# $$ |\mu_1 - \mu_2|^2 + \mathrm{tr}\big(C_1 + C_2 - 2\,(C_1^{1/2} C_2\, C_1^{1/2})^{1/2}\big) . \tag{4} $$
#
# Less is better. The training pictures themselves get about 0.6, so don't expect less than that.
#
# Second, the network's calls for a sample. A step with guidance makes two. What happens in a call is your business,
# but sampling that takes a long time counts as more calls.
#
# Third, your samples mustn't be copies of pictures in the data set, whether they're moved a little, mirrored or
# noisy. With too many of these (by default, more than half), there are no points.
#
# Distance and calls each earn a share of the points, and the two shares are multiplied. The check below says what
# yours would earn.
#
# The labels and the noise are hidden when it's graded. `train` and `sample` then run in two separate processes: in
# `sample`, `net` can be called as `net(x, t, label)`, and that's all. The check below is a rehearsal that trains for a
# minute; it earns nothing. Your course runs the real thing later, and makes a leaderboard.

# %% exercise="challenge"
LEADERBOARD_NAME = ""  # what you want to be called on the leaderboard, 30 letters at most; or nothing


def train(images, labels, seconds):
    """Train a network.

    Args:
        images: to train on, [1500, 3, 16, 16], in [-1, 1].
        labels: from 0 to 9, [1500].
        seconds: how long you have. Look at the clock between steps: there's no credit for being late.

    Returns:
        A network, or any function, to be called as net(x, t, label), with images [B, 3, 16, 16], times [B] and
        labels [B], from 0 to 10. It returns something like x.
    """
    ### BEGIN SOLUTION
    began = time.monotonic()
    generator = torch.Generator().manual_seed(pset.SEED)
    torch.manual_seed(0)
    network = unet(3, 32, CLASSES)
    averaged = torch.optim.swa_utils.AveragedModel(
        network,  # its weights, over the last tenth of the steps or the last 300
        avg_fn=lambda mean, newest, steps: torch.lerp(mean, newest, max(0.003, 10 / (10 + float(steps)))),
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    while (done := (time.monotonic() - began) / seconds) < 1:
        optimizer.param_groups[0]["lr"] = 2e-3 * min(1, 2 * (1 - done))
        which = torch.randint(len(images), (64,), generator=generator)
        x, label = images[which], labels[which]
        noise = torch.randn(x.shape, generator=generator)
        t, dropped = torch.rand(64, generator=generator), torch.rand(64, generator=generator) < 0.1
        flow_step(network, optimizer, x, label, noise, t, dropped, CLASSES)
        averaged.update_parameters(network)
    return averaged
    ### END SOLUTION


def sample(net, noise, label):
    """Sample through a network.

    Args:
        net: called as net(x, t, label). Each image in each call is counted.
        noise: standard normal, [N, 3, 16, 16].
        label: classes to draw, [N].

    Returns:
        Images like noise, in [-1, 1].
    """
    ### BEGIN SOLUTION
    return euler(net, noise, label, 20, 1.5, CLASSES)
    ### END SOLUTION


# %% check="challenge"
check("challenge")
