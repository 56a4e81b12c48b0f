# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Prompt-to-prompt, and instruction pairs
#
# You have a picture of a lemon cake and would like the same picture with a pumpkin cake. Change the word, keep the
# seed, and you get *another* cake. In this notebook you also keep the **attention maps** (Hertz et al. 2022): they
# say where in the picture each word is looked at, and with them the layout stays. Then you use this to make what
# an editor that follows instructions is trained on: pairs of pictures with an instruction between them.
#
# From the earlier notebooks you need these.
#
# * The loop, `iterative_denoise(image, i_start, estimate, alphas_cumprod, timesteps, seed)`. With a list of seeds,
#   each image of a batch gets the noise that it would get by itself.
# * `guided(model, prompts)` makes a guided estimate for a batch with one prompt for each image. It calls the network
#   once, with twice the batch: first comes the null prompt for every image, then come the prompts.
# * `thresholded(model, estimate)` keeps an estimate within the range of images.
#
# Everything here also runs on DeepFloyd. You'd only change one argument:
# `pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on a machine with a GPU.

# %% setup=true
import random
from functools import partial

import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded
from pset.attention import edit_attention
from pset.instruction_pairs import Pair, save_pairs

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod
TIMESTEPS = pset.STRIDED_TIMESTEPS

# %% [markdown]
# ## 2.16 Word swap
#
# In each of its attention layers the network looks at the prompt. For a layer with a small image of $H \times W$
# pixels, the attention probabilities have the shape `[2B, heads, H·W, tokens + H·W]`.
#
# * **Batch.** It's the guided batch: first the null prompt, $B$ times, then the $B$ prompts. Here the first prompt is
#   the **source**, and all others are edited versions of it.
# * **Rows.** Each pixel asks a question. Its row says where it looks for answers: at the 77 tokens of the prompt, which
#   are the first columns, and at the pixels, which are the columns after them. In IF, text and pixels share *one*
#   softmax, so each row adds up to 1 over both.
#
# A column of the text, laid out as an image, is a word's map. If the edited prompt has other words in the same
# places (a lemon cake, a pumpkin cake), its columns can take the source's maps: the pixels that looked at *lemon*
# now look at *pumpkin*, as strongly as before. So write a function that changes the probabilities of one layer.
#
# * The edited prompts get **exactly the source's maps**, in all columns of the text.
# * The rows must still add up to 1, so the columns of the pixels have to fit in. There are two ways, and both are
#   right here. Take the pixels' columns from the source too: then everything that's about layout is the source's.
#   Or keep the edited prompt's own, multiplied by what makes the row's sum 1.
# * The null prompt's half stays as it is, and so does the source. Work on a copy.

# %% exercise="2.16"
def inject(probabilities, tokens):
    """The source's attention maps for the edited prompts, in one layer.

    Args:
        probabilities: of the guided batch, [2B, heads, H·W, tokens + H·W]: B images with the null prompt, then B
            with prompts. The first prompt is the source, all others are edited.
        tokens: how many columns belong to the text. They come first.

    Returns:
        The edited probabilities, in the same shape. Each row adds up to 1.
    """
    ### BEGIN SOLUTION
    null, prompts = probabilities.chunk(2)
    return torch.cat([null, prompts[:1].expand_as(prompts)])
    ### END SOLUTION


