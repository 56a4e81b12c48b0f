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
# Cut a hole in a photograph and let the model fill it in. The model was never trained for this, but one
# small change after each step of the loop is enough. The loop itself stays the same: it takes an
# `after_step`, and that's where the change goes.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, after_step=…)`.
#
# When a step has brought the image to timestep $t'$, the loop replaces it with `after_step(image, t')`.
# `guided(model, prompt)` makes the guided estimate for a prompt, and `thresholded(model, estimate)` keeps
# an estimate within the range of images.

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
# The mask $m$ is 1 where you want new content and 0 where the original should stay. We don't know what the
# new content looks like at $t'$; the loop will find out. But we do know what the *known* pixels look like
# at $t'$: that's the forward process. So after every step, put them back:
#
# $$ x_{t'} \leftarrow m \cdot x_{t'} + (1 - m) \cdot \mathrm{forward}(x_{\text{orig}},\, t') . \tag{1} $$
#
# At each step the network then sees new content with the right surroundings, and uses the surroundings when
# it denoises the new content.
#
# * The step is already complete when you apply (1): the image has arrived at $t'$, random part included. So
#   the known pixels need the noise of $t'$, not of $t$. (In the write-up, the student report that this part
#   of the course follows, (1) is printed with $t$, and the step's random part is added *after* it. With
#   that version the known pixels have more noise than the network is told, all the way through.)
# * At the end the known pixels should be *exactly* the original's. $\mathrm{forward}(x, 0)$ is close, but
#   it still has a trace of noise.
# * Start from pure noise, `i_start` 0. Use the same `noise` as the starting point and every time you apply
#   $\mathrm{forward}$.
#
# `estimate(x_t, t)` is the noise estimate you're given: pass it on to the loop. Don't clip anything.

# %% exercise="1.8"
def inpaint(original, mask, estimate, alphas_cumprod, noise):
    """Fill in the masked part of an image.

    Args:
        original: the images, [B, 3, H, W].
        mask: 1 where new content goes, 0 where the original stays; [1, 1, H, W] or [B, 1, H, W].
        estimate: a function; estimate(x_t, t) returns the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: the starting point of the loop, and the noise for
            the known pixels.

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
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## Two photographs, two scenes, four holes
#
# We'll cut out the tip of the rocket and the face of the cat, and from two scenes of the kind that the pocket
# model has learned from, the penguin and the clock.

# %%
def box(top, left, bottom, right):
    """Return a mask, [1, 1, 64, 64], that's 1 inside a rectangle and 0 outside."""
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., top:bottom, left:right] = 1
    return mask


originals = [pset.photo("rocket"), pset.photo("cat"), pset.scene("robot"), pset.scene("horse")]
images = torch.cat(originals)
masks = torch.cat([box(2, 22, 34, 46), box(14, 10, 50, 54), box(18, 40, 52, 64), box(23, 31, 54, 61)])
holes = images * (1 - masks) + masks
figure = pset.rows([images, masks.expand(-1, 3, -1, -1) * 2 - 1, holes],
                   row_titles=["original", "mask", "with hole"])
pset.publish(figure, "1.8_holes")

# %% [markdown]
# Several inpaintings of each: first with a neutral prompt, then with a specific one. Each column has its
# own noise, in the steps too. Some of them won't fit: you'll see a seam, or the hole contains something
# that has nothing to do with its surroundings. That's normal for a method this simple and doesn't mean
# there's an error in your code. Look at several and pick one.

# %% needs="1.8"
COUNT = 4
specific_prompts = [
    "a photo of a tower",
    "a photo of a dog",
    "a photo of a robot and a bear",
    "a photo of a horse next to a mushroom under a rainbow",
]
images, masks = images.to(model.device), masks.to(model.device)


def inpaint_all(prompts, scale=7):
    """Inpaint each image COUNT times."""
    originals, their_masks = (x.repeat_interleave(COUNT, dim=0) for x in (images, masks))
    estimate = guided(model, [prompt for prompt in prompts for _ in range(COUNT)], scale)
    estimate = thresholded(model, estimate)
    noise = pset.noise(originals.shape, device=model.device)
    return inpaint(originals, their_masks, estimate, alphas_cumprod, noise).split(COUNT)


with pset.your_code():
    neutral = inpaint_all(["a high quality photo"] * len(images))
    display(pset.publish(pset.rows(neutral), "1.8_neutral_prompt"))

# %% needs="1.8"
with pset.your_code():
    specific = inpaint_all(specific_prompts)
    titles = [prompt.replace(" of ", "\nof ") for prompt in specific_prompts]
    display(pset.publish(pset.rows(specific, row_titles=titles), "1.8_specific_prompts"))

# %% [markdown]
# Choose one, have a reason for your choice, and save it for the last notebook.

# %% needs="1.8"
with pset.your_code():
    row, column = 2, 0
    chosen, prompt = specific[row][column], specific_prompts[row]
    steps = [images[row], holes[row], chosen]
    display(pset.show(steps, ["original", "with hole", prompt], name="1.8_chosen"))
    pset.save_image(chosen, f"pictures/1.8 {prompt}.png")

# %% [markdown]
# *An aside about other people's code.* The inpainting pipeline that `diffusers` has for this kind of model
# keeps the known pixels *noise-free* at every $t'$. That's a design choice, not a bug: at each step the
# network sees the surroundings as sharply as possible. But it also sees an image that's clean in one part
# and noisy in another, and it was never trained on that. Here we do what the forward process says.

# %% [markdown]
# **Question.** In every step, information flows from the known pixels to the new ones. Does it flow the
# other way too? Say what (1) does with everything the network wanted to change about the known pixels, and
# how that can leave a seam at the edge of the hole even though every step is right.

# %% [markdown] question="1.8-question"
# ### BEGIN SOLUTION
# The network sees both parts and proposes a step for both, but (1) throws away what it proposes for the
# known pixels and puts the forward process there. So the new part has to adapt to the old one, never the
# other way round. Early on, when the large shapes are decided, the surroundings are still mostly noise and
# don't say much. Later, when they've become clear, the new part has already committed to something and can
# only adjust its details. Where the two don't fit, the mismatch stays as a seam.
# ### END SOLUTION
