# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Inpainting
#
# Cut a hole into a photograph and let the model fill it. The model was never trained for this; one
# small change after each step of the loop is enough. The loop stays what it was: it takes an
# `after_step`, and that is where the change goes.
#
# From the notebooks before you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, after_step=…)`.
#
# When a step has brought the image to timestep $t'$, the loop replaces it by `after_step(image, t')`.
# `guided(model, prompt)` makes the guided estimate for a prompt, and `thresholded(model, estimate)` keeps an
# estimate within the range of images.

# %% setup=true
import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 1.8 Known pixels, unknown pixels
#
# The mask $m$ is 1 where new content belongs and 0 where the original should stay. We do not know what
# the new content looks like at $t'$: the loop finds out. What the *known* pixels look like at $t'$ we do
# know, it is the forward process. So after every step, put them back:
#
# $$ x_{t'} \leftarrow m \cdot x_{t'} + (1 - m) \cdot \mathrm{forward}(x_{\text{orig}},\, t') . \tag{1} $$
#
# At each step the network then sees new content whose surroundings are right, and removes noise from
# the one in the light of the other.
#
# * The step is complete when (1) is applied: it has arrived at $t'$, random part included. So the known
#   pixels need the noise of $t'$, not of $t$. (The write-up that this course follows prints (1) with $t$,
#   and adds the step's random part *after* it. The known pixels then have more noise than the network is
#   told, all the way through.)
# * At the end the known pixels should be *exactly* the original's. $\mathrm{forward}(x, 0)$ is close, but it
#   has a trace of noise.
# * Begin with pure noise, `i_start` 0. One and the same `noise` serves as the start and in every forward.
#
# `estimate(x_t, t)` is whatever noise estimate you are given: hand it to the loop.

# %% exercise="1.8"
def inpaint(original, mask, estimate, alphas_cumprod, noise):
    """Fill a hole in an image.

    Args:
        original: the images, [B, 3, H, W].
        mask: 1 where new content belongs, 0 where the original stays; [1, 1, H, W] or [B, 1, H, W].
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: the start of the loop, and the noise of the known
            pixels.

    Returns:
        The images with new content, [B, 3, H, W]; where the mask is 0, exactly the original.
    """
    ### BEGIN SOLUTION
    def paste(x, t_prev):
        alpha_bar = alphas_cumprod[t_prev]
        known = alpha_bar.sqrt() * original + (1 - alpha_bar).sqrt() * noise
        if t_prev == 0:
            known = original
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)
    ### END SOLUTION


# %% check="1.8"
check(
    "1.8",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## Three photographs, three holes
#
# The tip of the rocket, the inside of the cup, the face of the cat.

# %%
def box(top, left, bottom, right):
    """A mask that is 1 in a rectangle, [1, 1, 64, 64]."""
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., top:bottom, left:right] = 1
    return mask


photographs = torch.cat([pset.photo(name) for name in ("rocket", "coffee", "cat")])
masks = torch.cat([box(2, 22, 34, 46), box(10, 18, 34, 46), box(14, 10, 50, 54)])
holes = photographs * (1 - masks) + masks
figure = pset.rows([photographs, masks.expand(-1, 3, -1, -1) * 2 - 1, holes],
                   row_titles=["original", "mask", "to be filled"])
pset.publish(figure, "1.8_holes")

# %% [markdown]
# Several fillings of each, without a wish and with one. Every column has its own noise, also in the
# steps. Some of them will not fit: a seam shows, or something sits in the hole that has nothing to do
# with its surroundings. That is a normal outcome of this simple method, not an error in your code; look
# at several and choose.

# %% needs="1.8"
COUNT = 4
wishes = ["a photo of a tower", "a photo of a cookie", "a photo of a dog"]
photographs, masks = photographs.to(model.device), masks.to(model.device)


def fill(prompts, scale=7):
    """COUNT fillings of each photograph."""
    many, many_masks = (x.repeat_interleave(COUNT, dim=0) for x in (photographs, masks))
    estimate = guided(model, [prompt for prompt in prompts for _ in range(COUNT)], scale)
    estimate = thresholded(model, estimate)
    noise = pset.noise(many.shape, device=model.device)
    return inpaint(many, many_masks, estimate, alphas_cumprod, noise).split(COUNT)


# The pocket model has learnt this prompt as another word for none: guidance would change nothing.
SCALE = 1 if model.name == "pocket" else 7
with pset.your_code():
    plain = fill(["a high quality photo"] * 3, SCALE)
    display(pset.publish(pset.rows(plain), "1.8_plain"))

# %% needs="1.8"
with pset.your_code():
    wished = fill(wishes)
    display(pset.publish(pset.rows(wished, row_titles=wishes), "1.8_wishes"))

# %% [markdown]
# Choose one of them, give a reason to yourself, and keep it for the last notebook.

# %% needs="1.8"
with pset.your_code():
    row, column = 2, 0
    chosen = wished[row][column]
    shown = [photographs[row], holes[row], chosen]
    display(pset.show(shown, ["original", "to be filled", wishes[row]], name="1.8_chosen"))
    pset.save_image(chosen, f"pictures/1.8 {wishes[row]}.png")

# %% [markdown]
# *A remark on other people's code.* The inpainting pipeline that `diffusers` has for this kind of model
# keeps the known pixels *without noise* at every $t'$. That is a choice, not a slip: at each step the
# network sees the surroundings as sharp as they can be. It also sees an image that is clean in one part
# and noisy in another, which it was never trained on. Here we do what the forward process says.

# %% [markdown]
# **To think about.** Information goes from the known pixels to the new ones in every step. Does it also go
# the other way? Say what (1) does with everything the network wanted to change about the known pixels, and
# how that can leave a seam at the edge of the hole even though every step is right.

# %% [markdown] question="1.8-question"
# ### BEGIN SOLUTION
# The network sees both parts and proposes a step for both, but (1) throws away its proposal for the known
# pixels and puts the forward process there. So the new part has to adapt to the old one, never the
# reverse. Early on, when the large shapes are decided, the surroundings are still mostly noise and say
# little; later, when they have become clear, the new part is already committed to something and can only
# adjust its details. Where the two do not fit, the mismatch stays as a seam.
# ### END SOLUTION
