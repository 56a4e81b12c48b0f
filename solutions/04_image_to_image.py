# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Image to image
#
# So far the loop has started from pure noise, or from a photograph with noise on it. Now you'll use it to
# **edit**: add some noise to an image and let the model take it away again. Whatever the noise hides, the
# model fills in as it sees fit; whatever the noise leaves, the model keeps. A drawing becomes a painting; a
# few strokes of colour become an object. This is SDEdit (Meng et al. 2022).
#
# You need two facts from the earlier notebooks. One is the forward process,
#
# $$ x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon , $$
#
# and the other is that the loop takes any noise estimate. `guided(model, prompt)` makes the guided estimate
# for a prompt, and `thresholded(model, estimate)` keeps an estimate within the range of images. The course
# provides both of these and the loop; use your own instead if you like.

# %% setup=true
import torch
from IPython.display import display
from PIL import Image, ImageDraw

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod


def denoiser(prompt, scale=7):
    """Return denoise(image, i_start): the loop, with guidance towards a prompt."""
    estimate = thresholded(model, guided(model, prompt, scale))

    def denoise(image, i_start):
        return iterative_denoise(image, i_start, estimate, alphas_cumprod)

    return denoise


# %% [markdown]
# ## 1.7 How much noise?
#
# That's up to `i_start`. It's an index into the strided timesteps, 990, 960, …, 0, so a *small* `i_start`
# means *a lot* of noise: there's little left of the image and the model is free. A large one leaves almost
# everything as it is.
#
# | `i_start` | 1 | 3 | 5 | 7 | 10 | 20 |
# |---|---|---|---|---|---|---|
# | $t$ | 960 | 900 | 840 | 780 | 690 | 390 |
#
# The recipe is two lines long: take the image forward to $t$ = `pset.STRIDED_TIMESTEPS[i_start]`, then
# denoise it from `i_start`. The two have to match: the loop doesn't look at how much noise there is, it
# believes what `i_start` says. Clip neither the noisy image nor the result.

