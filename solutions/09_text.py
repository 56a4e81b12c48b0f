# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Conditioning on text
#
# The network doesn't read your prompt. It reads an **embedding**: a text encoder has turned the prompt into 77
# vectors, one for each token, and whatever is left over is padding. These are just numbers, so you can also give
# the network embeddings that no prompt has. In this notebook you'll walk from one prompt to another in a straight
# line, and look at the pictures on the way.
#
# From the earlier notebooks you need the loop, `iterative_denoise(image, i_start, estimate, alphas_cumprod,
# seed=…)`. The noise that its steps add comes from `seed`. `guided(model, prompt)` makes the guided estimate for a
# prompt, or for an embedding, and `thresholded(model, estimate)` keeps an estimate within the range of images.
#
# It takes about 30 minutes. All of it also runs on DeepFloyd. You'd only change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.1 From one prompt to another
#
# Let $e$ and $e'$ be the embeddings of two prompts. In between, there's
#
# $$ e_w \;=\; (1 - w)\, e + w\, e' , \qquad 0 \le w \le 1 . \tag{1} $$
#
# All 77 tokens take part, padding included: the network attends to them too.

# %% exercise="2.1"
def interpolate(embeds_0, embeds_1, w):
    """The embedding between two prompts, by equation (1).

    Args:
        embeds_0: of the first prompt, [B, 77, D].
        embeds_1: of the second prompt, [B, 77, D].
        w: how far along, from 0 (the first) to 1 (the second).

    Returns:
        The embedding in between, [B, 77, D].
    """
    ### BEGIN SOLUTION
    return (1 - w) * embeds_0 + w * embeds_1
    ### END SOLUTION


# %% check="2.1"
check(
    "2.1",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## One noise for a whole row
#
# A picture depends on more than its embedding: on the noise it starts from, and on the noise that each step adds.
# If you want to see what the *embedding* does, all pictures of a row have to share both.
#
# `denoise(x_T, prompt_embeds, seed)` runs the loop. It takes a batch of images, with one embedding for each or one
# for all, and returns the finished images. `seed` is passed on to the loop, and there's a catch: one seed means one
# draw *for the whole batch* in every step, and in such a draw each image has its own noise. (That's what you want
# when you ask for several samples. Here it isn't.) You can also give it a list with one seed for each image. Then
# each image gets the noise that it would get by itself.

# %% exercise="2.1b"
def draw_row(embeds, x_T, denoise, seed):
    """One picture for each embedding, all from the same noise.

    Args:
        embeds: the embeddings, [N, 77, D].
        x_T: the noise that every picture starts from, [1, 3, H, W].
        denoise: the loop; denoise(x_T, prompt_embeds, seed) takes [B, 3, H, W], [B, 77, D] and a seed, or a
            list of B seeds, and returns [B, 3, H, W].
        seed: of the noise in the steps.

    Returns:
        The pictures, [N, 3, H, W]. Starting noise and step noise are the same for all of them.
    """
    ### BEGIN SOLUTION
    return torch.cat([denoise(x_T, one[None], seed) for one in embeds])
    ### END SOLUTION


# %% check="2.1b"
check(
    "2.1b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# From a cat to a dog, three times. In the first row all pictures share their noise. In the second, each has its own:
# nothing connects one picture to the next. In the third there's no model in between: the first and the last
# picture of the first row, faded into each other. Go through the first row with the slider. Do you ever see half a
# cat and half a dog on top of each other?

# %% needs="2.1,2.1b"
COUNT = 6
SEED = 180


def denoise(x_T, prompt_embeds, seed):
    """The guided loop, for embeddings."""
    estimate = thresholded(model, guided(model, prompt_embeds))
    return iterative_denoise(x_T, 0, estimate, alphas_cumprod, seed=seed)


ws = [k / (COUNT - 1) for k in range(COUNT)]
first, second = model.prompt_embeds("a photo of a cat"), model.prompt_embeds("a photo of a dog")
with pset.your_code():
    embeds = torch.cat([interpolate(first, second, w) for w in ws])
    shared = draw_row(embeds, pset.noise((1, 3, 64, 64), device=model.device), denoise, SEED)
    x_T = pset.noise((COUNT, 3, 64, 64), device=model.device)
    own = denoise(x_T, embeds, list(range(SEED, SEED + COUNT)))
    faded = [shared[0].lerp(shared[-1], w) for w in ws]
    captions = [f"w = {w:.1f}" for w in ws]
    titles = ["embeddings mixed,\none noise", "embeddings mixed,\nown noise each", "pixels mixed"]
    figure = pset.rows([shared, own, faded], [captions, [], []], titles)
    still = pset.publish(figure, "2.1_cat_to_dog")
    display(pset.slider(list(shared.split(1)), captions, "w", still, scale=4))

# %% [markdown]
# **Choose** two prompts of your own, from words that the model knows. Two styles of one subject are worth a try, too.

# %% needs="2.1,2.1b"
with pset.your_code():
    ends = [model.prompt_embeds(prompt) for prompt in ("a photo of a castle", "a lithograph of a castle")]
    embeds = torch.cat([interpolate(*ends, w) for w in ws])
    chosen = draw_row(embeds, pset.noise((1, 3, 64, 64), SEED + 1, model.device), denoise, SEED + 1)
    display(pset.show(chosen, captions, name="2.1_chosen"))
    pset.save_image(chosen[COUNT // 2], "pictures/2.1 in between.png")

# %% [markdown]
# **Question.** (a) Where in your row does the first prompt turn into the second, and does it happen little by little
# or all of a sudden? (b) The network was trained on embeddings of prompts, and never on a mixture of two. Why can it
# use one at all? (c) Somebody draws the row in one batch with a single seed, and says: "They share the starting
# noise, so the differences come from the embeddings." What's wrong with that?

# %% [markdown] question="2.1-question"
# ### BEGIN SOLUTION
# (a) Any row, described. Often the ends hardly change for a while, and most of it happens in between.
#
# (b) The network is a smooth function of the embedding: it's made of linear layers, attention and smooth activations.
# So a small step away from a known embedding changes its estimate a little. Nothing promises that the middle of
# the line means something, but embeddings of similar prompts are close together, and there's not much room for
# surprises between them.
#
# (c) With one seed for the batch, each picture gets different noise in all of the 33 steps. At the end that's most of
# the noise that it ever got, since the loop forgets most of where it started. So the pictures would differ even if
# all embeddings were the same.
# ### END SOLUTION
