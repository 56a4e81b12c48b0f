# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Noise, and four ways to look through it
#
# A diffusion model makes images by removing noise, a little at a time. Before you let it run, this
# notebook takes one step apart. You'll
#
# 1. **add** noise to a photograph, exactly as much as timestep $t$ calls for (the forward process),
# 2. try to remove it the classical way, with a **blur**, and see how far that gets you,
# 3. remove it in **one step** with a neural network that was trained to estimate noise,
# 4. and find out what that network has really learned: the **score**, the direction in which
#    images become more likely.
#
# All the noise comes from the course's seed, 180, so your pictures should look like everyone else's.
#
# This part of the course follows a student's write-up of UC Berkeley's problem set "Fun With Diffusion
# Models!". Whenever a notebook or your feedback mentions *the write-up*, that's the one we mean.

# %% setup=true
import matplotlib.pyplot as plt
import torch
from IPython.display import display

import pset
from pset import check

# %% [markdown]
# ## The model and the photograph
#
# `pset.load_model()` loads the **pocket model**, the small text-to-image model that comes with the course. It has
# the same interface as DeepFloyd IF, a large one. So everything you write here runs on that too: on a machine
# with a GPU, use `pset.load_model("DeepFloyd/IF-I-L-v1.0")`.
#
# | name | what it is | shape |
# |---|---|---|
# | `model.alphas_cumprod` | $\bar\alpha_t$ for $t = 0 \dots 999$, float32 | `[1000]` |
# | `model.unet(x_t, t, encoder_hidden_states=…, return_dict=False)[0]` | noise and variance, stacked | `[B, 6, H, W]` |
# | `model.prompt_embeds("…")` | the embedding of a prompt, which the network takes | `[1, 77, D]` |
#
# Images are float tensors `[B, 3, H, W]` with values in $[-1, 1]$. Keep them in float32, whatever precision
# the network runs in.

# %%
model = pset.load_model()
cat = pset.photo("cat")  # [1, 3, 64, 64]
prompt_embeds = model.prompt_embeds("a high quality photo")

print(f"model: {model.name}   image: {list(cat.shape)}   embedding: {list(prompt_embeds.shape)}")
pset.show(torch.cat([pset.photo(name) for name in pset.photo_names()]),
          pset.photo_names(), name="1.0_photographs")

# %% [markdown]
# ## 1.1 The forward process
#
# Noise is added in a thousand small steps. You don't have to take them one by one: a sum of Gaussians
# is Gaussian, so all the steps up to $t$ collapse into a single one,
#
# $$ x_t = \sqrt{\bar\alpha_t}\; x_0 + \sqrt{1 - \bar\alpha_t}\; \epsilon ,
#    \qquad \epsilon \sim \mathcal N(0, I) . \tag{1} $$
#
# $\bar\alpha_t$ (`alphas_cumprod[t]`) is the fraction of the image's *variance* that's left at $t$.
# The image isn't just covered in noise, it's also scaled down. That way, signal and noise together keep about the same variance at every $t$.

# %%
t = torch.arange(1000)
figure, axis = plt.subplots(figsize=(5.5, 2.6))
axis.plot(t, model.alphas_cumprod.cpu().sqrt(), label=r"weight of the image, $\sqrt{\bar\alpha_t}$")
axis.plot(t, (1 - model.alphas_cumprod.cpu()).sqrt(),
          label=r"weight of the noise, $\sqrt{1-\bar\alpha_t}$")
axis.set_xlabel("timestep t")
axis.legend(fontsize=8)
figure.tight_layout()
plt.close(figure)
pset.publish(figure, "1.1_schedule")

# %% [markdown]
# **Your turn.** `forward` gets everything it needs as arguments. Note that `t` is a single integer,
# `alphas_cumprod` is a vector, and `noise` has the same shape as `im`.