# %% exercise="1.7"
def sdedit(image, i_start, denoise, alphas_cumprod, noise):
    """Edit images: noise them, then denoise them.

    Args:
        image: clean images, [B, 3, H, W].
        i_start: an index into pset.STRIDED_TIMESTEPS.
        denoise: a function; denoise(x_t, i_start) denoises from that timestep on.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W].

    Returns:
        The edited images, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    t = pset.STRIDED_TIMESTEPS[i_start]
    alpha_bar = alphas_cumprod[t]
    x_t = alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * noise
    return denoise(x_t, i_start)
    ### END SOLUTION


# %% check="1.7"
check(
    "1.7",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## A photograph, a picture from the web, two scenes, two drawings
#
# The photograph is a cup of coffee. The picture from the web is a rocket before launch, and it's in the
# public domain; you can open any other with `pset.read_image("file.jpg")`. The two scenes are of the kind
# that the pocket model has learned from, though it hasn't seen these: compare how well it edits them and the
# others. The first drawing is a tower: it's drawn in code here, about as clumsily as you'd do it with a
# mouse. The second drawing is yours.

# %%
def drawing(*shapes, size=256):
    """Draw shapes (kind, colour, coordinates from 0 to 64) on a white canvas."""
    canvas = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(canvas)
    for kind, colour, points in shapes:
        getattr(draw, kind)([round(p * size / 64) for p in points], fill=colour)
    return pset.resize(pset.images.from_pil(canvas), 64)


tower = drawing(
    ("rectangle", (170, 215, 240), [0, 0, 64, 64]),
    ("rectangle", (120, 170, 90), [0, 55, 64, 64]),
    ("polygon", (190, 90, 60), [20, 57, 30, 14, 34, 14, 45, 57, 37, 57, 33, 42, 31, 42, 27, 57]),
    ("rectangle", (150, 65, 45), [25, 33, 40, 36]),
    ("polygon", (150, 65, 45), [30, 15, 32, 4, 34, 15]),
)
avocado = drawing(
    ("ellipse", (60, 90, 40), [14, 22, 50, 60]),
    ("ellipse", (60, 90, 40), [21, 5, 42, 40]),
    ("ellipse", (205, 220, 130), [17, 25, 47, 57]),
    ("ellipse", (205, 220, 130), [24, 9, 39, 38]),
    ("ellipse", (120, 75, 40), [23, 32, 41, 50]),
)

# %% [markdown]
# **Draw.** There's an avocado on the board. Change it, or clear the board and draw something else: use
# large areas of colour and few lines. You can also draw on paper, take a photo, and load the file, on the
# board or with `board.load("file.jpg")`. Then say below what you've drawn, and run the cells that follow.

# %%
board = pset.DrawingBoard(avocado)
display(board)

# %%
your_drawing = board.image()  # [1, 3, 64, 64]; the avocado, if you haven't drawn anything
your_prompt = "a photo of an avocado"

scenes = [pset.scene("robot"), pset.scene("horse")]
originals = torch.cat([pset.photo("coffee"), pset.photo("rocket"), *scenes, tower, your_drawing])
names = ["photograph", "from the web", "scene", "another scene", "our drawing", "your drawing"]
pset.show(originals, names, name="1.7_originals")

# %% [markdown]
# Start with the prompt that doesn't ask for anything in particular. Read each row from right to left, or
# move the slider below. At which `i_start` is the original gone? What disappears first, and what stays
# longest?

# %% needs="1.7"
I_STARTS = [1, 3, 5, 7, 10, 20]
originals = originals.to(model.device)
noise = pset.noise(originals.shape, device=model.device)


def sweep(prompt, scale=7):
    """Edit all originals at each of I_STARTS. Returns the edits, then the originals."""
    denoise = denoiser(prompt, scale)
    edits = [sdedit(originals, i, denoise, alphas_cumprod, noise) for i in I_STARTS]
    return [*edits, originals]


def show_sweep(edits, row_titles, name):
    """Show one row per original and one column per i_start, with a slider over i_start."""
    captions = [[*(f"i_start = {i}" for i in I_STARTS), "original"]] + [[]] * (len(row_titles) - 1)
    figure = pset.rows(list(zip(*edits)), captions, row_titles)
    positions = [*map(str, I_STARTS), "original"]
    display(pset.slider(edits, positions, "i_start", pset.publish(figure, name)))


with pset.your_code():
    show_sweep(sweep("a high quality photo"), names, "1.7_no_prompt")

# %% [markdown]
# Now the same noise again, with a prompt for each image. The photograph and the drawings keep their subject
# and change their style; the rocket is asked to become something else, and so is one of the two things in each
# scene. A prompt gives the model a direction
# wherever the noise has left it free. Look for the `i_start` where the *layout* is still the original's and
# the *content* is already the prompt's.

# %% needs="1.7"
prompts = [
    "an oil painting of a mug",
    "a pencil sketch of a tall tower",
    "a photo of a robot and a panda",
    "a watercolor of a horse next to a castle",
    "an oil painting of a tower",
    your_prompt,
]
with pset.your_code():
    edited = sweep(prompts)
    show_sweep(edited, [p.replace(" of ", "\nof ") for p in prompts], "1.7_prompts")

# %% [markdown]
# A small model knows only a few things, and it shows: this one was trained on drawn artwork and pulls
# everything towards it. The same code runs on a large model (`pset.load_model("DeepFloyd/IF-I-L-v1.0")`, on
# a GPU).

# %% [markdown]
# ## Editing with strokes
#
# You can also say *where* something should go, and in which colour. Paint it over a photograph, as badly as
# you like, and let the model make it fit. Here a cat gets a hat.

# %% needs="1.7"
def paint(image, *polygons):
    """Paint polygons (colour, coordinates from 0 to 64) over an image."""
    picture = pset.to_pil(image).resize((256, 256), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for colour, points in polygons:
        draw.polygon([4 * p for p in points], fill=colour)
    return pset.resize(pset.images.from_pil(picture), 64)


painted = paint(
    pset.photo("cat"),
    ((190, 30, 40), [20, 16, 24, 1, 46, 1, 48, 16]),
    ((120, 15, 30), [12, 19, 14, 14, 54, 14, 56, 19]),
).to(model.device)
with pset.your_code():
    denoise = denoiser("a photo of a cat")
    hats = [sdedit(painted, i, denoise, alphas_cumprod, noise[:1]) for i in I_STARTS]
    captions = [*(f"i_start = {i}" for i in I_STARTS), "with strokes"]
    display(pset.show([*hats, painted], captions, name="1.7_strokes"))

# %% [markdown]
# Save the picture you like best. The last notebook takes whatever it finds in the folder `pictures` and
# enlarges it.

# %% needs="1.7"
with pset.your_code():
    column, row = 3, 2
    pset.save_image(edited[column][row], f"pictures/1.7 {prompts[row]}.png")

# %% [markdown]
# **Question.** As you go from right to left in your rows, fine detail disappears first and large areas of
# colour stay longest. Why, when the noise is equally strong in every pixel? Think of the image and the
# noise as sums of coarse and fine patterns. How strong is each of them in the coarse patterns, and in the
# fine ones?

# %% [markdown] question="1.7-question"
# ### BEGIN SOLUTION
# White noise is equally strong at every scale, but images aren't: most of their variance is in coarse
# patterns, and little in fine ones. So at a given t the noise drowns out the fine patterns first, while the
# coarse ones still stand out. If you average over a large area, the noise cancels and you can still read
# off the area's colour. The model can't know what has been drowned out, so it invents it; what still stands
# out, it keeps.
# ### END SOLUTION
