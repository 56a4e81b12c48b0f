# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Strokes, and video
#
# Two things people do with SDEdit: paint a few strokes over a photograph and have them turned into something
# that fits (Meng et al. 2022), and restyle a video, frame by frame. Neither needs a new loop. The first is a
# start and an `after_step`; the second is a question of *which noise*.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and the loop,
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, seed=…, after_step=…)`.
#
# * It starts at `STRIDED_TIMESTEPS[i_start]`: a small `i_start` means a lot of noise.
# * When a step has brought the image to timestep $t'$, the loop replaces it with `after_step(image, t')`.
# * `seed` decides the noise that the steps add. One seed gives one draw for the whole batch, so each image
#   gets different noise. A list with a seed for each image gives each the noise it would get by itself.
#
# The course provides the loop, so you can do this notebook even if some of your earlier exercises don't
# work yet. Everything here also runs on DeepFloyd if you have a GPU: give `pset.load_model` below one
# argument, `"DeepFloyd/IF-I-L-v1.0"`.

# %% setup=true
import torch
from IPython.display import display
from PIL import Image, ImageDraw

import pset
from pset import STRIDED_TIMESTEPS, check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.3 Strokes in one place
#
# In exercise 1.7 you painted over a photograph and ran SDEdit. The strokes became something, and so did
# everything around them: the whole picture changed. But you'd only painted in one place. Exercise 1.8 has the
# remedy: wherever you *didn't* ask for a change, put the photograph back after every step.
#
# So there are two images, the photograph and the painted one, and a region $r$: 1 where the edit may change
# things, 0 where the photograph stays.
#
# * Start from the *painted* image with the noise of $t$ = `STRIDED_TIMESTEPS[i_start]`, as in SDEdit.
# * After every step, put back the *photograph* outside the region, with the noise of the timestep that the
#   step has arrived at:
#
# $$ x_{t'} \leftarrow r \cdot x_{t'} + (1 - r) \cdot \mathrm{forward}(x_{\text{photograph}},\, t') . \tag{1} $$
#
# * At the end, the pixels outside the region are *exactly* the photograph's.
#
# Use the same `noise` for the start and for (1).

# %% exercise="2.3"
def edit_strokes(image, painted, region, i_start, estimate, alphas_cumprod, noise):
    """Turn strokes into something that fits, and leave the rest of the image as it is.

    Args:
        image: the photographs, [B, 3, H, W].
        painted: the photographs with strokes on them, [B, 3, H, W].
        region: 1 where the edit may change the image, 0 where the photograph stays; [1, 1, H, W] or
            [B, 1, H, W].
        i_start: where to begin, an index of STRIDED_TIMESTEPS.
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: of the start, and of the pixels that are put back.

    Returns:
        The edited images, [B, 3, H, W]; where the region is 0, exactly the photograph.
    """
    ### BEGIN SOLUTION
    def forward(x, t):
        return alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise

    def put_back(x, t_prev):
        outside = image if t_prev == 0 else forward(image, t_prev)
        return region * x + (1 - region) * outside

    x_t = forward(painted, STRIDED_TIMESTEPS[i_start])
    return iterative_denoise(x_t, i_start, estimate, alphas_cumprod, after_step=put_back)
    ### END SOLUTION


# %% check="2.3"
check(
    "2.3",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Now paint: a crown for the cat, a balloon for the sky behind the rocket, a cookie for the saucer. Paint
# badly! A stroke only has to have the right colour in the right place. Change the strokes, the regions and
# the prompts if you like.

# %%
def paint(image, *strokes):
    """Paint strokes, (kind, colour, points) in 0 … 64, over an image."""
    picture = pset.to_pil(image).resize((256, 256), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for kind, colour, points in strokes:
        getattr(draw, kind)([4 * p for p in points], fill=colour)
    return pset.resize(pset.images.from_pil(picture), 64)


def box(top, left, bottom, right):
    """A region that is 1 in a rectangle, [1, 1, 64, 64]."""
    region = torch.zeros(1, 1, 64, 64)
    region[..., top:bottom, left:right] = 1
    return region


photographs = torch.cat([pset.photo(name) for name in ("cat", "rocket", "coffee")])
crown = ("polygon", (250, 200, 40), [14, 18, 16, 2, 24, 10, 32, 1, 40, 10, 48, 2, 50, 18])
balloon = ("ellipse", (220, 40, 50), [4, 6, 24, 28])
cookie = ("ellipse", (220, 170, 100), [40, 36, 62, 58])
crumbs = [("ellipse", (90, 50, 30), [x, y, x + 4, y + 4]) for x, y in [(46, 42), (54, 44), (48, 51)]]
strokes = [(crown,), (balloon,), (cookie, *crumbs)]
painted = torch.cat([paint(x[None], *s) for x, s in zip(photographs, strokes, strict=True)])
regions = torch.cat([box(0, 10, 20, 54), box(3, 1, 44, 27), box(33, 37, 61, 64)])
stroke_prompts = ["a photo of a crown", "a photo of a balloon", "a photo of a cookie"]

# %% [markdown]
# Each column starts with less noise than the one before. On the left the strokes are hardly more than a hint;
# on the right little changes. Move the slider and look at one picture at a time: from where on are the
# strokes still strokes?

# %% needs="2.3"
I_STARTS = [6, 12, 18, 24]
images, with_strokes, places = (x.to(model.device) for x in (photographs, painted, regions))
noise = pset.noise(images.shape, device=model.device)
with pset.your_code():
    estimate = thresholded(model, guided(model, stroke_prompts))
    edits = [
        edit_strokes(images, with_strokes, places, i, estimate, alphas_cumprod, noise) for i in I_STARTS
    ]
    columns = [images, with_strokes, *edits]
    captions = ["photograph", "strokes", *(f"i_start = {i}" for i in I_STARTS)]
    titles = [prompt.replace(" of ", "\nof ") for prompt in stroke_prompts]
    figure = pset.rows(list(zip(*columns)), [captions, [], []], titles)
    display(pset.slider(columns, captions, "i_start", pset.publish(figure, "2.3_strokes")))

# %% [markdown]
# **Question.** (a) Which `i_start` would you choose for each photograph, and why not one to the left or to
# the right of it? (b) Suppose you ran plain SDEdit and cut the region out of its result, to paste it onto the
# photograph once, at the end. Outside the region you'd get exactly the same pixels as with (1). What would be
# different inside, and what would you see at the edge?

# %% [markdown] question="2.3-question"
# ### BEGIN SOLUTION
# (a) Any choice with a reason: to the left, the model takes little notice of the strokes (the thing is in
# another place, or has another colour or shape); to the right, it's still a patch of flat paint, because the
# noise that would have given the model room has gone.
#
# (b) In plain SDEdit the surroundings change along with the region, so the inside is made to fit
# *surroundings that aren't the photograph's*. At the edge, shapes, shadows and colours that should run on
# don't meet: you see a seam. With (1) the network sees the true surroundings in every step and can make the
# inside fit them.
# ### END SOLUTION

# %% [markdown]
# ## 2.4 A video, frame by frame
#
# A video is a list of frames. The simplest way to restyle one is SDEdit on every frame. The trouble is that
# the model invents whatever the noise has hidden, and with different noise it invents something different.
# Twenty-four times a second, that's flicker.
#
# The remedy costs nothing: *the same noise for every frame*. That means two things:
#
# * the noise at the start: one draw, for all frames;
# * the noise that each step adds: at timestep $t'$, again one draw for all frames.
#
# Test it with the simplest of all videos, one in which nothing moves: if two frames are identical, their
# edits have to be identical too.

# %% exercise="2.4"
def edit_video(frames, i_start, estimate, alphas_cumprod, noise, seed):
    """SDEdit of all frames of a video, with the same noise for each.

    Args:
        frames: the video, [F, 3, H, W].
        i_start: where to begin, an index of STRIDED_TIMESTEPS.
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise: [1, 3, H, W], for every frame. (Later in this notebook you'll
            call your function with [F, 3, H, W], so don't rely on there being just one.)
        seed: of the noise that the steps add; every frame gets what it would get alone with this seed.

    Returns:
        The edited frames, [F, 3, H, W].
    """
    ### BEGIN SOLUTION
    alpha_bar = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    x_t = alpha_bar.sqrt() * frames + (1 - alpha_bar).sqrt() * noise
    return iterative_denoise(x_t, i_start, estimate, alphas_cumprod, seed=[seed] * len(frames))
    ### END SOLUTION


# %% check="2.4"
check(
    "2.4",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here's a clip: a drawn avocado slides over a plain background. Since it's drawn in code, we
# know exactly how everything moves. That's the *optical flow*: for every pixel of a frame, how far what you
# see there has moved since the frame before, in pixels, to the right and down.
#
# It also lets us measure flicker. Undo the known motion and compare each frame with the one before, wherever
# the same thing is visible in both. Whatever difference is left didn't come from the motion.
#
# $$ \mathrm{flicker} = \text{mean over frames } k \text{ and pixels } p \text{ of }
#    \bigl( \mathrm{frame}_k(p) - \mathrm{frame}_{k-1}(p - \mathrm{flow}_k(p)) \bigr)^2 . \tag{2} $$

# %%
FRAMES = 6
SPEED = 5  # pixels from frame to frame


def drawn_frame(left):
    """The avocado at `left`, [1, 3, 64, 64], and the pixels it covers, [1, 1, 64, 64]."""
    paper = Image.new("RGB", (256, 256), (205, 215, 235))
    cover = Image.new("L", (256, 256), 0)
    for colour, (x0, y0, x1, y1) in [
        ((60, 90, 40), (0, 22, 32, 56)),
        ((60, 90, 40), (6, 8, 26, 38)),
        ((205, 220, 130), (3, 25, 29, 53)),
        ((205, 220, 130), (9, 12, 23, 37)),
        ((120, 75, 40), (8, 32, 24, 48)),
    ]:
        where = [4 * (left + x0), 4 * y0, 4 * (left + x1), 4 * y1]
        ImageDraw.Draw(paper).ellipse(where, fill=colour)
        ImageDraw.Draw(cover).ellipse(where, fill=255)
    frame, covered = (pset.resize(pset.images.from_pil(x), 64) for x in (paper, cover))
    return frame, (covered[:, :1] > -1).float()


clip, covers = (torch.cat(x) for x in zip(*(drawn_frame(SPEED * k) for k in range(FRAMES))))
flow = torch.cat([SPEED * covers, torch.zeros_like(covers)], dim=1)  # [F, 2, H, W]: right, down


def one_frame_on(frames):
    """Frames 0 … F−2, each with everything in it moved to where frames 1 … F−1 have it."""
    height, width = frames.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack(
        [
            frame[:, (y - down).clamp(0, height - 1), (x - right).clamp(0, width - 1)]
            for frame, (right, down) in zip(frames[:-1].cpu(), flow[1:].long(), strict=True)
        ]
    )


def flicker(frames):
    """Equation (2)."""
    in_both = one_frame_on(covers) == covers[1:]
    difference = (frames[1:].cpu() - one_frame_on(frames)).pow(2).mean(dim=1, keepdim=True)
    return float(difference[in_both].mean())


pset.show(clip, [f"frame {k}" for k in range(FRAMES)], name="2.4_clip")

# %% [markdown]
# Now restyle it twice: with fresh noise for every frame, and with your function. Press play, and the clip
# and its two edits run side by side. Next to each title is its flicker.

# %% needs="2.4"
I_START = 14
frames = clip.to(model.device)
one_noise = pset.noise((1, 3, 64, 64), device=model.device)
with pset.your_code():
    estimate = thresholded(model, guided(model, "a photo of an avocado"))
    many_noises = pset.noise(frames.shape, device=model.device)
    fresh = torch.cat(
        [
            edit_video(frames[k : k + 1], I_START, estimate, alphas_cumprod, many_noises[k : k + 1], k)
            for k in range(FRAMES)
        ]
    )
    shared = edit_video(frames, I_START, estimate, alphas_cumprod, one_noise, pset.SEED)
    titles = [
        f"{name}\nflicker {flicker(video):.4f}"
        for name, video in [("the clip", clip), ("fresh noise", fresh), ("one noise", shared)]
    ]
    display(pset.animation([clip, fresh, shared], titles, name="2.4_video"))

# %% [markdown]
# ## 2.4b Noise that moves along
#
# Look closely at the video with one noise. The background keeps still now, but the avocado slides *under* the
# noise: its pixels get other noise in every frame, so its details change as it moves, and some of them stay
# where they are on the screen, like dirt on a window. The noise should move along with what's in the picture.
#
# So take the noise of the frame before, and move it by the flow. Pixel $p$ of the new frame gets the noise of
# pixel $p - \mathrm{flow}(p)$. But what comes out must still be *noise*, as the network knows it: variance 1
# in every pixel, and no pixel related to its neighbours. That gives you three rules:
#
# * Round $p - \mathrm{flow}(p)$ to the nearest pixel. Don't interpolate: a mean of four pixels has a variance
#   far below 1, and shares pixels with its neighbour's mean.
# * Where the flow comes from outside the frame, nothing arrives: use `fresh`.
# * If two pixels want the same noise (the flow isn't one-to-one), one of them gets it, whichever you like. The
#   other uses `fresh`.

# %% exercise="2.4b"
def warp_noise(noise, flow, fresh):
    """Move noise along with the picture, so that it stays noise.

    Args:
        noise: the noise of the frame before, [1, 3, H, W].
        flow: for each pixel of the new frame, how far what's there has moved since the frame before,
            in pixels, not necessarily whole ones: [1, 2, H, W], first to the right, then down.
        fresh: standard normal noise for the pixels at which none arrives, [1, 3, H, W].

    Returns:
        The noise of the new frame, [1, 3, H, W].
    """
    ### BEGIN SOLUTION
    height, width = noise.shape[-2:]
    right, down = flow[0].round().long().tolist()
    moved, taken = fresh.clone(), set()
    for y in range(height):
        for x in range(width):
            source = (y - down[y][x], x - right[y][x])
            inside = 0 <= source[0] < height and 0 <= source[1] < width
            if inside and source not in taken:
                moved[..., y, x] = noise[..., *source]
                taken.add(source)
    return moved
    ### END SOLUTION


# %% check="2.4b"
check(
    "2.4b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# First see why it matters. Move noise by 0.6 of a pixel, five times, once by interpolation and once by
# your rules. Both rows start with the same noise. Then add what comes out to a frame, and let the network
# denoise it in one step, as in exercise 1.3.

# %% needs="2.4b"
def interpolated(noise, flow):
    """The same motion by bilinear interpolation, [1, 3, H, W]."""
    size = height, width = tuple(noise.shape[-2:])
    y, x = torch.meshgrid(*map(torch.arange, size), indexing="ij")
    at = torch.stack([x - flow[0, 0].cpu(), y - flow[0, 1].cpu()], dim=-1)
    at = (2 * at + 1) / torch.tensor([width, height]) - 1  # as grid_sample counts: from −1 to 1
    sampled = torch.nn.functional.grid_sample(
        noise.cpu(), at[None].float(), align_corners=False, padding_mode="reflection"
    )
    return sampled.to(noise.device)


with pset.your_code():
    drift = torch.full((1, 2, 64, 64), 0.6, device=model.device)
    blurred, kept = [one_noise], [one_noise]
    for k in range(1, FRAMES):
        blurred.append(interpolated(blurred[-1], drift))
        new = pset.noise(one_noise.shape, k, model.device)
        kept.append(warp_noise(kept[-1], drift, new))
    t, moves = 420, (0, 1, 3, 5)
    alpha_bar, plain = alphas_cumprod[t], guided(model, "a photo of an avocado", scale=1)
    shown, captions = [], []
    for noises in (blurred, kept):
        noisy = alpha_bar.sqrt() * frames[3:4] + (1 - alpha_bar).sqrt() * noises[-1]
        denoised = (noisy - (1 - alpha_bar).sqrt() * plain(noisy, t)[0]) / alpha_bar.sqrt()
        shown.append([*(noises[k] / 3 for k in moves), noisy, denoised])  # noise exceeds [-1, 1]
        variances = [f"moved {k} times\nvariance {float(noises[k].var()):.2f}" for k in moves]
        captions.append([*variances, f"a frame with it,\nt = {t}", "denoised\nin one step"])
    titles = ["interpolated", "by your rules"]
    display(pset.publish(pset.rows(shown, captions, titles), "2.4b_noise"))

# %% [markdown]
# And now the video, with noise that moves along.

# %% needs="2.4,2.4b"
with pset.your_code():
    noises = [one_noise]
    for k in range(1, FRAMES):
        new = pset.noise(one_noise.shape, k, model.device)
        noises.append(warp_noise(noises[-1], flow[k : k + 1].to(model.device), new))
    along = edit_video(frames, I_START, estimate, alphas_cumprod, torch.cat(noises), pset.SEED)
    titles = [
        f"{name}\nflicker {flicker(video):.4f}"
        for name, video in [("fresh noise", fresh), ("one noise", shared), ("moving noise", along)]
    ]
    display(pset.animation([fresh, shared, along], titles, name="2.4b_video"))

# %% [markdown]
# **Question.** (a) Your moving noise is only the noise at the *start*. Which noise in `edit_video` still stays
# where it is on the screen, and at which `i_start` would you see that most? (b) Bilinear interpolation at half
# a pixel, in one direction, takes the mean of two neighbours. What variance does that leave, and what does the
# network take such noise for?

# %% [markdown] question="2.4-question"
# ### BEGIN SOLUTION
# (a) The noise that the steps add: it's the same for every frame, so it's tied to the screen. The more steps
# there are, the more of it gets in, and the less is left of the start: so you see it most at a small
# `i_start`. To do better you'd have to warp the step noise as well, at every timestep.
#
# (b) The mean of two independent pixels with variance 1 has variance ½. The network expects variance 1 in the
# noise at t, and independent pixels. What it gets is weaker and smoother, with patches of a few pixels that
# look like something painted. It takes those patches for image and leaves them there: the result is blotchy.
# ### END SOLUTION
