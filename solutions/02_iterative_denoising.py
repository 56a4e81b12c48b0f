# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Many small steps: iterative denoising and sampling
#
# If you denoise in one step from heavy noise, you get an average of everything that could be there. A
# diffusion model takes many small steps instead: it removes a little noise, looks again at what's left, and
# every look rules out more pictures. In this notebook you write that loop. Everything that comes later in
# the course (guidance, editing, inpainting, anagrams, hybrids) gives *this loop* a different noise estimate,
# or makes a small change after each step. The loop itself stays the way you write it here.
#
# You need two facts from the first notebook:
#
# $$ x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon , \qquad
#    \hat x_0 = \frac{x_t - \sqrt{1-\bar\alpha_t}\;\epsilon_\theta(x_t, t)}{\sqrt{\bar\alpha_t}} . $$

# %% setup=true
import torch
from IPython.display import display

import pset
from pset import check

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod
coffee = pset.photo("coffee").to(model.device)
prompt_embeds = model.prompt_embeds("a high quality photo")

# %% [markdown]
# ## 1.4 Iterative denoising
#
# The model was trained on a thousand noise levels. Visiting all of them would take a thousand forward passes
# of the network, and neighbouring levels hardly differ. So we use **strided** timesteps: from 990 down to 0
# in steps of 30. `i_start` is the index in this list where you start: 0 is pure noise, larger indices are
# closer to the image.
#
# Each step goes from $t$ to the next smaller timestep in the list, $t'$:
#
# $$ x_{t'} = \frac{\sqrt{\bar\alpha_{t'}}\,\beta_t}{1-\bar\alpha_t}\; \hat x_0
#    \;+\; \frac{\sqrt{\alpha_t}\,(1-\bar\alpha_{t'})}{1-\bar\alpha_t}\; x_t
#    \;+\; \sigma\, z , \tag{1} $$
#
# $$ \alpha_t = \frac{\bar\alpha_t}{\bar\alpha_{t'}}, \qquad \beta_t = 1 - \alpha_t, \qquad z \sim \mathcal N(0, I). $$
#
# The first term pulls towards the clean estimate, the second keeps part of where you are, and the third
# adds some fresh noise back in, so that $x_{t'}$ has exactly the noise level of $t'$.
#
# *Where does (1) come from?* Given $x_0$ and $x_t$, the image at $t'$ is Gaussian, because every step of
# the forward process is. Its mean is a weighted sum of the two, and (1) is that mean with $\hat x_0$ in
# place of $x_0$. You can check the weights in your head: put in $x_0$, and the noise-free
# $\sqrt{\bar\alpha_t}\,x_0$ for $x_t$, and you should get $\sqrt{\bar\alpha_{t'}}\,x_0$. (If you find this
# equation elsewhere with $1-\bar\alpha_{t'}$ in the denominators, try the same check on that version.)
#
# | in the code | what it is | shape |
# |---|---|---|
# | `estimate(x_t, t)` | the noise $\epsilon$ and the variance channels $v$, as a tuple | 2 × `[B, 3, H, W]` |
# | `pset.step_variance(v, alpha_bar, alpha_bar_prev)` | $\sigma^2$ of a step between two values of ᾱ | `[B, 3, H, W]` |
# | `pset.step_noise(shape, t, seed)` | the $z$ of the step that *arrives* at timestep `t` | `shape` |

# %% exercise="1.4"
def strided_timesteps():
    """Return the timesteps that the loop visits: 990, 960, …, 0, a list of 34 integers."""
    ### BEGIN SOLUTION
    return list(range(990, -1, -30))
    ### END SOLUTION


def iterative_denoise(
    image, i_start, estimate, alphas_cumprod, timesteps=None, seed=pset.SEED, after_step=None
):
    """Denoise step by step, from timesteps[i_start] to the last timestep.

    Args:
        image: x_t at t = timesteps[i_start], [B, 3, H, W].
        i_start: an index into timesteps.
        estimate: a function; estimate(x_t, t) returns the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        timesteps: integers in decreasing order; None means strided_timesteps().
        seed: for pset.step_noise.
        after_step: a function or None. Once a step has brought the image to t', replace it with
            after_step(image, t').

    Returns:
        The image at the last timestep, [B, 3, H, W]. The last step adds no noise.
    """
    timesteps = strided_timesteps() if timesteps is None else timesteps
    ### BEGIN SOLUTION
    x_t = image
    for t, t_prev in zip(timesteps[i_start:], timesteps[i_start + 1 :]):
        alpha_bar, alpha_bar_prev = alphas_cumprod[t], alphas_cumprod[t_prev]
        alpha = alpha_bar / alpha_bar_prev
        beta = 1 - alpha

        noise, variance = estimate(x_t, t)
        x_0 = (x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()
        x_t = (
            alpha_bar_prev.sqrt() * beta / (1 - alpha_bar) * x_0
            + alpha.sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar) * x_t
        )
        if t_prev != timesteps[-1]:
            sigma = pset.step_variance(variance, alpha_bar, alpha_bar_prev).sqrt()
            x_t = x_t + sigma * pset.step_noise(x_t.shape, t_prev, seed, x_t.device)
        if after_step is not None:
            x_t = after_step(x_t, t_prev)
    return x_t
    ### END SOLUTION