# %% exercise="1.1"
def forward(im, t, alphas_cumprod, noise):
    """Noise an image to timestep t.

    Args:
        im: clean images x_0, [B, 3, H, W] in [-1, 1].
        t: the timestep, an integer from 0 (hardly any noise) to 999 (almost nothing but noise).
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W].

    Returns:
        x_t, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    alpha_bar = alphas_cumprod[t]
    return alpha_bar.sqrt() * im + (1 - alpha_bar).sqrt() * noise
    ### END SOLUTION


# %% [markdown]
# At $t = 250$ you should still recognise the cat right away. At 500 you'll have to look hard, and at
# 750 you'll only see it because you know it's there.

# %% needs="1.1"
timesteps = [250, 500, 750]
epsilon = pset.noise(cat.shape, device=model.device)
with pset.your_code():
    noisy = [forward(cat.to(model.device), t, model.alphas_cumprod, epsilon) for t in timesteps]
    captions = ["clean", *(f"t = {t}" for t in timesteps)]
    display(pset.show([cat, *noisy], captions, name="1.1_forward"))

# %% check="1.1"
check(
    "1.1",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** All three pictures use the same $\epsilon$. Suppose someone forgets the factor
# $\sqrt{\bar\alpha_t}$ and just adds noise to the full-strength image. What happens to the range of
# values of $x_t$ as $t$ grows? And why would a network trained on (1) do badly on such an input, even
# if the *ratio* of signal to noise happens to be one it knows?

# %% [markdown] question="1.1-question"
# ### BEGIN SOLUTION
# Without the factor, the variance of $x_t$ is the image's variance plus $1-\bar\alpha_t$, so it grows
# with $t$ instead of staying close to one. The network has only seen inputs whose total variance matches
# their timestep, and it takes $t$ at face value. Here the values are too large for that $t$. The network
# mistakes part of the image for noise, and its output is off by a factor.
# ### END SOLUTION

# %% [markdown]
# ## 1.2 Classical denoising
#
# Noise is rough and images are mostly smooth, so the classical way to remove noise is to average
# neighbouring pixels. A **Gaussian blur** replaces each pixel with a weighted mean of its neighbourhood,
#
# $$ \hat x_0(p) = \sum_d w(d)\, x_t(p + d), \qquad w(d) \propto e^{-|d|^2 / 2\sigma^2},
#    \qquad \sum_d w(d) = 1 . \tag{2} $$
#
# Choose $\sigma$ yourself, large enough to remove most of the noise, and a kernel to go with it. Both may
# depend on `t`, but not on the image. `torch.nn.functional.conv2d` with `groups=3` blurs each channel
# separately. Or use a ready-made blur: `pset.gaussian_blur`, or one from any library listed at the top.
# Watch the border: a flat grey image should come out unchanged, right up to the last pixel. It's up to you
# how you continue the image beyond its border, and whether you clip the result.

# %% exercise="1.2"
def gaussian_denoise(x_t, t):
    """Remove noise with a Gaussian blur.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep; the larger it is, the more noise they have.

    Returns:
        Blurred images, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    sigma = 1.0 + t / 500
    radius = 6
    d = torch.arange(-radius, radius + 1, dtype=x_t.dtype, device=x_t.device)
    w = torch.exp(-(d**2) / (2 * sigma**2))
    w = (w / w.sum()).expand(3, 1, 1, -1)  # the same row of weights for each channel
    padded = torch.nn.functional.pad(x_t, (radius,) * 4, mode="replicate")
    rows_blurred = torch.nn.functional.conv2d(padded, w, groups=3)
    return torch.nn.functional.conv2d(rows_blurred, w.transpose(2, 3), groups=3)
    ### END SOLUTION


# %% [markdown]
# Look at what you lose along with the noise. Is there a $\sigma$ that keeps the whiskers and removes the
# grain? Also notice that at large $t$ the blurred cat stays *faint*: the blur doesn't know that the
# forward process has scaled the image down.

# %% needs="1.1,1.2"
with pset.your_code():
    blurred = [gaussian_denoise(x_t, t) for x_t, t in zip(noisy, timesteps)]
    figure = pset.rows([noisy, blurred], [[f"t = {t}" for t in timesteps], [""] * 3],
                       row_titles=["noisy", "Gaussian blur"])
    display(pset.publish(figure, "1.2_classical"))