# %% check="2.16"
check(
    "2.16",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## For the first steps
#
# The layout of a picture comes about in the first steps, and details in the last ones. So edit only the first part
# $\tau$ of the $K$ steps: those with $k < \tau K$, counted from $k = 0$. With $\tau = 0$ nothing is edited, and with
# $\tau = 1$ every step is.
#
# * You're given two estimates for the whole batch. `plain(x_t, t)` is the usual one; `edited(x_t, t)` does the same,
#   but edits the attention.
# * All pictures share their noise: what they start from, and what is added in each step. The source is denoised along
#   with the others, so that its maps are there when they're needed.
# * There's one step fewer than there are timesteps, and the timesteps needn't be evenly spaced.

# %% exercise="2.16b"
def draw_edits(x_T, count, plain, edited, tau, alphas_cumprod, timesteps, seed):
    """The source's picture and the edited ones, all from the same noise; the first τ of the steps are edited.

    Args:
        x_T: the noise that every picture starts from, [1, 3, H, W].
        count: how many pictures: one for the source, and one for each edited prompt.
        plain: plain(x_t, t) gives noise and variance for a batch of `count` images.
        edited: the same, with edited attention.
        tau: τ, the share of the steps that are edited, from 0 to 1.
        alphas_cumprod: the schedule, [1000].
        timesteps: a list of timesteps, from noisy to clean.
        seed: of the noise in the steps.

    Returns:
        The pictures, [count, 3, H, W].
    """
    ### BEGIN SOLUTION
    steps = len(timesteps) - 1

    def estimate(x_t, t):
        is_edited = timesteps.index(t) < tau * steps
        return edited(x_t, t) if is_edited else plain(x_t, t)

    images = x_T.repeat(count, 1, 1, 1)
    return iterative_denoise(images, 0, estimate, alphas_cumprod, timesteps, [seed] * count)
    ### END SOLUTION


# %% check="2.16b"
check(
    "2.16b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Two rows of cakes. In both, all pictures share their noise. In the first that's all they share. In the second they
# also have the lemon cake's maps. `edit_attention(model, edit)` is a block in which every layer's probabilities go
# through `edit(probabilities, layer)`, each time that the network is called.

# %% needs="2.16,2.16b"
SEED = 180


def edited_estimate(estimate, edit):
    """The same estimate, with the attention edited by `edit(probabilities, layer)`."""
    def with_edit(x_t, t):
        with edit_attention(model, edit):
            return estimate(x_t, t)

    return with_edit


def draw(prompts, edit, tau, seed=SEED):
    """One picture for each prompt. The first is the source."""
    x_T = pset.noise((1, 3, 64, 64), seed, model.device)
    plain = thresholded(model, guided(model, prompts))
    edited = edited_estimate(plain, edit)
    return draw_edits(x_T, len(prompts), plain, edited, tau, alphas_cumprod, TIMESTEPS, seed)


def with_source_maps(probabilities, layer):
    return inject(probabilities, layer.tokens)


def short(prompts):
    """For captions."""
    return [prompt.removeprefix("a photo of ") for prompt in prompts]


CAKES = [f"a photo of {name} cake" for name in ("a lemon", "a cheese", "an apple", "a pumpkin", "a strawberry")]
with pset.your_code():
    titles = ["same seed only", "and the source's\nmaps, τ = 0.6"]
    cakes = [draw(CAKES, with_source_maps, tau) for tau in (0, 0.6)]
    display(pset.publish(pset.rows(cakes, [short(CAKES), []], titles), "2.16_cakes"))

# %% [markdown]
# How much of the source should be kept? Turn τ with the slider. At 0 there's only the seed. At 1 the new word has
# little left to decide.

# %% needs="2.16,2.16b"
TAUS = [0, 0.2, 0.4, 0.6, 0.8, 1]
RIDERS = [f"a photo of {animal} riding on a bicycle" for animal in ("a cat", "a chicken")]

with pset.your_code():
    turned = [draw(RIDERS, with_source_maps, tau) for tau in TAUS]
    captions = [f"τ = {tau:g}" for tau in TAUS]
    figure = pset.rows(list(zip(*turned)), [captions, []], ["cat", "chicken"])
    still = pset.publish(figure, "2.16_tau")
    display(pset.slider(turned, captions, "τ", still, scale=3))

# %% [markdown]
# The lecture's swaps: *apples* or *basket* in "a basket full of apples", and *butterfly* or *flower* in "a butterfly on
# a flower".

# %% needs="2.16,2.16b"
BASKETS = ["a photo of a basket full of apples"]
BASKETS += [f"a photo of a basket full of {things}" for things in ("cookies", "oranges", "chocolates")]
BASKETS += [f"a photo of a {thing} full of apples" for thing in ("bowl", "box", "nest")]
FLOWERS = ["a photo of a butterfly on a flower"]
FLOWERS += [f"a photo of a butterfly on a {thing}" for thing in ("mug", "computer", "mirror")]
FLOWERS += [f"a photo of a {animal} on a flower" for animal in ("bird", "snail", "rocket")]

with pset.your_code():
    swapped = [draw(prompts, with_source_maps, 0.5) for prompts in (BASKETS, FLOWERS)]
    captions = [["source"] + [" ".join(sorted(set(p.split()) - set(prompts[0].split()))) for p in prompts[1:]]
                for prompts in (BASKETS, FLOWERS)]
    titles = ["a basket full\nof apples", "a butterfly\non a flower"]
    display(pset.publish(pset.rows(swapped, captions, titles), "2.16_swaps"))

# %% [markdown]
# **Choose** a prompt, a swap and a τ of your own, from words that the model knows. The two prompts must have the same
# number of words, with the new word in the old one's place.

# %% needs="2.16,2.16b"
with pset.your_code():
    mine = ["a photo of a cat wearing a hat", "a photo of a fox wearing a hat"]
    swap = draw(mine, with_source_maps, 0.5)
    display(pset.show(swap, short(mine), name="2.16_own"))
    both = torch.cat(swap.split(1), dim=-1)
    pset.save_image(both, "pictures/2.16 word swap.png")

# %% [markdown]
# **Question.** (a) Which τ do you like best in your swap, what's wrong with a smaller one, and what with a larger one?
# (b) All cakes of the first row start from the same noise and get the same noise in each step. Where does their layout
# differ all the same, and how does that come about? (c) You were free in what to do with the pixels' columns. What does
# it mean for the picture if the edited prompt has the source's, and what if it keeps its own?

# %% [markdown] question="2.16-question"
# ### BEGIN SOLUTION
# (a) Any swap with a reason. With a small τ the new subject is elsewhere, or has another size or background. With a
# large one it has the old one's outline, and may look like the old subject in other colours.
#
# (b) In the candles, for example, or in the shape of the fruit. The estimate depends on the prompt in every step. A
# small difference in the first one is in the x_t of the second, and the network is asked about another image then. The
# differences grow: after a few steps, the two pictures have settled on different layouts.
#
# (c) The pixels' columns say which pixel looks at which other pixel: what belongs together, such as an object or
# the background. With the source's, even more of the layout is fixed, and shapes are hard to change. With its own, the
# edited prompt can still group the pixels in its own way, so more can change, also where it shouldn't.
# ### END SOLUTION

# %% [markdown]
# ## 2.17 Added words
#
# If you add words, the columns no longer correspond one to one: in "a photo of a *furry* cat", *cat* has moved by one.
# So find out which word is which. A word that both prompts have, in the same order, is **common**. All others are
# new. (Of the possible alignments, take one with as many common words as possible. In "a cat" and "a cat wearing a
# hat" the first *a* is common, and the second is new.)
#
# * The map of a common word is the source's.
# * A new word keeps its own, from the edited prompt.

# %% exercise="2.17"
def align_maps(source, edited, words, edited_words):
    """The maps for an edited prompt: the source's for common words, its own for new ones.

    Args:
        source: the maps of the source's n words, [heads, H·W, n].
        edited: the maps of the edited prompt's m words, [heads, H·W, m].
        words: the source's words, a list of n strings.
        edited_words: the edited prompt's words, a list of m strings.

    Returns:
        A map for each word of the edited prompt, [heads, H·W, m].
    """
    ### BEGIN SOLUTION
    # common[i][j]: how many words words[i:] and edited_words[j:] have in common
    common = [[0] * (len(edited_words) + 1) for _ in range(len(words) + 1)]
    for i in reversed(range(len(words))):
        for j in reversed(range(len(edited_words))):
            if words[i] == edited_words[j]:
                common[i][j] = 1 + common[i + 1][j + 1]
            else:
                common[i][j] = max(common[i + 1][j], common[i][j + 1])
    maps = edited.clone()
    i = j = 0
    while common[i][j] > 0:
        if words[i] == edited_words[j]:
            maps[..., j] = source[..., i]
            i, j = i + 1, j + 1
        elif common[i + 1][j] > common[i][j + 1]:
            i += 1
        else:
            j += 1
    return maps
    ### END SOLUTION


# %% check="2.17"
check(
    "2.17",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# After the words come padding and the pixels. These columns are the source's here, and each row is divided by its sum
# at the end, because new words have come in. In the figure, the pictures of a column share their noise. The hat has a
# smaller τ: where it should be, the source's layout has ears.

# %% needs="2.16b,2.17"
def words_of(prompt):
    """The prompt's words, one for each column. (DeepFloyd splits rare words into several tokens.)"""
    return [word for word, columns in model.prompts.words(prompt) for _ in columns]


def with_aligned_maps(prompts):
    """An edit for a source and one edited prompt with more words, or fewer."""
    words, edited_words = map(words_of, prompts)
    n, m = len(words), len(edited_words)
    after = max(n, m)

    def edit(probabilities, layer):
        source, own = probabilities[2:]  # after the null prompt's two
        maps = align_maps(source[..., :n], own[..., :m], words, edited_words)
        row = torch.cat([maps, own[..., m:after], source[..., after:]], dim=-1)
        row = row / row.sum(dim=-1, keepdim=True)
        return torch.cat([probabilities[:3], row[None]])

    return edit


ADDED = [  # a prompt, words that are added, and τ
    ("a photo of a house", "a photo of a house in the snow", 0.5),
    ("a photo of a castle", "a photo of a castle at night", 0.5),
    ("a photo of a cake", "a photo of a strawberry cake", 0.5),
    ("a photo of a cat", "a photo of a cat wearing a hat", 0.1),
]
with pset.your_code():
    columns = []
    for *prompts, tau in ADDED:
        seed_only, kept = (draw(prompts, with_aligned_maps(prompts), share) for share in (0, tau))
        columns.append([*seed_only, kept[1]])
    captions = [short([after for _, after, _ in ADDED]), [], [f"τ = {tau:g}" for *_, tau in ADDED]]
    titles = ["source", "same seed only", "and its maps"]
    display(pset.publish(pset.rows(list(zip(*columns)), captions, titles, scale=1.8), "2.17_added"))

# %% [markdown]
# ## A word turned up and down
#
# The prompt stays as it is, and one word gets a weight: multiply its map, the whole column, by a number. With 1 nothing
# changes, above 1 there's more of it, and at 0 nobody looks at it any more. The weight may even be negative.
#
# * Only in the prompts' half of the guided batch, not in the null prompt's.
# * A word may have several tokens. All of them get the weight.
# * The other columns stay as they are, as in the paper. So the rows don't add up to 1 any more, and that's meant.

# %% exercise="2.17b"
def reweight(probabilities, columns, weight):
    """One word turned up or down, in one layer.

    Args:
        probabilities: of the guided batch, [2B, heads, H·W, tokens + H·W]: B images with the null prompt, then B
            with the prompt.
        columns: a list with the numbers of the word's columns.
        weight: what to multiply them by.

    Returns:
        The edited probabilities, in the same shape.
    """
    ### BEGIN SOLUTION
    null, prompts = probabilities.chunk(2)
    weights = torch.ones_like(prompts[0, 0, 0])
    weights[columns] = weight
    return torch.cat([null, weights * prompts])
    ### END SOLUTION


# %% check="2.17b"
check(
    "2.17b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# How much snow, and how much lemon? Turn the word with the slider.

# %% needs="2.17b"
WEIGHTS = [-4, 0, 1, 4, 8]


def weighted(prompt, word, weight, seed=SEED):
    """A picture in which one word of the prompt has a weight."""
    columns = dict(model.prompts.words(prompt))[word]
    estimate = thresholded(model, guided(model, prompt))
    edit = partial(reweight, columns=columns, weight=weight)
    x_T = pset.noise((1, 3, 64, 64), seed, model.device)
    with edit_attention(model, lambda probabilities, layer: edit(probabilities)):
        return iterative_denoise(x_T, 0, estimate, alphas_cumprod, TIMESTEPS, seed)


TURNED = {"snow": "a photo of a house in the snow", "lemon": "a photo of a lemon cake"}
with pset.your_code():
    pictures = [[weighted(prompt, word, weight) for word, prompt in TURNED.items()] for weight in WEIGHTS]
    captions = [f"{weight:g}" for weight in WEIGHTS]
    figure = pset.rows(list(zip(*pictures)), [captions, []], list(TURNED))
    still = pset.publish(figure, "2.17_weight")
    display(pset.slider([torch.cat(row) for row in pictures], captions, "weight", still, scale=3))

# %% [markdown]
# **Question.** (a) What do words with a large weight do to the picture, and from where on is it too much? (b) With
# weight 0 nobody looks at the word any more, and still there's some of it in the picture. Turn *night* in "a photo of a
# castle at night": it's night whatever the weight is. How does the network know? (Think of what the text encoder does.
# Also, IF makes one vector out of the whole prompt, and adds it to the embedding of the time step.) (c) Why does the
# null prompt's half get no weight, although the same columns are there?

# %% [markdown] question="2.17-question"
# ### BEGIN SOLUTION
# (a) There's more snow, until the house is gone; the cake turns into a lemon. With very large weights the picture comes
# apart: the rows add up to much more than 1, and the layers get numbers of a size that they've never seen.
#
# (b) The text encoder lets the words attend to each other, so the embeddings of the other words, and of the end of the
# text, know that it's night. Taking away the word's own column leaves those. And the vector for the whole prompt
# doesn't go through these layers at all. For "night", which is about the whole picture, that's enough.
#
# (c) In the null prompt there's no such word: its columns are padding. Guidance takes the difference between the two
# halves, and turns up what's special about the prompt. With the same weight on both, we'd change what they're compared
# with, too.
# ### END SOLUTION

# %% [markdown]
# ## 2.18 Instruction pairs
#
# Could a network learn to edit pictures if you *tell* it what to do? It would need examples: a picture, an
# instruction, and the edited picture. Nobody has a million of these, so InstructPix2Pix (Brooks et al. 2023) makes
# them up, with exactly what you've just written. A language model turns a caption into an instruction and an edited
# caption; prompt-to-prompt draws the pair, with a random τ from 0.1 to 0.9, since each edit needs another one; and a
# **filter** throws away the pairs that went wrong. It looks at two cosines. (The embeddings
# have length 1, but their differences don't.)
#
# * **Similarity**: of the two images. If it's low, too much has changed.
# * **Directional similarity**: between the *change* of the images and the *change* of the captions,
#
# $$ \cos\bigl( e(x') - e(x),\; e(c') - e(c) \bigr) . \tag{1} $$
#
# If that's low, something has changed, but not what was asked for.

# %% exercise="2.18"
def pair_scores(images, edited_images, texts, edited_texts):
    """How similar the two pictures of each pair are, and how well the edit follows the text, by equation (1).

    Args:
        images, edited_images: embeddings of the pictures, [N, D].
        texts, edited_texts: embeddings of the captions, [N, D].

    Returns:
        For each pair the similarity of its images, and the directional similarity: [N, 2].
    """
    ### BEGIN SOLUTION
    cosine = torch.nn.functional.cosine_similarity
    similarity = cosine(images, edited_images, dim=-1)
    direction = cosine(edited_images - images, edited_texts - texts, dim=-1)
    return torch.stack([similarity, direction], dim=-1)
    ### END SOLUTION


# %% check="2.18"
check(
    "2.18",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Ten pairs. The captions and instructions come from a short list here, in place of a language model. For the
# embeddings, InstructPix2Pix uses CLIP. You can do without: your diffusion model is a classifier, too (Li et al. 2023).
# Give it a noisy picture and a caption. The better the caption fits, the better it finds the noise. So `embed_images`
# gives each picture a list of numbers, one for each caption: how much better that caption is than the mean of
# all. The embedding of a caption is the picture that only this caption fits.
#
# What the filter lets through has a green title. Do you agree with it?

# %% needs="2.16,2.16b,2.18"
EDITS = [  # a caption, an instruction, the edited caption
    ("a lemon cake", "make it a pumpkin cake", "a pumpkin cake"),
    ("a cat", "swap the cat with a dog", "a dog"),
    ("a basket full of apples", "replace the apples with cookies", "a basket full of cookies"),
    ("a castle", "turn the castle into a house", "a house"),
    ("a flower", "make it a mushroom", "a mushroom"),
    ("a butterfly on a flower", "swap the butterfly with a bird", "a bird on a flower"),
    ("a cat riding on a bicycle", "let a chicken ride", "a chicken riding on a bicycle"),
    ("a penguin wearing a hat", "give it a crown", "a penguin wearing a crown"),
    ("a strawberry cake", "make it a lemon cake", "a lemon cake"),
    ("a car in the snow", "turn the car into a boat", "a boat in the snow"),
]
PAIRS = [Pair(f"a photo of {before}", instruction, f"a photo of {after}") for before, instruction, after in EDITS]
CAPTIONS = sorted({caption for before, _, after in PAIRS for caption in (before, after)})


@torch.no_grad()
def embed_images(images, noise_levels=(200, 400, 600)):
    """How much better than the others each of the captions fits, as vectors of length 1, [N, captions]."""
    embeds = model.prompt_embeds(CAPTIONS)
    errors = torch.zeros(len(images), len(CAPTIONS))
    for t in noise_levels:
        noise = pset.noise((1, 3, 64, 64), t, model.device)
        noisy = alphas_cumprod[t].sqrt() * images + (1 - alphas_cumprod[t]).sqrt() * noise
        for k, x_t in enumerate(noisy.split(1)):
            found = model.unet(x_t.repeat(len(CAPTIONS), 1, 1, 1), t, embeds, return_dict=False)[0][:, :3]
            errors[k] += (found - noise).square().mean(dim=(1, 2, 3)).cpu()
    fits = errors.mean(dim=1, keepdim=True) - errors
    return torch.nn.functional.normalize(fits)


def embed_captions(captions):
    """The same for captions: each fits itself only."""
    only = torch.eye(len(CAPTIONS))[[CAPTIONS.index(caption) for caption in captions]]
    return torch.nn.functional.normalize(only - 1 / len(CAPTIONS))


MIN_SIMILARITY, MIN_DIRECTION = 0.5, 0.4

with pset.your_code():
    chance = random.Random(SEED)
    taus = [chance.uniform(0.1, 0.9) for _ in PAIRS]
    drawn = torch.stack([draw([before, after], with_source_maps, tau, SEED + k)
                         for k, ((before, _, after), tau) in enumerate(zip(PAIRS, taus))])
    before, after = drawn.unbind(dim=1)
    texts = [embed_captions([pair[k] for pair in PAIRS]) for k in (0, 2)]
    scores = pair_scores(embed_images(before), embed_images(after), *texts)
    kept = (scores > torch.tensor([MIN_SIMILARITY, MIN_DIRECTION])).all(dim=1).tolist()

    figure = pset.rows(
        [before[:5], after[:5], before[5:], after[5:]], [[" "] * 5] * 4, ["before", "after"] * 2, scale=1.9
    )
    for k, (pair, tau, (similarity, direction)) in enumerate(zip(PAIRS, taus, scores)):
        row, column = 2 * (k // 5), k % 5
        colour = "green" if kept[k] else "firebrick"
        figure.axes[5 * row + column].set_title(pair[1], fontsize=8, color=colour, pad=3)
        numbers = f"τ {tau:.1f}, similarity {similarity:.2f}, direction {direction:.2f}"
        figure.axes[5 * row + 5 + column].set_title(numbers, fontsize=6.5, color=colour, pad=3)
    display(pset.publish(figure, "2.18_pairs"))
    print(f"{sum(kept)} of {len(kept)} pairs are kept.")

# %% [markdown]
# Now write down what was kept, as a data set. Anything that trains on InstructPix2Pix's own set can read it: the columns
# have the same names. If you have Hugging Face's `datasets`, this opens it:
# `datasets.load_dataset("imagefolder", data_dir="instruction_pairs")`.

# %% needs="2.18"
with pset.your_code():
    folder = save_pairs("instruction_pairs", [pair for pair, keep in zip(PAIRS, kept) if keep], before[kept], after[kept])
    print((folder / "metadata.jsonl").read_text())

# %% [markdown]
# ## A network that has learned from such pairs
#
# InstructPix2Pix (Brooks et al. 2023) trains a network on 450,000 pairs like these, and then it edits any picture. The
# pocket model has such an editor, too. It's stage I with three more input channels, for the picture to edit, and the
# prompt is the instruction. It was trained on 690,000 pairs, drawn like all of its world, so that they're exact.
#
# In training, the picture, the instruction or both are left out now and then. So both can be guided, each with a scale
# of its own. Let $\varnothing$ be no picture or no instruction, $p$ the picture and $c$ the instruction:
#
# $$ \epsilon = \epsilon(\varnothing, \varnothing)
# + s_I \bigl( \epsilon(p, \varnothing) - \epsilon(\varnothing, \varnothing) \bigr)
# + s_T \bigl( \epsilon(p, c) - \epsilon(p, \varnothing) \bigr) . \tag{2} $$
#
# The loop stays as it is. This is one more `estimate` for it. Each picture starts from pure noise: where does it get its
# layout from? Compare the rows, and look for edits that hit the wrong thing, or more than they should.

# %%
def instructed(editor, pictures, instructions, picture_scale, instruction_scale):
    """An estimate, by equation (2), that follows an instruction for each of the pictures [B, 3, H, W]."""
    told, null = editor.prompt_embeds(instructions), editor.prompt_embeds([""] * len(instructions))
    embeds = torch.cat([null, null, told])
    given = torch.cat([torch.zeros_like(pictures), pictures, pictures])

    def following(x_t, t):
        both = torch.cat([x_t.repeat(3, 1, 1, 1), pset.editor.GAIN * given], dim=1)
        output = editor.unet(both, t, embeds, return_dict=False)[0]
        nothing, picture, everything = output[:, :3].chunk(3)
        noise = nothing + picture_scale * (picture - nothing) + instruction_scale * (everything - picture)
        return noise, output[-len(x_t) :, 3:]

    return pset.thresholded(editor, following)


# Put your own picture and words here: pset.read_image("file.jpg", size=64).
TO_EDIT = [
    (pset.scene("robot"), "replace the penguin with a dragon"),
    (pset.scene("horse"), "make it at night"),
    (pset.photo("cat"), "add a hat"),
    (pset.photo("coffee"), "turn it into a pencil sketch"),
    (pset.scene("rider"), "turn the rocket into a bicycle"),
]
SCALES = [(1.2, 2), (1.2, 5), (2, 5)]

editor = pset.load_editor()
pictures = torch.cat([picture for picture, _ in TO_EDIT]).to(editor.device)
instructions = [words for _, words in TO_EDIT]
x_T = pset.noise(pictures.shape, device=editor.device)
edits = [pset.iterative_denoise(x_T, 0, instructed(editor, pictures, instructions, *scales), editor.alphas_cumprod)
         for scales in SCALES]
titles = [words.replace(" with ", "\nwith ").replace(" into ", "\ninto ") for words in instructions]
figure = pset.rows([pictures, *edits], [titles] + [[]] * len(SCALES),
                   ["", *(f"s_I = {i}\ns_T = {t}" for i, t in SCALES)])
display(pset.publish(figure, "2.18_editor"))

# %% [markdown]
# **Question.** (a) Which pair would you have judged differently from the filter, and why? (b) Suppose the filter looked
# at the similarity of the images only. Which useless pairs would score highest? And what if it looked at nothing but
# how well the edited picture fits the edited caption? (c) The pairs come from prompt-to-prompt, which needs the source's
# noise and maps. An editor trained on them can edit your own photographs. Why doesn't it need either?

# %% [markdown] question="2.18-question"
# ### BEGIN SOLUTION
# (a) Any pair with a reason. The model judges its own pictures here, so it may also see something in them that
# nobody else does.
#
# (b) With similarity alone: pairs in which nothing has changed, which teach an editor to do nothing. With the edited
# caption alone: pairs that show a completely different picture of the right thing. The original isn't kept, so an
# editor would learn to draw a new picture for each instruction.
#
# (c) The maps were a tool to make examples. The editor learns from pairs of finished pictures: it's given the original
# as an input, in extra channels, and the instruction as its prompt. At test time it gets just these, and any picture
# will do.
# ### END SOLUTION