# %% check="1.4"
check(
    "1.4",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Watch it work: a cup of coffee, noised to `i_start = 14` ($t = 570$). `after_step` is a good place to look
# over the loop's shoulder: `pset.Film` keeps a copy of every step and changes nothing. Once the loop has
# finished, you'll see every fifth step, and a slider that takes you through all of them. From which $t$ on
# can you tell what it's going to be?

# %%
def unguided(x_t, t):
    """Noise and variance without guidance, for "a high quality photo"."""
    output = model.unet(x_t, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
    noise, variance = output.split(3, dim=1)
    return noise, variance


def add_noise(image, t):
    """Apply the forward process of exercise 1.1, using the model's own scheduler."""
    return model.scheduler.add_noise(image, pset.noise(image.shape, device=image.device), torch.tensor([t]))


# %% needs="1.4"
with pset.your_code():
    i_start = 14
    t = strided_timesteps()[i_start]
    noisy = add_noise(coffee, t)
    with pset.Film(noisy, t, name="1.4_every_fifth_step") as film:
        clean = iterative_denoise(noisy, i_start, unguided, alphas_cumprod, after_step=film)

# %% [markdown]
# Now compare the three ways to remove noise. Don't ask which one has the smallest error against the
# original: the one-step estimate is *made* for a small squared error and often wins. Ask which one looks
# like a picture.

# %% needs="1.4"
with pset.your_code():
    noise, _ = unguided(noisy, t)
    one_step = (noisy - (1 - alphas_cumprod[t]).sqrt() * noise) / alphas_cumprod[t].sqrt()
    blurred = pset.gaussian_blur(noisy, kernel_size=13, sigma=2.5)
    images = [coffee, noisy, blurred, one_step, clean]
    captions = ["original", f"t = {t}", "Gaussian blur", "one step", "iterative"]
    display(pset.show(images, captions, name="1.4_three_ways"))

# %% [markdown]
# **Question.** The loop adds noise in every step but the last, even though its job is to remove noise. What
# would the picture look like if it didn't, and why? (You can try it: it's one line.)

# %% [markdown] question="1.4-question"
# ### BEGIN SOLUTION
# Without the third term, the image at each $t'$ has less noise than the network was trained to expect
# there. The network assumes the full amount, so it treats part of the image as noise and removes that too.
# The result gets smooth and flat: the mean of the possible images rather than one of them. The fresh noise
# is what the next step turns into new detail.
# ### END SOLUTION

# %% [markdown]
# ## 1.5 Sampling
#
# Start from pure noise, `i_start = 0`, and the loop has no photograph to return to, so it makes one up. At
# $t = 990$ an image is standard normal noise to within a percent, so that's what you start from.
#
# `denoise(image, i_start)` is the loop with the estimate and the schedule already filled in. Each sample
# needs its own noise, but not its own seed: draw the noise for all of them in one call. Return what
# `denoise` returns; don't clip it.

# %% exercise="1.5"
def sample(count, denoise, size, seed):
    """Generate images from pure noise.

    Args:
        count: the number of images.
        denoise: a function; denoise(image, i_start) denoises from timesteps[i_start].
        size: their height and width, in pixels.
        seed: for the starting noise; pset.noise(shape, seed) draws it.

    Returns:
        The images, [count, 3, size, size].
    """
    ### BEGIN SOLUTION
    x_T = pset.noise((count, 3, size, size), seed)
    return denoise(x_T, 0)
    ### END SOLUTION


# %% check="1.5"
check(
    "1.5",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here are five samples for "a high quality photo". They aren't very good: you get textures, and shapes that
# might be something, but hardly any objects. That's not your mistake. In the next notebook you change one line, and
# they turn into pictures.

# %% needs="1.4,1.5"
with pset.your_code():
    def denoise(image, i_start):
        image = image.to(model.device)
        with pset.Film(image, 990, name="1.5_every_fifth_step", scale=2) as film:
            return iterative_denoise(image, i_start, unguided, alphas_cumprod, after_step=film)

    samples = sample(5, denoise, 64, pset.SEED)
    display(pset.show(samples, [f"samples[{k}]" for k in range(5)], name="1.5_samples"))

# %% [markdown]
# **Choose** one and save it: the last notebook takes whatever it finds in the folder `pictures` and
# enlarges it.

# %% needs="1.4,1.5"
with pset.your_code():
    pset.save_image(samples[0], "pictures/1.5 a sample.png")

# %% [markdown]
# **Question.** Suppose the starting noise had half the strength it should have. The loop would still run.
# Think about what the network is told (that $t = 990$) and what it actually gets. What kind of picture
# would you expect at the end: high or low contrast, busy or empty? Try it, and explain what you see.

# %% [markdown] question="1.5-question"
# ### BEGIN SOLUTION
# The network is told to expect noise with a standard deviation of 1, but what it gets has 0.5. At $t = 990$
# it knows only one explanation for such small values: an image that's very close to grey. The following
# steps build on that. The picture comes out flat and empty, with low contrast.
# ### END SOLUTION
