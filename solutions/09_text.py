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
# line, and look at the pictures on the way. Then you'll look at what the network does with the embedding: which word it
# reads where.
#
# From the earlier notebooks you need the loop, `iterative_denoise(image, i_start, estimate, alphas_cumprod,
# seed=…)`. The noise that its steps add comes from `seed`. `guided(model, prompt)` makes the guided estimate for a
# prompt, or for an embedding, and `thresholded(model, estimate)` keeps an estimate within the range of images.
#
# All of this also runs on DeepFloyd. You'd only change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded
from pset.attention import record_attention

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

# %% [markdown]
# ## 2.2 Where each word is read
#
# The network reads the prompt in its **attention layers**. Each of them works on a small image of $H \times W$ pixels.
# Every pixel asks a question (its query), and compares it with keys: one for each of the 77 tokens of the prompt, and
# one for each pixel. In IF all of these share one softmax. So a layer has probabilities of shape
# `[2, heads, H·W, 77 + H·W]`:
#
# * the first of the two is the null prompt's half of the guided batch, the second is your prompt's;
# * several heads ask different questions at once;
# * a row belongs to a pixel, and pixels are counted row by row;
# * the first 77 columns are the prompt's tokens, in their order, and the other columns are the pixels.
#
# A row adds up to 1 over all columns, so its text part adds up to less: some pixels read the prompt more than others.
# A column of the text, laid out as an image, says where its token is read. That's the word's **map**.
#
# * Take the mean over the heads.
# * A rare word may be several tokens. Its map is their sum.
# * Layers differ in size. Bring each map to the size that's asked for: every pixel becomes a block of equal values.
# * Leave the values as they are. Then you can compare words with each other.

# %% exercise="2.2"
def word_maps(probabilities, words, height, width, size):
    """Where each word of the prompt is read, in one layer.

    Args:
        probabilities: of the guided batch of one image, [2, heads, H·W, tokens + H·W].
        words: for each word, a list with the numbers of its tokens.
        height: H, of the layer's small image.
        width: W.
        size: rows and columns of the maps, a tuple; multiples of H and W.

    Returns:
        A map for each word, [len(words), *size].
    """
    ### BEGIN SOLUTION
    mean = probabilities[1].mean(dim=0)
    maps = torch.stack([mean[:, columns].sum(dim=1) for columns in words])
    maps = maps.unflatten(1, (height, width))
    return maps.repeat_interleave(size[0] // height, 1).repeat_interleave(size[1] // width, 2)
    ### END SOLUTION


# %% check="2.2"
check(
    "2.2",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# `record_attention(model, keep)` is a block that gives you a list. In it, each time the network is called, each layer
# adds what `keep(probabilities, layer)` returns. Here that's your maps. In the figure they're averaged over all steps:
# in the first row over all layers, in the second over the finest ones only. White is the largest value of each
# map.

# %% needs="2.2"
MAP_SIZE = 32


def record_maps(prompt, seed=SEED):
    """A picture, and the maps of its words: [steps, layers, words, 32, 32]. And which layers are the finest."""
    columns = [numbers for _, numbers in model.prompts.words(prompt)]

    def keep(probabilities, layer):
        return word_maps(probabilities, columns, layer.height, layer.width, (MAP_SIZE, MAP_SIZE))

    with record_attention(model, keep) as records:
        image = denoise(pset.noise((1, 3, 64, 64), seed, model.device), model.prompt_embeds(prompt), seed)
    layers = len(model.unet.attn_processors)
    maps = torch.stack([kept for _, kept in records]).unflatten(0, (-1, layers))
    heights = torch.tensor([layer.height for layer, _ in records[:layers]])
    return image, maps, heights == heights.max()


def as_images(maps, largest=None):
    """Maps [N, h, w] in grey, [N, 3, h, w]; white is the largest value of each, or of all if it's given."""
    largest = maps.amax(dim=(1, 2), keepdim=True) if largest is None else largest
    return (2 * maps / largest - 1)[:, None].expand(-1, 3, -1, -1)


with pset.your_code():
    prompt = "a photo of a cat wearing a hat"
    words = prompt.split()
    picture, maps, finest = record_maps(prompt)
    kinds = [maps.mean(dim=(0, 1)), maps[:, finest].mean(dim=(0, 1))]
    figure = pset.rows(
        [[picture, as_images(kind)] for kind in kinds], [["", *words], []], ["all layers", "finest layers"], scale=1.2
    )
    display(pset.publish(figure, "2.2_maps"))

# %% [markdown]
# **Choose** a prompt of your own. If two things look alike, the maps may tell why: here's the lecture's bear, which
# watches a bird. Which of the two does the word *bear* find?

# %% needs="2.2"
with pset.your_code():
    mine = "a photo of a bear watches a bird"
    own_picture, own_maps, _ = record_maps(mine, SEED + 1)
    own = [own_picture, as_images(own_maps[:, finest].mean(dim=(0, 1)))]
    display(pset.publish(pset.rows([own], [["", *mine.split()]], scale=1.2), "2.2_own"))

# %% [markdown]
# And when is a word read? These are the maps of *cat* and *hat* over the steps, from noise to image, with one scale for
# all of them. Each is the mean of three steps. Use the slider to go through them.

# %% needs="2.2"
with pset.your_code():
    nouns = [k for k, word in enumerate(words) if word in ("cat", "hat")]
    over_time = [steps.mean(dim=0) for steps in maps[:, finest][:, :, nouns].split(3)]
    over_time = torch.stack([window.mean(dim=0) for window in over_time])  # of three steps each
    largest = over_time.amax()
    captions = [f"t = {pset.STRIDED_TIMESTEPS[3 * k]}" for k in range(len(over_time))]
    frames = [as_images(window, largest) for window in over_time]
    figure = pset.rows(list(zip(*frames)), [captions, []], [words[k] for k in nouns], scale=1.1)
    still = pset.publish(figure, "2.2_steps")
    display(pset.slider(frames, captions, "t", still, scale=6))

# %% [markdown]
# **Question.** (a) For which words does the map show the thing itself, and for which not? What could the others be good
# for? (b) At what $t$ does the map of a word first have its final shape? Compare with how much you can see in $x_t$ at
# that time. (c) The two halves of the guided batch have the same 77 columns. Why does the null prompt's half say nothing
# about your words?

# %% [markdown] question="2.2-question"
# ### BEGIN SOLUTION
# (a) For nouns it usually does: the cat's map is the cat, without its hat. Words like "a" and "of" are read in many
# places, or hardly at all. They aren't useless: the text encoder has mixed the words, so that the embedding of "a"
# knows about the cat too. "photo" is read where style is decided, for example in the background.
#
# (b) Long before anything can be seen in x_t. The layout is there after the first few steps, when x_t is still
# nearly pure noise: it's in the network's estimate of the clean image.
#
# (c) There, the columns are the null prompt's tokens: the end of the text, then padding. Your words aren't in it. Its
# maps say where the network looks at padding.
# ### END SOLUTION