# %% check="1.2"
check(
    "1.2",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** A blur is *linear* and treats every image the same way. Name something in the photograph
# that tells you that a sharp edge is really an edge and not noise. Then explain why no fixed set of
# weights $w(d)$ can use it.

# %% [markdown] question="1.2-question"
# ### BEGIN SOLUTION
# An edge continues: the outline of the ear is sharp *and* continuous over many pixels, and it's where you
# expect an ear. Noise is sharp too, but it's independent from pixel to pixel. A fixed kernel weights
# neighbours by distance alone. It can't average along an outline without also averaging across it, and it
# knows nothing about ears. It makes one trade-off between noise and sharpness for the whole image.
# ### END SOLUTION

# %% [markdown]
# ## 1.3 One-step denoising
#
# The U-Net has seen a huge number of noisy images. Given $x_t$, $t$ and a prompt, it estimates the noise
# $\epsilon$. If we knew $\epsilon$ exactly, we could solve (1) for the clean image:
#
# $$ \hat x_0 = \frac{x_t - \sqrt{1-\bar\alpha_t}\;\epsilon_\theta(x_t, t)}{\sqrt{\bar\alpha_t}} . \tag{3} $$
#
# Keep three things in mind:
#
# * The output has six channels, `[B, 6, H, W]`: three for the noise, then three that describe a variance.
#   You won't need the variance until later.
# * The network estimates $\epsilon$, which has variance one, *not* the scaled noise in $x_t$.
# * The prompt here is "a high quality photo", which doesn't ask for anything in particular.

# %% exercise="1.3"
def one_step_denoise(x_t, t, model, prompt_embeds):
    """Estimate the clean image in one step.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep, an integer.
        model: the model; you need `model.unet` and `model.alphas_cumprod`.
        prompt_embeds: the embedding of the prompt, [1, 77, D].

    Returns:
        The estimate of x_0, [B, 3, H, W]. It may go slightly beyond [-1, 1]; don't clip it.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise_estimate, _variance = output.split(3, dim=1)
    alpha_bar = model.alphas_cumprod[t]
    return (x_t - (1 - alpha_bar).sqrt() * noise_estimate) / alpha_bar.sqrt()
    ### END SOLUTION


# %% [markdown]
# The bottom row should be cleaner than the blur, and at full contrast. Look closely at $t = 750$: is
# that *your* cat? Where noise has hidden the image, the network fills in an average of everything that
# could have been there. That's why we'll move on to many small steps.
#
# The pocket model was trained on artwork, not on photographs of cats. A larger model gets closer.

# %% needs="1.1,1.2,1.3"
with pset.your_code():
    one_step = [one_step_denoise(x_t, t, model, prompt_embeds) for x_t, t in zip(noisy, timesteps)]
    figure = pset.rows(
        [noisy, blurred, one_step],
        [[f"t = {t}" for t in timesteps], [""] * 3, [""] * 3],
        row_titles=["noisy", "Gaussian blur", "one step"],
    )
    display(pset.publish(figure, "1.3_one_step"))

# %% check="1.3"
check(
    "1.3",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** At $t = 750$ the one-step estimate is smooth, almost as smooth as the blur, even though the
# network can draw sharp edges. The network was trained to minimise the mean squared error of its estimate.
# Why does that make it blur?

# %% [markdown] question="1.3-question"
# ### BEGIN SOLUTION
# Many clean images are consistent with the same very noisy $x_t$. The estimate with the smallest expected
# squared error is their mean, $E[x_0 \mid x_t]$, and if you average many sharp images whose edges are in
# different places, you get a smooth one. A sharp picture would be just one of the candidates, and further
# from most of the others.
# ### END SOLUTION

# %% [markdown]
# ## What the network knows: the score
#
# Let $p_t$ be the density of noisy images at timestep $t$, and $\sigma_t = \sqrt{1-\bar\alpha_t}$ the
# standard deviation of the noise. The best possible noise estimate is a gradient (Tweedie's formula;
# Vincent 2011):
#
# $$ \epsilon_\theta(x_t, t) \approx -\sigma_t \nabla_{x_t} \log p_t(x_t) . \tag{4} $$
#
# The **score** $\nabla \log p_t$ points towards more likely images. Everything that comes later in this
# course (guidance, anagrams, hybrids, composition) is arithmetic with scores.
#
# You can't check (4) for a network. But you can for images drawn from a Gaussian, or from a mixture of
# a few: there we know $p_t$, and the best denoiser has a closed form. `pset.ClosedFormModel` is that
# denoiser, with the U-Net's interface.

# %% exercise="score"
def score(x_t, t, model, prompt_embeds):
    """Compute the score of noisy images at timestep t from the noise estimate.

    Args:
        x_t: noisy images, [B, 3, H, W].
        t: their timestep, an integer.
        model: the model; you need `model.unet` and `model.alphas_cumprod`.
        prompt_embeds: the embedding of the prompt, [1, 77, D].

    Returns:
        An estimate of ∇ log p_t at x_t, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise_estimate, _variance = output.split(3, dim=1)
    return -noise_estimate / (1 - model.alphas_cumprod[t]).sqrt()
    ### END SOLUTION


# %% [markdown]
# Now a picture in two dimensions. An image with a single pixel has three numbers: red, green and blue.
# Suppose that every pixel is either reddish or greenish. The plot shows your score as arrows over red and
# green. The shading is $\log p_t$, computed without any denoiser. Every arrow should point uphill, at a right
# angle to the contour lines. What happens to the two hills as $t$ grows?

# %% needs="score"
mixture = pset.ClosedFormModel(scale=0.15)
two_colours = mixture.prompt_embeds([[0.6, -0.5, 0, 0, 0, 0, 0, 0, 0], [-0.5, 0.6, 0, 0, 0, 0, 0, 0, 0]])
red, green = torch.meshgrid(torch.linspace(-1.3, 1.3, 120), torch.linspace(-1.3, 1.3, 120), indexing="xy")
pixels = torch.stack([red, green, torch.zeros_like(red)], dim=-1).reshape(-1, 3, 1, 1)

with pset.your_code():
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
    for axis, t in zip(axes, [100, 400, 700]):
        log_p = mixture.log_density(pixels, t, two_colours).reshape(120, 120)
        axis.contourf(red, green, log_p, levels=18, cmap="viridis")
        grid = pixels.reshape(120, 120, 3, 1, 1)[5::12, 5::12].reshape(-1, 3, 1, 1)
        arrows = score(grid, t, mixture, two_colours).reshape(-1, 3)
        # The score is much larger far from the hills. Square-root lengths keep all arrows readable.
        arrows = arrows / arrows.norm(dim=1, keepdim=True).sqrt().clamp_min(1e-6)
        axis.quiver(grid[:, 0, 0, 0], grid[:, 1, 0, 0], arrows[:, 0], arrows[:, 1],
                    color="white", width=0.005)
        axis.set(title=f"t = {t}", xlabel="red", ylabel="green", aspect="equal")
    figure.tight_layout()
    plt.close(figure)
    display(pset.publish(figure, "1.4_score"))

# %% check="score"
check(
    "score",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# **Question.** At $t = 700$ the arrows in the middle, between the two hills, don't point at either of
# them. What is the one-step estimate $\hat x_0$ there, and what colour is that pixel? Compare this with
# your answer about the smooth cat at $t = 750$.

# %% [markdown] question="score-question"
# ### BEGIN SOLUTION
# In the middle, $x_t$ is about equally likely to have come from either component. So the estimate is the mean
# of a reddish and a greenish pixel: a dull grey, although no pixel here is grey. It's the same averaging that
# made the cat smooth. At large $t$ the score points at the mean of everything that could be there; only as $t$
# shrinks does it commit to one of the hills.
# ### END SOLUTION
